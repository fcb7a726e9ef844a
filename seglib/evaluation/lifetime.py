"""What customers of each segment are expected to spend, how sure that is, and who will order next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import SegError
from seglib.core.intake.ends import covered_until
from seglib.evaluation.hindsight import COLUMNS as CHECK_COLUMNS
from seglib.evaluation.hindsight import checks, is_far_off, strain
from seglib.evaluation.next_quarter import COLUMNS as TRIAL_COLUMNS
from seglib.evaluation.next_quarter import foresee
from seglib.evaluation.order_days import older, order_days, purchases
from seglib.evaluation.ridges import NO_MEAN, unknown
from seglib.evaluation.rivals import decide, held_out
from seglib.methods.clv import clv
from seglib.methods.digits import bounds, published, significant, within_noise
from seglib.methods.draws import normal_points
from seglib.methods.futures import futures
from seglib.methods.kpis import BASES
from seglib.methods.order_models import RIVALS, USUAL, OrderModel, alive, fit_all
from seglib.methods.order_values import GammaGamma, fit_gamma_gamma
from seglib.methods.purchase_likelihood import NOBODY_STOPS
from seglib.methods.purchases import fit_mbgnbd
from seglib.methods.rates import FloatArray

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.run import Run

COLUMNS = [
    *("segment", "name", "identity", "customers", "revenue_minor", "margin_minor"),
    *("clv_minor", "low_minor", "high_minor", "one_low_minor", "one_high_minor", "total_minor"),
    *("next_quarter_share", "check_ratio"),
]
NOT_OVER = "The forecast of {} cannot be checked, and who orders next cannot be foreseen: its data are not complete."
NEARLY_ALL = 0.999  # smallest chance to be active above which the model says that nobody stops
PARTS = 8  # of the futures, by which the noise of an end is told
TIED = 0.3  # rank correlation from which on order value and frequency do not look independent
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ahead:
    """What lies ahead, per segment, with the checks of the models that say so.

    Parameters
    ----------
    clv : DataFrame
        One row per segment: segment, name, identity, customers; per customer, discounted: revenue_minor (net
        or gross, as the plan counts), margin_minor (missing without a margin in the plan), clv_minor (the margin, else
        the revenue) with the interval low_minor to high_minor of the segment's mean and one_low_minor to
        one_high_minor of a single customer; total_minor of all customers; next_quarter_share (expected share who order
        next quarter); check_ratio (orders expected by those that came in the quarter just over, for segments known
        before it).
    checks : DataFrame
        See `hindsight.checks`.
    trials : DataFrame
        See `next_quarter.foresee`.
    notes : tuple of str
    doubts : tuple of str
        Those of the notes that say why nobody should budget on the values.
    """

    clv: pd.DataFrame
    checks: pd.DataFrame
    trials: pd.DataFrame
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def per_segment(
    run: Run, collection: Collection, segmentation: Segmentation, previous: Segmentation | None = None
) -> Ahead:
    """Give the lifetime value of each segment, the checks of its model, and the expected buyers of next quarter.

    Parameters
    ----------
    run : Run
        The plan gives horizon, discount and margin.
    collection : Collection
        Orders hold the money that counts.
    segmentation : Segmentation
        Today's segments.
    previous : Segmentation, optional
        The segments fixed before the quarter, by which the forecast of the quarter is checked.

    Returns
    -------
    Ahead
        With empty tables and a note where the model of orders cannot be fitted; without money, and a note, where that
        of order values cannot.

    Notes
    -----
    Money is rounded once, here: what is expected to six digits, an interval to what its futures allow.
    """
    days = order_days(run, collection)
    end = covered_until(collection, run.quarter.as_of)
    table, is_over = purchases(days, end), end == run.quarter.as_of
    try:
        usual = fit_mbgnbd(table)
    except SegError as refused:
        return _nothing(f"No lifetime value: {refused.findings[0].what}.")
    held = (held_out(days, run.quarter.previous), held_out(days, run.quarter)) if is_over else (None, None)
    fitted = {USUAL: usual, **(fit_all(table, RIVALS) if any(held) else {})}
    name, why = decide(held, fitted, run.seed)
    counts = fitted[name]
    values, lacking, no_mean = _values(table)
    fixed = None if previous is None else _labelled(run, previous)
    unchecked = pd.DataFrame(columns=CHECK_COLUMNS), (NOT_OVER.format(run.quarter.text),)
    tested, told = checks(run, days, fixed, held, name) if is_over else unchecked
    chances, trials, chosen = foresee(run, days, is_over)
    labels = _labelled(run, segmentation)
    worth = None if values is None else _worth(run, counts, values, table)
    found = _Found(worth, table.index, chances, labels, tested)
    rows = [_row(run, found, row) for row in segmentation.segments.to_dict("records")]
    clv_table = pd.DataFrame([row for row in rows if row], columns=COLUMNS)
    lead = _lead(run, name) + _strained(tested) if values is not None else lacking
    limits = unknown(counts, values)
    notes = (lead, *limits, *_doubts(counts, table), *why, *told, *chosen)
    doubts = (*no_mean, *limits, *(told[:1] if is_far_off(tested, run.quarter) else ()))
    return Ahead(published(clv_table), tested, trials, notes, doubts)


@dataclass(frozen=True)
class _Worth:
    """Discounted revenue per customer: expected, and in each of many futures."""

    expected: pd.Series
    drawn: FloatArray


@dataclass(frozen=True)
class _Found:
    """Everything that a segment's row is made of."""

    worth: _Worth | None
    known: pd.Index
    chances: pd.Series
    labels: pd.DataFrame
    tested: pd.DataFrame


