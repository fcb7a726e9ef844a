"""Last quarter's frozen rules applied to today's customers: did the people move, or the labels?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.disclosure.small_cells import ranges, suppress
from seglib.methods.present import Head, present
from seglib.methods.rates import wilson
from seglib.methods.shares import bounded
from seglib.refinement.moves import names_of
from seglib.refinement.rules import percent

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

SHORT = "{:.0%}".format
KINDS = ["stayed", "person", "label"]
COUNTS = ["then", "frozen", "now", "customers", "revenue_minor"]


def applicable(rules: Segmentation, features: Features) -> bool:
    """Tell whether a segmentation's frozen rules can be applied: all their criteria are there."""
    return set(rules.scorer.scaling.names) <= set(features.values.columns)


def crossed(now: Segmentation, before: Segmentation, features: Features) -> pd.DataFrame:
    """Count today's customers and their money by segment: last quarter's, by its frozen rules, and today's.

    Where the frozen rules cannot be applied, today's segments stand in for them.
    """
    judge = before if applicable(before, features) else now
    frozen = judge.relabel(features)
    joined = now.labels.select("customer", now=now.labels.segment)
    joined = joined.inner_join(frozen.select("customer", frozen=frozen.segment), "customer")
    joined = joined.inner_join(features.values.select("customer", "monetary_minor"), "customer")
    joined = joined.left_join(before.labels.select("customer", then=before.labels.segment), "customer")
    grouped = joined.group_by("then", "frozen", "now").order_by("then", "frozen", "now")
    table = grouped.aggregate(customers=joined.count(), revenue_minor=joined.monetary_minor.sum())
    counts: pd.DataFrame = table.order_by("then", "frozen", "now").to_pandas()
    old, ruled, new = map(names_of, (before, judge, now))
    named = {"then": counts["then"].map(old), "frozen": counts["frozen"].map(ruled), "now": counts["now"].map(new)}
    return counts.assign(**named)[COUNTS]


def agreement(counts: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Compare the frozen rules with today's, on today's customers: share alike in all, and by segment."""
    weight = counts["customers"]
    same = weight.where(counts["frozen"] == counts["now"], 0).groupby(counts["now"]).sum()
    here = weight.groupby(counts["now"]).sum()
    either = here + weight.groupby(counts["frozen"]).sum().reindex(here.index, fill_value=0) - same
    return float(same.sum() / weight.sum()), pd.DataFrame({"followed": same / here, "shared": same / either})


def churn(counts: pd.DataFrame) -> pd.DataFrame:
    """Count, per segment of last quarter, who of those still here stayed, who changed, and whose label changed.

    Parameters
    ----------
    counts : DataFrame
        From `crossed`.

    Returns
    -------
    DataFrame by name
        stayed: the same segment by both rules or again by today's; person: another one by last quarter's frozen rules
        and today's; label: the same by the frozen rules, another by today's. Together everyone who is still here.

    Examples
    --------
    >>> rows = [("A", "A", "A", 7, 0), ("A", "B", "B", 2, 0), ("A", "A", "B", 1, 0)]
    >>> churn(pd.DataFrame(rows, columns=COUNTS)).to_dict("list")
    {'stayed': [7], 'person': [2], 'label': [1]}
    """
    known = counts.dropna(subset=["then"])
    moved, person = known["then"] != known["now"], known["then"] != known["frozen"]
    kind = np.select([~moved, person], KINDS[:2], KINDS[2])
    table = known.groupby(["then", kind])["customers"].sum().unstack(fill_value=0)
    return table.reindex(columns=KINDS, fill_value=0).astype("int64").rename_axis("name").rename_axis(None, axis=1)


def shares(table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Show the shares of `churn` with their 95 % intervals, in whole per cent.

    Parameters
    ----------
    table : DataFrame by name
        From `churn`, in the order in which to show it.
    floor : int
        Shares of smaller groups are blank; of those that would give one away, only a wider interval is shown.
    """
    hidden = suppress(table, floor)
    table = pd.concat([table, table.sum().to_frame("Everyone").T])
    hidden = hidden.reindex(table.index, fill_value=False)
    whole = table.sum(axis=1)
    least, most = ranges(table, hidden, floor)
    shown: dict[str, list[str]] = {"name": list(table.index)}
    for kind in KINDS:
        low = wilson(table[kind].mask(hidden[kind], least[kind]), whole)[0]
        high = wilson(table[kind].mask(hidden[kind], most[kind].clip(upper=whole)), whole)[1]
        cells = zip(table[kind], whole, low, high, hidden[kind], strict=True)
        shown[kind] = [_share(*cell, floor) for cell in cells]
    heads: dict[str, Head] = {"name": "segment of last quarter", "stayed": "stayed", "person": "person changed"}
    return present(pd.DataFrame(shown), heads | {"label": "only the label changed"})


def _share(count: int, whole: int, low: float, high: float, hidden: bool, floor: int) -> str:
    if whole < floor or (hidden and count < floor):
        return ""
    interval = f"{low:.0%} to {high:.0%}"
    if hidden:
        return interval
    share = SHORT(count / whole)
    (said,) = bounded([count / whole], whole, floor, SHORT)
    return f"{share} ({interval})" if said == share else said


def people_or_labels(
    counts: pd.DataFrame, alike: float, missing: tuple[str, ...] = (), kept: bool = False, floor: int = 10
) -> tuple[str, ...]:
    """Tell people who moved from labels that moved.

    Parameters
    ----------
    counts : DataFrame
        From `crossed`.
    alike : float
        From `agreement`.
    missing : tuple of str
        Criteria that the frozen rules need and that are not there any more.
    kept : bool
        Whether today's segments are those of the frozen rules.
    floor : int
        Of fewer customers, and of all but so few, only the bound is told.
    """
    if missing:
        return (f"Last quarter's rules need {', '.join(missing)}, so people and labels cannot be told apart.",)
    known, today = counts.dropna(subset=["then"]), int(counts["customers"].sum())
    total = max(int(known["customers"].sum()), 1)
    shares = [known.loc[known["then"] != known[side], "customers"].sum() / total for side in ("now", "frozen")]
    moved, people = bounded(shares, total, floor, percent)
    (same,) = bounded([alike], today, floor, percent)
    if not moved or not same:
        return (f"Fewer than {floor} customers are known in both quarters: nothing is told of their changes.",)
    if kept:
        return (
            "The model was kept: today's segments are those of last quarter's frozen rules, so no label moved.",
            f"Of the customers known in both quarters {people} have another segment now: it is what is "
            "known of them that changed, their orders or only the days since.",
        )
    return (
        f"Last quarter's frozen rules give {same} of today's customers the segment that they have now; "
        "for the rest it is the rules that changed.",
        f"Of the customers known in both quarters {moved} have another segment now; by the frozen rules "
        f"{people} would have.",
    )
