"""The fields of a row as columns, and the ranges that their numbers must keep."""

from __future__ import annotations

import math
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import annotated_types
import numpy as np
from numpy.typing import DTypeLike, NDArray
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

# Beyond it a float does not tell an integer from the next.
LARGEST_INTEGER = 2**53


class Columns:
    """The columns of a type of row.

    Attributes:
        fields: The names of the fields.
        names: What clients call them: a field's alias where it has one.
        whole_row: The only field is a list, which takes all values of a row.
        nullable: The names of those that must be there, but may be None.
        width: How many values a row has; 0 for lists of any length.
        are_numbers: All values are numbers.
        are_plain: A range for each number, which `admit` knows, is all that the type asks.

    """

    def __init__(self, row_type: type[BaseModel], dtype: DTypeLike = np.float64) -> None:
        fields = list(row_type.model_fields.values())
        self.fields = list(row_type.model_fields)
        self.names = [
            alias if isinstance(alias := field.validation_alias, str) else name
            for name, field in row_type.model_fields.items()
        ]
        self.whole_row = len(fields) == 1 and get_origin(fields[0].annotation) in (list, tuple)
        self.width = len(fields)
        is_plain = not row_type.model_config.get("strict") and not has_validators(row_type)
        if self.whole_row:
            self.width = fixed_length(fields[0])
            is_plain &= get_origin(fields[0].annotation) is list
            is_plain &= not fields[0].metadata or self.width > 0
            kinds = [kind for kind in get_args(fields[0].annotation) if kind is not Ellipsis]
            fields = [FieldInfo.from_annotation(kind) for kind in kinds]
        ranges = [Range(field, np.dtype(dtype)) for field in fields]
        self.nullable = {
            name
            for name, field, one in zip(self.names, fields, ranges, strict=False)
            if one.is_optional and field.is_required()
        }
        self.are_numbers = bool(ranges) and all(one.is_number for one in ranges)
        self.are_plain = is_plain and all(one.is_plain for one in ranges)
        self.low, self.high = np.array([[one.low, one.high] for one in ranges]).T
        self.fractional = np.array([not one.is_integer for one in ranges])
        self.optional = np.array([one.is_optional for one in ranges])
        self.have_integers = not self.fractional.all()
        self.may_lack = bool(self.optional.any())

    def admit(self, array: NDArray[Any]) -> bool:
        """Say whether all numbers are in their ranges; absent ones are NaN."""
        inside = (array >= self.low) & (array <= self.high)
        if self.have_integers:
            inside &= self.fractional | (array == np.trunc(array))
        if self.may_lack:
            inside |= self.optional & np.isnan(array)
        return bool(inside.all())


class Range:
    """The numbers that a field admits: between `low` and `high`, both included."""

    def __init__(self, field: FieldInfo, dtype: np.dtype[Any]) -> None:
        kinds, known = [field.annotation], field.metadata
        if get_origin(field.annotation) in (Union, UnionType):
            kinds = [kind for kind in get_args(field.annotation) if kind is not NoneType]
        self.is_optional = kinds != [field.annotation]
        inner = FieldInfo.from_annotation(kinds[0])  # type: ignore[arg-type]
        self.is_number = len(kinds) == 1 and inner.annotation in (int, float)
        self.is_integer = inner.annotation is int
        # An absent value that has another in its place is no NaN.
        self.is_plain = self.is_number and field.get_default() in (None, PydanticUndefined)
        self.is_plain &= field.default_factory is None
        self.high = float(LARGEST_INTEGER if self.is_integer else np.finfo(dtype).max)
        self.low = -self.high
        for limit in known + inner.metadata if self.is_optional else known:
            self.narrow(limit)

    def narrow(self, limit: Any) -> None:
        """Take one limit into account: pydantic's are those of annotated_types."""
        bounds = {name: getattr(limit, name, None) for name in ("ge", "gt", "le", "lt")}
        known = {name: bound for name, bound in bounds.items() if bound is not None}
        if not known:
            self.is_plain &= getattr(limit, "__dict__", None) == {"allow_inf_nan": False}
        beyond, below = known.get("gt", -math.inf), known.get("lt", math.inf)
        self.low = max(self.low, known.get("ge", -math.inf), math.nextafter(beyond, math.inf))
        self.high = min(self.high, known.get("le", math.inf), math.nextafter(below, -math.inf))


def fixed_length(field: FieldInfo) -> int:
    """Return the length that a list must have, if that is all that is asked of it; else 0."""
    match field.metadata:
        case [annotated_types.MinLen(least), annotated_types.MaxLen(most)] if least == most:
            return int(least)
    return 0


def has_validators(row_type: type[BaseModel]) -> bool:
    """Say whether the type has checks in Python of its own."""
    decorators = row_type.__pydantic_decorators__
    kinds = ("validators", "field_validators", "root_validators", "model_validators")
    return any(getattr(decorators, kind) for kind in kinds)
