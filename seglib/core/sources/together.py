"""Several columns of a file as one of the contract: the first that is filled, or all words of a state."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from seglib.core.states import TOGETHER, flag_state, said_by

ALL_COUNT = ("status", "kind")
WHOLE = r"^(\d+)\.0+$"
NUMBERED = ("customer_id", "order_id", "line_id", "refund_of", "product_id", "account_id")


def one_column(column: str, parts: Sequence[tuple[str, pa.Array]]) -> pa.Array:
    """Make one column of the contract of one or several of a file.

    Parameters
    ----------
    column : str
        Name in the contract. Of ``status`` and ``kind`` all parts count together; cells of a column whose name says a
        state, such as ``is_cancelled``, are flags. Ids that a spreadsheet wrote as ``17850.0`` are whole numbers again.
    parts : sequence of (str, pyarrow.Array)
        Header and text of each, in the plan's order.

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
    """
    if column in ALL_COUNT:
        return _all(column, parts)
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


def _flags(header: str, array: pa.Array) -> pa.Array:
    """Read a column whose name says a state; each distinct value once."""
    if flag_state(header) is None:
        return array
    coded = array.dictionary_encode()
    words = pa.array([said_by(header, value) for value in coded.dictionary.to_pylist()], pa.string())
    return words.take(coded.indices)
