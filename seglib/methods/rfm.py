"""Score customers by recency, frequency and money, and name the score cells by a table of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Mode = Literal["quantile", "rfm_r"]
Bools = npt.NDArray[np.bool_]

DIGITS = 9
OTHERS = "Others"
MEASURES = ("recency_days", "order_count", "monetary")
SCORES = ("r_score", "f_score", "m_score")


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
    """

    bins: int
    mode: Mode
    recency_days: tuple[float, ...]
    order_count: tuple[float, ...]
    monetary: tuple[float, ...]

    @classmethod
    def fit(cls, frame: pd.DataFrame, bins: int = 5, mode: Mode = "quantile") -> Rfm:
        """Learn the edges as quantiles (type 7 of Hyndman & Fan 1996).

        Parameters
        ----------
        frame : DataFrame with recency_days, order_count, monetary
            One row per customer; missing values are ignored.
        bins : int, at least 2
        mode : {"quantile", "rfm_r"}

        Returns
        -------
        Rfm

        Examples
        --------
        >>> frame = pd.DataFrame({"recency_days": [5, 9, 30], "order_count": [9, 1, 1], "monetary": [90, 10, 20]})
        >>> Rfm.fit(frame, bins=2).recency_days
        (9.0,)
        """
        levels = np.arange(1, bins) / bins
        shift = 1.0 if mode == "rfm_r" else 0.0
        edges = {name: frame[name].astype("float64").quantile(levels) + shift for name in MEASURES}
        return cls(bins, mode, **{name: tuple(cut.round(DIGITS).tolist()) for name, cut in edges.items()})

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
        numbers = values.astype("float64")
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
        return cls(values["bins"], values["mode"], **{name: tuple(values[name]) for name in MEASURES})


class Rule(NamedTuple):
    """A box of score cells and its segment name; both ends count. A name may own several boxes."""

    name: str
    r_low: int
    r_high: int
    f_low: int
    f_high: int
    m_low: int
    m_high: int


RULES: tuple[Rule, ...] = (
    Rule("Champions", 5, 5, 4, 5, 4, 5),
    Rule("Loyal Customers", 5, 5, 4, 5, 1, 3),
    Rule("Loyal Customers", 3, 4, 4, 5, 1, 5),
    Rule("Potential Loyalists", 4, 5, 2, 3, 1, 5),
    Rule("New Customers", 5, 5, 1, 1, 1, 5),
    Rule("Promising", 4, 4, 1, 1, 1, 5),
    Rule("Need Attention", 3, 3, 3, 3, 1, 5),
    Rule("Need Attention", 3, 3, 1, 2, 4, 5),
    Rule("About To Sleep", 3, 3, 1, 2, 1, 3),
    Rule("Can't Lose Them", 1, 2, 4, 5, 4, 5),
    Rule("At Risk", 1, 2, 4, 5, 1, 3),
    Rule("At Risk", 1, 2, 3, 3, 1, 5),
    Rule("At Risk", 1, 2, 1, 2, 4, 5),
    Rule("Hibernating", 2, 2, 1, 2, 1, 3),
    Rule("Lost", 1, 1, 1, 2, 1, 3),
)


def label(scores: pd.DataFrame, rules: Sequence[Rule] = RULES) -> pd.Series[str]:
    """Name each customer's score cell; the first rule that holds wins.

    Parameters
    ----------
    scores : DataFrame with r_score, f_score, m_score
    rules : sequence of Rule
        Run ``lint`` on your own rules first.

    Returns
    -------
    Series of str, named ``segment``
        ``Others`` where no rule holds or a score is missing.

    Examples
    --------
    >>> label(pd.DataFrame({"r_score": [5, 1], "f_score": [5, 1], "m_score": [5, 1]})).tolist()
    ['Champions', 'Lost']
    """
    inside = _inside(scores, rules)
    first = np.where(inside.any(axis=1), inside.argmax(axis=1), len(rules))
    names = np.array([rule.name for rule in rules] + [OTHERS], dtype=object)
    return pd.Series(names[first], index=scores.index, name="segment", dtype="str")


def lint(rules: Sequence[Rule] = RULES, bins: int = 5) -> pd.DataFrame:
    """Find the score cells that no rule or several rules claim, and rules that can never apply.

    Parameters
    ----------
    rules : sequence of Rule
    bins : int
        Scores run from 1 to this.

    Returns
    -------
    DataFrame with finding, cell, rules
        ``uncovered`` and ``overlapping`` with the cell as recency, frequency and money score, such as ``5-1-3``;
        ``unreachable`` with a rule whose every cell an earlier rule takes. Empty when the rules are sound.

    Examples
    --------
    >>> lint().empty
    True
    >>> lint([Rule("Good", 2, 2, 1, 2, 1, 2), Rule("Bad", 1, 1, 1, 2, 1, 1)], bins=2).cell.tolist()
    ['1-1-2', '1-2-2']
    """
    cells = pd.DataFrame(list(product(range(1, bins + 1), repeat=3)), columns=list(SCORES))
    inside = _inside(cells, rules)
    rows = [_cell_finding(cell, claims, rules) for cell, claims in zip(cells.to_numpy(), inside, strict=True)]
    winners = set(inside.argmax(axis=1)[inside.any(axis=1)])
    unreachable = [("unreachable", "", rule.name) for i, rule in enumerate(rules) if i not in winners]
    return pd.DataFrame([row for row in rows if row] + unreachable, columns=["finding", "cell", "rules"])


def _inside(scores: pd.DataFrame, rules: Sequence[Rule]) -> Bools:
    """Return which customer (row) lies in the box of which rule (column)."""
    boxes = np.array([rule[1:] for rule in rules]).reshape(-1, 3, 2)
    cells = scores[list(SCORES)].to_numpy(dtype="float64", na_value=np.nan)[:, None, :]
    return np.asarray(((cells >= boxes[:, :, 0]) & (cells <= boxes[:, :, 1])).all(axis=2))


def _cell_finding(cell: npt.NDArray[np.int64], claims: Bools, rules: Sequence[Rule]) -> tuple[str, str, str] | None:
    count = int(claims.sum())
    if count == 1:
        return None
    names = ", ".join(rule.name for rule, claimed in zip(rules, claims, strict=True) if claimed)
    return "overlapping" if count else "uncovered", "-".join(map(str, cell)), names
