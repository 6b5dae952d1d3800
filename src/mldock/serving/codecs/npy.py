"""numpy's file format, for requests and answers of numbers; never a pickle."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mldock.serving.codecs.tables import Table, check_columns
from mldock.serving.messages import JSON, NPY, RequestError
from numpy.lib import format as npy
from numpy.typing import NDArray

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npy(body: bytes) -> Table:
    """Read an array of one or two dimensions, or of records with names.

    Raises:
        RequestError: 400, it is none.

    """
    try:
        array = parse(body)
    # numpy evaluates the header, and fails on a wrong one in many ways.
    except Exception as error:
        fault = f"The body is not a .npy file of numbers: {type(error).__name__}: {error}"
        raise RequestError(400, f"{fault:.300}") from error
    names = array.dtype.names
    if names and array.ndim == 1:
        return Table([list(row) for row in array.tolist()], check_columns(list(names)))
    if array.ndim not in (1, 2) or array.dtype.kind not in "biuf":
        raise RequestError(400, "The array must hold numbers, of the shape (rows, columns).")
    return Table(np.atleast_2d(array))


def parse(body: bytes) -> NDArray[Any]:
    """Return the array of a file, which must have as many bytes as its header says."""
    file = io.BytesIO(body)
    version = npy.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"version {version} of the format is not supported")
    shape, is_fortran, dtype = HEADERS[version](file)
    content = body[file.tell() :]
    if dtype.hasobject:
        raise ValueError("it holds pickles, which may run any code")
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{len(content)} bytes are not an array of shape {shape}")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if is_fortran else "C")


def write_npy(answers: Mapping[str, Sequence[Any]]) -> bytes:
    """Write one column as an array, several as an array of records with their names.

    Raises:
        RequestError: 406, the values have no fixed type.

    """
    try:
        columns = {name: np.asarray(values) for name, values in answers.items()}
    except ValueError as error:
        raise RequestError(406, f"The answer does not fit into {NPY}. Accept {JSON}.") from error
    types = [(name, column.dtype, column.shape[1:]) for name, column in columns.items()]
    array = next(iter(columns.values()))
    if len(columns) > 1:
        array = np.empty(len(array), types)
        for name, column in columns.items():
            array[name] = column
    if array.dtype.hasobject:
        raise RequestError(406, f"The answer does not fit into {NPY}. Accept {JSON}.")
    file = io.BytesIO()
    npy.write_array(file, array, allow_pickle=False)
    return file.getvalue()
