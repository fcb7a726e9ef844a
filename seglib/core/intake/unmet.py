"""Rules of the plan that meet nothing say so: a list that never applies hides a spelling, not an absence."""

from __future__ import annotations

from collections.abc import Iterable

import ibis

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.intake.findings import Note
from seglib.core.intake.rules import ARTICLE
from seglib.core.sections import Rules
from seglib.core.states import TOGETHER

SHOWN = 8
DO = "compare it with the export, or take it out of the plan"


def notes(engine: Engine, lines: Table, words: dict[str, list[str]], rules: Rules) -> list[Note]:
    """Name the words of the plan's rules that no order line has.

    Parameters
    ----------
    lines : Table
        Order lines with product_id, product_name and order_id.
    words : dict
        What stands in `status` and `kind`, by column.

    Returns
    -------
    list of Note
        One for each rule of which some word meets nothing.
    """
    said = []
    for name in ("not_products", "discount_lines"):
        wanted: tuple[str, ...] = getattr(rules, name)
        said += _note(name, wanted, _articles(engine, lines, wanted) if wanted else set())
    states = {part for word in words.get("status", []) for part in _parts(word)}
    kinds = {part for word in words.get("kind", []) for part in _parts(word)}
    said += _note("cancelled_status", rules.cancelled_status, states)
    said += _note("test_status", rules.test_status, states)
    said += _note("states", rules.states, states) + _note("kinds", rules.kinds, kinds)
    prefix = rules.cancelled_prefix
    if prefix and not int(engine.scalar(lines.order_id.startswith(prefix).sum().fill_null(0))):
        said += _note("cancelled_prefix", (prefix,), set())
    return said


def nobody(engine: Engine, tables: Iterable[Table], words: tuple[str, ...]) -> list[Note]:
    """Count the ids of `rules.not_customers` that stand in no table; not shown, since an id may be a person's."""
    wanted = {word.strip() for word in words}
    if not wanted:
        return []
    seen: set[str] = set()
    for table in tables:
        bare = trimmed(table.customer_id)
        seen |= {*engine.frame(table.select(word=bare).filter(bare.isin(sorted(wanted))).distinct())["word"]}
    missing = len(wanted - seen)
    what = f"rules.not_customers: {missing} of {len(wanted)} ids stand in no table"
    return [Note("P05", what, "notice", "orders", missing, do=DO)] if missing else []


def _articles(engine: Engine, lines: Table, wanted: tuple[str, ...]) -> set[str]:
    lowered = [word.strip().lower() for word in wanted]
    names = [trimmed(lines[column]).lower() for column in ARTICLE]
    parts = [lines.select(word=name).filter(name.isin(lowered)).distinct() for name in names]
    return {*engine.frame(ibis.union(*parts, distinct=True))["word"]}


def _parts(word: str) -> set[str]:
    return {part.strip().lower() for part in (word, *word.split(TOGETHER))}


def _note(name: str, wanted: Iterable[str], found: set[str]) -> list[Note]:
    missing = [word for word in wanted if word.strip().lower() not in found]
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    what = f"rules.{name} meets no line: {', '.join(missing[:SHOWN])}{more}"
    return [Note("P05", what, "notice", "orders", len(missing), do=DO)] if missing else []
