"""Moving files between a channel's directory and its URI; what a platform of your own is made of.

A platform is a subclass of `Environment` whose `store` returns a `Store` for a URI.
"""

from mldock.storage.stores import CHUNK, RemoteFile, Store, Write

__all__ = ["CHUNK", "RemoteFile", "Store", "Write"]
