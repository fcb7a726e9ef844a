"""What each state and kind that the orders hold was taken for, and by whose word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
import pandas as pd

from seglib.core.engine import Engine, Table
from seglib.core.intake.findings import Note
from seglib.core.sections import Rules
from seglib.core.states import KINDS_FIRST, TOGETHER, WORST_FIRST, kind_of, state_of

MOST_WORDS = 1_000  # of one column; with more it holds no states
PLAN, KNOWN, UNKNOWN, BLANK = "plan.yml", "vocabulary", "not known", "blank"
PLACES = {"status": "rules.states", "kind": "rules.kinds"}
DEFAULTS = {"status": "done", "kind": "sale"}
COLUMNS = {"status": "state", "kind": "sort"}
WORDS = ("column", "word", "taken_for", "by")
COUNTS = ("lines", "money_minor", "customers")


def state(word: str, rules: Rules) -> tuple[str, str]:
    """Say what a state was taken for, and by whose word; the plan's words come before the vocabulary's.

    Words of `rules.cancelled_status` that mean a refund are refunds: their orders were charged before they were undone.

    Examples
    --------
    >>> state("Paid", Rules()), state("Paid", Rules(states={"paid": "unpaid"})), state("blue + storniert", Rules())
    (('done', 'vocabulary'), ('unpaid', 'plan.yml'), ('cancelled', 'vocabulary'))
    >>> [state(word, Rules(cancelled_status=("Gone", "Refunded")))[0] for word in ("gone", "refunded")]
    ['cancelled', 'refunded']
    """
    undone = {w.lower(): "refunded" if state_of(w) == "refunded" else "cancelled" for w in rules.cancelled_status}
    said = undone | {w.lower(): "test" for w in rules.test_status}
    return _taken(word, said | {w.lower(): s for w, s in rules.states.items()}, state_of, WORST_FIRST)


def kind(word: str, rules: Rules) -> tuple[str, str]:
    """Say whether rows of a kind are sales, refunds or ignored, and by whose word.

    Examples
    --------
    >>> kind("ACCPAY", Rules()), kind("Gift", Rules()), kind("gift", Rules(kinds={"Gift": "ignore"}))
    (('ignore', 'vocabulary'), ('sale', 'not known'), ('ignore', 'plan.yml'))
    """
    return _taken(word, {w.lower(): s for w, s in rules.kinds.items()}, kind_of, KINDS_FIRST)


def _taken(
    word: str, said: Mapping[str, str], known: Callable[[str], str | None], worst_first: tuple[str, ...]
) -> tuple[str, str]:
    whole = said.get(word.strip().lower())
    if whole:
        return whole, PLAN
    parts = [(said.get(part.strip().lower()), known(part)) for part in word.split(TOGETHER)]
    found = {one or other: PLAN if one else KNOWN for one, other in parts if one or other}
    return next(((m, found[m]) for m in worst_first if m in found), (worst_first[-1], UNKNOWN))


def read(engine: Engine, orders: Table, columns: tuple[str, ...], rules: Rules) -> tuple[Table, pd.DataFrame]:
    """Add `state` and `sort` to order lines.

    Parameters
    ----------
    orders : Table
        Typed order lines with `status` and `kind`.
    columns : tuple of str
        Columns of the contract that the source has.

    Returns
    -------
    Table and DataFrame
        The lines; and column, word, taken_for, by: one row for each word of a column.
    """
    frames = []
    for column, decide in (("status", state), ("kind", kind)):
        name, default = COLUMNS[column], DEFAULTS[column]
        distinct = orders[[column]].distinct().filter(ibis._[column].notnull()).order_by(column).limit(MOST_WORDS + 1)
        words = engine.frame(distinct)[column].tolist() if column in columns else []
        if not words or len(words) > MOST_WORDS:
            orders = orders.mutate(**{name: ibis.literal(default)})
            continue
        taken = [decide(str(word), rules) for word in words]
        frames.append(
            pd.DataFrame({"column": column, "word": words}).assign(
                taken_for=[t for t, _ in taken], by=[b for _, b in taken]
            )
        )
        if {meaning for meaning, _ in taken} == {default}:
            orders = orders.mutate(**{name: ibis.literal(default)})
            continue
        branches = [
            (orders[column].isin([w for w, (m, _) in zip(words, taken, strict=True) if m == meaning]), meaning)
            for meaning in sorted({m for m, _ in taken} - {default})
        ]
        orders = orders.mutate(**{name: ibis.cases(*branches, else_=default)})
    empty = pd.DataFrame(columns=list(WORDS), dtype="str")
    return orders, pd.concat(frames, ignore_index=True) if frames else empty


def counted(engine: Engine, lines: Table, taken: pd.DataFrame, few: Sequence[str] = ()) -> pd.DataFrame:
    """Count lines, money and customers of each word.

    Parameters
    ----------
    lines : Table
        Judged lines with `said_minor`.
    taken : DataFrame
        What `read` says of each word.
    few : sequence of str
        Rules that so few customers meet that their lines are counted nowhere: their words stay, with 0 lines of them.

    Returns
    -------
    DataFrame
        column, word, taken_for, by, lines, money_minor, customers; blank cells are counted beside the words.
    """
    parts, counts = [], ibis._.rule.notin([*few, ""])
    for column in taken["column"].drop_duplicates():
        measures: dict[str, Any] = {
            "lines": counts.cast("int64").sum(),
            "money_minor": counts.ifelse(ibis._.said_minor.fill_null(0), 0).cast("decimal(38, 0)").sum().cast("int64"),
            "customers": ibis._.customer.nunique(where=counts),
        }
        found = engine.frame(lines.group_by(word=lines[column].fill_null("")).agg(**measures))
        words = taken[taken["column"] == column].drop(columns="column")
        blank = pd.DataFrame([["", DEFAULTS[column], BLANK]], columns=["word", "taken_for", "by"])
        both = found.merge(pd.concat([words, blank], ignore_index=True), on="word", how="inner")
        parts.append(both.assign(column=column).sort_values(["lines", "word"], ascending=[False, True]))
    names = [*WORDS, *COUNTS]
    return pd.concat([no_words(), *parts])[names].astype(_kinds()).reset_index(drop=True) if parts else no_words()


def no_words() -> pd.DataFrame:
    """Give the table of words of a study whose orders have neither states nor kinds."""
    return pd.DataFrame(columns=[*WORDS, *COUNTS]).astype(_kinds())


def _kinds() -> dict[str, str]:
    return dict.fromkeys(WORDS, "str") | dict.fromkeys(COUNTS, "int64")


def notes(found: pd.DataFrame, columns: tuple[str, ...], floor: int) -> list[Note]:
    """Say which words nobody knows, and that a column holds too many to be states; of few customers no number."""
    said = []
    for column, part in found[found["by"] == UNKNOWN].groupby("column"):
        what = f"words in {column} that are not known, taken for {DEFAULTS[str(column)]}: {len(part)}"
        do = f"say in {PLACES[str(column)]} what they mean; notebook 02 shows them"
        told = int(part["lines"].sum()) if part["customers"].max() >= floor else 0
        said.append(Note("V32", what, "notice", "orders", told, do=do))
    listed = {*found["column"]}
    for column in (c for c in PLACES if c in columns and c not in listed):
        what = f"{column} holds no word, or more than {MOST_WORDS:,} different ones: it is not used"
        said.append(Note("V32", what, "notice", "orders", 1, do=f"correct sources.orders.columns.{column}"))
    return said
