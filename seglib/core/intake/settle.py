"""Spellings of one customer's id, in one table or in several, become one customer before anything is counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import ibis
import pandas as pd

from seglib.core.engine import Engine, Table
from seglib.core.intake.findings import Note

ONE = "ids in another spelling (case, spaces or form), read as the customer's"
SEVERAL = "customer ids that differ only by case, spaces or form; kept apart"
DO = "write each id alike in the export"
APART = "make each id one customer in the export"


def shape(value: str) -> str:
    """Take spaces, invisible characters and differences of Unicode form off an id; its case stays.

    Examples
    --------
    >>> shape(" Ab\\u200b1 "), shape("\\uff21b1")
    ('Ab1', 'Ab1')
    """
    folded = unicodedata.normalize("NFKC", value)
    return "".join(c for c in folded if unicodedata.category(c) != "Cf" and not c.isspace())


def settled(spellings: Mapping[str, bool]) -> dict[str, str]:
    """Choose the spelling by which each of several spellings of an id is known.

    Parameters
    ----------
    spellings : mapping
        Ids that are equal but for case, spaces and form, and whether the customers table writes it so.

    Returns
    -------
    dict
        From each spelling to the one that stands for it: that of the customers table, else the tidiest. Ids in which
        capitals and small letters mix on purpose, as codes do, stay apart where only the case differs.

    Examples
    --------
    >>> settled({"C005": False, "C005 ": False, "c005": False})
    {'C005': 'C005', 'C005 ': 'C005', 'c005': 'C005'}
    >>> settled({"aB3x": False, "Ab3x": False})
    {'aB3x': 'aB3x', 'Ab3x': 'Ab3x'}
    """
    codes = {shape(each) for each in spellings}
    apart = len(codes) > 1 and not any(code in (code.upper(), code.lower()) for code in codes)
    groups: dict[str, list[str]] = {}
    for each in spellings:
        groups.setdefault(shape(each) if apart else "", []).append(each)
    best = {
        code: min(group, key=lambda each: (not spellings[each], each != shape(each), each))
        for code, group in groups.items()
    }
    return {each: best[shape(each) if apart else ""] for each in spellings}


def settle(engine: Engine, ids: Table, used: Mapping[str, Table]) -> tuple[Table, list[Note]]:
    """Give every spelling of an id the customer of the spelling that stands for it.

    Parameters
    ----------
    ids : Table
        customer_id, customer, plain.
    used : mapping of Table
        By name, tables with `customer_id`; those of the consent table alone settle nothing.

    Returns
    -------
    Table and list of Note
        ids with `is_known` (an id of another table than consent) and `is_kept` (the spelling that stands for its
        customer); notes with the number of spellings.
    """
    tables = [table.select("customer_id") for name, table in used.items() if name != "consent"]
    every = ibis.union(*tables, distinct=True) if len(tables) > 1 else tables[0].distinct() if tables else None
    if every is None:
        return ids.mutate(is_known=False, is_kept=False), []
    known = every.select(spelling="customer_id", hit=True)
    marked = ids.left_join(known, [("customer_id", "spelling")]).drop("spelling")
    marked = marked.mutate(is_known=marked.hit.fill_null(False)).drop("hit")
    twice = marked.filter(marked.is_known).group_by("plain").agg(n=ibis._.count()).filter(ibis._.n > 1)
    found = engine.frame(marked.filter(marked.is_known).semi_join(twice, "plain").order_by("customer_id"))
    if found.empty:
        return marked.mutate(is_kept=marked.is_known), []
    moves, notes = _moves(engine, found, used)
    to = engine.memory(moves.astype("str"))
    joined = marked.left_join(to, [("customer_id", "spelling")]).drop("spelling")
    is_moved = joined.target.notnull()
    done = joined.mutate(customer=is_moved.ifelse(joined.target, joined.customer), is_kept=joined.is_known & ~is_moved)
    return done.drop("target"), notes


def _moves(engine: Engine, found: pd.DataFrame, used: Mapping[str, Table]) -> tuple[pd.DataFrame, list[Note]]:
    """List which spelling becomes which customer, and count both kinds."""
    first: set[str] = set()
    if "customers" in used:
        listed = used["customers"].filter(used["customers"].customer_id.isin(found["customer_id"].tolist()))
        first = {*engine.frame(listed.select("customer_id"))["customer_id"]}
    customer = dict(zip(found["customer_id"], found["customer"], strict=True))
    rows, apart = [], 0
    for _, group in found.groupby("plain", sort=True):
        kept = settled({each: each in first for each in group["customer_id"]})
        rows += [(each, customer[to]) for each, to in kept.items() if each != to]
        apart += len(set(kept.values())) > 1
    notes = [Note("V05", ONE, "notice", "customers", len(rows), do=DO)] if rows else []
    notes += [Note("V05", SEVERAL, "notice", "orders", apart, do=APART)] if apart else []
    return pd.DataFrame(rows, columns=["spelling", "target"]), notes
