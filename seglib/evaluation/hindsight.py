"""How well the model of orders foresaw the last quarters: expected against what came."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.core.quarters import Quarter
from seglib.core.steady import steady_column
from seglib.evaluation.order_days import came
from seglib.evaluation.rivals import Trial, held_out
from seglib.methods.digits import bounds, published
from seglib.methods.futures import order_futures
from seglib.methods.order_models import USUAL, expected

if TYPE_CHECKING:
    from seglib.core.run import Run

CLOSE = (0.8, 1.25)
MOST_OFTEN = 7
FAR_OFF = "far off"
SO = {
    FAR_OFF: ", so do not budget on these values",
    "near, but outside": " its interval: the model's own intervals are too narrow here",
}
WIDE = "far off, though inside the interval, which is wide: do not budget on these values"
COLUMNS = ["view", "place", "label", "customers", "expected", "low", "high", "came", "error"]


def checks(
    run: Run,
    days: pd.DataFrame,
    labels: pd.DataFrame | None,
    trials: tuple[Trial | None, Trial | None] | None = None,
    name: str = USUAL,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Fit on what was known before a quarter and compare the order days expected with those that came.

    Parameters
    ----------
    run : Run
        The quarter, the seed and the plan's floor.
    days : DataFrame
        From `order_days`.
    labels : DataFrame, optional
        customer, identity and name of the segments that were fixed before the quarter.
    trials : tuple of Trial or None, optional
        The quarter before and this one held out, from `held_out`; made here when omitted.
    name : str
        The model that is checked.

    Returns
    -------
    tuple of DataFrame and notes
        The columns of `COLUMNS`, a few rows for each view: quarter (this and the one before), frequency (repeat orders
        so far, 7 for more), segment (place is its identity), week (cumulative) and model (error: mean absolute error
        per customer). Groups below the floor are left out. Empty where nothing can be checked.
    """
    quarter = run.quarter
    before, latest = trials or (held_out(days, quarter.previous), held_out(days, quarter))
    if latest is None:
        return pd.DataFrame(columns=COLUMNS), ()
    now = latest.known.assign(expected=latest.foreseen[name], came=latest.came)
    rows = [
        *_quarters(run, before, latest, name),
        *_models(days, quarter, latest),
        *_weeks(days, quarter, latest, name),
    ]
    rows += _groups("frequency", now.assign(place=now["repeat_count"].clip(upper=MOST_OFTEN)))
    if labels is not None:
        known = now.reset_index().merge(labels, on="customer").rename(columns={"identity": "place"})
        rows += _groups("segment", known)
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = published(table[table["customers"] >= run.plan.privacy.floor].reset_index(drop=True))
    return kept_back(table, quarter, run.plan.privacy.floor), _notes(table, quarter, run.plan.privacy.floor)


def kept_back(table: pd.DataFrame, quarter: Quarter, floor: int) -> pd.DataFrame:
    """Leave out how many order days came where they are of fewer customers than the floor, or would give these away.

    Parameters
    ----------
    table : DataFrame
        Rows of `COLUMNS`.
    quarter : Quarter
        The quarter that is over.
    floor : int
        So few order days come from fewer customers still.

    Examples
    --------
    >>> rows = pd.DataFrame({"view": ["quarter", "model"], "label": ["2026Q3", "BG/NBD"], "came": [4.0, 4.0]})
    >>> kept_back(rows, Quarter("2026Q3"), 10)["came"].isna().tolist()
    [True, True]
    """
    few = (table["came"] > 0) & (table["came"] < floor)
    whole, often = table["view"] == "quarter", table["view"] == "frequency"
    hidden = few & whole
    if (hidden & (table["label"] == quarter.text)).any():
        hidden |= ~whole
    elif (few & often).any():  # the total is told: one large group more keeps the small ones from following
        next_ = table.loc[often & (table["came"] >= floor), "came"].nsmallest(1).index
        hidden |= often & (few | table.index.isin(next_))
    return table.assign(came=table["came"].mask(hidden))


def word(ratio: float, inside: bool = True) -> str:
    """Say whether the expected number is near what came, and whether the interval held it.

    Parameters
    ----------
    ratio : float
        Expected over came.
    inside : bool
        Whether what came lies in the interval.

    Examples
    --------
    >>> word(1.02), word(0.4)
    ('close', 'far off')
    >>> word(0.91, inside=False)
    'near, but outside'
    """
    if not CLOSE[0] <= ratio <= CLOSE[1]:
        return FAR_OFF
    return "close" if inside else "near, but outside"


def is_far_off(table: pd.DataFrame, quarter: Quarter) -> bool:
    """Tell whether what was expected of a quarter is so far from what came that nobody should budget on it."""
    rows = table[(table["view"] == "quarter") & (table["label"] == quarter.text) & table["came"].notna()]
    return bool((rows["expected"] / rows["came"]).map(word).eq(FAR_OFF).any())


def strain(table: pd.DataFrame) -> float:
    """Say how many times wider the intervals of whole quarters had to be to hold what came; 1 where they held it.

    Parameters
    ----------
    table : DataFrame
        Rows of `COLUMNS`.

    Examples
    --------
    >>> row = {"view": "quarter", "expected": 5_989.0, "low": 5_795.0, "high": 6_198.0, "came": 6_602.0}
    >>> round(strain(pd.DataFrame([row])), 2)
    2.93
    """
    rows = table[table["view"] == "quarter"]
    room = (rows["high"] - rows["expected"]).where(rows["came"] > rows["expected"], rows["expected"] - rows["low"])
    times = (rows["came"] - rows["expected"]).abs() / room.where(room > 0)
    return max(1.0, float(times.max())) if times.notna().any() else 1.0


