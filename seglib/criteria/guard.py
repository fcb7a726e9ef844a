"""What must never make segments: special categories of data, outcomes, and whatever gives one of them away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from seglib.core.errors import Finding, InputRefused, PrivacyRefused
from seglib.core.special import special
from seglib.criteria.criterion import UNKNOWN, Criterion
from seglib.methods.association import association

GIVES_AWAY = 0.95  # an association from here on is the thing itself under another name


def divide(
    criteria: Sequence[Criterion], asked: Sequence[str]
) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...], tuple[str, ...]]:
    """Keep special categories out of the features.

    Parameters
    ----------
    criteria : sequence of Criterion
    asked : sequence of str
        ``criteria.use`` of the plan.

    Returns
    -------
    (tuple of Criterion, tuple of Criterion, tuple of str)
        Those that may be computed, those of a special category, and one sentence about the latter.

    Raises
    ------
    PrivacyRefused
        R22, when the plan asks for a special category.
    """
    barred = tuple(c for c in criteria if c.sensitivity == "special" or special(c.name) or special(c.level))
    names = [criterion.name for criterion in barred]
    wanted = [name for name in asked if name in names or special(name)]
    if wanted:
        raise PrivacyRefused([_special(name) for name in wanted])
    said = (f"Never computed, because data protection law sets them apart: {', '.join(names)}.",) if names else ()
    return tuple(c for c in criteria if c not in barred), barred, said


def refuse_proxies(sample: pd.DataFrame, use: Sequence[str], targets: Sequence[Criterion]) -> None:
    """Refuse a criterion that gives away an outcome, a protected ground or a special category.

    Parameters
    ----------
    sample : DataFrame
        One row per customer, with the columns of `use` and of the targets.
    use : sequence of str
        Numbers that are to make the segments.
    targets : sequence of Criterion
        What they must not give away: associations of 0.95 or more are refused.

    Raises
    ------
    InputRefused
        S08, for an outcome.
    PrivacyRefused
        R22, for a protected ground or a special category.
    """
    leaks: list[Finding] = []
    proxies: list[Finding] = []
    for target in targets:
        other = (
            sample[target.name].where(sample[target.name] != UNKNOWN)
            if target.kind == "category"
            else sample[target.name]
        )
        for name in use:
            if association(sample[name].astype("float64"), other) >= GIVES_AWAY:
                (leaks if target.role == "outcome" else proxies).append(_gives_away(name, target))
    if proxies:
        raise PrivacyRefused([*proxies, *leaks])
    if leaks:
        raise InputRefused(leaks)


def _gives_away(name: str, target: Criterion) -> Finding:
    place, do = "plan.yml, criteria.use", "leave it out; it may still describe the segments"
    found = f"association of {GIVES_AWAY} or more"
    if target.role == "outcome":
        return Finding("S08", f"'{name}' is nearly the outcome {target.name} itself", place, found=found, do=do)
    ground = "a special category" if target.sensitivity == "special" else "a protected ground"
    return Finding("R22", f"'{name}' gives away {target.name}, {ground}", place, found=found, do="leave it out")


def _special(name: str) -> Finding:
    what = f"'{name}' is a special category of personal data"
    do = "leave it out; segments must not be made from religion, health, politics and the like"
    return Finding("R22", what, "plan.yml, criteria.use", do=do)


def circular(catalogue: pd.DataFrame, sample: pd.DataFrame) -> pd.Series[Any]:
    """Say which criteria cannot be evidence about the segments, since the segments were made from the same thing.

    Parameters
    ----------
    catalogue : DataFrame
        name, kind, clusters, follows of each criterion.
    sample : DataFrame
        One row per customer, one column per criterion.

    Returns
    -------
    Series of bool
        With the index of the catalogue. True for what makes the segments; for all that follows from a customer's orders
        where such a criterion makes them; and for a number that is nearly one of those that make them (an association
        of 0.95 or more), such as a total that another system keeps.

    Examples
    --------
    >>> paid = [float(amount) for amount in range(40)]
    >>> catalogue = pd.DataFrame({"name": ["monetary_minor", "gap_days", "bonus"], "kind": "number"})
    >>> catalogue = catalogue.assign(clusters=[True, False, False], follows=[True, True, False])
    >>> circular(catalogue, pd.DataFrame({"monetary_minor": paid, "gap_days": 1.0, "bonus": paid})).tolist()
    [True, True, True]
    """
    made = catalogue["clusters"].astype(bool)
    follows = catalogue["follows"].astype(bool)
    known = made | (follows & bool((made & follows).any()))
    numbers = catalogue["kind"].eq("number")
    sources = catalogue.loc[made & numbers, "name"]
    nearly = [
        name
        for name in catalogue.loc[~known & numbers, "name"]
        if any(
            association(sample[one].astype("float64"), sample[name].astype("float64")) >= GIVES_AWAY for one in sources
        )
    ]
    return known | catalogue["name"].isin(nearly)
