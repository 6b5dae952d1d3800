"""MLServer: its codec gives a table, whose rows this code checks."""
# Runs in the peer's environment only.
# mypy: ignore-errors

from typing import List  # noqa: UP035 - its codec knows no other spelling

import joblib
import numpy as np
import pandas as pd
from mlserver import MLModel
from mlserver.codecs import decode_args
from mlserver.errors import InferenceError
from pydantic import BaseModel, Field, TypeAdapter, ValidationError


class Flower(BaseModel):
    """Lengths in centimetres."""

    sepal_length: float = Field(gt=0)
    sepal_width: float = Field(gt=0)
    petal_length: float = Field(gt=0)
    petal_width: float = Field(gt=0)


class Flowers(MLModel):
    """Answers flowers with kinds."""

    async def load(self) -> bool:
        """Load the model."""
        self.model = joblib.load(self.settings.parameters.uri)
        return True

    @decode_args
    async def predict(self, flowers: pd.DataFrame) -> List[str]:  # noqa: UP006
        """Answer each flower, in order."""
        try:
            TypeAdapter(list[Flower]).validate_python(flowers.to_dict("records"))
        except ValidationError as error:
            raise InferenceError(str(error)) from error
        return self.model.predict(np.asarray(flowers, dtype=float)).tolist()
