"""One effect from several experiments: compared inside each, and only then put together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.methods.rates import newcombe

COUNTS = ["converted", "n", "converted_control", "n_control"]


def stratified(counts: pd.DataFrame, by: list[str], level: float = 0.95) -> pd.DataFrame:
    """Give the mean difference of two shares over strata, with its interval.

    Parameters
    ----------
    counts : DataFrame
        One row per stratum: the columns of `by`, converted, n, converted_control and n_control, both sides above 0.
    by : list of str
        Columns whose rows are put together.
    level : float
        Confidence level, a share between 0 and 1.

    Returns
    -------
    DataFrame
        The columns of `by`, n, n_control, effect, low, high, strata.

    Notes
    -----
    Strata are weighed as by Mantel and Haenszel (Cochran 1954, Biometrics 10, 417-451): n n_control / (n + n_control).
    To add up the customers first would count as an effect that the experiments differ (Simpson 1951). The interval
    joins those of the strata, Newcombe's method 10, as the variances of a weighted sum add (Zou & Donner 2008,
    Statistics in Medicine 27, 1693-1702); with one stratum it is Newcombe's own.

    Examples
    --------
    >>> two = pd.DataFrame({"campaign": ["A", "B"], "converted": [5, 400], "n": [100, 1000],
    ...                     "converted_control": [50, 40], "n_control": [1000, 100], "channel": "email"})
    >>> stratified(two, ["channel"])[["effect", "strata"]].to_numpy().tolist()  # added up: +28.6 points
    [[0.0, 2.0]]
    """
    hit, n, hit0, n0 = (counts[name].to_numpy(dtype=float) for name in COUNTS)
    low, high = newcombe(hit, n, hit0, n0, level)
    weight, effect = n * n0 / (n + n0), hit / n - hit0 / n0
    parts = counts[by].assign(
        n=n,
        n_control=n0,
        weight=weight,
        effect=weight * effect,
        low=(weight * (effect - low)) ** 2,
        high=(weight * (high - effect)) ** 2,
        strata=1,
    )
    sums = parts.groupby(by, as_index=False, dropna=False).sum()
    mean = sums["effect"] / sums["weight"]
    ends = {"low": mean - np.sqrt(sums["low"]) / sums["weight"], "high": mean + np.sqrt(sums["high"]) / sums["weight"]}
    found = sums.assign(effect=mean, **ends).astype({"n": "int64", "n_control": "int64"})
    return found[[*by, "n", "n_control", "effect", "low", "high", "strata"]]