def _row(
    view: str, place: int, label: str, customers: int, expected: float, arrived: float, **more: float
) -> dict[str, Any]:
    fixed = {
        "view": view,
        "place": place,
        "label": label,
        "customers": customers,
        "expected": expected,
        "came": arrived,
    }
    return fixed | {"low": np.nan, "high": np.nan, "error": np.nan} | more


def _quarters(run: Run, before: Trial | None, now: Trial, name: str) -> list[dict[str, Any]]:
    """Compare the totals; 95% of the totals in the model's futures lie between low and high.

    What the quarter before missed makes the interval of this one wider, as far as it had to be.
    """
    rows: list[dict[str, Any]] = []
    for place, (quarter, found) in enumerate([(run.quarter.previous, before), (run.quarter, now)]):
        if found is not None and name in found.models:
            low, high = bounds(order_futures(found.models[name], found.known, found.weeks, run.seed).sum(axis=1))
            total = (float(found.foreseen[name].sum()), float(found.came.sum()))
            wider = strain(pd.DataFrame(rows, columns=COLUMNS))
            ends = {"low": max(0.0, total[0] - wider * (total[0] - low)), "high": total[0] + wider * (high - total[0])}
            rows.append(_row("quarter", place, quarter.text, len(found.known), *total, **ends))
    return rows


def _models(days: pd.DataFrame, quarter: Quarter, now: Trial) -> list[dict[str, Any]]:
    """Compare the models with each other, and with the rule that each customer does as in the quarter before."""
    rule = came(days, quarter.previous.start, quarter.start, now.known.index)
    found = {**{name: now.foreseen[name] for name in now.models}, "same as the quarter before": rule}
    total = float(now.came.sum())
    errors = {name: float((foreseen - now.came).abs().mean()) for name, foreseen in found.items()}
    return [
        _row("model", place, name, len(rule), float(found[name].sum()), total, error=errors[name])
        for place, name in enumerate(sorted(found))
    ]


def _weeks(days: pd.DataFrame, quarter: Quarter, found: Trial, name: str) -> list[dict[str, Any]]:
    rows, model, known = [], found.models[name], found.known
    for week in range(1, int(found.weeks) + 1):
        until: datetime = quarter.start + pd.Timedelta(weeks=week)
        arrived = float(came(days, quarter.start, until, known.index).sum())
        rows.append(_row("week", week, str(week), len(known), float(expected(model, known, week).sum()), arrived))
    return rows


def _groups(view: str, table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for place, part in table.groupby("place"):
        number = int(str(place))
        label = str(part["name"].iloc[0]) if "name" in part else f"{number}{'+' if number == MOST_OFTEN else ''}"
        rows.append(_row(view, number, label, len(part), float(part["expected"].sum()), float(part["came"].sum())))
    return rows


def _came(row: dict[Any, Any], floor: int) -> str:
    """Say how many order days came; of few only the bound."""
    return f"{row['came']:,.0f} came" if not 0 < row["came"] < floor else f"fewer than {floor} came"


def _notes(table: pd.DataFrame, quarter: Quarter, floor: int) -> tuple[str, ...]:
    """Say how the check went, how it went a quarter earlier, and where the largest miss is."""
    totals = {row["label"]: row for row in table[table["view"] == "quarter"].to_dict("records")}
    if quarter.text not in totals:
        return ()
    now = totals[quarter.text]
    ratio, inside = now["expected"] / now["came"], bool(now["low"] <= now["came"] <= now["high"])
    span = f" (95% interval {now['low']:,.0f} to {now['high']:,.0f}{_wider(totals, quarter)})"
    text = (
        f"Check on {quarter.text}: fitted on what was known before it, the model expected {now['expected']:,.0f} order"
    )
    said = word(ratio, inside) + SO.get(word(ratio, inside), "")
    said = WIDE if inside and word(ratio) == FAR_OFF else said
    after = "" if 0 < now["came"] < floor else f" (ratio {ratio:.2f}: {said})"
    first = f"{text} days of the customers known then{span}; {_came(now, floor)}{after}."
    return (first, *_earlier(totals, quarter, floor), *_largest_miss(table, floor))


def _wider(totals: dict[Any, dict[Any, Any]], quarter: Quarter) -> str:
    """Say that an interval was widened, and why."""
    before = totals.get(quarter.previous.text)
    times = strain(pd.DataFrame([before])) if before else 1.0
    return f", made {times:.1f} times as wide by the miss of {quarter.previous.text}" if times > 1 else ""


def _earlier(totals: dict[Any, dict[Any, Any]], quarter: Quarter, floor: int) -> tuple[str, ...]:
    if quarter.previous.text not in totals:
        return ()
    row = totals[quarter.previous.text]
    text = f"The same check on {quarter.previous.text}: {row['expected']:,.0f} expected, {_came(row, floor)}"
    ratio = "" if 0 < row["came"] < floor else f" (ratio {row['expected'] / max(row['came'], 1):.2f})"
    return (f"{text}{ratio}.",)


def _largest_miss(table: pd.DataFrame, floor: int) -> tuple[str, ...]:
    parts = table[table["view"] == "segment"]
    if len(parts) < 2:
        return ()
    gap = steady_column((parts["expected"] - parts["came"]).astype(float).abs())
    few = ((parts["came"] > 0) & (parts["came"] < floor)).any()
    row, share = parts.assign(gap=gap).nlargest(1, "gap").to_dict("records")[0], gap.max() / max(gap.sum(), 1)
    text = f"The largest miss is in {row['label']}: {row['expected']:,.0f} expected, {_came(row, floor)}"
    if 0 < row["came"] < floor or few:
        return (f"{text}.",)
    return (f"{text}, {share:.0%} of all misses of the segments.",)
