"""Three models of when customers order, behind one interface, and the choice among them by quarters held out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.core.errors import SegError
from seglib.core.steady import steady, steady_number
from seglib.methods.next_order import gain
from seglib.methods.pareto import ParetoNBD, fit_pareto_nbd, pareto_expected_orders, pareto_probability_alive
from seglib.methods.purchases import BetaGeometric, expected_orders, fit_bgnbd, fit_mbgnbd, probability_alive
from seglib.methods.rates import FloatArray

OrderModel = BetaGeometric | ParetoNBD
USUAL = "MBG/NBD"  # used unless another one foresees better beyond chance
FITS: dict[str, Callable[[pd.DataFrame], OrderModel]] = {
    USUAL: fit_mbgnbd,
    "BG/NBD": fit_bgnbd,
    "Pareto/NBD": fit_pareto_nbd,
}
RIVALS = tuple(name for name in FITS if name != USUAL)
LEAST_EXPECTED = 1e-6  # orders of a customer; less is held there, so that no single surprise outweighs all


def fit_all(purchases: pd.DataFrame, names: Iterable[str] = tuple(FITS)) -> dict[str, OrderModel]:
    """Fit every model of orders, or those named; one that cannot be fitted is left out.

    Parameters
    ----------
    purchases : DataFrame
        As in `fit_mbgnbd`.
    names : iterable of str
        Some of ``FITS``.

    Returns
    -------
    dict from name to model

    Examples
    --------
    >>> nobody = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [3.0]})
    >>> fit_all(nobody)
    {}
    """
    found: dict[str, OrderModel] = {}
    for name in names:
        with suppress(SegError):
            found[name] = FITS[name](purchases)
    return found


def expected(model: OrderModel, purchases: pd.DataFrame, horizon_weeks: npt.ArrayLike) -> pd.Series[float]:
    """Give the number of orders to expect from each customer, by whichever model; see `purchases.expected_orders`.

    Examples
    --------
    >>> new = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [0.0]})
    >>> expected(ParetoNBD(0.55328, 10.5777, 0.60624, 11.6687), new, 52).round(3).tolist()
    [1.473]
    """
    if isinstance(model, ParetoNBD):
        return pareto_expected_orders(model, purchases, horizon_weeks)
    return expected_orders(model, purchases, horizon_weeks)


def alive(model: OrderModel, purchases: pd.DataFrame) -> pd.Series[float]:
    """Give the chance that each customer has not stopped, by whichever model; see `purchases.probability_alive`.

    Examples
    --------
    >>> seen = pd.DataFrame({"repeat_count": [26], "last_purchase_weeks": [30.857], "age_weeks": [31.0]})
    >>> alive(ParetoNBD(0.55328, 10.5777, 0.60624, 11.6687), seen).round(4).tolist()
    [0.9979]
    """
    if isinstance(model, ParetoNBD):
        return pareto_probability_alive(model, purchases)
    return probability_alive(model, purchases)


def title(model: OrderModel) -> str:
    """Name a fitted model as reports do.

    Examples
    --------
    >>> title(ParetoNBD(0.5, 10.0, 0.6, 11.0)), title(BetaGeometric(0.2, 4.0, 0.8, 2.4))
    ('Pareto/NBD', 'MBG/NBD')
    """
    if isinstance(model, ParetoNBD):
        return "Pareto/NBD"
    return USUAL if model.may_stop_at_first else "BG/NBD"


def deviance(foreseen: npt.ArrayLike, came: npt.ArrayLike) -> FloatArray:
    """Give how far the orders that came are from those expected, customer by customer (Poisson deviance).

    Parameters
    ----------
    foreseen : array of float
        Orders expected, 0 or more.
    came : array of float
        Orders that came.

    Returns
    -------
    array of float
        0 where as many came as were expected; its mean is least for the model whose expectations are right.

    Notes
    -----
    2 (y log(y / m) - y + m), a strictly consistent score of an expectation (Gneiting 2011, Journal of the American
    Statistical Association 106, 746-762).

    Examples
    --------
    >>> deviance([1.0, 0.5, 2.0], [1, 0, 4]).round(3).tolist()
    [0.0, 1.0, 1.545]
    """
    mean, seen = np.maximum(np.asarray(foreseen, dtype=float), LEAST_EXPECTED), np.asarray(came, dtype=float)
    ratio = np.where(seen > 0, seen / mean, 1.0)
    return np.asarray(2 * (seen * np.log(ratio) - seen + mean))


def chosen(losses: pd.DataFrame, seed: int) -> tuple[str, Mapping[str, tuple[float, float, float]]]:
    """Choose the model that foresaw best what was held out: MBG/NBD unless another is better beyond chance.

    Parameters
    ----------
    losses : DataFrame
        customer, and a column of losses for each model that could be fitted; a customer may appear in several quarters.
    seed : int
        Of the bootstrap over customers.

    Returns
    -------
    tuple of the name, and the difference to MBG/NBD with its 95% interval for each rival
        A rival is better beyond chance where the whole interval is below 0; of several the one with the lowest loss.

    Examples
    --------
    >>> rows = pd.DataFrame({"customer": list("abc"), "MBG/NBD": [1.0, 0.8, 0.9], "Pareto/NBD": [0.5, 0.4, 0.4]})
    >>> chosen(rows, seed=0)[0], chosen(rows.rename(columns={"MBG/NBD": "BG/NBD"}), seed=0)[0]
    ('Pareto/NBD', 'MBG/NBD')
    """
    rivals = [name for name in RIVALS if name in losses] if USUAL in losses else []
    gains = {name: gain(losses, name, USUAL, seed) for name in rivals}
    better = [name for name, (_, _, high) in gains.items() if steady_number(high) < 0]
    if not better:
        return USUAL, gains
    means = steady([gains[name][0] for name in better])
    return better[int(means.argmin())], gains
