"""Bodies to rows and answers to bodies, in the formats that SageMaker and pandas use."""

from mldock.serving.codecs.answers import encode, negotiate
from mldock.serving.codecs.requests import Decoder
from mldock.serving.codecs.tables import Table

__all__ = ["Decoder", "Table", "encode", "negotiate"]
