"""A typing tool: guess a customer's segment from a few known columns, with its honest accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeClassifierCV
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady
from seglib.methods.rates import wilson

STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)
OUTER = 5
RARE = 10  # a category with fewer customers is treated as one with the other rare ones
WORTH = 0.05  # a smaller gain is not worth a tool
UNKNOWN = "not known"


@dataclass(frozen=True)
class TypingTool:
    """A fitted typing tool and how good it is on customers that it has not seen.

    Parameters
    ----------
    columns : tuple of str
        What it asks for.
    customers : int
    accuracy, low, high : float
        Share of customers typed right in nested cross-validation, and its interval (Wilson, 95 %).
    majority : float
        Share typed right by always naming the largest segment of the training part.
    gain, gain_low, gain_high : float
        Difference of the two on the same customers, and its interval (paired, 95 %).
    by_label : DataFrame
        label, n, found (share of its members who are typed right).
    model : Pipeline
        Fitted to everybody.
    """

    columns: tuple[str, ...]
    customers: int
    accuracy: float
    low: float
    high: float
    majority: float
    gain: float
    gain_low: float
    gain_high: float
    by_label: pd.DataFrame
    model: Any

    @property
    def is_useful(self) -> bool:
        """Whether it is better than the majority beyond chance."""
        return self.gain_low > 0

    def verdict(self) -> str:
        """Say in plain words how good it is, and whether to use it."""
        measured = (
            f"From {len(self.columns)} columns the segment is guessed right for {self.accuracy:.1%} of customers "
            f"({self.low:.1%} to {self.high:.1%}); always naming the largest segment is right for {self.majority:.1%}."
        )
        if not self.is_useful:
            return f"{measured} The tool is no better than that: do not use it."
        span = f"{100 * self.gain:.1f} points ({100 * self.gain_low:.1f} to {100 * self.gain_high:.1f})"
        if self.gain < WORTH:
            return f"{measured} The tool gains {span}: beyond chance, but too little to act on."
        return f"{measured} The tool gains {span}: better than nothing, and wrong for the others."

    def predict(self, frame: pd.DataFrame) -> pd.Series[Any]:
        """Guess the label of every row of a frame with the tool's columns; unseen categories are allowed."""
        scores = self.model.decision_function(_ready(frame[list(self.columns)]))
        return pd.Series(_typed(scores, self.model.classes_), index=frame.index)


def typing_tool(frame: pd.DataFrame, labels: pd.Series[Any], seed: int = 0) -> TypingTool:
    """Fit a typing tool and measure it by nested cross-validation.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        Numbers and words that are known of a customer without watching any behaviour.
    labels : Series, shape (n,)
        Segment of each; every segment has at least 5 members.
    seed : int
        Deals the folds.

    Returns
    -------
    TypingTool
        Ridge classifier; its penalty is chosen by an inner leave-one-out, so no customer is typed by a model that has
        seen them (Varma & Simon 2006, BMC Bioinformatics 7:91).

    Raises
    ------
    InputRefused
        V25, when a segment has fewer members than there are folds.

    Examples
    --------
    >>> frame = pd.DataFrame({"country": ["DE", "FR", "AT"] * 20})
    >>> typing_tool(frame, pd.Series([1, 2, 2] * 20)).accuracy
    1.0
    """
    smallest = int(labels.value_counts().min())
    if smallest < OUTER:
        what = f"a typing tool needs at least {OUTER} customers of each segment"
        raise InputRefused(Finding("V25", what, found=str(smallest), do="leave the smallest segment out"))
    x, y = _ready(frame), labels.to_numpy()
    outer = StratifiedKFold(OUTER, shuffle=True, random_state=seed)
    model = _model(x)
    typed = _typed(cross_val_predict(model, x, y, cv=outer, method="decision_function"), np.unique(y))
    usual = np.empty_like(y)
    for train, test in outer.split(x, y):
        names, counts = np.unique(y[train], return_counts=True)
        usual[test] = names[counts.argmax()]
    right, base = typed == y, usual == y
    gains = right.astype(float) - base
    margin = 1.959964 * gains.std(ddof=1) / np.sqrt(len(y))
    low, high = wilson(int(right.sum()), len(y))
    return TypingTool(
        columns=tuple(str(name) for name in frame.columns),
        customers=len(y),
        accuracy=float(right.mean()),
        low=float(low),
        high=float(high),
        majority=float(base.mean()),
        gain=float(gains.mean()),
        gain_low=float(gains.mean() - margin),
        gain_high=float(gains.mean() + margin),
        by_label=_found(y, right),
        model=model.fit(x, y),
    )


def _typed(scores: npt.NDArray[np.float64], labels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give the label with the highest score, the first of equals; of two labels there is one score."""
    both = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
    return np.asarray(labels[steady(both).argmax(axis=1)])


def _found(y: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> pd.DataFrame:
    grouped = pd.DataFrame({"label": y, "right": right}).groupby("label")["right"]
    return grouped.agg(n="size", found="mean").reset_index()


def _ready(frame: pd.DataFrame) -> pd.DataFrame:
    """Words as words with a level for what is not known, numbers as numbers."""
    words = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    return frame.astype(dict.fromkeys(set(frame) - set(words), "float64")).assign(
        **{str(name): frame[name].astype(object).where(frame[name].notna(), UNKNOWN).astype(str) for name in words}
    )


def _model(frame: pd.DataFrame) -> Pipeline:
    numbers = list(frame.select_dtypes("number"))
    words = [name for name in frame if name not in numbers]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE, sparse_output=False), words),
    )
    return make_pipeline(columns, RidgeClassifierCV(alphas=STRENGTHS))
