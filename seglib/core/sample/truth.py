"""The truth that is planted in the demo shop: every number that a method may be asked to find again."""

from __future__ import annotations

from dataclasses import dataclass, fields

Q1, Q2, Q3 = 547, 638, 730  # as_of of 2026Q1, 2026Q2 and 2026Q3 in days since 2024-10-01
END = Q3  # first day without orders
QUARTERS = ((Q1, Q2), (Q2, Q3))  # with web events
SPLIT = Q2  # from when part of the loyal regulars buy by subscription
DROPOUT_FROM = 457  # 2026-01-01; whoever stopped earlier is among the sleeping
SILENT_DAYS = 120  # a customer who dropped out counts as sleeping after so many days without an order
DRIFT_SEGMENT, DRIFT_FACTOR = "companies", 1.25  # order value from 2026-07-01 on
OWN_PACE_SPREAD = 0.12  # standard deviation of the logarithm of a customer's own pace of ordering
OFFER_SHARE = 0.20  # discount on orders that a campaign caused
RETURN_SHARE, DUPLICATE_SHARE = 0.04, 0.005  # of order lines
GIFT_COUNT, TEST_COUNT, NAMELESS_COUNT = 15, 8, 20  # lines at price zero, of status test, without customer


@dataclass(frozen=True)
class Segment:
    """Behaviour of one latent segment.

    Parameters
    ----------
    name : str
    orders_per_week : float
        Mean of the renewal process; `gap_shape` is the shape of its gamma gaps (1: Poisson).
    gap_shape : int
    dropout_per_week : float
        Hazard of stopping for good, from 2026-01-01 on.
    order_value : float
        Mean paid per order in GBP; `value_spread` is the standard deviation of its logarithm.
    value_spread : float
    lines_mean : float
        Order lines per order, 1 to 3.
    discount_line_share, discount_share : float
        Share of lines sold at a discount, and mean discount on those.
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
    orders_per_week: float
    gap_shape: int
    dropout_per_week: float
    order_value: float
    value_spread: float
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
    # name, orders per week, gap shape, dropout, order value, spread, lines, discounted lines, discount, categories,
    # web, shop; sessions, view, cart, checkout, purchase; NPS, CSAT, price, quality, convenience; age, home, neighbour
    Segment(
        "companies", .075, 6, .0002, 700., .40, 1.6, .05, .05, 3, .50, .05,
        .10, .85, .45, .75, .85, 8.2, 4.0, 2.8, 4.0, 3.6, 47, .55, "Germany",
    ),
    Segment(
        "subscribers", 2.000, 5, .0005, 12., .18, 1.0, .03, .05, 1, .95, .05,
        .25, .80, .70, .85, .92, 9.4, 4.6, 2.6, 3.6, 4.8, 52, .80, "Ireland",
    ),
    Segment(
        "loyal_regulars", .240, 4, .0005, 46., .30, 1.2, .06, .10, 6, .60, .35,
        .14, .75, .40, .70, .80, 9.0, 4.4, 2.4, 4.6, 3.4, 52, .80, "Ireland",
    ),
    Segment(
        "bargain_hunters", .105, 3, .0008, 17., .30, 1.0, .88, .32, 4, .75, .20,
        .14, .80, .50, .45, .60, 7.8, 3.6, 4.8, 2.6, 3.0, 36, .50, "Ireland",
    ),
    Segment(
        "newcomers", .130, 3, .0000, 36., .35, 1.1, .03, .10, 3, .85, .10,
        .20, .70, .30, .60, .70, 8.4, 4.1, 3.4, 3.4, 3.8, 30, .45, "France",
    ),
    Segment(
        "sleeping", .050, 3, .0000, 38., .35, 1.0, .02, .10, 2, .45, .50,
        .05, .55, .12, .30, .25, 6.4, 3.1, 3.6, 3.2, 2.8, 58, .70, "France",
    ),
)
# fmt: on
SEGMENTS = {segment.name: segment for segment in _TABLE}


@dataclass(frozen=True)
class Life:
    """A course of life: who behaves how until when.

    Parameters
    ----------
    name : str
    customer_count : int
    first_days : tuple of int
        Range of the day of the first order (of the last order when `backwards`), in days since 2024-10-01.
    phases : tuple of (segment, until day, pace)
        `pace` multiplies the segment's orders per week in this phase; no phase: never buys.
    span_days : int
        Longest time between the first and the last order.
    backwards : bool
        Whether orders are laid out backwards from the last one.
    """

    name: str
    customer_count: int
    first_days: tuple[int, int]
    phases: tuple[tuple[str, int, float], ...]
    span_days: int = END
    backwards: bool = False


_EARLIER = (0, 510)
LIVES = (
    Life("companies", 240, _EARLIER, (("companies", END, 1),)),
    Life("regulars", 270, (0, 420), (("loyal_regulars", END, 1),)),
    Life("subscribing", 150, (0, 420), (("loyal_regulars", SPLIT, 1), ("subscribers", END, 1))),
    Life("bargains", 490, _EARLIER, (("bargain_hunters", END, 1),)),
    Life("sleepers", 420, (368, 488), (("sleeping", END, 1),), 450, backwards=True),
    Life("settling", 50, (545, 620), (("newcomers", Q2, 1), ("loyal_regulars", END, 2))),
    Life("passing", 30, (545, 562), (("newcomers", END, 1),), 15),
    Life("lingering", 90, (595, 634), (("newcomers", END, 1),)),
    Life("joining", 170, (642, 722), (("newcomers", END, 1),)),
    Life("browsing", 80, (200, 700), ()),
)


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
        Added share of customers who buy within 60 days; 0 for every other pair.
    """

    name: str
    sent_day: int
    segment_day: int
    effects: tuple[tuple[str, str, float], ...] = ()

    def effect(self, arm: str, segment: str) -> float:
        """Return the planted effect of an arm on a segment, as a share.

        Examples
        --------
        >>> CAMPAIGNS[2].effect("offer_a", "bargain_hunters"), CAMPAIGNS[2].effect("control", "bargain_hunters")
        (0.2, 0.0)
        """
        return {(a, s): points for a, s, points in self.effects}.get((arm, segment), 0.0)


