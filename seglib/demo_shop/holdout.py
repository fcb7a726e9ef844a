"""The demo shop's own hold-out: one customer in ten whom no campaign ever reaches, and what that shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seglib.demo_shop.orders import Order
from seglib.demo_shop.people import Draw, Person, Row, stamp
from seglib.demo_shop.process import LIVES, Q2, Q3
from seglib.demo_shop.shop import DEMO, Shop
from seglib.demo_shop.truth import HOLDOUT_ARM, HOLDOUT_IN, SEGMENTS

CAMPAIGN = "standing_holdout"


def drawn(draw: Draw, everybody: Sequence[Person]) -> frozenset[str]:
    """Draw one of every ten customers who live alike and order as often in the last quarter.

    So the hold-out differs from the others by what was planted, and hardly by chance. Only a generator can know this.
    """
    held = []
    for life in LIVES.values():
        group = [person for person in everybody if person.life is life]
        alike = sorted(group, key=lambda person: sum(Q2 <= day < Q3 for day in person.days))
        for start in range(0, len(alike), HOLDOUT_IN):
            place = start + draw.whole(0, HOLDOUT_IN)
            held += [alike[place].customer_id] if place < len(alike) else []
    return frozenset(held)


def entries(everybody: Sequence[Person], held: frozenset[str]) -> list[Row]:
    """Write a row of contacts.csv for everybody held out, on the day after registration."""
    return [
        {
            "customer_id": person.customer_id,
            "campaign": CAMPAIGN,
            "arm": HOLDOUT_ARM,
            "sent_at": stamp((person.registered + 1) * 1440),
            "channel": "",
            "cost": "0.00",
        }
        for person in everybody
        if person.customer_id in held
    ]


def worth(effects: Sequence[Row], kept_out: Mapping[str, int], every: Sequence[Order], shop: Shop = DEMO) -> list[Row]:
    """Say what the campaigns of the last quarter added per customer who could be contacted.

    Parameters
    ----------
    effects : sequence of Row
        Rows of truth/effects.csv.
    kept_out : mapping of segment to int
        Customers who would have been contacted if they were not held out.
    every : sequence of Order
    shop : Shop

    Returns
    -------
    list of Row
        Per segment at the end of the quarter before, then for everybody: customers contacted, held out, orders added,
        and per customer contacted: those who would not have ordered in the quarter else, and the money.
    """
    summer = [campaign.name for campaign in shop.campaigns if campaign.sent_day >= Q2]
    late = [order for order in every if order.minute // 1440 >= Q2]
    else_bought = {order.customer_id for order in late if not order.offer}
    rows, sums = [], [0, 0, 0, 0, 0.0]
    for name in SEGMENTS:
        mine = [row for row in effects if row["segment"] == name and row["campaign"] in summer]
        contacted = sum(int(row["contacted_count"]) for row in mine if row["campaign"] == summer[0])
        caused = [order for order in late if order.offer and order.segment.name == name]
        buyers = len({order.customer_id for order in caused} - else_bought)
        found = [contacted, kept_out.get(name, 0), len(caused), buyers, sum(order.paid for order in caused)]
        sums = [total + value for total, value in zip(sums, found, strict=True)]
        rows += [_row(name, found)] if contacted else []
    return [*rows, _row("everybody", sums)]


def _row(name: str, found: Sequence[float]) -> Row:
    contacted, held, orders, buyers, money = found
    return {
        "segment": name,
        "contacted_count": f"{contacted:.0f}",
        "held_out_count": f"{held:.0f}",
        "added_order_count": f"{orders:.0f}",
        "added_buyer_share": f"{buyers / contacted:.4f}",
        "added_gbp_per_customer": f"{money / contacted:.2f}",
    }
