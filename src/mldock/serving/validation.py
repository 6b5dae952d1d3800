"""A table to what the model takes, rows or one array, or to the fault that the client can fix."""

from __future__ import annotations

import difflib
import inspect
import math
import reprlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
import numpy as np
from mldock import ContainerError
from mldock.serving.messages import RequestError
from numpy.typing import DTypeLike, NDArray
from pydantic import AliasChoices, BaseModel, RootModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo

# Beyond it a float does not tell an integer from the next.
LARGEST_INTEGER = 2**53
# A list of a thousand wrong rows helps nobody, nor does one with a thousand columns.
FAULTS_SHOWN, NAMES_SHOWN = 5, 40
# What pandas calls an index without a name: in a CSV file, read from one again, in a Parquet file.
PANDAS_INDEX = ("", "Unnamed: 0", "__index_level_0__")
Shape = Literal["one", "many", "instances"]


@dataclass(eq=False)
class Table:
    """Rows, not yet checked: objects, lists of values, or an array of numbers.

    Attributes:
        columns: The names of the values of the lists, if the request has them.
        shape: What the answer mirrors.
        source: What has read it, and of which body.

    """

    rows: list[Any] | NDArray[Any]
    columns: list[str] | None = None
    shape: Shape = "many"
    source: tuple[Callable[[bytes, Any], Table], bytes] | None = None


class Columns:
    """The columns of a type of row.

    Attributes:
        fields: The names of the fields.
        names: What clients call them: a field's alias where it has one.
        kinds: The JSON types of the values of each name that a client may use; those of the
            values of a single list are its `item_kinds`.
        single_list_field: The only field is a list, which takes all values of a row.
        width: How many values a row has; 0 for lists of any length.
        are_numbers: All values are numbers.
        is_vectorizable: The type requires no more than a range for each number.

    """

    def __init__(self, row_type: type[BaseModel], dtype: DTypeLike = np.float64) -> None:
        self.fields = list(row_type.model_fields)
        fields, config = list(row_type.model_fields.values()), row_type.model_config
        aliases = [aliases_of(*named) for named in row_type.model_fields.items()]
        self.names = [names[0] for names in aliases]
        by_name = config.get("populate_by_name") or config.get("validate_by_name")
        properties, types = read_schema(row_type)
        self.kinds: dict[str, set[str]] = {}
        for name, names in zip(self.fields, aliases, strict=True):
            kinds = json_types(properties.get(name, {}), types)
            self.kinds |= dict.fromkeys([*names, name] if by_name else names, kinds)
        origin = get_origin(fields[0].annotation) if len(fields) == 1 else None
        self.single_list_field = origin in (list, tuple)
        self.item_kinds = {"string"}
        self.width = len(fields)
        own = row_type.__pydantic_decorators__
        checks = own.validators, own.field_validators, own.root_validators, own.model_validators
        self.is_vectorizable = not config.get("strict") and not any(checks)
        if self.single_list_field:
            self.item_kinds = json_types(properties.get(self.fields[0], {}).get("items", {}), types)
            self.width = fixed_length(fields[0])
            self.is_vectorizable &= origin is list and (not fields[0].metadata or self.width > 0)
            items = [one for one in get_args(fields[0].annotation) if one is not Ellipsis]
            fields = [FieldInfo.from_annotation(item) for item in items]
        ranges = [Range(field, np.dtype(dtype)) for field in fields]
        self.are_numbers = bool(ranges) and all(one.is_number for one in ranges)
        self.is_vectorizable &= all(one.is_plain for one in ranges)
        self.low, self.high = np.array([[one.low, one.high] for one in ranges]).reshape(-1, 2).T
        self.fractional = np.array([not one.is_integer for one in ranges])
        self.optional = np.array([one.is_optional for one in ranges])
        self.have_integers = not self.fractional.all()
        self.have_optional = bool(self.optional.any())

    def check_ranges(self, array: NDArray[Any]) -> bool:
        """Return whether all numbers are in their ranges; absent ones are NaN."""
        inside = (array >= self.low) & (array <= self.high)
        if self.have_integers:
            inside &= self.fractional | (array == np.trunc(array))
        if self.have_optional:
            inside |= self.optional & np.isnan(array)
        return bool(inside.all())


