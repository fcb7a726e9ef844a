"""Criteria that only this study has: the columns of its customers table that the plan names as attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from seglib.core.errors import Finding, PrivacyRefused
from seglib.criteria.criterion import UNKNOWN, Criterion, Expression
from seglib.disclosure.places import ELSEWHERE, back_off

if TYPE_CHECKING:
    from seglib.core.engine import Engine, Table
    from seglib.core.sections import Attribute

OTHER = "other"
MOST_WORDS = 30


def attributes(settings: Mapping[str, Attribute]) -> tuple[Criterion, ...]:
    """Make one criterion of each attribute.

    Parameters
    ----------
    settings : mapping of str to Attribute
        ``criteria.attributes`` of the plan; the name is that of the column.

    Examples
    --------
    >>> from seglib.core.sections import Attribute
    >>> [(c.name, c.kind, c.role) for c in attributes({"education": Attribute()})]
    [('education', 'category', 'descriptor')]
    """
    return tuple(
        Criterion(
            name,
            one.family,
            one.kind,
            one.meaning or f"{name.replace('_', ' ').capitalize()}, as the customers table says.",
            "customers",
            _column(name),
            needs=(f"customers.{name}",),
            role=one.role,
            kind="number" if one.kind == "number" else "category",
            sensitivity=one.sensitivity,
        )
        for name, one in settings.items()
    )


def _column(name: str) -> Expression:
    return lambda table, _: table[name]


def in_groups(
    values: Table, settings: Mapping[str, Attribute], floor: int, engine: Engine
) -> tuple[Table, tuple[str, ...]]:
    """Keep the words of attributes that enough customers share, the thirty commonest at most; the rest is "other".

    Parameters
    ----------
    values : Table
        One row per customer.
    settings : mapping of str to Attribute
        Attributes of the plan.
    floor : int
        Smallest number of customers that a word may stand for.
    engine : Engine

    Returns
    -------
    Table and tuple of str
        The table, and one sentence per attribute of which words were put together, or which nobody has.

    Raises
    ------
    PrivacyRefused
        R16, where no word is shared by enough customers: such a column tells customers apart.
    """
    notes: list[str] = []
    for name in settings:
        if name not in values.columns:
            notes.append(f"Not computed: {name}. The customers table has no value in its column (criteria.attributes).")
        elif settings[name].kind == "word":
            values, told = _grouped(values, name, floor, engine)
            notes.extend(told)
    return values, tuple(notes)


def _grouped(values: Table, name: str, floor: int, engine: Engine) -> tuple[Table, tuple[str, ...]]:
    counts = engine.frame(values.group_by(name).aggregate(customers=values.count()).order_by(name))
    known = counts.assign(**{name: counts[name].where(counts[name] != UNKNOWN)})
    groups = back_off(known, floor, MOST_WORDS).replace(ELSEWHERE, OTHER)
    if not len(known[name].dropna()):
        return values, ()
    if not groups[known[name].notna()].isin(known[name].dropna()).any():
        raise PrivacyRefused(_apart(name, floor))
    rare = int((groups == OTHER).sum() - (known[name] == OTHER).sum())
    if groups.tolist() == counts[name].tolist():
        return values, ()
    joined = values.inner_join(engine.memory(counts[[name]].assign(group=groups)), name)
    told = (
        f"{name}: {rare} of its {known[name].count()} words count as {OTHER}, since fewer than {floor} customers have"
    )
    return joined.mutate(**{name: joined.group}).select(values.columns), (f"{told} one, or they are not common.",)


def _apart(name: str, floor: int) -> Finding:
    what = f"'{name}' tells customers apart: no word of it is shared by {floor} of them"
    do = "leave it out, or deliver it in bands that many share"
    return Finding("R16", what, f"plan.yml, criteria.attributes.{name}", do=do)
