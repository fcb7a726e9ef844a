"""Who will order in the next period: a calibrated classifier, and whether it foresees better than a purchase model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady
from seglib.methods.one_thread import one_thread
from seglib.methods.rates import FloatArray, mean_interval

TOO_CLOSE = 0.95
WINDOWS_DAYS = (91, 182, 365)
FEWEST = 30  # customers who ordered, and who did not, below which nothing is learnt
SMALLEST = 1e-4


def order_features(days: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Describe how each customer ordered before a day.

    Parameters
    ----------
    days : DataFrame
        One row per customer and day with an order: customer, ordered_on (datetime), amount_minor; later rows are not
        looked at.
    as_of : Timestamp
        The day of the forecast.

    Returns
    -------
    DataFrame
        One row per customer who ordered before, by customer: quiet_days, age_days, order_count, gap_days (mean),
        gap_sd_days, lateness (log of quiet_days to gap_days), mean_value_log, and order counts of the last 91, 182
        and 365 days.

    Examples
    --------
    >>> days = pd.DataFrame({"customer": ["a", "a"], "ordered_on": pd.to_datetime(["2026-01-01", "2026-01-15"]),
    ...     "amount_minor": [100, 300]})
    >>> order_features(days, pd.Timestamp("2026-01-29"))[["quiet_days", "age_days", "order_count"]].iloc[0].tolist()
    [14.0, 28.0, 2.0]
    """
    seen = days[days["ordered_on"] < as_of].sort_values(["customer", "ordered_on"])
    by = seen.groupby("customer")
    first, last, count = by["ordered_on"].min(), by["ordered_on"].max(), by.size()
    gaps = by["ordered_on"].diff().dt.days.groupby(seen["customer"])
    quiet, age = ((as_of - when).dt.days.astype(float) for when in (last, first))
    gap = gaps.mean().fillna(age)
    columns = {
        "quiet_days": quiet,
        "age_days": age,
        "order_count": count.astype(float),
        "gap_days": gap,
        "gap_sd_days": gaps.std().fillna(0.0),
        "lateness": np.log((quiet + 1) / (gap + 1)),
        "mean_value_log": np.log1p(by["amount_minor"].mean().clip(lower=0)),
    }
    for window in WINDOWS_DAYS:
        recent = seen[seen["ordered_on"] >= as_of - pd.Timedelta(days=window)].groupby("customer").size()
        columns[f"order_count_{window}d"] = recent.reindex(count.index, fill_value=0).astype(float)
    return pd.DataFrame(columns)


def refuse_leaks(features: pd.DataFrame, outcome: npt.ArrayLike) -> None:
    """Refuse features that know the outcome.

    Parameters
    ----------
    features : DataFrame
        Numbers, one row per customer.
    outcome : array of bool
        What is to be foreseen.

    Raises
    ------
    InputRefused
        If correlation or rank correlation (2 AUC - 1) of a feature with the outcome is above 0.95 either way.

    Examples
    --------
    >>> refuse_leaks(pd.DataFrame({"coupon_used_later": [1.0, 1.0, 0.0, 0.0]}), [True, True, False, False])
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S08 a feature knows the outcome - column 'coupon_used_later' - found: \
association 1.00 with the outcome - do: compute it as of the day of the forecast, or leave it out
    """
    happened = np.asarray(outcome, dtype=bool)
    if happened.all() or not happened.any():
        return
    found = {name: _association(features[name].to_numpy(dtype=float), happened) for name in features}
    remedy = "compute it as of the day of the forecast, or leave it out"
    bad = [
        Finding(
            "S08",
            "a feature knows the outcome",
            column=str(name),
            found=f"association {r:.2f} with the outcome",
            do=remedy,
        )
        for name, r in found.items()
        if r > TOO_CLOSE
    ]
    if bad:
        raise InputRefused(bad)