class Range:
    """The numbers that a field admits: between `low` and `high`, both included."""

    def __init__(self, field: FieldInfo, dtype: np.dtype[Any]) -> None:
        kinds, constraints = [field.annotation], field.metadata
        if get_origin(field.annotation) in (Union, UnionType):
            kinds = [kind for kind in get_args(field.annotation) if kind is not NoneType]
        self.is_optional = NoneType in get_args(field.annotation)
        inner = FieldInfo.from_annotation(kinds[0])  # type: ignore[arg-type]
        self.is_number = len(kinds) == 1 and inner.annotation in (int, float)
        self.is_integer = inner.annotation is int
        self.is_plain = self.is_number
        self.high = float(LARGEST_INTEGER if self.is_integer else np.finfo(dtype).max)
        self.low = -self.high
        constraints = constraints + inner.metadata if self.is_optional else constraints
        for constraint in constraints if self.is_number else ():
            self.apply_constraint(constraint)

    def apply_constraint(self, constraint: Any) -> None:
        """Narrow the range: pydantic's constraints are those of annotated_types."""
        bounds = {name: getattr(constraint, name, None) for name in ("ge", "gt", "le", "lt")}
        known = {name: bound for name, bound in bounds.items() if bound is not None}
        if not known:
            self.is_plain &= getattr(constraint, "__dict__", None) == {"allow_inf_nan": False}
        beyond, below = known.get("gt", -math.inf), known.get("lt", math.inf)
        self.low = max(self.low, known.get("ge", -math.inf), math.nextafter(beyond, math.inf))
        self.high = min(self.high, known.get("le", math.inf), math.nextafter(below, -math.inf))


class RowReader:
    """Turns tables into lists of the type of row."""

    def __init__(self, row_type: type[BaseModel], columns: Columns) -> None:
        self.columns = columns
        forbid_unknown_fields(row_type)
        self.adapter = TypeAdapter(list[row_type])  # type: ignore[valid-type]
        # What an object of each type may have, by the name of the type.
        self.names = {
            model.__name__: [
                name for one in model.model_fields.items() for name in aliases_of(*one)
            ]
            for model in models_in(row_type)
        }
        # A field that takes no null gets none: it is absent, and has its default or is missed.
        self.required = {name for name, kinds in columns.kinds.items() if "null" not in kinds}

    def read(self, table: Table) -> list[Any]:
        """Return the rows, or raise 422 with the row, the field, what was found and is allowed."""
        rows = table.rows
        if isinstance(rows, np.ndarray):
            if rows.dtype.kind == "f":
                rows = np.where(np.isnan(rows), np.array(None), rows)
            rows = rows.tolist()
        rows = [
            self.name(row, table, number) if isinstance(row, list) else row
            for number, row in enumerate(rows, start=1)
        ]
        try:
            return self.adapter.validate_python(rows)
        except ValidationError as error:
            present = list(map(self.drop_absent, rows))
            if present != rows:
                return self.read(Table(present))
            faults = error.errors(include_url=False)[:FAULTS_SHOWN]
            more = error.error_count() - len(faults)
            text = "; ".join(map(self.format_fault, faults))
            raise RequestError(422, text + (f"; and {more} more" if more else "")) from error

    def name(self, row: list[Any], table: Table, number: int) -> dict[str, Any]:
        names = table.columns or self.columns.names
        if self.columns.single_list_field and not table.columns:
            return {names[0]: row}
        if len(row) != len(names):
            fault = f"row {number} has {len(row)} values where {len(names)} are expected: "
            raise RequestError(422, fault + join_names(names))
        return dict(zip(names, row, strict=True))

    def drop_absent(self, row: Any) -> Any:
        if not isinstance(row, dict) or None not in row.values():
            return row
        return {k: v for k, v in row.items() if v is not None or k not in self.required}

    def format_fault(self, fault: Any) -> str:
        (row, *path), allowed, kind = fault["loc"], fault["msg"], fault["type"]
        field = ".".join(map(str, path)) or repr("")
        if kind == "extra_forbidden":
            allowed = f"There is no such field{self.hint_name(str(path[-1]))}"
        elif kind in ("model_type", "model_attributes_type", "dataclass_type"):
            known = self.names.get(fault.get("ctx", {}).get("class_name"), [])
            form = "an object" if path else "an object or a list"
            allowed = f"Input should be {form}{' with ' * bool(known)}{join_names(known)}"
        elif kind == "dict_type":
            allowed = "Input should be an object"
        found = "" if kind == "missing" else f", found {format_value(fault['input'])}"
        return f"row {row + 1}{f', {field}' if path else ''}: {allowed}{found}"

    def hint_name(self, name: str) -> str:
        if name in PANDAS_INDEX:
            return " (the index of a pandas table? Write it with index=False)"
        known = [one for names in self.names.values() for one in names]
        close = difflib.get_close_matches(name[:80], known, n=1)
        return f" (did you mean {close[0]}?)" if close else ""