def _nothing(note: str) -> Ahead:
    worth, tested, trials = (pd.DataFrame(columns=columns) for columns in (COLUMNS, CHECK_COLUMNS, TRIAL_COLUMNS))
    return Ahead(worth, tested, trials, (note,))


def _values(table: pd.DataFrame) -> tuple[GammaGamma | None, str, tuple[str, ...]]:
    """Fit the model of order values, or say why there is none; last, the same where the data cannot tell a mean."""
    try:
        values = fit_gamma_gamma(table)
    except SegError as refused:
        return None, f"No lifetime value: {refused.findings[0].what}.", ()
    said = NO_MEAN.format(q=values.q)
    return (values, "", ()) if values.q > 1 else (None, said, (said,))


def _labelled(run: Run, segmentation: Segmentation) -> pd.DataFrame:
    labels: pd.DataFrame = run.engine.frame(segmentation.labels.select("customer", "segment"))
    return labels.merge(segmentation.segments[["segment", "name", "identity"]], on="segment").drop(columns="segment")


def _worth(run: Run, counts: OrderModel, values: GammaGamma, table: pd.DataFrame) -> _Worth:
    """Discount each future by the customer's own mean discount."""
    rules = run.plan.evaluation
    expected = clv(counts, values, table, rules.clv_weeks, rules.discount_per_year_share)
    plain = clv(counts, values, table, rules.clv_weeks, step_weeks=rules.clv_weeks)
    _, spent = futures(counts, values, table, rules.clv_weeks, run.seed)
    discount = (expected / plain.where(plain > 0)).fillna(1.0).to_numpy()
    return _Worth(expected, spent * discount)


def _row(run: Run, found: _Found, segment: dict[Any, Any]) -> dict[str, Any]:
    """Write a segment's row; without numbers below the plan's floor."""
    row = {key: segment[key] for key in ("segment", "name", "identity", "customers")}
    members = found.labels.loc[found.labels["identity"] == segment["identity"], "customer"]
    inside = found.known.isin(members)
    if not inside.any():
        return {}
    if inside.sum() < run.plan.privacy.floor:
        return row
    ratio = found.tested[(found.tested["view"] == "segment") & (found.tested["place"] == segment["identity"])]
    row["next_quarter_share"] = found.chances.reindex(found.known[inside]).mean()
    row["check_ratio"] = float(ratio["expected"].iloc[0] / max(ratio["came"].iloc[0], 1)) if len(ratio) else np.nan
    return row if found.worth is None else row | _money(run, found, found.worth, inside, segment)


