"""What the data cannot tell about the customers' future, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seglib.methods.order_values import ALIKE, ONE_PRICE
from seglib.methods.pareto import ONE_STOP_RATE
from seglib.methods.purchase_likelihood import ALL_STOP, AT_ONCE, NOBODY_STOPS, ONE_CHANCE, ONE_RATE

if TYPE_CHECKING:
    from seglib.methods.order_models import OrderModel
    from seglib.methods.order_values import GammaGamma

CANNOT = "the data cannot tell"  # what a first page looks for among the notes
SAID = {
    NOBODY_STOPS: f"Nobody seems to stop for good, and {CANNOT} who might: everybody is taken as active, so customers "
    "who have been quiet for long look better than they are. The intervals allow for as many stops as may have gone "
    "unseen.",
    ALL_STOP: f"Nobody seems to order again after a repeat order: {CANNOT} who might.",
    ONE_CHANCE: f"In how easily customers stop, {CANNOT} them apart: after any order all have the same chance to stop.",
    AT_ONCE: f"Some customers seem to stop at once and the others never: {CANNOT} anything between.",
    ONE_STOP_RATE: f"In how easily customers stop, {CANNOT} them apart: all have the same rate of stopping.",
    ONE_RATE: f"In how often customers order while they are active, {CANNOT} them apart: all have the same rate.",
    ONE_PRICE: f"How far the orders of one customer differ, {CANNOT}: what a customer paid per order so far is taken "
    "for what he will pay.",
    ALIKE: f"In what an order is worth, {CANNOT} customers apart: every order has the same expected value.",
}
NO_MEAN = (
    f"No lifetime value: what the next customer's order is worth on average, {CANNOT}, as order values scatter too far "
    "(Gamma-Gamma: q = {q:.2f}, a mean needs more than 1)."
)


def unknown(orders: OrderModel, values: GammaGamma | None) -> tuple[str, ...]:
    """Say at which limits the fitted models are, and what cannot be known because of it.

    Parameters
    ----------
    orders : BetaGeometric or ParetoNBD
    values : GammaGamma, optional

    Returns
    -------
    tuple of str
        A sentence for each limit.

    Examples
    --------
    >>> from seglib.methods.purchases import BetaGeometric
    >>> unknown(BetaGeometric(0.5, 6.0, 1e-13, 1.0, limits=("nobody stops",)), None)[0][:34]
    'Nobody seems to stop for good, and'
    """
    limits = (*orders.limits, *(values.limits if values is not None else ()))
    if {ONE_PRICE, ALIKE} <= set(limits):
        limits = tuple(limit for limit in limits if limit not in (ONE_PRICE, ALIKE))
    return tuple(SAID[limit] for limit in limits)
