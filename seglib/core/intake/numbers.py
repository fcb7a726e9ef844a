"""Numbers as text: what is wrong with one, which setting of the plan reads it, and its exact value."""

from __future__ import annotations

from typing import Any

import ibis

from seglib.core.engine import trimmed
from seglib.core.intake.findings import Fault

WHOLE_DIGITS = {"number": 9, "money": 13}
EXACT = {"number": "decimal(16, 5)", "money": "decimal(18, 5)", "fine": "decimal(22, 9)"}
BESIDE, DRESSED = r"\p{Sc}|[A-Za-z]{1,4}\p{Sc}?\.?", r"\d[\d.,' ]*"
GAPS = " '\u00a0\u202f"
PLAIN_NUMBER = "write it like 1234.50"
KINDS = {
    "not finite": Fault("V09", "not a finite amount", "correct the value in the export"),
    "huge": Fault("V10", "number too large", "correct the value in the export"),
    "exponent": Fault("F15", "number with an exponent", PLAIN_NUMBER),
    "comma": Fault("F15", "decimal comma", "set csv.decimal of this source to ','"),
    "point": Fault("F15", "decimal point where the plan says comma", "set csv.decimal of this source to '.'"),
    "thousands": Fault("F15", "thousands separator", f"set csv.thousands of this source to it, or {PLAIN_NUMBER}"),
    "brackets": Fault("F15", "amount below zero in brackets", "set csv.negative of this source to brackets"),
    "after": Fault("F15", "minus after the number", "set csv.negative of this source to after"),
    "signs": Fault(
        "F15",
        "number with a sign or a word beside it",
        f"set csv.signs of this source to what is to be taken off, such as ['€'], or {PLAIN_NUMBER}",
    ),
    "underscore": Fault("F15", "underscore in a number", PLAIN_NUMBER),
    "hexadecimal": Fault("F15", "hexadecimal number", PLAIN_NUMBER),
    "not a number": Fault("F15", "not a number", PLAIN_NUMBER),
    "blank id": Fault("V04", "blank id", "give every row its id in the export"),
}


def number_fault(text: Any, kind: str, decimal: str) -> Any:
    """Say what is wrong with a number, as a key of `KINDS`; null where it is sound.

    Parameters
    ----------
    text : ibis string
        As delivered.
    kind : {"number", "money"}
        Decides how many digits may stand before the decimal mark: 9 or 13.
    decimal : {".", ","}
        The plan's decimal mark.
    """
    bare, mark, other = trimmed(text), "," if decimal == "," else r"\.", r"\." if decimal == "," else ","
    sound = rf"^[+-]?(0*\d{{1,{WHOLE_DIGITS[kind]}}}({mark}\d*)?|{mark}\d+)$"
    size = bare.try_cast("float64").abs()
    branches = (
        (bare.isnull() | (bare == ""), ibis.null("string")),
        (bare.re_search(sound), ibis.null("string")),
        (bare.re_search(r"(?i)^[+-]?(nan|inf|infinity)$"), "not finite"),
        (
            bare.re_search(rf"(?i)^[+-]?0+({mark}0*)?e[+-]?\d+$"),
            ibis.null("string"),
        ),  # how databases write a small zero
        (bare.re_search(r"(?i)^[+-]?[\d.]+e[+-]?\d+$"), _exponent(size)),
        (bare.re_search(rf"^[+-]?\d+({mark}\d*)?$"), "huge"),
        (bare.re_search(rf"^[+-]?\d{{1,3}}([{GAPS}]\d{{3}})+({mark}\d*)?$"), "thousands"),
        (
            bare.re_search(rf"^[+-]?\d{{1,3}}({other}\d{{3}})+{mark}\d*$|^[+-]?\d{{1,3}}({other}\d{{3}}){{2,}}$"),
            "thousands",
        ),
        (bare.re_search(rf"^[+-]?\d[\d{mark}]*{other}\d+$"), "point" if decimal == "," else "comma"),
        (bare.re_search(r"^[+-]?\d[\d_]*_[\d_.]*$"), "underscore"),
        (bare.re_search(r"(?i)^[+-]?0x[0-9a-f]+$"), "hexadecimal"),
        (bare.re_search(r"^\([^()]*\d[^()]*\)$"), "brackets"),
        (bare.re_search(r"^[^-]*\d[^-]*-$"), "after"),
        (bare.re_search(rf"^[+-]?({BESIDE})\s*[+-]?{DRESSED}$|^[+-]?{DRESSED}\s*({BESIDE})$"), "signs"),
    )
    return ibis.cases(*branches, else_="not a number")


def _exponent(size: Any) -> Any:
    return ibis.cases((size.isnull() | size.isinf(), "not finite"), (size > 1e13, "huge"), else_="exponent")


def exact(text: Any, kind: str, decimal: str) -> Any:
    """Read a checked number exactly, to the decimals of `EXACT`; what a binary fraction adds beyond is dropped."""
    bare = trimmed(text).nullif("")
    return (bare.replace(",", ".") if decimal == "," else bare).try_cast(EXACT[kind])


def finer_than(value: Any, digits: int) -> Any:
    """Whether an exact number has more than so many decimals."""
    return value != value.round(digits)


def minor(value: Any, digits: int) -> Any:
    """Round an exact amount half up to integer minor units; null when it does not fit into 64 bits."""
    rounded = value.cast(f"decimal(38, {value.type().scale})").round(digits)
    return (rounded * ibis.literal(10**digits)).try_cast("int64")
