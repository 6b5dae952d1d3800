"""Hyperparameters: one typed schema, filled from every place that can set a value.

Launchers encode values differently. SageMaker passes strings only; for the same Python value its
SDKs write `True` or `true`, and a string with or without quotes of its own. The declared type
decides how a string is read.
"""

from __future__ import annotations

import ast
import json
import logging
import math
from collections.abc import Mapping
from typing import Any, TypeVar

from mldock.environment import Environment
from mldock.errors import ContainerError, format_validation_errors
from mldock.project import Project
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

Schema = TypeVar("Schema", bound=BaseModel)

CONSTANTS = {"True": True, "False": False, "None": None}

# Names that SageMaker and its toolkits add to the person's own.
PLATFORM_PREFIXES = ("sagemaker_", "_tuning_objective_metric", "default_user_module_name")

log = logging.getLogger(__name__)


def read_hyperparameters(
    schema: type[Schema], environment: Environment, project: Project
) -> Schema:
    """Fill `schema` from mldock.json, `hyperparameters.json` and `MLDOCK_HYPERPARAMETERS`.

    The later of these wins; what none of them sets keeps its declared default. A name that the
    schema lacks is refused where a person wrote it, and reported where a platform did.

    Raises:
        ContainerError: An unknown name, or a value that its type does not admit.

    """
    values: dict[str, Any] = {}
    variable = "MLDOCK_HYPERPARAMETERS"
    sources: dict[str, Mapping[str, Any]] = {
        "mldock.json": project.at_stage(environment.stage).hyperparameters,
        "hyperparameters.json": environment.read_config("hyperparameters.json"),
        variable: parse_object(environment.variables.get(variable) or "{}", variable),
    }
    for source, pairs in sources.items():
        for name, value in pairs.items():
            if name.startswith(PLATFORM_PREFIXES):
                continue
            if name in schema.model_fields:
                values[name] = decode(value, schema.model_fields[name])
            elif source == "hyperparameters.json":
                log.warning("hyperparameters.json: %r is not declared and is ignored", name)
            else:
                raise ContainerError(
                    f"{source}: there is no hyperparameter {name!r}. "
                    f"src/trainer.py declares: {', '.join(schema.model_fields) or 'none'}."
                )
    try:
        hyperparameters = schema.model_validate(values)
    except ValidationError as error:
        raise ContainerError(f"hyperparameter {format_validation_errors(error)}.") from error
    for name in values:
        # Neither a bound nor JSON, and so no report, knows them.
        value, metadata = getattr(hyperparameters, name), schema.model_fields[name].metadata
        if not is_finite(value) and not any(getattr(one, "allow_inf_nan", 0) for one in metadata):
            raise ContainerError(
                f"hyperparameter {name}: {value!r} is not finite. Correct it, or declare the field "
                "with Field(allow_inf_nan=True)."
            )
    return hyperparameters


def is_finite(value: object) -> bool:
    """Return whether a value is neither NaN nor infinite, nor holds one that is."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def decode(value: object, field: FieldInfo) -> object:
    """Turn the string that a launcher made of a value back into that value.

    A field that admits text keeps it as it is, but for a JSON string in quotes and for the
    launchers' words for None; so a version "001" stays "001".
    """
    if not isinstance(value, str):
        return value
    decoded = decode_text(value)
    if admits(field, value) and not (
        isinstance(decoded, str) or (decoded is None and admits(field, None))
    ):
        return value
    return decoded


def decode_text(text: str) -> object:
    """Read JSON, a Python constant or a Python container; any other text is itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text[:1] in {"{", "[", "("}:
        try:
            return ast.literal_eval(text)
        # All that the parser raises for what is no literal.
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass
    return text


def admits(field: FieldInfo, value: object) -> bool:
    """Say whether a field takes a value as it is, without conversion."""
    annotation: Any = field.annotation
    try:
        TypeAdapter(annotation).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def parse_object(text: str, source: str) -> dict[str, Any]:
    """Parse a JSON object, naming the variable that holds it when it is none."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ContainerError(f"{source} is not JSON: {error}. Correct it.") from error
    if not isinstance(value, dict):
        raise ContainerError(f'{source} must be a JSON object such as {{"epochs": 3}}.')
    return value
