"""The OpenAPI document: valid, true to the model's types, and with rows that they take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import pytest
from mldock.serving.decoding import Decoder
from mldock.serving.messages import Request
from mldock.serving.openapi import document
from mldock.serving.service import BaseService, StreamService
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from pydantic import BaseModel, ConfigDict, Field, create_model

from tests.mldock import rows


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


class Rows(rows.Rows):
    """Tells flowers apart."""

    def __init__(self, row_type: type[BaseModel] = Flower) -> None:
        super().__init__(row_type)
        self.output_type = Species


class Arrays(rows.Arrays):  # noqa: D101 - its types name it
    __doc__ = None

    def __init__(self, row_type: type[BaseModel] = Flower) -> None:
        super().__init__(row_type)
        self.output_type = Species


class Shops(Rows):
    """Sees flowers."""

    decoders: ClassVar = {"image/png": lambda _: [{}]}


class Words(StreamService[Flower, Species]):
    """Tells a story of a flower."""

    input_type = Flower
    output_type = Species
    load = Rows.load

    def predict(self, row: Flower) -> Iterator[Species]:
        """Answer half of a certainty."""
        yield Species(name="setosa", probability=row.width / (2 * row.width))


SERVICES: list[BaseService[Any, Any]] = [Rows(), Arrays(), Arrays(Pixels), Shops(Shop), Words()]


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
def test_document_is_valid(service: BaseService[Any, Any]) -> None:
    """It is OpenAPI 3.1, and JSON; each example of a body is valid by its schema."""
    found = describe(service)
    content = body_types(service)["application/json"]
    schema = {**content["schema"], "components": found["components"]}

    validate(found)
    assert found["openapi"].startswith("3.1.")
    assert json.loads(json.dumps(found)) == found
    OAS31Validator(schema).validate(content["example"])


@pytest.mark.parametrize("service", SERVICES)
def test_examples_are_read(service: BaseService[Any, Any]) -> None:
    """The server reads each example, of each content type, as the same row."""
    content = body_types(service)
    decoder = Decoder(service, 10**6)
    examples = {kind: one["example"] for kind, one in content.items() if "example" in one}
    bodies = {**examples, "application/json": json.dumps(examples["application/json"])}

    tables = [decoder.parse(Request(text.encode(), kind)) for kind, text in bodies.items()]

    assert len({str(row) for table in tables for row in decoder.read([table])}) == 1


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
    assert body_types(Shops(Shop))["text/csv"]["example"].startswith('"{""length"":5.1,')
    # The types name a model that says nothing of itself.
    assert describe(Arrays(Pixels))["info"]["title"] == "Pixels to Species"


def test_unknown_fields() -> None:
    """The document says that they are refused, nested ones too, where the type is silent."""
    types: dict[str, Any] = {
        "Silent": (create_model("Silent", x=float), False),
        "Open": (create_model("Open", __config__={"extra": "allow"}, x=float), True),
        "Ignoring": (create_model("Ignoring", __config__={"extra": "ignore"}, x=float), None),
    }
    fields: Any = {name: (row_type, ...) for name, (row_type, _) in types.items()}

    # Of the types alone, as the client is generated.
    schemas = document(Rows(create_model("Outer", **fields)), [])["components"]["schemas"]

    assert schemas["Outer"]["additionalProperties"] is False
    for name, (_, expected) in types.items():
        assert schemas[name].get("additionalProperties") is expected


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