def _money(run: Run, found: _Found, worth: _Worth, inside: BoolArray, segment: dict[Any, Any]) -> dict[str, float]:
    """Give a segment's expected value with its intervals, in whole minor units."""
    margin, customers = run.plan.evaluation.margin_share, int(segment["customers"])
    expected, drawn = worth.expected[inside], worth.drawn[:, inside]
    factor = 1.0 if margin is None else margin
    mean = float(expected.mean())
    ends = bounds(_means(drawn, expected, customers, run.seed) * factor)
    low, high = _widened(mean * factor, ends, found.tested)
    one_low, one_high = _of_one(drawn * factor)
    money = {
        "revenue_minor": mean, "margin_minor": np.nan if margin is None else mean * factor,
        "clv_minor": mean * factor, "low_minor": low, "high_minor": high, "one_low_minor": one_low,
        "one_high_minor": one_high, "total_minor": mean * factor * customers,
    }  # fmt: skip
    return {name: round(significant(float(value)), 0) for name, value in money.items()}


def _widened(mean: float, ends: tuple[float, float], tested: pd.DataFrame) -> tuple[float, float]:
    """Make an interval as much wider as those of the quarters just over had to be."""
    times = strain(tested)
    return max(min(mean, 0.0), mean - times * (mean - ends[0])), mean + times * (ends[1] - mean)


def _of_one(drawn: FloatArray) -> tuple[float, float]:
    """Give the median customer's interval, its ends rounded to what eight parts of the futures agree on."""
    shares = [0.025, 0.975]
    ends = np.median(np.quantile(drawn, shares, axis=0), axis=1)
    parts = [np.median(np.quantile(drawn[part::PARTS], shares, axis=0), axis=1) for part in range(PARTS)]
    noise = np.std(parts, axis=0, ddof=1) / np.sqrt(PARTS)
    low, high = (within_noise(float(end), float(error)) for end, error in zip(ends, noise, strict=True))
    return low, high


def _means(drawn: FloatArray, expected: pd.Series, customers: int, seed: int) -> FloatArray:
    """Give the segment's mean in each future; a sample of a larger segment adds its own uncertainty."""
    unseen = max(0.0, 1 - len(expected) / customers)
    error = float(expected.std()) * np.sqrt(unseen / len(expected)) if unseen else 0.0
    return np.asarray(drawn.mean(axis=1) + normal_points(len(drawn), 1, seed + 1)[:, 0] * error)


def _lead(run: Run, name: str) -> str:
    rules = run.plan.evaluation
    kind = f"{'revenue' if rules.margin_share is None else 'margin on revenue'}, {BASES[run.plan.money]},"
    lead = f"Lifetime value: discounted {kind} of the next {rules.clv_weeks} weeks ({name}, Gamma-Gamma)"
    missing = "" if rules.margin_share is not None else " evaluation.margin_share in plan.yml would allow the margin."
    return f"{lead}; 95% of the model's futures lie in the intervals, which hold only if the model is right.{missing}"


def _strained(tested: pd.DataFrame) -> str:
    """Say that the intervals are wider than the model's own."""
    times = strain(tested)
    if times == 1:
        return ""
    return f" Those of a segment's mean are {times:.1f} times as wide as the model's own, as far as its checks missed."


def _doubts(counts: OrderModel, table: pd.DataFrame) -> tuple[str, ...]:
    """Say where what the models assume does not look true."""
    notes = [*older(table["age_weeks"])]
    if NOBODY_STOPS not in counts.limits and alive(counts, table).min() > NEARLY_ALL:
        notes.append(
            "The model finds no sign that customers stop for good, so it takes everybody as active; "
            "customers who have been quiet for long then look better than they are."
        )
    again = table[table["repeat_count"] > 0]
    pair = again[["repeat_count", "mean_repeat_value_minor"]]
    tied = float(pair.corr("spearman").to_numpy()[0, 1]) if (pair.nunique() > 1).all() else 0.0
    if abs(tied) > TIED:
        notes.append(
            f"Who orders often spends {'more' if tied > 0 else 'less'} per order (rank correlation {tied:.2f}), "
            "but the model of order values assumes no such tie."
        )
    return tuple(notes)
