"""The truth that is planted in the demo shop: every number that a method may be asked to find again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from seglib.demo_shop.process import (
    FEW_ORDERS,
    LARGE,
    PROCESS,
    Q1,
    Q2,
    Q3,
    SMALL,
)

QUARTERS = ((Q1, Q2), (Q2, Q3))  # with web events
STANDING_COUNT = 12  # standing orders of a subscriber, which come together on each of the days of an order
SILENT_DAYS, SILENT_ORDERS = 90, 6  # sleeping: so long without an order, and no more orders than that in a year
YEAR_DAYS = 365
DRIFT_SEGMENT, DRIFT_FACTOR = "companies", 1.25  # order value from 2026-07-01 on
OFFER_SHARE = 0.20  # discount on orders that a campaign caused
RETURN_SHARE, DUPLICATE_SHARE = 0.04, 0.005  # of order lines
GIFT_COUNT, TEST_COUNT, NAMELESS_COUNT = 15, 8, 20  # lines at price zero, of status test, without customer


@dataclass(frozen=True)
class Segment:
    """Behaviour of one latent segment.

    Parameters
    ----------
    name : str
    order_value : float
        Mean paid per order in GBP, which follows from `PROCESS` and who belongs to the segment.
    lines_mean : float
        Order lines per order, 1 to 3.
    discount_line_share, discount_share : float
        Share of orders at a discount, and mean discount on those.
    category_count : int
        Categories out of which a customer buys.
    web_share, shop_share : float
        Where orders are placed; the rest by phone.
    sessions_per_week : float
        Recorded web sessions per customer.
    view, cart, checkout, purchase : float
        Planted shares of going on: visit to view, view to cart, cart to checkout, checkout to purchase.
    nps_mean, csat_mean : float
        Centre of the answers (0-10, 1-5) before rounding.
    motive_price, motive_quality, motive_convenience : float
        Centre of the answers, 1-5, before rounding.
    age_mean : float
        Years on 2026-10-01. Age and home are those of the segment in which a person's life as a customer begins.
    home_share : float
        Share living in the United Kingdom; `neighbour` is the country of half of the others.
    neighbour : str
    """

    name: str
    order_value: float
    lines_mean: float
    discount_line_share: float
    discount_share: float
    category_count: int
    web_share: float
    shop_share: float
    sessions_per_week: float
    view: float
    cart: float
    checkout: float
    purchase: float
    nps_mean: float
    csat_mean: float
    motive_price: float
    motive_quality: float
    motive_convenience: float
    age_mean: float
    home_share: float
    neighbour: str


# fmt: off
_TABLE = (
    # name, order value, lines, discounted orders, discount, categories,
    # web, shop; sessions, view, cart, checkout, purchase; NPS, CSAT, price, quality, convenience; age, home, neighbour
    Segment(
        "companies", 170.6, 1.1, .90, .08, 2, .50, .05,
        .07, .85, .45, .75, .85, 8.2, 4.0, 2.8, 4.0, 3.6, 47, .55, "Germany",
    ),
    Segment(
        "subscribers", 5.37, 1.0, .03, .05, 1, .95, .05,
        .18, .80, .70, .85, .92, 9.4, 4.6, 2.6, 3.6, 4.8, 52, .80, "Ireland",
    ),
    Segment(
        "loyal_regulars", 64.4, 1.3, .03, .10, 8, .60, .35,
        .10, .75, .40, .70, .80, 9.0, 4.4, 2.4, 4.6, 3.4, 52, .80, "Ireland",
    ),
    Segment(
        "bargain_hunters", 31.8, 1.0, .92, .32, 2, .75, .20,
        .10, .80, .50, .45, .60, 7.8, 3.6, 4.8, 2.6, 3.0, 36, .50, "Ireland",
    ),
    Segment(
        "newcomers", 75., 1.0, .03, .10, 1, .85, .10,
        .14, .70, .30, .60, .70, 8.4, 4.1, 3.4, 3.4, 3.8, 30, .45, "France",
    ),
    Segment(
        "sleeping", 75., 1.0, .02, .10, 1, .45, .50,
        .04, .55, .12, .30, .25, 6.4, 3.1, 3.6, 3.2, 2.8, 58, .70, "France",
    ),
)
# fmt: on
SEGMENTS = {segment.name: segment for segment in _TABLE}


@dataclass(frozen=True)
class Campaign:
    """A campaign with random arms and its planted effects.

    Parameters
    ----------
    name : str
    sent_day : int
        Days since 2024-10-01.
    segment_day : int
        Last day of the quarter before; the segments of that day have the effects.
    effects : tuple of (arm, segment, points)
        Added share of customers who buy within 30 days; 0 for every other pair.
    """

    name: str
    sent_day: int
    segment_day: int
    effects: tuple[tuple[str, str, float], ...] = ()

    def effect(self, arm: str, segment: str) -> float:
        """Return the planted effect of an arm on a segment, as a share.

        Examples
        --------
        >>> CAMPAIGNS[0].effect("offer_a", "bargain_hunters"), CAMPAIGNS[0].effect("control", "bargain_hunters")
        (0.2, 0.0)
        """
        return {(a, s): points for a, s, points in self.effects}.get((arm, segment), 0.0)


OUTCOME_DAYS = 30
HOLDOUT_ARM, HOLDOUT_IN = "holdout", 10  # the shop's own hold-out: one customer in ten
ARMS = {"control": 0.0, "offer_a": 0.35, "offer_b": 0.20}  # cost per contact in GBP
_BARGAINS = (("offer_a", "bargain_hunters", 0.20), ("offer_b", "bargain_hunters", 0.20))
_SLEEPING = (("offer_a", "sleeping", 0.14), ("offer_b", "sleeping", 0.04))
CAMPAIGNS = (
    Campaign("spring_offer", 553, Q1 - 1, _BARGAINS),  # 2026-04-07
    Campaign("spring_news", 560, Q1 - 1),  # 2026-04-14: three texts without an offer, no effect on anybody
    Campaign("june_offer", 622, Q1 - 1, _BARGAINS),  # 2026-06-15: its 30 days end in the next quarter
    Campaign("summer_offer", 643, Q2 - 1, _BARGAINS + _SLEEPING),  # 2026-07-06
    Campaign("summer_news", 650, Q2 - 1),  # 2026-07-13
)

VIEW_AGAIN, CART_BACK = 0.25, 0.10  # view to another view, cart back to a view: shares of what does not go on


def transitions(segment: Segment) -> dict[str, dict[str, float]]:
    """Return the planted first-order transition matrix of web sessions.

    Parameters
    ----------
    segment : Segment

    Returns
    -------
    dict
        From each event but exit, the share of each next event; every row sums to 1.

    Examples
    --------
    >>> transitions(SEGMENTS["newcomers"])["checkout"]
    {'purchase': 0.7, 'exit': 0.3}
    """
    again, back = round((1 - segment.cart) * VIEW_AGAIN, 4), round((1 - segment.checkout) * CART_BACK, 4)
    return {
        "visit": {"view": segment.view, "exit": round(1 - segment.view, 4)},
        "view": {"view": again, "cart": segment.cart, "exit": round(1 - segment.cart - again, 4)},
        "cart": {"view": back, "checkout": segment.checkout, "exit": round(1 - segment.checkout - back, 4)},
        "checkout": {"purchase": segment.purchase, "exit": round(1 - segment.purchase, 4)},
        "purchase": {"exit": 1.0},
    }


def parameter_rows(drift_of: Callable[[str], float]) -> list[dict[str, str]]:
    """Return one row per segment with all planted parameters and its drift, as text."""
    rows = []
    for segment in SEGMENTS.values():
        values = {field.name: str(getattr(segment, field.name)) for field in fields(Segment)[1:]}
        drift = drift_of(segment.name)
        rows.append({"segment": segment.name, **values, "order_value_factor_from_2026Q3": str(drift)})
    return rows


def transition_rows() -> list[dict[str, str]]:
    """Return the transition matrices in long form, as text."""
    return [
        {"segment": segment.name, "from_event": start, "to_event": stop, "share": str(share)}
        for segment in SEGMENTS.values()
        for start, row in transitions(segment).items()
        for stop, share in row.items()
    ]


def constant_rows(drift_segment: str, drift_factor: float, subscribing_share: float) -> list[dict[str, str]]:
    """Return the planted numbers that belong to no segment, as text."""
    constants = {
        "split_from": "2026-07-01",
        **{name: value for name, value in asdict(PROCESS).items() if name != "v"},
        "v_gbp": PROCESS.v,
        "few_orders": FEW_ORDERS,
        "small_gbp": SMALL,
        "large_gbp": LARGE,
        "standing_count": STANDING_COUNT,
        "subscribing_share": subscribing_share,
        "silent_days": SILENT_DAYS,
        "silent_orders": SILENT_ORDERS,
        "drift_segment": drift_segment,
        "drift_factor": drift_factor,
        "outcome_days": OUTCOME_DAYS,
        "offer_share": OFFER_SHARE,
        "holdout_share": 1 / HOLDOUT_IN,
        "return_share": RETURN_SHARE,
        "duplicate_share": DUPLICATE_SHARE,
        "gift_count": GIFT_COUNT,
        "test_count": TEST_COUNT,
        "nameless_count": NAMELESS_COUNT,
    }
    return [{"name": name, "value": str(value)} for name, value in constants.items()]
