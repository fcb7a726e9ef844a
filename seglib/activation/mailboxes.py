"""Who reads what is sent to an address or a number: everybody behind it, however each destination writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seglib.activation.delta import name_of
from seglib.activation.formats import Format
from seglib.activation.normal import mailbox, number

PERSONAL, GENERAL, NOTHING = "personal", "general", "nothing"
WORDS = (NOTHING, GENERAL, PERSONAL)  # from the least to the most that may be sent


def linked(details: pd.DataFrame) -> pd.Series[int]:
    """Group customers who share an address or a number, also through others.

    Parameters
    ----------
    details : DataFrame
        customer, email, phone.

    Returns
    -------
    Series of int
        Number of the group, by row.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": list("abc"), "email": ["x@y.de", "X@y.de ", "z@y.de"], "phone": None})
    >>> linked(rows).tolist()
    [0, 0, 1]
    """
    count, marks = len(details), _marks(details, with_numbers=True)
    codes = pd.factorize(marks)[0] + count
    size = count + len(marks)
    graph = coo_array((np.ones(len(marks), dtype=np.int8), (marks.index.to_numpy(), codes)), shape=(size, size))
    return pd.Series(connected_components(graph, directed=False)[1][:count], index=details.index)


def _marks(details: pd.DataFrame, with_numbers: bool) -> pd.Series[str]:
    """List mailboxes and, if asked for, numbers, each with the position of the row that has it."""
    parts = [details["email"].fillna("").astype(str).map(mailbox)]
    parts += [details["phone"].fillna("").astype(str).map(number)] if with_numbers else []
    marks: pd.Series[str] = pd.concat([part.reset_index(drop=True) for part in parts])
    return marks.loc[marks != ""]


def together(words: pd.Series[str], details: pd.DataFrame, with_numbers: bool) -> pd.Series[str]:
    """Give everybody behind one mailbox the least that any of them may be sent.

    Parameters
    ----------
    words : Series of str
        "personal", "general" or "nothing", by row of `details`.
    details : DataFrame
        customer, email, phone.
    with_numbers : bool
        Whether the destination gets telephone numbers: then the same holds for everybody behind a number.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": list("ab"), "email": ["ann@x.de", "Ann+tea@x.de"], "phone": None})
    >>> together(pd.Series(["personal", "general"]), rows, with_numbers=False).tolist()
    ['general', 'general']
    """
    ranks = pd.Series(pd.Categorical(words, WORDS).codes.astype("int64"))
    marks = _marks(details, with_numbers)
    held = pd.DataFrame({"mark": marks.to_numpy(), "row": marks.index, "rank": ranks[marks.index].to_numpy()})
    least = held.assign(rank=held.groupby("mark")["rank"].transform("min")).groupby("row")["rank"].min()
    lowest = np.minimum(ranks, least.reindex(ranks.index).fillna(len(WORDS)))
    return pd.Series([WORDS[int(rank)] for rank in lowest], index=words.index, dtype="str")


def keys(details: pd.DataFrame, form: Format, may: Collection[str]) -> dict[str, bool]:
    """Say of each key of a destination whether everybody behind it may be sent to; who is missing may not.

    Parameters
    ----------
    details : DataFrame
        customer, and the columns that the keys are made of.
    form : Format
    may : collection of str
        Customers who may be sent to.
    """
    ok, said = details["customer"].isin(list(may)).tolist(), dict[str, bool]()
    for cell in form.key_cells:
        for raw, yes in zip(details[cell.value].fillna(""), ok, strict=True):
            name = name_of({cell.header: cell.make(str(raw))}, [cell.header])
            if name:
                said[name] = said.get(name, True) and yes
    return said


def known_as(rows: pd.DataFrame, form: Format) -> list[str]:
    """Give the key by which a destination knows each person, by row; "" for whoever has none.

    Parameters
    ----------
    rows : DataFrame
        The columns that the keys are made of.
    form : Format
    """
    raw = rows[[cell.value for cell in form.key_cells]].fillna("").astype(str).itertuples(index=False, name=None)
    made = ({c.header: c.make(text) for c, text in zip(form.key_cells, texts, strict=True)} for texts in raw)
    return [name_of(row, form.key_headers) for row in made]


def free(details: pd.DataFrame, may: set[str], held_out: Iterable[str], with_numbers: bool) -> set[str]:
    """Name those of `may` who share no mailbox, nor number if asked, with somebody else than these or held out.

    Like `agreed` it uses nothing but sets, and shares no rule with `together`.
    """
    marks, out = named(details, with_numbers), set(held_out)
    closed = {mark for who, theirs in marks.items() if who not in may or who in out for mark in theirs}
    return {who for who in may - out if not marks.get(who, set()) & closed}


def named(details: pd.DataFrame, with_numbers: bool) -> dict[str, set[str]]:
    """List mailbox and number of each customer."""
    rows = details[["customer", "email", "phone"]].fillna("").astype(str).itertuples(index=False, name=None)
    return {who: {mailbox(email), number(phone) if with_numbers else ""} - {""} for who, email, phone in rows}
