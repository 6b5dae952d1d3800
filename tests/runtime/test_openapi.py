"""The OpenAPI document: valid, and true to the model's types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from numpy.typing import ArrayLike, NDArray
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import BaseModel, ConfigDict, Field

from container.prediction.codecs import Decoder
from container.prediction.messages import Request
from container.prediction.openapi.document import document
from container.prediction.service import (
    ArrayService,
    BaseService,
    ModelService,
    StreamService,
)


class Flower(BaseModel):
    """An iris, in centimetres."""

    model_config = ConfigDict(extra="forbid")

    length: float = Field(gt=0, examples=[5.1], description="Of the longest petal.")
    width: float = Field(1, gt=0)


class Species(BaseModel):
    """What it is."""

    name: Literal["setosa", "virginica"]
    probability: float = Field(ge=0, le=1)


class Pixels(BaseModel):
    """A row that is a list."""

    pixels: list[float] = Field(min_length=2)


class Shop(BaseModel):
    """A row of several types."""

    flower: Flower
    colour: Literal["red", "blue"] = Field(alias="paint")
    sold: bool | None = None


class Rows(ModelService[Any, Any]):
    """Tells flowers apart."""

    input_type: type[BaseModel] = Flower
    output_type: type[BaseModel] = Species

    def load(self, model_dir: Path) -> None:
        """There is nothing to load."""

    def predict(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Answer nothing."""
        return rows[:0]


class Arrays(ArrayService[Any, Species]):
    """Tells flowers apart, fast."""

    input_type: type[BaseModel] = Flower
    output_type = Species

    load = Rows.load

    def predict(self, features: NDArray[Any]) -> Mapping[str, ArrayLike]:
        """Answer nothing."""
        return {"name": features}


class Images(Arrays):  # noqa: D101 - its types name it
    __doc__ = None
    input_type: type[BaseModel] = Pixels


class Shops(Rows):
    """Sees flowers."""

    input_type = Shop
    output_type = Shop
    decoders: ClassVar = {"image/png": lambda _: [{}]}


class Words(StreamService[Flower, Species]):
    """Tells a story of a flower."""

    input_type = Flower
    output_type = Species

    load = Rows.load

    def predict(self, row: Flower) -> Iterator[Species]:
        """Answer half of a certainty."""
        yield Species(name="setosa", probability=row.width / (2 * row.width))


SERVICES: list[type[BaseService[Any, Any]]] = [Rows, Arrays, Images, Shops, Words]


def describe(service: BaseService[Any, Any]) -> dict[str, Any]:
    """Return the document of a model."""
    return document(service, list(Decoder(service, 0).readers))


def body_types(service: BaseService[Any, Any]) -> dict[str, Any]:
    """Return the content types that the document has for requests."""
    request = describe(service)["paths"]["/invocations"]["post"]["requestBody"]
    content: dict[str, Any] = request["content"]
    return content


def answers(service: BaseService[Any, Any]) -> dict[str, Any]:
    """Return what the document has for answers, by status."""
    found: dict[str, Any] = describe(service)["paths"]["/invocations"]["post"]["responses"]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_document_is_valid(service: type[BaseService[Any, Any]]) -> None:
    """It is OpenAPI 3.1, and JSON; each example of a body is valid by its schema."""
    found = describe(service())
    content = body_types(service())["application/json"]
    schema = {**content["schema"], "components": found["components"]}

    validate(found)
    assert found["openapi"].startswith("3.1.")
    assert json.loads(json.dumps(found)) == found
    for one in content["examples"].values():
        OAS31Validator(schema).validate(one["value"])


@pytest.mark.parametrize("service", SERVICES)
def test_examples_are_read(service: type[BaseService[Any, Any]]) -> None:
    """The server reads each example, of each content type, as the same row."""
    content = body_types(service())
    decoder = Decoder(service(), 10**6)
    bodies = [
        ("application/json", json.dumps(example["value"]))
        for example in content["application/json"]["examples"].values()
    ]
    bodies += [(kind, content[kind]["example"]) for kind in content if "example" in content[kind]]

    tables = [decoder.parse(Request(text.encode(), kind)) for kind, text in bodies]

    assert len({str(row) for table in tables for row in decoder.read([table])}) == 1


def test_shapes() -> None:
    """JSON has seven shapes; a list has no columns, a model that streams takes one row."""
    shapes = ["one row", "rows", "instances", "inputs", "dataframe_records"]
    tables = ["pandas", "dataframe_split"]

    assert list(body_types(Rows())["application/json"]["examples"]) == shapes + tables
    assert list(body_types(Images())["application/json"]["examples"]) == shapes
    assert list(body_types(Words())["application/json"]["examples"]) == shapes[:1]


@pytest.mark.parametrize(
    ("service", "further"),
    [(Rows, set()), (Arrays, {"application/x-npy"}), (Shops, {"image/png"})],
)
def test_content_types(service: type[BaseService[Any, Any]], further: set[str]) -> None:
    """The document has the content types that the server reads, those of the person too."""
    usual = {"application/json", "application/jsonlines", "text/csv"}

    assert usual | further <= set(body_types(service()))
    assert ("application/x-npy" in body_types(service())) is (service is Arrays)
    assert set(answers(service())["200"]["content"]) == {*usual, "application/x-npy"}
    assert set(answers(Words())["200"]["content"]) == {"application/jsonlines"}


def test_types_of_the_model() -> None:
    """What a person has written on the types is what the document says of them."""
    found = describe(Rows())
    schemas = found["components"]["schemas"]

    assert found["info"]["title"] == "Tells flowers apart"
    assert found["info"]["description"] == "An iris, in centimetres."
    assert schemas["Flower"]["properties"]["length"]["description"] == "Of the longest petal."
    assert schemas["Flower"]["properties"]["length"]["exclusiveMinimum"] == 0
    assert schemas["Species"]["properties"]["probability"]["maximum"] == 1
    assert body_types(Rows())["text/csv"]["example"] == "5.1,1\n"
    # The types name a model that says nothing of itself.
    assert describe(Images())["info"]["title"] == "Pixels to Species"


def test_failures() -> None:
    """Each failure has its status, the same form, and an example of what is said."""
    found = describe(Rows())
    failures = {status: one for status, one in answers(Rows()).items() if status != "200"}
    validator = OAS31Validator(found["components"]["schemas"]["Error"])

    assert list(failures) == ["400", "406", "413", "415", "422", "500", "503", "504"]
    for failure in failures.values():
        validator.validate(failure["content"]["application/json"]["example"])
    example = failures["422"]["content"]["application/json"]["example"]
    assert example == {"error": "row 1, length: Field required"}
