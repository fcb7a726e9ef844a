"""Exports that are orders only after one more step: event logs, and one address in two spellings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from seglib.core.errors import Finding, InputRefused
from seglib.core.sources.packed import stem_of
from seglib.core.states import kind_of
from seglib.init.looks import Look
from seglib.init.names import means, plain, words
from seglib.init.sniff import Sniffed

if TYPE_CHECKING:
    from seglib.init.guess import Guess

MAIL_SHARE = 0.5
ROWS = "{rows}"  # in a condition: the table itself


def purchases_only(sniffed: Sniffed) -> Sniffed:
    """Keep the purchases of a log that also tells what was looked at.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.

    Returns
    -------
    Sniffed
        The same where no column names events; else with `only`, the condition of the plan's query.
    """
    for name, look in sniffed.looks.items():
        kinds = [str(kind) for kind in look.unique] if plain(name) in words()["event_names"] else []
        bought = [kind for kind in kinds if means(kind, "bought_words") and not means(kind, "looked_words")]
        bought += [kind for kind in kinds if bought and kind not in bought and kind_of(kind) == "refund"]
        if not bought or not any(means(kind, "looked_words") for kind in kinds):
            continue
        kept = look.values.str.strip().isin(bought)
        looks = {other: replace(one, values=one.values[kept]) for other, one in sniffed.looks.items()}
        only = f"trim({quoted(name)}) in ({', '.join(_text(kind) for kind in bought)})"
        said = f"of {sniffed.rows:,} events the {int(kept.sum()):,} whose '{name}' is {' or '.join(bought)} are orders"
        return replace(sniffed, looks=looks, rows=int(kept.sum()), only=only, understood=(*sniffed.understood, said))
    return sniffed


def _spelled_twice(name: str, looks: Mapping[str, Look]) -> bool:
    """Whether customers are told apart by addresses of which some differ by capitals or spaces only."""
    values = looks[name].values.dropna().drop_duplicates()
    is_mail = bool(values.str.contains("@").mean() > MAIL_SHARE)
    return is_mail and bool(values.str.strip().str.lower().duplicated().any())


def query(sniffed: Sniffed, folded: Collection[str], used: Collection[str]) -> str | None:
    """Write the query that makes orders of the file; None where the file needs none.

    Parameters
    ----------
    sniffed : Sniffed
        The file, with the condition its rows must fulfil.
    folded : collection of str
        Columns that are read without capitals and surrounding spaces.
    used : collection of str
        Columns that are read at all: words for nothing are blank in them.
    """
    blanks = {name: words for name, words in sniffed.blanks.items() if name in used}
    made = {name: text for name, text in sniffed.made.items() if name in used}
    if not (sniffed.only or folded or made or (blanks and sniffed.source.sheet != "*")):
        return None
    if sniffed.source.sheet == "*":
        what = "several sheets whose rows are no orders yet"
        raise InputRefused(Finding("F01", what, str(sniffed.source.file), do="put them into one sheet or one CSV file"))
    read = {name: _filled(quoted(name), blanks.get(name, ())) for name in sniffed.looks if name not in sniffed.made}
    read |= {name: f"lower(trim({read[name]}))" for name in folded}
    where = f" where {sniffed.only.replace(ROWS, quoted(stem_of(sniffed.files[0])))}" if sniffed.only else ""
    table = " union all ".join(f"select * from {quoted(stem_of(file))}" for file in sniffed.files)
    table = f"({table}){where}" if len(sniffed.files) > 1 else f"{quoted(stem_of(sniffed.files[0]))}{where}"
    changed = ", ".join(f"{read[name]} as {quoted(name)}" for name in read if read[name] != quoted(name))
    more = "".join(f", {text} as {quoted(name)}" for name, text in made.items())
    if any("." in name for name in read):  # of a nested file, so that only the list that is named gives rows
        names = ", ".join(
            quoted(name) if read[name] == quoted(name) else f"{read[name]} as {quoted(name)}" for name in read
        )
        return f"select {names}{more} from {table}"
    return f"select *{f' replace ({changed})' if changed else ''}{more} from {table}"


def _filled(name: str, words: Collection[str]) -> str:
    """Read words for nothing as blank."""
    for word in words:
        name = f"nullif({name}, {_text(word)})"
    return name


def quoted(name: str) -> str:
    """Write a name as SQL does, whatever letters it holds.

    Examples
    --------
    >>> quoted('a "b" c')
    '"a ""b"" c"'
    """
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def one_spelling(guessed: Guess) -> tuple[Guess, tuple[str, ...]]:
    """Read addresses in small letters where the same person is written in two ways."""
    name = guessed.columns.get("customer_id")
    parts = guessed.lists.get(name or "", (name,) if name else ())
    folded = tuple(part for part in parts if _spelled_twice(part, guessed.looks))
    if not folded or name is None:
        return guessed, ()
    look = guessed.looks[name]
    looks = {**guessed.looks, name: replace(look, values=look.values.str.strip().str.lower())}
    said = f"'{folded[0]}' is read in small letters: some addresses differ by capitals or spaces only"
    return replace(guessed.with_columns({}, said), looks=looks), folded
