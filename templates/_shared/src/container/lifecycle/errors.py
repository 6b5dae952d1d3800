"""The two ways a container ends early."""


class ContainerError(Exception):
    """A failure told to the person who runs the container.

    The message says what is wrong, where, and what to do next; it needs no traceback.
    """


class StopRequested(BaseException):
    """The platform asked the container to stop (SIGTERM).

    Raised in the main thread wherever the trainer is. Not an `Exception`, so that a trainer's own
    `except Exception` does not swallow it. Catch it to save something, then raise it again.
    """
