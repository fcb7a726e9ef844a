"""Typed values written as canonical text: one spelling per value, whatever format it came in."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

EXCEL_DIGITS = 15
NOISE_DECIMALS = 9
NOISE_MATTERS_BELOW = 1e12


def line_numbers(start: int, count: int) -> pa.Array:
    """Number `count` rows from `start`."""
    return pa.array(range(start, start + count), pa.int64())


def as_text(array: pa.Array) -> pa.Array:
    """Write typed values as canonical text: whole numbers as digits, no exponent, instants in ISO 8601.

    Binary fractions carry noise, so they are written with at most nine decimals: 0.1 + 0.2 is 0.3.

    Parameters
    ----------
    array : pyarrow.Array
        Any type but lists and structs, and bytes that are no text.

    Returns
    -------
    pyarrow.Array
        Text; nulls, NaN and empty text are null.

    Raises
    ------
    pyarrow.ArrowNotImplementedError
        For a type that has no text.

    Examples
    --------
    >>> as_text(pa.array([17850.0, 2.55, 0.1 + 0.2, 1e10, None])).to_pylist()
    ['17850', '2.55', '0.3', '10000000000', None]
    >>> as_text(pa.array([Decimal("0E-8"), Decimal("0.00000012")], pa.decimal128(18, 8))).to_pylist()
    ['0.00000000', '0.00000012']
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
    elif pa.types.is_timestamp(kind):
        return _instants(array)
    elif pa.types.is_floating(kind):
        return _floats(array)
    if isinstance(array.type, pa.UuidType):
        array = pa.array([None if value is None else str(value) for value in array.to_pylist()], pa.string())
    if pa.types.is_nested(array.type):
        raise pa.ArrowNotImplementedError(str(kind))
    try:
        text = pc.cast(array, pa.string())  # bytes are text where they are UTF-8: older writers mark no column as text
    except pa.ArrowInvalid:
        raise pa.ArrowNotImplementedError(str(kind)) from None
    text = _plain(text, "E") if pa.types.is_decimal(array.type) else text
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _floats(array: pa.Array) -> pa.Array:
    array = pc.cast(array, pa.float32()) if pa.types.is_float16(array.type) else array
    is_noisy = pc.less(pc.abs(array), NOISE_MATTERS_BELOW)
    rounded = pc.round(pc.if_else(is_noisy, array, pa.scalar(0, array.type)), NOISE_DECIMALS)
    array = pc.if_else(is_noisy, pc.add(rounded, pa.scalar(0, array.type)), array)  # adding 0 makes -0 plain 0
    text = pc.cast(array, pa.string())
    text = pc.if_else(pc.equal(text, "nan"), pa.scalar(None, pa.string()), text)
    return _plain(text, "e")


def _plain(text: pa.Array, letter: str) -> pa.Array:
    """Write out the numbers that have an exponent."""
    exponent = pc.fill_null(pc.match_substring(text, letter), False)
    if not pc.any(exponent).as_py():
        return text
    plain = [format(Decimal(value), "f") for value in text.filter(exponent).to_pylist()]
    return pc.replace_with_mask(text, exponent, pa.array(plain, pa.string()))


def _instants(array: pa.Array) -> pa.Array:
    zone = "+00:00" if array.type.tz else ""
    array = pc.cast(array, pa.timestamp(array.type.unit, "UTC" if zone else None))
    array = pc.cast(array, pa.timestamp(array.type.unit))
    with contextlib.suppress(pa.ArrowInvalid):  # some instants have parts of a second: all keep their unit
        array = pc.cast(array, pa.timestamp("s"))
    text = pc.replace_substring(pc.cast(array, pa.string()), " ", "T")
    text = pc.replace_substring_regex(text, r"\.0+$", "")
    return pc.binary_join_element_wise(text, zone, "") if zone else text


def cell_text(value: Any) -> str | None:
    """Write one value of a spreadsheet or SQLite as canonical text.

    Examples
    --------
    >>> [cell_text(v) for v in (17850.0, 0.1 + 0.2, "", True, datetime(2010, 12, 1, 8, 26))]
    ['17850', '0.3', None, 'true', '2010-12-01T08:26:00']
    """
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return (value + timedelta(milliseconds=500)).replace(microsecond=0).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float) -> str | None:
    if value != value:
        return None
    if value.is_integer() and abs(value) < 10**EXCEL_DIGITS:
        return str(int(value))
    if abs(value) == float("inf"):
        return str(value)
    return format(Decimal(format(round(value, NOISE_DECIMALS), f".{EXCEL_DIGITS}g")), "f")
