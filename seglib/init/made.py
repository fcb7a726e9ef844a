"""Columns that a query makes of others, where a system writes a sum of money in several of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from seglib.init.looks import Look
from seglib.init.reshape import quoted
from seglib.init.sniff import Sniffed
from seglib.init.systems import Known, Made, spelling

BETWEEN = "|"
NUMBER = "coalesce(try_cast({} as decimal(24, 6)), 0)"


def made_of_others(sniffed: Sniffed, known: Known | None) -> tuple[Sniffed, Known | None]:
    """Add the columns that are made of others.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.
    known : Known or None
        The system whose export it is.

    Returns
    -------
    Sniffed and Known or None
        With `made`, name to expression in SQL, and the names known; both the same where nothing is made.
    """
    if known is None:
        return sniffed, known
    looks, made = dict(sniffed.looks), {}
    for name, one in known.export.made.items():
        found = _joined(one, known, sniffed) if one.joined else _added(one, known, sniffed)
        if found is not None:
            values, made[name] = found
            looks[name] = Look(name, values)
    header = {**known.header, **{spelling(name): name for name in made}}
    return replace(sniffed, looks=looks, made=made), replace(known, header=header)


def _joined(one: Made, known: Known, sniffed: Sniffed) -> tuple[pd.Series[str], str] | None:
    """Put columns of text together, with their expression in SQL; None where one is not there."""
    names = [column for name in one.joined if (column := known.column(name)) in sniffed.looks and column]
    if len(names) < len(one.joined):
        return None
    texts = [sniffed.looks[name].values.fillna("") for name in names]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + BETWEEN + text
    written = ", ".join(f"coalesce({quoted(name)}, '')" for name in names)
    return joined.astype("str"), f"concat_ws('{BETWEEN}', {written})"


def _added(one: Made, known: Known, sniffed: Sniffed) -> tuple[pd.Series[str], str] | None:
    """Add columns of numbers, with their expression in SQL; None where none is there."""
    parts = _parts(one, known, sniffed)
    if not parts:
        return None
    looks = sniffed.looks
    numbers = pd.concat([sign * looks[part].numbers.fillna(0) for part, sign in parts], axis=1).sum(axis=1)
    sql = "".join(f"{' + ' if sign > 0 else ' - '}{NUMBER.format(quoted(part))}" for part, sign in parts)
    where = known.column(one.where) if one.where else None
    if where is not None:
        numbers = numbers.where(looks[where].numbers.fillna(0) != 0, 0.0)
        sql = f"case when {NUMBER.format(quoted(where))} = 0 then 0 else{sql} end"
    return numbers.map("{:.6f}".format).astype("str"), f"cast({sql} as varchar)"


def _parts(one: Made, known: Known, sniffed: Sniffed) -> list[tuple[str, int]]:
    """Columns with their sign, as far as the file has them; none where they are no plain numbers or none is added."""
    signed = [*((name, 1) for name in one.plus), *((name, -1) for name in one.less)]
    named = [(column, sign) for name, sign in signed if (column := known.column(name)) in sniffed.looks and column]
    there = [(n, sign) for n, sign in named if len(sniffed.looks[n].unique)]
    fits = all(sniffed.looks[n].is_number and sniffed.looks[n].decimal == "." for n, _ in there)
    return there if fits and any(sign > 0 for _, sign in there) else []
