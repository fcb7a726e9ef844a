"""Who will order in the next quarter: three ways to foresee it, tried on the quarters that are over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.core.errors import SegError
from seglib.evaluation.order_days import came, purchases
from seglib.methods.digits import published
from seglib.methods.next_order import brier, fit_next_order, gain, log_loss, next_order_chance, order_features
from seglib.methods.opportunities import bgbb_expected, fit_bgbb
from seglib.methods.purchases import fit_mbgnbd, order_probability

if TYPE_CHECKING:
    from seglib.core.quarters import Quarter
    from seglib.core.run import Run

TESTED, LEARNT = 3, 3  # quarters that are foreseen, and quarters before each of them that are learnt from
FEWEST = 50  # customers known at a quarter's start
MODEL, CLASSIFIER, BY_QUARTER = "MBG/NBD", "classifier", "BG/BB on quarters"
COLUMNS = ["quarter", "model", "customers", "foreseen_share", "ordered_share", "brier", "log_loss"]


@dataclass(frozen=True)
class Known:
    """What was known of each customer at the start of a quarter, and who ordered in it."""

    quarter: Quarter
    features: pd.DataFrame
    ordered: pd.Series


def foresee(run: Run, days: pd.DataFrame, is_over: bool = True) -> tuple[pd.Series, pd.DataFrame, tuple[str, ...]]:
    """Give each customer's chance to order in the next quarter, by the model that earned it.

    Parameters
    ----------
    run : Run
        The quarter and the seed.
    days : DataFrame
        From `order_days`.
    is_over : bool
        Whether the data cover the quarter to its end: else it tries nothing, and nothing follows for the next one.

    Returns
    -------
    tuple of Series, DataFrame and notes
        Chances by customer; the columns of `COLUMNS` for each quarter tested and each model, and the note which model
        is used. The classifier is used only where both its losses are below those of MBG/NBD beyond chance.
    """
    quarters = [run.quarter if is_over else run.quarter.previous]
    while len(quarters) < TESTED + LEARNT:
        quarters.insert(0, quarters[0].previous)
    past = [known for quarter in quarters if (known := _known(days, quarter)) is not None]
    rows, losses = [], []
    for place in range(max(1, len(past) - TESTED), len(past)):
        chances = _chances(days, past[place].quarter, past[:place][-LEARNT:], run.seed)
        rows += _scores(past[place], chances)
        losses.append(_losses(past[place], chances))
    table = published(pd.DataFrame(rows, columns=COLUMNS))
    better, note = _decide(losses, run.seed)
    final = _chances(days, run.quarter.next, past[-LEARNT:], run.seed) if is_over else {}
    name = CLASSIFIER if better and CLASSIFIER in final else MODEL
    return final.get(name, pd.Series(dtype=float)), table, (note,) if note else ()


def _known(days: pd.DataFrame, quarter: Quarter) -> Known | None:
    features = order_features(days, pd.Timestamp(quarter.start))
    if len(features) < FEWEST:
        return None
    return Known(quarter, features, came(days, quarter.start, quarter.as_of, features.index) > 0)


def _chances(days: pd.DataFrame, quarter: Quarter, past: list[Known], seed: int) -> dict[str, pd.Series]:
    """Foresee a quarter by what was known at its start; a model that cannot be fitted is left out."""
    known, weeks = purchases(days, quarter.start), (quarter.as_of - quarter.start).days / 7

    def by_quarter() -> pd.Series:
        taken = _by_quarter(days, quarter)
        return bgbb_expected(fit_bgbb(taken), taken, 1)

    def classified() -> pd.Series:
        ordered = pd.concat([one.ordered for one in past])
        model = fit_next_order(pd.concat([one.features for one in past]), ordered, seed)
        return next_order_chance(model, order_features(days, pd.Timestamp(quarter.start)))

    ways: dict[str, Callable[[], pd.Series]] = {
        MODEL: lambda: order_probability(fit_mbgnbd(known), known, weeks),
        BY_QUARTER: by_quarter,
        CLASSIFIER: classified,
    }
    found: dict[str, pd.Series] = {}
    for name, way in ways.items():
        with suppress(SegError, ValueError):
            found[name] = way()
    return found


def _by_quarter(days: pd.DataFrame, quarter: Quarter) -> pd.DataFrame:
    """Count the quarters in which each customer ordered, after that of the first order."""
    seen = days[days["ordered_on"] < pd.Timestamp(quarter.start)]
    number = quarter.numbers(seen["ordered_on"])
    by = number.groupby(seen["customer"])
    first, last = by.min(), by.max()
    return pd.DataFrame(
        {
            "taken_count": by.nunique() - 1,
            "last_taken": last - first,
            "opportunity_count": quarter.number - 1 - first,
        }
    )


def _scores(past: Known, chances: dict[str, pd.Series]) -> list[list[object]]:
    ordered = past.ordered
    return [
        [
            *(past.quarter.text, name, len(ordered), float(chance.mean()), float(ordered.mean())),
            *(float(brier(chance, ordered).mean()), float(log_loss(chance, ordered).mean())),
        ]
        for name, chance in chances.items()
    ]


def _losses(past: Known, chances: dict[str, pd.Series]) -> dict[str, pd.DataFrame]:
    tables = {"brier": brier, "log_loss": log_loss}
    return {
        kind: pd.DataFrame({name: loss(chance, past.ordered) for name, chance in chances.items()}).assign(
            customer=past.ordered.index
        )
        for kind, loss in tables.items()
    }


def _decide(losses: list[dict[str, pd.DataFrame]], seed: int) -> tuple[bool, str]:
    """Use the classifier only where both losses are lower beyond chance; the sentence tells both."""
    both = [one for one in losses if {MODEL, CLASSIFIER} <= set(one["brier"])]
    if not both:
        return False, ""
    gains = {
        kind: gain(pd.concat([one[kind] for one in both]), CLASSIFIER, MODEL, seed) for kind in ("brier", "log_loss")
    }
    better = bool(np.all([high < 0 for _, _, high in gains.values()]))
    over = "1 quarter" if len(both) == 1 else f"{len(both)} quarters"
    text = f"Who orders next quarter, tried on {over}: compared with {MODEL}, the classifier's "
    words = {"brier": "Brier score", "log_loss": "log loss"}
    told = [
        f"{words[kind]} is {_standing(low, high)} ({mean:+.4f}, 95% interval {low:+.4f} to {high:+.4f})"
        for kind, (mean, low, high) in gains.items()
    ]
    why = "It is better in both, so the classifier is used." if better else f"Not better in both, so {MODEL} is used."
    return better, f"{text}{' and its '.join(told)}. {why}"


def _standing(low: float, high: float) -> str:
    """Say what the interval of a difference of losses shows, where less is better.

    Examples
    --------
    >>> _standing(-0.0238, -0.0003), _standing(0.0025, 0.0057), _standing(-0.1, 0.1)
    ('better beyond chance', 'worse beyond chance', 'not different beyond chance')
    """
    if high < 0:
        return "better beyond chance"
    return "worse beyond chance" if low > 0 else "not different beyond chance"
