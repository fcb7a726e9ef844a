"""Which model of orders foresaw the quarters that are over, and is therefore used for what lies ahead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from seglib.evaluation.order_days import came, purchases
from seglib.methods.order_models import USUAL, OrderModel, chosen, deviance, expected, fit_all
from seglib.methods.purchase_likelihood import NOBODY_STOPS

if TYPE_CHECKING:
    from seglib.core.quarters import Quarter


@dataclass(frozen=True)
class Trial:
    """A quarter held out: models fitted to what was known before it, what they expected, and what came.

    Parameters
    ----------
    weeks : float
        Of the quarter.
    models : dict from name to model
    known : DataFrame
        Purchases before the quarter, as the models read them.
    foreseen : DataFrame
        Order days expected of each customer; a column for each model.
    came : Series
        Order days that came.
    """

    weeks: float
    models: dict[str, OrderModel]
    known: pd.DataFrame
    foreseen: pd.DataFrame
    came: pd.Series[float]


def held_out(days: pd.DataFrame, quarter: Quarter) -> Trial | None:
    """Fit every model to what was known before a quarter; None where MBG/NBD cannot be fitted or no order came.

    Parameters
    ----------
    days : DataFrame
        From `order_days`.
    quarter : Quarter
        One that is over.
    """
    known, weeks = purchases(days, quarter.start), (quarter.as_of - quarter.start).days / 7
    arrived = came(days, quarter.start, quarter.as_of, known.index)
    models = fit_all(known) if arrived.any() else {}
    if USUAL not in models:
        return None
    foreseen = pd.DataFrame({name: expected(model, known, weeks) for name, model in models.items()})
    return Trial(weeks, models, known, foreseen, arrived)


def decide(trials: Iterable[Trial | None], now: dict[str, OrderModel], seed: int) -> tuple[str, tuple[str, ...]]:
    """Choose the model that foresaw best the quarters held out, and say how.

    Parameters
    ----------
    trials : Trials or None
        A quarter each.
    now : dict from name to model
        Fitted to all that is known today; another model is not chosen that cannot be fitted, or takes everybody as
        active for ever.
    seed : int

    Returns
    -------
    tuple of name and notes
        MBG/NBD unless another was better beyond chance; no note where nothing could be tried.
    """
    tried = [trial for trial in trials if trial is not None]
    fit = [name for name, model in now.items() if name == USUAL or NOBODY_STOPS not in model.limits]
    names = [name for name in fit if all(name in trial.models for trial in tried)]
    if not tried or len(names) < 2:
        return USUAL, ()
    rows = [
        pd.DataFrame({name: deviance(trial.foreseen[name], trial.came) for name in names}).assign(
            customer=trial.known.index
        )
        for trial in tried
    ]
    losses = pd.concat(rows, ignore_index=True)
    name, gains = chosen(losses, seed)
    return name, (_said(name, losses.groupby("customer")[names].mean().mean(), gains, len(tried)),)


def _said(name: str, means: pd.Series[float], gains: Mapping[str, tuple[float, float, float]], quarters: int) -> str:
    """Say what was tried, with what result, and which model is used."""
    told = [
        f"{rival} {means[rival]:.3f} ({difference:+.4f}, 95% interval {low:+.4f} to {high:+.4f})"
        for rival, (difference, low, high) in gains.items()
    ]
    over = "the quarter that is over" if quarters == 1 else f"the {quarters} quarters that are over"
    why = (
        f"{name} foresaw them better beyond chance, so it is used."
        if name != USUAL
        else f"None is better than {USUAL} beyond chance, so {USUAL} is used."
    )
    return (
        f"Which model of orders, tried on {over}, each fitted to what was known before: the mean loss per customer "
        f"(Poisson deviance, lower is better) is {means[USUAL]:.3f} with {USUAL}, {' and '.join(told)}. {why}"
    )
