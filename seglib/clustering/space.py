"""The space in which customers are compared: which of them, which criteria, on which scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.steady import steady
from seglib.criteria.features import Features
from seglib.criteria.names import plain
from seglib.methods.clusterers import CUSTOMERS_PER_SEGMENT
from seglib.methods.mixed import with_categories
from seglib.methods.models import METHODS
from seglib.methods.scaling import CLIP, ColumnScale, Scaling, Transform, tail

if TYPE_CHECKING:
    from seglib.core.sections import Clustering


Array = npt.NDArray[np.float64]


def sample(features: Features, settings: Clustering) -> pd.DataFrame:
    """Bring a bounded number of customers into memory, drawn by the hash of their pseudonym: no seed, no chance.

    The rows are ordered by their values, not by the pseudonym: a study set up anew, with another key, is cut alike.
    """
    values = features.values
    if features.customers > settings.sample_rows:
        values = values.order_by(values.customer.hexdigest("sha256"), values.customer).limit(settings.sample_rows)
    wanted = dict.fromkeys([*features.use, *settings.categories, "recency_days", "order_count", "monetary_minor"])
    frame: pd.DataFrame = values.select("customer", *wanted).to_pandas()
    return frame.drop(columns="customer").sort_values(list(wanted), ignore_index=True, kind="stable")


def mixed_by_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Bring rows into a mixed order that only their values decide, whatever the pseudonyms are.

    Rows with the same values may change places, which nobody can see.

    Examples
    --------
    >>> one = pd.DataFrame({"orders": [3, 1, 2]})
    >>> mixed_by_values(one).equals(mixed_by_values(one[::-1]))
    True
    """
    names = [str(name) for name in frame]
    ordered: pd.DataFrame = frame.sort_values(names, ignore_index=True, kind="stable")
    drawn: pd.DataFrame = ordered.iloc[np.random.default_rng(0).permutation(len(frame))]
    return drawn.reset_index(drop=True)


def check(features: Features, settings: Clustering) -> None:
    """Refuse a plan that asks a method for what it cannot do.

    Parameters
    ----------
    features : Features
    settings : Clustering
        Its ``method``, ``categories`` and ``transforms``.

    Raises
    ------
    InputRefused
        P05, with one finding for each thing that is wrong.
    """
    findings = [_no_such(name, features) for name in settings.transforms if name not in features.use]
    findings += mixed(settings)
    kinds = features.catalogue.set_index("name")
    for name in settings.categories:
        known = name in kinds.index and kinds.loc[name, "kind"] == "category" and kinds.loc[name, "role"] != "outcome"
        findings += [] if known else [_no_category(name, kinds)]
    if findings:
        raise InputRefused(findings)


def scaled(frame: pd.DataFrame, features: Features, settings: Clustering) -> Scaling:
    """Learn the scale of every criterion from the sample.

    Parameters
    ----------
    frame : DataFrame
        The sample.
    features : Features
    settings : Clustering

    Returns
    -------
    Scaling
        Numbers first, then the words of categories. A number in which fewer customers differ from the others than a
        segment needs makes none: where hardly anybody orders twice, a second order is no segment of its own.
    """
    if _needs(settings) == "answers":
        answers: dict[str, Transform] = dict.fromkeys(features.use, "answer")
        return Scaling.fit(frame[list(features.use)], answers)
    alike = [name for name in features.use if _differing(frame[name]) < CUSTOMERS_PER_SEGMENT]
    told = [name for name in features.use if name not in alike] or list(features.use)
    scaling = Scaling.fit(frame[told], settings.transforms)
    scaling = replace(scaling, constant=(*scaling.constant, *(name for name in alike if name not in told)))
    return with_categories(scaling, frame[list(settings.categories)]) if settings.categories else scaling


def _differing(column: pd.Series[float]) -> int:
    """Count the customers who do not have the commonest value; who has none counts as having the median."""
    known = steady(column.fillna(column.median()).fillna(0).astype(float))
    return len(known) - int(np.unique(known, return_counts=True)[1].max()) if len(known) else 0


def scales(frame: pd.DataFrame, scaling: Scaling, x: Array, fixed: Mapping[str, str]) -> pd.DataFrame:
    """Say what was done to each number and why, and how many customers are held at the edge of the scale.

    Parameters
    ----------
    frame : DataFrame
        The sample.
    scaling : Scaling
    x : ndarray, shape (n, p)
        The sample on that scale.
    fixed : mapping from criterion to transform
        What the plan asks for.

    Returns
    -------
    DataFrame
        criterion, transform, centre, step, missing_share, held_share, why.
    """
    rows = [
        {
            "criterion": column.name,
            "transform": column.transform,
            "centre": float(frame[column.name].median()),
            "step": column.spread,
            "missing_share": float(frame[column.name].isna().mean()),
            "held_share": float((np.abs(x[:, place]) >= CLIP).mean()),
            "why": _because(column, frame, fixed),
        }
        for place, column in enumerate(scaling.columns)
        if column.level is None
    ]
    return pd.DataFrame(
        rows, columns=["criterion", "transform", "centre", "step", "missing_share", "held_share", "why"]
    )


def _because(column: ColumnScale, frame: pd.DataFrame, fixed: Mapping[str, str]) -> str:
    """Say why a number was transformed as it was."""
    if column.transform == "answer":
        return "a yes or no is a number already"
    return "the plan asks for it" if column.name in fixed else tail(frame[column.name])


def words_used(scaling: Scaling) -> list[str]:
    """Say which words of which categories make the segments, one sentence per category."""
    words: dict[str, list[str]] = {}
    for column in scaling.columns:
        if column.level is not None:
            words.setdefault(plain(column.name), []).append(column.level)
    return [
        f"{name} makes segments too: {', '.join(common)}; rarer words count as none of these."
        for name, common in words.items()
    ]


def _needs(settings: Clustering) -> str:
    return "numbers" if settings.method == "auto" else METHODS[settings.method].needs


def _no_such(name: str, features: Features) -> Finding:
    return Finding(
        "P05", f"'{name}' makes no segments", "plan.yml, clustering.transforms", do=nearest(name, features.use)
    )


def mixed(settings: Clustering) -> list[Finding]:
    """Find categories that the method cannot use, or a method that lacks them; empty when the two agree."""
    if settings.method == "auto" or (_needs(settings) == "categories") == bool(settings.categories):
        return []
    if settings.categories:
        what, do = f"{settings.method} cannot use categories", "write method: mixed, or leave the categories out"
    else:
        what, do = "mixed needs at least one category", "name one, such as country, or write method: kmeans"
    return [Finding("P05", what, "plan.yml, clustering.categories", do=do)]


def _no_category(name: str, kinds: pd.DataFrame) -> Finding:
    possible = kinds.index[(kinds["kind"] == "category") & (kinds["role"] != "outcome")]
    what = f"'{name}' is not a category that may make segments"
    return Finding("P05", what, "plan.yml, clustering.categories", do=nearest(name, [str(n) for n in possible]))