class ArrayReader:
    """Turns tables into arrays of shape (rows, columns).

    Rows that are right are never looked at one by one, but packed as they are, and compared as
    columns. All else goes through the type, which accepts it or says what is wrong.
    """

    def __init__(self, row_type: type[BaseModel], dtype: DTypeLike) -> None:
        self.columns = Columns(row_type, dtype)
        if not self.columns.are_numbers:
            raise ContainerError(
                f"{row_type.__name__} has fields that are no numbers. An ArrayService needs int or "
                "float, or one list of them; derive the service from ModelService."
            )
        self.dtype = np.dtype(dtype)
        self.rows = RowReader(row_type, self.columns)
        # Of one name, itemgetter returns the value alone: that of a row that is a list.
        self.pick = itemgetter(*self.columns.names)

    def read(self, table: Table) -> NDArray[Any]:
        if self.columns.is_vectorizable:
            try:
                array = self.read_at_once(table)
                if self.columns.check_ranges(array):
                    # A model may change what it gets, and be asked again.
                    return array.astype(self.dtype, copy=isinstance(table.rows, np.ndarray))
            except (ArithmeticError, LookupError, TypeError, ValueError, struct.error):
                pass
        return self.read_one_by_one(table)

    def read_at_once(self, table: Table) -> NDArray[Any]:
        """Return the numbers unchecked; raises one of many errors where the rows are odd."""
        rows, columns = table.rows, self.columns
        if table.columns:
            order = [table.columns.index(name) for name in columns.names]
            if same(map(len, rows)) != len(order) or columns.single_list_field:
                raise ValueError("there are more columns, or values")
            if isinstance(rows, np.ndarray):
                rows = rows[:, order]
            elif order != sorted(order):
                rows = [[row[index] for index in order] for row in rows]
        if isinstance(rows, np.ndarray):
            if columns.width not in (0, rows.shape[1]):
                raise ValueError("the columns are too few, or too many")
            return rows
        kind = same(map(type, rows))
        if kind is dict:
            if same(map(len, rows)) != len(columns.names):
                raise ValueError("fields are absent, or too many")
            rows = [self.pick(row) for row in rows]
            if not columns.single_list_field:
                rows = rows if columns.width > 1 else [[value] for value in rows]
                return pack(rows).reshape(len(rows), columns.width)
            kind = same(map(type, rows))
        if kind not in (list, tuple):
            raise TypeError("a row is neither an object nor a list")
        width = same(map(len, rows))
        if columns.width not in (0, width):
            raise ValueError("the values are too few, or too many")
        return pack(rows).reshape(len(rows), width)

    def read_one_by_one(self, table: Table) -> NDArray[Any]:
        """Return the numbers after the type has looked at each."""
        fields = self.columns.fields
        rows = [[getattr(row, name) for name in fields] for row in self.rows.read(table)]
        if self.columns.single_list_field:
            rows = [values for (values,) in rows]
        try:
            numbers = np.array(rows, np.float64)
            with np.errstate(over="ignore"):
                array = numbers.astype(self.dtype)
            if not (np.isinf(array) & ~np.isinf(numbers)).any():
                return array
        except (ArithmeticError, ValueError):
            pass
        raise RequestError(422, self.find_fault(rows))

    def find_fault(self, rows: list[Any]) -> str:
        for number, row in enumerate(rows, start=1):
            if len(row) != len(rows[0]):
                fault = f"row {number} has {len(row)} values, row 1 has {len(rows[0])}."
                return f"{fault} Send rows of one length, or each in a request of its own."
        limit = float(np.finfo(self.dtype).max)
        # Infinity is itself where the type takes it.
        number, column = next(
            (number, column)
            for number, row in enumerate(rows)
            for column, value in enumerate(row)
            if value is not None and limit < abs(value) != math.inf
        )
        name = self.columns.names[0 if self.columns.single_list_field else column]
        value = format_value(rows[number][column])
        return f"row {number + 1}, {name}: {value} is too large for {self.dtype}"