def fit_next_order(features: pd.DataFrame, outcome: npt.ArrayLike, seed: int) -> CalibratedClassifierCV:
    """Learn the chance to order in the next period from what happened in earlier ones.

    Parameters
    ----------
    features : DataFrame
        From `order_features`, of one or more earlier days; rows of several days one below the other.
    outcome : array of bool
        Whether the customer ordered in the period after that day.
    seed : int
        Same seed, same chances.

    Returns
    -------
    CalibratedClassifierCV
        Small boosted trees, calibrated by Platt's sigmoid on three folds; `next_order_chance` reads it.

    Raises
    ------
    InputRefused
        If a feature knows the outcome, or too few customers ordered, or did not.

    Notes
    -----
    Platt (1999); Niculescu-Mizil and Caruana (2005), Predicting good probabilities with supervised learning.

    Examples
    --------
    >>> fit_next_order(pd.DataFrame({"quiet_days": [1.0, 9.0]}), [True, False], seed=0)
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-S19 too few customers ordered, or did not, to learn from - do: leave it out
    """
    happened = np.asarray(outcome, dtype=bool)
    if min(happened.sum(), (~happened).sum()) < FEWEST:
        raise InputRefused(Finding("S19", "too few customers ordered, or did not, to learn from", do="leave it out"))
    refuse_leaks(features, happened)
    trees = HistGradientBoostingClassifier(
        max_iter=40,
        max_leaf_nodes=6,
        min_samples_leaf=60,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    with one_thread():  # small trees wait for their threads longer than they grow
        return CalibratedClassifierCV(trees, method="sigmoid", cv=3).fit(steady(features), happened)


def next_order_chance(model: CalibratedClassifierCV, features: pd.DataFrame) -> pd.Series:
    """Give the chance of each customer to order in the next period, with the index of `features`."""
    with one_thread():
        chance = model.predict_proba(steady(features))[:, 1]
    return pd.Series(chance, index=features.index, name="order_probability")


def brier(chance: npt.ArrayLike, outcome: npt.ArrayLike) -> FloatArray:
    """Give the squared error of each chance (Brier 1950); 0 is perfect, a coin gets 0.25.

    Examples
    --------
    >>> brier([0.9, 0.5], [True, False]).round(2).tolist()
    [0.01, 0.25]
    """
    return np.asarray((np.asarray(chance, dtype=float) - np.asarray(outcome, dtype=float)) ** 2)


def log_loss(chance: npt.ArrayLike, outcome: npt.ArrayLike) -> FloatArray:
    """Give minus the logarithm of the chance of what happened; chances are held between 0.0001 and 0.9999.

    Examples
    --------
    >>> log_loss([0.5, 1.0], [True, True]).round(3).tolist()
    [0.693, 0.0]
    """
    kept = np.clip(np.asarray(chance, dtype=float), SMALLEST, 1 - SMALLEST)
    return np.asarray(-np.log(np.where(np.asarray(outcome, dtype=bool), kept, 1 - kept)))


def gain(losses: pd.DataFrame, model: str, other: str, seed: int) -> tuple[float, float, float]:
    """Say by how much one model foresees worse than another, each customer counted once.

    Parameters
    ----------
    losses : DataFrame
        customer, and one column of losses per model; a customer may appear at several days.
    model, other : str
        Two of the columns.
    seed : int
        Of the bootstrap over customers.

    Returns
    -------
    tuple of difference, low and high
        Mean loss of `model` less that of `other` with its 95% interval; below 0 the first one is better.

    Examples
    --------
    >>> losses = pd.DataFrame({"customer": ["a", "a", "b"], "new": [0.1, 0.3, 0.2], "old": [0.3, 0.5, 0.4]})
    >>> [round(end, 2) for end in gain(losses, "new", "old", seed=0)]
    [-0.2, -0.2, -0.2]
    """
    each = (losses[model] - losses[other]).groupby(losses["customer"]).mean()
    if np.ptp(each) < 1e-12:
        return (float(each.mean()),) * 3
    return float(each.mean()), *mean_interval(each, seed)


def _association(values: FloatArray, happened: npt.NDArray[np.bool_]) -> float:
    known = np.isfinite(values)
    values, happened = steady(values[known]), happened[known]
    if len(values) < 3 or np.ptp(values) == 0 or happened.all() or not happened.any():
        return 0.0
    above = stats.rankdata(values)[happened].sum() - happened.sum() * (happened.sum() + 1) / 2
    ranks = 2 * above / (happened.sum() * (~happened).sum()) - 1  # 2 AUC - 1, by Mann and Whitney
    return float(max(abs(stats.pearsonr(values, happened).statistic), abs(ranks)))
