"""Columns that a query makes of others, where a system writes a sum of money in several of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from seglib.core.start.looks import Look
from seglib.core.start.reshape import quoted
from seglib.core.start.sniff import Sniffed
from seglib.core.start.systems import Known, Made, spelling

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
        parts = _parts(one, known, sniffed)
        if not parts:
            continue
        numbers = pd.concat([sign * looks[part].numbers.fillna(0) for part, sign in parts], axis=1).sum(axis=1)
        looks[name] = Look(name, numbers.map("{:.6f}".format).astype("str"))
        made[name] = "cast(" + "".join(f"{' + ' if s > 0 else ' - '}{NUMBER.format(quoted(n))}" for n, s in parts)
        made[name] = f"{made[name]} as varchar)"
    header = {**known.header, **{spelling(name): name for name in made}}
    return replace(sniffed, looks=looks, made=made), replace(known, header=header)


def without_rejected(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out the rows on which a system says that they are no sales: by the condition of the plan's query.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.
    known : Known or None
        The system whose export it is.
    """
    for name in known.export.no_sales if known else ():
        column = known.column(name) if known else None
        if column is None or column not in sniffed.looks or sniffed.only:
            continue
        filled = sniffed.looks[column].values.str.strip().fillna("") != ""
        if not filled.any() or filled.all():
            continue
        looks = {other: replace(look, values=look.values[~filled]) for other, look in sniffed.looks.items()}
        said = f"{int(filled.sum()):,} rows are left out, since '{column}' is filled on them (the query of the plan)"
        only = f"coalesce(trim({quoted(column)}), '') = ''"
        understood = (*sniffed.understood, said)
        return replace(sniffed, looks=looks, rows=int((~filled).sum()), only=only, understood=understood)
    return sniffed


def _parts(one: Made, known: Known, sniffed: Sniffed) -> list[tuple[str, int]]:
    """Columns with their sign, as far as the file has them; none where they are no plain numbers or none is added."""
    signed = [*((name, 1) for name in one.plus), *((name, -1) for name in one.less)]
    named = [(column, sign) for name, sign in signed if (column := known.column(name)) in sniffed.looks and column]
    there = [(n, sign) for n, sign in named if len(sniffed.looks[n].unique)]
    fits = all(sniffed.looks[n].is_number and sniffed.looks[n].decimal == "." for n, _ in there)
    return there if fits and any(sign > 0 for _, sign in there) else []
