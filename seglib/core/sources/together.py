"""Several columns of a file as one of the contract: the first that is filled, or all words of a state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from seglib.core.sections import Csv
from seglib.core.states import TOGETHER, flag_state, said_by

ALL_COUNT = ("status", "kind")
ADDED = ("amount_extras", "discount", "refunded_tax")
BRACKETED, PLAIN = re.compile(r"^\((.*)\)$"), re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
PLAIN_CSV = Csv()
WHOLE = r"^(\d+)\.0+$"
NUMBERED = ("customer_id", "order_id", "line_id", "refund_of", "product_id", "account_id")


def one_column(column: str, parts: Sequence[tuple[str, pa.Array]], csv: Csv = PLAIN_CSV) -> pa.Array:
    """Make one column of the contract of one or several of a file.

    Parameters
    ----------
    column : str
        Name in the contract. Of ``status`` and ``kind`` all parts count together; cells of a column whose name says a
        state, such as ``is_cancelled``, are flags. Ids that a spreadsheet wrote as ``17850.0`` are whole numbers again.
    parts : sequence of (str, pyarrow.Array)
        Header and text of each, in the plan's order.
    csv : Csv
        How numbers are written: those of several columns of ``ADDED`` add up, discounts whatever their sign.

    Returns
    -------
    pyarrow.Array
        Text; null where all parts are blank.

    Examples
    --------
    >>> number, mail = pa.array(["7.0", None]), pa.array(["a@b.example", "c@d.example"])
    >>> one_column("customer_id", [("No", number), ("Mail", mail)]).to_pylist()
    ['7', 'c@d.example']
    >>> one_column("status", [("state", pa.array(["paid", None])), ("is_cancelled", pa.array(["X", "0"]))]).to_pylist()
    ['paid + cancelled', None]
    >>> post, tax = pa.array(["4.90", None, "?"]), pa.array(["1", None, "1"])
    >>> one_column("amount_extras", [("post", post), ("tax", tax)]).to_pylist()
    ['5.9', None, '? + 1']
    """
    if column in ALL_COUNT:
        return _all(column, parts)
    if column in ADDED and len(parts) > 1:
        return _sum(column, parts, csv)
    filled = [pc.if_else(pc.equal(pc.utf8_trim_whitespace(array), ""), None, array) for _, array in parts[:-1]]
    whole = pc.coalesce(*filled, parts[-1][1]) if filled else parts[0][1]
    if column in NUMBERED and pc.any(pc.match_substring_regex(whole, WHOLE)).as_py():
        whole = pc.replace_substring_regex(whole, WHOLE, r"\1")
    return whole


def _all(column: str, parts: Sequence[tuple[str, pa.Array]]) -> pa.Array:
    """Write the words of all columns beside each other."""
    said = [_flags(header, array) if column == "status" else array for header, array in parts]
    text = said[0]
    for more in said[1:]:  # arrow's own way to skip nulls loses rows in which all are null
        text = pc.coalesce(pc.binary_join_element_wise(text, more, TOGETHER), text, more)
    return text


def _sum(column: str, parts: Sequence[tuple[str, pa.Array]], csv: Csv) -> pa.Array:
    """Add numbers up, each distinct row of them once; what is no number stays as it is, for the checks to refuse."""
    coded = _all(column, parts).dictionary_encode()
    sums = pa.array([_added(text, csv, column == "discount") for text in coded.dictionary.to_pylist()], pa.string())
    return sums.take(coded.indices)


def _added(text: str, csv: Csv, is_size: bool) -> str:
    total = Decimal(0)
    for part in text.split(TOGETHER):
        bare = BRACKETED.sub(r"-\1", part.strip())
        for taken in (*csv.signs, csv.thousands or "", " ", "\u00a0", "\u202f"):
            bare = bare.replace(taken, "") if taken else bare
        bare = f"-{bare[:-1]}" if csv.negative == "after" and bare.endswith("-") else bare
        bare = bare.replace(",", ".") if csv.decimal == "," else bare
        if bare and not PLAIN.fullmatch(bare):
            return text
        total += abs(Decimal(bare or "0")) if is_size else Decimal(bare or "0")
    plain = format(total.normalize() if total else total, "f")
    return plain.replace(".", csv.decimal)


def _flags(header: str, array: pa.Array) -> pa.Array:
    """Read a column whose name says a state; each distinct value once."""
    if flag_state(header) is None:
        return array
    if said_by(header, ""):  # of a day of payment that is blank: not paid
        array = pc.fill_null(array, "")
    coded = array.dictionary_encode()
    words = pa.array([said_by(header, value) for value in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices)
