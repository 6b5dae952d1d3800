"""Bodies to rows and answers to bodies, in the formats that SageMaker and pandas use."""

from container.prediction.codecs.answers import encode, negotiate
from container.prediction.codecs.requests import Decoder
from container.prediction.codecs.tables import Table

__all__ = ["Decoder", "Table", "encode", "negotiate"]
