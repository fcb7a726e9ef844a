"""Rows of an unknown file that are no orders: sums below the table, remarks, and what a system says is no sale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from seglib.init.looks import Look
from seglib.init.names import counted
from seglib.init.reshape import quoted
from seglib.init.sniff import Sniffed
from seglib.init.systems import Known

SUM = re.compile(
    r"(?i)\s*(grand |sub)?totals?|summe|gesamt(summe|betrag)?|total g[ée]n[ée]ral|total general|totaux|totale|totaal|"
    r"suma|total geral|итого|всего|合計|总计|合计|합계"
)
FEW_CELLS = 0.5  # of what usual rows fill
SOME = 200  # rows that are looked at first
LEAST_NUMBERS = 3  # columns of numbers in which the first row has words
WORDS = r"[^\d]*[^\W\d_]{3}.*"


def without_others(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out the rows that are no orders: by the condition of the plan's query.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.
    known : Known or None
        The system whose export it is.
    """
    return _filled(_worded(_rejected(_sums(_explained(sniffed)), known), known), known)


def _explained(sniffed: Sniffed) -> Sniffed:
    """Leave out a first row that explains the columns in words: where it has a sentence, all others have numbers."""
    worded = []
    for name, look in sniffed.looks.items():
        first, some = look.values.head(1).dropna().str.strip(), Look(name, look.values.iloc[1:SOME], look.mark)
        if not len(first) or not len(some.unique) or not _are_numbers(some):
            continue
        if not first.str.fullmatch(WORDS).iloc[0]:
            return sniffed
        if _are_numbers(Look(name, look.values.iloc[1:], look.mark)):
            worded.append((name, str(first.iloc[0])))
    if len(worded) < LEAST_NUMBERS:
        return sniffed
    name, text = worded[0]
    rows = pd.Series(range(sniffed.rows), index=sniffed.looks[name].values.index) > 0
    only = f"coalesce(trim({quoted(name)}), '') <> '" + text.replace("'", "''") + "'"
    return kept(sniffed, rows, only, f"the first row is left out: it explains the columns ('{text[:40]}')")


def _are_numbers(look: Look) -> bool:
    return look.is_number and look.number_share(look.decimal) == 1


def _sums(sniffed: Sniffed) -> Sniffed:
    """Leave out rows that a word calls a sum, and that fill few of the cells that other rows do."""
    texts = {n: look for n, look in sniffed.looks.items() if len(look.unique) and not look.is_number}
    cells = pd.DataFrame({name: look.values.notna() for name, look in sniffed.looks.items()}).sum(axis=1)
    for name, look in texts.items():
        wordy = look.unique[~look.unique.str.contains("[0-9]")]  # no such word has a digit, and most values have
        words = [str(word) for word in wordy if SUM.fullmatch(str(word))]
        if not words or len(words) == len(look.unique):
            continue
        is_sum = look.values.str.strip().isin(words).fillna(False).astype(bool)
        if (cells[is_sum] > FEW_CELLS * cells[~is_sum].median()).any():
            continue
        named = ", ".join("'" + word.lower().replace("'", "''") + "'" for word in words)
        only = f"coalesce(lower(trim({quoted(name)})), '') not in ({named})"
        rows = counted(int(is_sum.sum()), "row")
        return kept(sniffed, ~is_sum, only, f"{rows} with the word {' or '.join(words)} left out: sums of the table")
    return sniffed


def _rejected(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out rows on which a column is filled that says that they are no sale, with those that undo them."""
    for name in known.export.no_sales if known else ():
        column = known.column(name) if known else None
        if known is None or column is None or column not in sniffed.looks:
            continue
        filled = sniffed.looks[column].values.str.strip().fillna("") != ""
        if not filled.any() or filled.all():
            continue
        only, said = f"coalesce(trim({quoted(column)}), '') = ''", f"'{column}' is filled on them"
        for other, words in _undone(sniffed, known, known.export.undone_by).items():
            filled |= sniffed.looks[other].values.str.strip().isin(words).fillna(False).astype(bool)
            only += f" and coalesce(trim({quoted(other)}), '') not in ({', '.join(repr(word) for word in words)})"
            said += f", or they undo one of these ('{other}' is {' or '.join(words)})"
        return kept(sniffed, ~filled, only, f"{counted(int(filled.sum()), 'row')} left out, since {said}")
    return sniffed


def _worded(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out rows of which a word says that they are no sale."""
    for column, words in _undone(sniffed, known, known.export.left_out).items() if known else ():
        named = sniffed.looks[column].values.str.strip().isin(words).fillna(False).astype(bool)
        only = f"coalesce(trim({quoted(column)}), '') not in ({', '.join(repr(word) for word in words)})"
        said = f"{counted(int(named.sum()), 'row')} left out, since '{column}' is {' or '.join(words)}"
        sniffed = kept(sniffed, ~named, only, said)
    return sniffed


def _undone(sniffed: Sniffed, known: Known, by: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Columns of the file with the words of `undone_by` that they hold."""
    columns = {
        column: words for name, words in by.items() if (column := known.column(name)) in sniffed.looks and column
    }
    seen = {column: {*sniffed.looks[column].unique} for column in columns}
    return {
        column: found for column in columns if (found := [word for word in columns[column] if word in seen[column]])
    }


def _filled(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out rows on which a column is blank that every row of a known export fills."""
    for name in known.export.always if known else ():
        column = known.column(name) if known else None
        if column is None or column not in sniffed.looks:
            continue
        blank = sniffed.looks[column].values.str.strip().fillna("") == ""
        if blank.any() and not blank.all():
            rows = counted(int(blank.sum()), "row")
            said = f"{rows} left out, since '{column}' is blank on them"
            empty = ", ".join(repr(word) for word in ("", *sniffed.blanks.get(column, ())))
            sniffed = kept(sniffed, ~blank, f"coalesce(trim({quoted(column)}), '') not in ({empty})", said)
    return sniffed


def kept(sniffed: Sniffed, rows: pd.Series[bool], only: str, said: str) -> Sniffed:
    """Keep some rows, by one condition more of the plan's query."""
    looks = {name: Look(name, look.values[rows], look.mark) for name, look in sniffed.looks.items()}
    both = f"{sniffed.only} and {only}" if sniffed.only else only
    understood = (*sniffed.understood, f"{said} (the query of the plan)")
    return replace(sniffed, looks=looks, rows=int(rows.sum()), only=both, understood=understood)
