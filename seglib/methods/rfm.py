"""Score customers by recency, frequency and money, and name the score cells by a table of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from seglib.core.steady import steady, steady_column
from seglib.methods import rules as tables
from seglib.methods.rates import FloatArray
from seglib.methods.rules import OTHERS, Domain

Mode = Literal["quantile", "rfm_r"]
Edges = Literal["keep", "renew"]

DIGITS = 9
MEASURES = ("recency_days", "order_count", "monetary")
WORDS = {"recency_days": "days since the last order", "order_count": "number of orders", "monetary": "money"}
SCORES = ("r_score", "f_score", "m_score")
BINS = 5  # what the default rules are written for
RULES = {  # each of the 125 score cells has exactly one name, so the order does not matter
    "Champions": "r_score = 5 and f_score >= 4 and m_score >= 4",
    "Loyal Customers": "f_score >= 4 and (r_score between 3 and 4 or r_score = 5 and m_score <= 3)",
    "Potential Loyalists": "r_score >= 4 and f_score between 2 and 3",
    "New Customers": "r_score = 5 and f_score = 1",
    "Promising": "r_score = 4 and f_score = 1",
    "Need Attention": "r_score = 3 and (f_score = 3 or f_score <= 2 and m_score >= 4)",
    "About To Sleep": "r_score = 3 and f_score <= 2 and m_score <= 3",
    "Can't Lose Them": "r_score <= 2 and f_score >= 4 and m_score >= 4",
    "At Risk": "r_score <= 2 and (f_score >= 4 and m_score <= 3 or f_score = 3 or f_score <= 2 and m_score >= 4)",
    "Hibernating": "r_score = 2 and f_score <= 2 and m_score <= 3",
    "Lost": "r_score = 1 and f_score <= 2 and m_score <= 3",
}


@dataclass(frozen=True)
class Rfm:
    """A frozen scorer: the edges between the scores 1 (worst) to ``bins`` (best).

    Parameters
    ----------
    bins : int
        Number of scores, usually 5.
    mode : {"quantile", "rfm_r"}
        ``quantile``: a value above an edge gets the next score. ``rfm_r`` repeats the R package rfm: edges are
        quantile + 1, and a value at or above an edge gets the next score.
    recency_days, order_count, monetary : tuple of float
        ``bins`` - 1 ascending edges in the unit of the measure. Fewer days give a better score.
    rules : dict from name to rule text
        Name of each score cell, in terms of r_score, f_score and m_score.
    edges : {"keep", "renew"}
        Whether next quarter scores by these edges, or by its own.
    tied : dict from measure to int
        Measures in which so many customers are equal that equal parts cannot be had, and the scores that occur.
    """

    bins: int
    mode: Mode
    recency_days: tuple[float, ...]
    order_count: tuple[float, ...]
    monetary: tuple[float, ...]
    rules: dict[str, str] = field(default_factory=RULES.copy)
    edges: Edges = "keep"
    tied: dict[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, frame: pd.DataFrame, bins: int = BINS, mode: Mode = "quantile", unit: int = 1) -> Rfm:
        """Learn the edges as quantiles (type 7 of Hyndman & Fan 1996).

        Where so many customers are equal that two quantiles are one number, all of them share the score below it, and
        the customers above are divided anew among the scores that are left: who ordered twice does not score like who
        ordered nine times, however many ordered once. Edges that nobody is left to define lie one step apart each.

        Parameters
        ----------
        frame : DataFrame with recency_days, order_count, monetary
            One row per customer; missing values are ignored.
        bins : int, at least 2
        mode : {"quantile", "rfm_r"}
        unit : int
            Minor units of money in a main unit, where ``monetary`` is in minor units: R adds 1 main unit.

        Returns
        -------
        Rfm

        Examples
        --------
        >>> frame = pd.DataFrame({"recency_days": [5, 9, 30], "order_count": [9, 1, 1], "monetary": [90, 10, 20]})
        >>> Rfm.fit(frame, bins=2).recency_days
        (9.0,)
        """
        if mode == "rfm_r":
            levels, shift = np.arange(1, bins) / bins, dict.fromkeys(MEASURES, 1.0) | {"monetary": float(unit)}
            cut = [steady_column(frame[name].astype("float64")).quantile(levels) + shift[name] for name in MEASURES]
            recency, orders, money = (tuple(edges.round(DIGITS).tolist()) for edges in cut)
            return cls(bins, mode, recency, orders, money)
        known = {name: steady(frame[name].dropna().astype("float64")) for name in MEASURES}
        recency, orders, money = (_divided(values, bins) for values in known.values())
        fitted = cls(bins, mode, recency, orders, money)
        parts = zip(known.items(), (recency, orders, money), strict=True)
        tied = {
            name: _occurring(values, edges) for (name, values), edges in parts if _equal_parts(values, bins) is None
        }
        return replace(fitted, tied=tied)

    def ties(self) -> tuple[str, ...]:
        """Say in which measures equal parts cannot be had.

        Examples
        --------
        >>> Rfm(5, "quantile", (9.0, 12.0, 15.0, 20.0), (1.0, 2.0, 3.0, 4.0), (2.0, 5.0, 9.0, 11.0),
        ...     tied={"order_count": 3}).ties()[0][:76]
        'By number of orders the customers cannot be divided into 5 equal parts: too '
        """
        return tuple(
            f"By {WORDS[name]} the customers cannot be divided into {self.bins} equal parts: too many of them are "
            f"equal. They share a score of the RFM cells, those beyond are divided among the scores that are left, and "
            f"{count} of the {self.bins} scores occur."
            for name, count in self.tied.items()
        )

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Score customers; equal values always share a score.

        Parameters
        ----------
        frame : DataFrame with recency_days, order_count, monetary

        Returns
        -------
        DataFrame with r_score, f_score, m_score (Int64, 1 to ``bins``, missing where the measure is)
            On the index of ``frame``.

        Examples
        --------
        >>> frame = pd.DataFrame({"recency_days": [5, 9, 30], "order_count": [9, 1, 1], "monetary": [90, 10, 20]})
        >>> Rfm.fit(frame, bins=2).transform(frame).to_numpy().tolist()
        [[2, 2, 2], [2, 1, 1], [1, 1, 1]]
        """
        steps = [self._steps(frame[name], getattr(self, name)) for name in MEASURES]
        steps[0] = self.bins - 1 - steps[0]
        return pd.DataFrame({name: step + 1 for name, step in zip(SCORES, steps, strict=True)})

    def _steps(self, values: pd.Series[Any], edges: Sequence[float]) -> pd.Series[Any]:
        """Count the edges that each value has passed."""
        numbers = steady_column(values.astype("float64"))
        passed = np.searchsorted(edges, numbers, side="right" if self.mode == "rfm_r" else "left")
        return pd.Series(passed, index=values.index, dtype="Int64").mask(numbers.isna())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold.

        Examples
        --------
        >>> Rfm(2, "quantile", (9.0,), (1.0,), (20.0,)).to_dict()["monetary"]
        [20.0]
        """
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Rfm:
        """Build the scorer that ``to_dict`` wrote.

        Examples
        --------
        >>> scorer = Rfm(2, "quantile", (9.0,), (1.0,), (20.0,))
        >>> Rfm.from_dict(scorer.to_dict()) == scorer
        True
        """
        return cls(**{**values, **{name: tuple(values[name]) for name in MEASURES}})

    def name(self, frame: pd.DataFrame) -> pd.Series[str]:
        """Name each customer's score cell; ``Others`` where no rule holds or a score is missing.

        Examples
        --------
        >>> frame = pd.DataFrame({"recency_days": [5, 9, 30], "order_count": [9, 1, 2], "monetary": [90, 10, 20]})
        >>> Rfm.fit(frame).name(frame).tolist()
        ['Champions', 'About To Sleep', 'At Risk']
        """
        scores = self.transform(frame)
        return tables.label(scores, self.rules).mask(scores.isna().any(axis=1), OTHERS)

    def continues(self, before: Rfm) -> Rfm:
        """Take over an earlier quarter's edges, so that a score means the same in both, unless the plan renews them.

        Parameters
        ----------
        before : Rfm
            Its edges stay where bins and mode are the same; the rules are always today's.

        Examples
        --------
        >>> old, new = Rfm(2, "quantile", (9.0,), (1.0,), (20.0,)), Rfm(2, "quantile", (7.0,), (2.0,), (30.0,))
        >>> new.continues(old).recency_days
        (9.0,)
        """
        if self.edges == "renew" or (before.bins, before.mode) != (self.bins, self.mode):
            return self
        return replace(self, tied=dict(before.tied), **{name: getattr(before, name) for name in MEASURES})


def _equal_parts(values: FloatArray, bins: int) -> FloatArray | None:
    """Give the quantiles, or None where two of them are one number."""
    if not len(values):
        return np.full(bins - 1, np.nan)
    cut = np.quantile(values, np.arange(1, bins) / bins).round(DIGITS)
    return cut if len(np.unique(cut)) == len(cut) else None


def _divided(values: FloatArray, bins: int) -> tuple[float, ...]:
    """Give the edges between the scores; beyond a tie, the rest is divided anew."""
    cut = _equal_parts(values, bins)
    if cut is not None:
        return tuple(cut.tolist())
    edges: list[float] = []
    rest, steps = values, np.diff(np.unique(values))
    for parts in range(bins, 1, -1):
        if len(rest):
            edges.append(round(float(np.quantile(rest, 1 / parts)), DIGITS))
            rest = rest[rest > edges[-1]]
    step = float(steps.min()) if len(steps) else 1.0
    return (*edges, *(round(edges[-1] + step * more, DIGITS) for more in range(1, bins - len(edges))))


def _occurring(values: FloatArray, edges: Sequence[float]) -> int:
    return len(np.unique(np.searchsorted(edges, values, side="left")))


def domains(bins: int = BINS) -> dict[str, Domain]:
    """Say which scores there are, for the proof that rules are sound.

    Examples
    --------
    >>> domains(2)["r_score"].values
    (1.0, 2.0)
    """
    return dict.fromkeys(SCORES, Domain(tuple(float(score) for score in range(1, bins + 1)), may_miss=False))
