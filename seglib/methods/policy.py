"""What a rule that chooses an arm per segment is worth, on customers that did not choose it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from seglib.core.steady import steady_column, steady_frame

NOBODY, ONE_FOR_ALL, PER_SEGMENT, GAIN = "nobody", "one for all", "per segment", "per segment less one for all"


def choose(outcomes: pd.DataFrame, control: str, per_segment: bool) -> dict[object, str]:
    """Choose the arm with the best mean, for each segment or one for all; the control arm can win.

    Parameters
    ----------
    outcomes : DataFrame
        segment, arm, value.
    control : str
        Taken where nothing is known.
    per_segment : bool
        Whether each segment has an arm of its own.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": [1, 1, 2, 2], "arm": ["x", "none"] * 2, "value": [3.0, 1.0, 0.0, 1.0]})
    >>> choose(rows, "none", per_segment=True), choose(rows, "none", per_segment=False)
    ({1: 'x', 2: 'none'}, {1: 'x', 2: 'x'})
    """
    means = outcomes.groupby(["segment", "arm"])["value"].mean().unstack("arm")
    ordered = steady_frame(means[[control, *[arm for arm in means.columns if arm != control]]])
    if per_segment:
        return {segment: str(row.idxmax()) if row.notna().any() else control for segment, row in ordered.iterrows()}
    size = outcomes.groupby("segment").size()
    known = ordered.mul(size, axis=0).sum() / ordered.notna().mul(size, axis=0).sum()
    return dict.fromkeys(ordered.index, str(steady_column(known).idxmax()))


def value_of(outcomes: pd.DataFrame, rule: Mapping[object, str], against: Mapping[object, str]) -> tuple[float, float]:
    """Give what a rule earns per customer more than another one, and its standard error.

    Parameters
    ----------
    outcomes : DataFrame
        segment, arm, value, of customers whose arm was drawn by chance and who chose neither rule.
    rule, against : mapping from segment to arm

    Returns
    -------
    tuple of difference and standard error
        Weighted by the customers of each segment; segments where both rules agree add nothing.

    Notes
    -----
    Post-stratified difference of means; the same as inverse probability weighting with the arms' observed shares:
    Hirano, Imbens and Ridder (2003), Econometrica 71, 1161-1189.
    """
    moments = outcomes.groupby(["segment", "arm"])["value"].agg(["mean", "var", "count"])
    total, variance = 0.0, 0.0
    for segment, weight in outcomes["segment"].value_counts(normalize=True).items():
        pair = (segment, rule[segment]), (segment, against[segment])
        if pair[0] == pair[1] or not all(key in moments.index for key in pair):
            continue
        one, other = (moments.loc[[key]].iloc[0] for key in pair)
        total += weight * (one["mean"] - other["mean"])
        variance += weight**2 * (
            np.nan_to_num(one["var"]) / one["count"] + np.nan_to_num(other["var"]) / other["count"]
        )
    return float(total), float(np.sqrt(variance))


def policies(outcomes: pd.DataFrame, control: str, seed: int, level: float = 0.95) -> pd.DataFrame:
    """Compare sending nothing, one arm for all, and the best arm of each segment, on held-out customers.

    Parameters
    ----------
    outcomes : DataFrame
        One row per customer: segment, arm, value (profit, or bought or not).
    control : str
        The arm that gets nothing.
    seed : int
        Cuts the customers into two halves.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        policy ("one for all" and "per segment", each against nobody, and the difference of the two), value per
        customer, low, high.

    Notes
    -----
    The rule is learned on one half and valued on the other, then the halves change places, so that no customer votes
    on a rule and judges it: cross-fitting as in Athey and Wager (2021), Econometrica 89, 133-161, section 2.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": [1, 2] * 200, "arm": ["x", "x", "none", "none"] * 100})
    >>> rows["value"] = (rows["arm"].eq("x") & rows["segment"].eq(1)).astype(float)
    >>> policies(rows, "none", seed=0)[["policy", "value"]].round(2).to_dict("list")["policy"]
    ['one for all', 'per segment', 'per segment less one for all']
    """
    half = np.random.default_rng(seed).permutation(len(outcomes)) % 2
    folds = [(outcomes[half == side], outcomes[half != side]) for side in (0, 1)]
    found: dict[str, list[tuple[float, float]]] = {ONE_FOR_ALL: [], PER_SEGMENT: [], GAIN: []}
    for learn, judge in folds:
        nobody = dict.fromkeys(outcomes["segment"].unique(), control)
        one, each = nobody | choose(learn, control, False), nobody | choose(learn, control, True)
        for name, pair in {ONE_FOR_ALL: (one, nobody), PER_SEGMENT: (each, nobody), GAIN: (each, one)}.items():
            found[name].append(value_of(judge, *pair))
    margin = stats.norm.ppf((1 + level) / 2)
    rows = []
    for name, parts in found.items():
        value, error = np.mean([v for v, _ in parts]), np.sqrt(sum(e**2 for _, e in parts)) / 2
        rows.append({"policy": name, "value": value, "low": value - margin * error, "high": value + margin * error})
    return pd.DataFrame(rows)
