"""Every criterion there is, which of them a study can compute, and which of those make the segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.criteria import behavioural, demographic, firmographic, geographic, psychographic, rfm
from seglib.criteria.criterion import Clock, Criterion
from seglib.criteria.mix import mixes
from seglib.criteria.own import attributes
from seglib.methods.kpis import stated

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.sections import Criteria

ALL: tuple[Criterion, ...] = (
    *rfm.CRITERIA,
    *behavioural.CRITERIA,
    *geographic.CRITERIA,
    *demographic.CRITERIA,
    *psychographic.CRITERIA,
    *firmographic.CRITERIA,
)
NAMES = tuple(dict.fromkeys(criterion.name for criterion in ALL))


def every(collection: Collection, clock: Clock, settings: Criteria) -> tuple[Criterion, ...]:
    """Gather the criteria that a study can compute: the declared ones, and those of its own words and survey items.

    Parameters
    ----------
    collection : Collection
    clock : Clock
        Words and items are looked for in its window.
    settings : Criteria
        The plan's section.

    Raises
    ------
    InputRefused
        P05, when an attribute of the plan has the name of a criterion.
    """
    refuse_taken(settings)
    scales = psychographic.scales(collection, clock, settings.items)
    own = (*mixes(collection, clock, settings.use), *psychographic.answers(scales), *attributes(settings.attributes))
    return available(collection.has, (*ALL, *own))


def refuse_taken(settings: Criteria) -> None:
    """Refuse an attribute of the plan that has the name of a criterion.

    Raises
    ------
    InputRefused
        P05, with one finding for each.
    """
    taken = [name for name in settings.attributes if name in NAMES]
    if taken:
        raise InputRefused([_taken(name) for name in taken])


def _taken(name: str) -> Finding:
    do = "give it another name, and say under sources.customers.columns which column of the file it is"
    return Finding("P05", f"a criterion is called '{name}' already", f"plan.yml, criteria.attributes.{name}", do=do)


def available(has: Callable[[str, str], bool], criteria: Sequence[Criterion] = ALL) -> tuple[Criterion, ...]:
    """Choose the criteria that a study's files allow, one per name.

    Parameters
    ----------
    has : callable of (table, column)
        Whether the study's source of a table carries a column.
    criteria : sequence of Criterion
        Where several have the same name, the first whose needs are met is taken.

    Returns
    -------
    tuple of Criterion

    Examples
    --------
    >>> [c.name for c in available(lambda table, column: False)][:3]
    ['recency_days', 'order_count', 'monetary_minor']
    """
    found: dict[str, Criterion] = {}
    for criterion in criteria:
        if criterion.name not in found and all(_met(need, has, found) for need in criterion.needs):
            found[criterion.name] = criterion
    return tuple(found.values())


def _met(need: str, has: Callable[[str, str], bool], found: dict[str, Criterion]) -> bool:
    table, column = need.split(".")
    return column in found if table == "values" else has(table, column)


def in_money(criteria: Sequence[Criterion], money: str) -> tuple[Criterion, ...]:
    """Say in the meaning of each criterion which money it counts.

    Examples
    --------
    >>> in_money(rfm.CRITERIA, "gross")[2].meaning
    'Total paid in the window, before returns.'
    """
    return tuple(replace(c, meaning=stated(c.meaning, money)) for c in criteria)


def missing(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Say which criteria cannot be computed, and which columns of which table would allow them.

    Examples
    --------
    >>> missing([c for c in ALL if c.name not in ("gender", "income_band")])
    ('Not computed: gender, income_band. Columns of customers that would allow it: gender, income_band.',)
    """
    there = {criterion.name for criterion in criteria}
    absent: dict[str, dict[str, str]] = {}
    for criterion in ALL:
        for need in criterion.needs[:1]:
            table, column = need.split(".")
            if criterion.name not in there and table != "values":
                absent.setdefault(table, {})[criterion.name] = column
    return tuple(
        f"Not computed: {', '.join(by_name)}. Columns of {table} that would allow it: "
        f"{', '.join(dict.fromkeys(by_name.values()))}."
        for table, by_name in absent.items()
    )


def chosen(criteria: Sequence[Criterion], use: Sequence[str]) -> tuple[str, ...]:
    """Name the criteria that make the segments: those of the plan, else a default of RFM and behaviour.

    Parameters
    ----------
    criteria : sequence of Criterion
        What this study can compute.
    use : sequence of str
        ``criteria.use`` of the plan.

    Raises
    ------
    InputRefused
        P05, with one finding for each name that is unknown, cannot be computed here, or must not make segments.

    Examples
    --------
    >>> chosen(available(lambda table, column: False), ())
    ('recency_days', 'order_count', 'order_value_minor', 'tenure_days')
    >>> chosen(ALL, ["recency"])
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 no criterion called 'recency' - plan.yml, criteria.use - do: did you ...
    """
    there = {criterion.name: criterion for criterion in criteria}
    findings = [finding for name in use if (finding := _refusal(name, there))]
    if findings:
        raise InputRefused(findings)
    return tuple(dict.fromkeys(use)) or tuple(c.name for c in criteria if c.clusters)


def _refusal(name: str, there: dict[str, Criterion]) -> Finding | None:
    place = "plan.yml, criteria.use"
    if name not in NAMES and name not in there:
        return Finding("P05", f"no criterion called '{name}'", place, do=nearest(name, (*there, *NAMES)))
    if name not in there:
        needs = next(c.needs for c in ALL if c.name == name)
        return Finding("P05", f"'{name}' cannot be computed", place, do=f"add {', '.join(needs)} or leave it out")
    criterion = there[name]
    if criterion.role != "segmentation" or criterion.kind != "number":
        found = f"a {criterion.role} of kind {criterion.kind}"
        do = "leave it out; it still describes the segments"
        return Finding("P05", f"'{name}' must not make segments", place, found=found, do=do)
    return None