def aliases_of(name: str, field: FieldInfo) -> list[str]:
    """Return what clients may call a field, its name where it has no alias."""
    alias = field.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return [choice for choice in choices if isinstance(choice, str)] or [name]


def models_in(annotation: Any, found: dict[Any, None] | None = None) -> Iterator[Any]:
    """Yield the types of rows within a type, those that others are made of first."""
    found = {} if found is None else found
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        if annotation in found:
            return
        found[annotation] = None
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation, found)
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner, found)


def forbid_unknown_fields(row_type: type[BaseModel]) -> None:
    """Make types that say nothing of unknown fields refuse them: pydantic drops a misspelt one.

    The types themselves are changed, so that what the OpenAPI document says of them is true.
    """
    models = list(models_in(row_type))
    silent = [m for m in models if not (issubclass(m, RootModel) or "extra" in m.model_config)]
    for model in silent:
        model.model_config["extra"] = "forbid"
    for model in models if silent else ():
        model.model_rebuild(force=True)


def read_schema(row_type: type[BaseModel]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the JSON schemas of the fields of a type, and those that they refer to."""
    try:
        schema = row_type.model_json_schema(by_alias=False)
    except PydanticUserError:  # It has fields that no JSON can hold.
        return {}, {}
    types = schema.get("$defs", {})
    # A type that holds itself is referred to.
    schema = types.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return schema.get("properties", {}), types


def json_types(schema: dict[str, Any], types: dict[str, Any]) -> set[str]:
    """Return the JSON types of the values that a schema admits; all where it does not say."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return json_types(types.get(name, {}), {key: types[key] for key in types if key != name})
    if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return {{str: "string", NoneType: "null"}.get(type(value), "other") for value in values}
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return set[str]().union(*(json_types(option, types) for option in options))
    return {schema["type"]} if "type" in schema else {"string", "null", "array"}


def fixed_length(field: FieldInfo) -> int:
    """Return the length that a list must have, if that is its only constraint; else 0."""
    match field.metadata:
        case [annotated_types.MinLen(least), annotated_types.MaxLen(most)] if least == most:
            return int(least)
    return 0


def same(values: Any) -> Any:
    """Return the value that all are; raises ValueError if they differ."""
    (value,) = set(values)
    return value


def pack(rows: list[Any]) -> NDArray[Any]:
    """Return the values of rows of one length; unlike numpy it takes no text, and is faster."""
    numbers = struct.Struct(f"{len(rows[0])}d").pack
    try:
        packed = [numbers(*row) for row in rows]
    except struct.error:
        packed = [numbers(*[math.nan if one is None else one for one in row]) for row in rows]
    return np.frombuffer(bytearray().join(packed))


def join_names(names: list[str]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")


def format_value(value: Any) -> str:
    """Return a value in quotes, in part if it is long or deep."""
    return repr(str(value)[:80]) if isinstance(value, str | int | float) else reprlib.repr(value)
