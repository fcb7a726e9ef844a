"""What customers say, per segment: with the share who answered, and nothing of too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from seglib.disclosure.small_cells import suppress as hide
from seglib.methods.estimates import estimate, suppress
from seglib.methods.kpis import METRICS
from seglib.methods.rates import wilson
from seglib.methods.shares import bounded, of_few
from seglib.objectives.facts import CSAT_GOOD, NPS_BAD, NPS_GOOD, latest_answers

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.run import Run

FEEDBACK = [
    *("metric", "unit", "segment", "name", "identity", "customers", "n", "response_share"),
    *("value", "low", "high", "bound"),
]
AGREES, SCALE_TOP = 4, 5
THEME = "theme_"
NONE = -1  # counts for everybody only


def listen(
    run: Run, collection: Collection, fixed: Segmentation, everybody: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Score each survey item of the quarter by segment.

    Parameters
    ----------
    run : Run
    collection : Collection
        Its feedback; of several answers of a customer to an item the latest counts.
    fixed : Segmentation
    everybody : int
        Customers of this quarter, those without a segment of last quarter among them.

    Returns
    -------
    tuple of DataFrame and notes
        metric (the item), unit (points for the NPS, share who agree with 4 or 5, customers for a theme), segment (0:
        everybody), name, identity, customers, n (answers), response_share, value, low, high; values of fewer answers
        than the floor are missing.
    """
    if collection.feedback is None:
        return pd.DataFrame(columns=FEEDBACK), ()
    latest = latest_answers(collection.feedback, run.quarter)
    told = latest.left_join(fixed.labels.select("customer", "segment"), "customer").drop("customer_right")
    told = told.mutate(segment=told.segment.fill_null(NONE))
    rows = run.engine.frame(told.group_by("item", "segment", "answer").agg(answers=told.count()))
    people = run.engine.frame(fixed.labels.group_by("segment").agg(customers=fixed.labels.count()))
    if rows.empty:
        return pd.DataFrame(columns=FEEDBACK), ("No survey answer lies in the quarter.",)
    customers = people.set_index("segment")["customers"]
    customers.loc[NONE] = max(everybody - int(customers.sum()), 0)
    answered = told.select("customer", "segment").distinct()
    reached = run.engine.frame(answered.group_by("segment").agg(n=answered.count())).set_index("segment")["n"]
    return _scored(rows, customers, fixed.segments, run.plan.privacy.floor), _response(
        customers, reached, fixed, run.plan.privacy.floor
    )


def _scored(rows: pd.DataFrame, customers: pd.Series, segments: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Turn counts of answers into scores with intervals, for everybody and for each segment.

    Parameters
    ----------
    rows : DataFrame
        item, segment, answer, answers (a count).
    customers : Series
        Customers by segment.
    segments : DataFrame
        segment, name, identity.
    floor : int
        Smallest number of answers that is shown.
    """
    everybody = pd.DataFrame({"segment": [0], "name": ["everybody"], "identity": [0]})
    who = pd.concat([everybody, segments[["segment", "name", "identity"]]], ignore_index=True)
    size = {0: int(customers.sum())} | customers.to_dict()
    found = []
    for item, part in rows.groupby("item"):
        for segment in who["segment"]:
            counts = (part if segment == 0 else part[part["segment"] == segment]).groupby("answer")["answers"].sum()
            asked = size.get(segment, 0)
            row = {"metric": str(item), "segment": segment, "customers": asked, "n": int(counts.sum())}
            found.append(row | {"response_share": row["n"] / asked if asked else 0.0} | _score(str(item), counts))
    table = pd.DataFrame(found).merge(who, on="segment").sort_values(["metric", "segment"], ignore_index=True)
    top = rows.groupby("item")["answer"].max()
    scale = table["metric"].isin(["nps"]) | table["metric"].str.startswith(THEME)
    return _open(suppress(table[scale | (table["metric"].map(top) <= SCALE_TOP)], floor)[FEEDBACK], floor)


def _open(table: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Leave out who answered an item where few did, or did not, and where that follows: then nothing else is said."""
    closed = pd.Series(False, table.index)
    for _, part in table.groupby("metric"):
        all_, parts = part[part["segment"] == 0], part[part["segment"] > 0]
        asked, n = parts["customers"].to_numpy(dtype=float), (parts["response_share"] * parts["customers"]).to_numpy()
        rest = float(all_["customers"].sum()) - asked.sum(), float((all_["response_share"] * all_["customers"]).sum())
        counts = pd.DataFrame({"n": [*n, rest[1] - n.sum()], "silent": [*(asked - n), rest[0] - rest[1] + n.sum()]})
        hidden = hide(counts.round().clip(lower=0), floor).any(axis=1).to_numpy()
        closed[parts.index] = hidden[:-1]
        closed[all_.index] = of_few(all_["response_share"], all_["customers"], floor)
    table = table.assign(**table[["n", "response_share", "value", "low", "high"]].mask(closed))
    return table.assign(
        bound=table["bound"].mask(closed, ""), response_share=table["response_share"].where(table["n"].notna())
    )


def _score(item: str, counts: pd.Series) -> dict[str, object]:
    n = int(counts.sum())
    answer = counts.index.to_series()
    if item == "nps":
        good, bad = counts[answer >= NPS_GOOD].sum(), counts[answer <= NPS_BAD].sum()
        net, square = 100 * (good - bad), 100**2 * (good + bad)
        found = estimate(METRICS["nps"], {"n": n, "x": net, "y": n, "xx": square, "xy": net, "yy": n})
        return {"unit": "points"} | {key: found[key] for key in ("value", "low", "high")}
    if item.startswith(THEME):
        named = int(counts[answer > 0].sum())
        return {"unit": "customers", "n": named, "value": float(named), "low": float("nan"), "high": float("nan")}
    agree = int(counts[answer >= (CSAT_GOOD if item == "csat" else AGREES)].sum())
    low, high = wilson(agree, n)
    return {"unit": "share", "value": agree / n if n else float("nan"), "low": float(low), "high": float(high)}


def _response(customers: pd.Series, reached: pd.Series, fixed: Segmentation, floor: int) -> tuple[str, ...]:
    """Say who answered and who did not."""
    names = fixed.segments.set_index("segment")["name"]
    total, all_ = int(reached.sum()), int(customers.sum())
    (told,) = bounded([total / all_], all_, floor, "{:.0%}".format)
    few = f"{total:,} of {all_:,} customers answered at least one question ({told})"
    if told != f"{total / all_:.0%}":  # of few, or of all but a few, only the bound
        few = f"{told} of {all_:,} customers answered at least one question"
    text = f"Survey: {few}"
    n = reached.reindex(customers.index).fillna(0)
    open_ = (
        ~hide(pd.DataFrame({"n": n, "silent": (customers - n).clip(lower=0)}), floor).any(axis=1)
        & (n >= floor)
        & (n.index != NONE)
    )
    share = (n[open_] / customers[open_]).sort_index().sort_values(kind="stable")
    if len(share) > 1:
        least, most = (f"{share[i]:.0%} of {names[i]}" for i in (share.index[0], share.index[-1]))
        text += f", from {least} to {most}"
    return (f"{text}. Those who did not answer may think otherwise.",)
