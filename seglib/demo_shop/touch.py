"""Campaigns and web sessions of the demo shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from seglib.demo_shop.orders import Order, products, worth_of_a_day
from seglib.demo_shop.people import Draw, Person, Row, opening_minute, stamp
from seglib.demo_shop.shop import DEMO, Shop
from seglib.demo_shop.truth import ARMS, OUTCOME_DAYS, QUARTERS, SEGMENTS, YEAR_DAYS, Campaign, transitions

CHANNELS = ("search", "direct", "email", "social", "ads")
CHANNEL_SHARES = {
    "companies": (0.35, 0.45, 0.15, 0.02, 0.03),
    "subscribers": (0.10, 0.50, 0.30, 0.08, 0.02),
    "loyal_regulars": (0.25, 0.35, 0.30, 0.05, 0.05),
    "bargain_hunters": (0.20, 0.10, 0.40, 0.15, 0.15),
    "newcomers": (0.25, 0.05, 0.05, 0.40, 0.25),
    "sleeping": (0.30, 0.15, 0.45, 0.05, 0.05),
}
MailDays = Mapping[str, tuple[int, int]]


def campaigns(
    draw: Draw,
    everybody: Sequence[Person],
    mail_days: MailDays,
    made: Sequence[Order],
    held: frozenset[str],
    shop: Shop = DEMO,
) -> tuple[list[Row], list[Order], list[Row]]:
    """Send the campaigns to random arms and add the orders that they cause.

    Parameters
    ----------
    draw : Draw
    everybody : sequence of Person
    mail_days : mapping of str to (first day, day after the last)
        Days on which a customer consents to e-mail.
    made : sequence of Order
        Orders that happen anyway.
    held : frozenset of str
        Customers whom no campaign reaches.
    shop : Shop

    Returns
    -------
    tuple
        Rows of contacts.csv, all orders, rows of truth/effects.csv.
    """
    sends: list[Row] = []
    effects: list[Row] = []
    every = list(made)
    for campaign in shop.campaigns:
        buyers = Counter(order.customer_id for order in every if _counts(campaign, order))
        for segment, group in eligible(campaign, everybody, mail_days).items():
            free = [person for person in group if person.customer_id not in held]
            for arm, members in _dealt(draw, campaign, free, buyers).items():
                idle = [person for person in members if person.customer_id not in buyers and _can(campaign, person)]
                caused = draw.shuffled(idle)[: round(campaign.effect(arm, segment) * len(members))]
                every += [_caused(draw, campaign, person, segment, shop) for person in caused]
                sends += [_send(campaign, arm, person) for person in members]
                effects.append(_effect(campaign, arm, segment, len(members), len(caused)))
    return sorted(sends, key=lambda row: (row["sent_at"], row["customer_id"])), every, effects


def _counts(campaign: Campaign, order: Order) -> bool:
    return campaign.sent_day <= order.minute // 1440 < campaign.sent_day + OUTCOME_DAYS


def eligible(campaign: Campaign, everybody: Sequence[Person], mail_days: MailDays) -> dict[str, list[Person]]:
    """Give the customers of each segment who ordered in the last year and consent to e-mail that day."""
    groups: dict[str, list[Person]] = {name: [] for name in SEGMENTS}
    for person in everybody:
        start, stop = mail_days.get(person.customer_id, (0, 0))
        segment = person.segment_on(campaign.segment_day)
        recent = person.last_before(campaign.sent_day) >= campaign.sent_day - YEAR_DAYS
        if segment and recent and start < campaign.sent_day < stop:
            groups[segment].append(person)
    return {segment: group for segment, group in groups.items() if group}


def _dealt(draw: Draw, campaign: Campaign, group: Sequence[Person], orders: Counter[str]) -> dict[str, list[Person]]:
    """Deal random arms within blocks of three customers who would have ordered alike without the campaign.

    So the arms differ by what was planted, and hardly by chance. Only a generator can know this.
    """
    last = {p.customer_id: p.last_before(campaign.sent_day) for p in group}
    quiet = sorted(group, key=lambda person: (orders[person.customer_id], last[person.customer_id]))
    arms: dict[str, list[Person]] = {arm: [] for arm in ARMS}
    for place in range(0, len(quiet), len(ARMS)):
        for arm, person in zip(draw.shuffled(tuple(ARMS)), quiet[place : place + len(ARMS)], strict=False):
            arms[arm].append(person)
    return arms


def _can(campaign: Campaign, person: Person) -> bool:
    """Say whether an offer can bring a person to buy: of those awake, who has not stopped for good."""
    return person.days[-1] >= campaign.sent_day or person.segment_on(campaign.segment_day) == "sleeping"


def _caused(draw: Draw, campaign: Campaign, person: Person, segment: str, shop: Shop) -> Order:
    day = campaign.sent_day + draw.whole(1, 22)
    minute, shelf = opening_minute(draw, day), draw.pick(tuple(products()))
    paid = worth_of_a_day(draw, person, day, shop)
    return Order(person.customer_id, minute, SEGMENTS[segment], "web", (shelf,), paid, offer=True)


def _send(campaign: Campaign, arm: str, person: Person) -> Row:
    return {
        "customer_id": person.customer_id,
        "campaign": campaign.name,
        "arm": arm,
        "sent_at": stamp(campaign.sent_day * 1440 + 9 * 60),
        "channel": "email",
        "cost": f"{ARMS[arm]:.2f}",
    }


def _effect(campaign: Campaign, arm: str, segment: str, contacted: int, caused: int) -> Row:
    return {
        "campaign": campaign.name,
        "arm": arm,
        "segment": segment,
        "effect_share": f"{campaign.effect(arm, segment):.2f}",
        "contacted_count": str(contacted),
        "caused_order_count": str(caused),
    }


def events(draw: Draw, everybody: Sequence[Person], every: Sequence[Order]) -> list[Row]:
    """Draw recorded web sessions; one that ends in a purchase belongs to a real order placed on the web.

    Parameters
    ----------
    draw : Draw
    everybody : sequence of Person
    every : sequence of Order

    Returns
    -------
    list of dict
        Rows of events.csv by time. The log keeps a sample of all sessions, not each of them.
    """
    sessions: list[tuple[int, str, str, list[tuple[int, str]]]] = []
    for first, last in QUARTERS:
        web = [order for order in every if order.channel == "web" and first <= order.minute // 1440 < last]
        for name, segment in SEGMENTS.items():
            group = {person.customer_id: person for person in everybody if person.segment_on(last - 1) == name}
            bought = iter(draw.shuffled([order for order in web if order.customer_id in group]))
            for _ in range(round(segment.sessions_per_week * (last - first) / 7 * len(group))):
                path = _path(draw, name)
                order = next(bought, None) if path[-1][1] == "purchase" else None
                who = group[order.customer_id] if order else draw.pick(tuple(group.values()))
                start = opening_minute(draw, draw.whole(max(first, who.registered + 1), last))
                begin = order.minute - path[-1][0] if order else start
                if order or path[-1][1] != "purchase":
                    sessions.append((begin, who.customer_id, draw.pick(CHANNELS, CHANNEL_SHARES[name]), path))
    return _numbered(sessions)


def _path(draw: Draw, segment: str) -> list[tuple[int, str]]:
    """Walk through the transition matrix; minutes since the visit and event."""
    matrix, minute, state, path = transitions(SEGMENTS[segment]), 0, "visit", []
    while state != "exit":
        path.append((minute, state))
        state = draw.pick(tuple(matrix[state]), tuple(matrix[state].values()))
        minute += draw.whole(1, 6)
    return path


def _numbered(sessions: list[tuple[int, str, str, list[tuple[int, str]]]]) -> list[Row]:
    rows = []
    for number, (begin, customer_id, channel, path) in enumerate(sorted(sessions), start=1):
        for minute, event in path:
            head = {"customer_id": customer_id, "event_at": stamp(begin + minute), "event": event}
            rows.append(head | {"channel": channel, "session_id": f"S{number:05d}"})
    return sorted(rows, key=lambda row: row["event_at"])