OUTCOME_DAYS = 60
HOLDOUT_ARM, HOLDOUT_IN = "holdout", 10  # the shop's own hold-out: one customer in ten
ARMS = {"control": 0.0, "offer_a": 0.35, "offer_b": 0.20}  # cost per contact in GBP
_BARGAINS = (("offer_a", "bargain_hunters", 0.20), ("offer_b", "bargain_hunters", 0.20))
_SLEEPING = (("offer_a", "sleeping", 0.14), ("offer_b", "sleeping", 0.04))
CAMPAIGNS = (
    Campaign("spring_offer", 553, Q1 - 1, _BARGAINS),  # 2026-04-07
    Campaign("spring_news", 560, Q1 - 1),  # 2026-04-14: three texts without an offer, no effect on anybody
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


def parameter_rows() -> list[dict[str, str]]:
    """Return one row per segment with all planted parameters, as text."""
    rows = []
    for segment in SEGMENTS.values():
        values = {field.name: str(getattr(segment, field.name)) for field in fields(Segment)[1:]}
        drift = DRIFT_FACTOR if segment.name == DRIFT_SEGMENT else 1.0
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


def constant_rows() -> list[dict[str, str]]:
    """Return the planted numbers that belong to no segment, as text."""
    constants = {
        "split_from": "2026-07-01",
        "silent_days": SILENT_DAYS,
        "dropout_from": "2026-01-01",
        "own_pace_spread": OWN_PACE_SPREAD,
        "drift_segment": DRIFT_SEGMENT,
        "drift_factor": DRIFT_FACTOR,
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
