"""The plan: some fifty invented orders of twenty customers, July 2025 to September 2026, the same at every run."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .files import columns
from .orders import Customer, Line, Order, Part, Refund, State, Tax

START = datetime(2025, 7, 1, 9, 0)
LAST = datetime(2026, 9, 30, 18, 0)
ORDERS = 52
FIRST = columns(
    "Alba,Bram,Cleo,Dario,Edda,Finn,Greta,Hugo,Ilka,Jory,Kaia,Lior,Mona,Nilo,Orla,Pavo,Quinn,Runa,Sami,Tilda,Ugo,Vera"
)
SURNAMES = columns(
    "Quellmark,Fernholt,Brookvale,O'Dunmore,Lindquarz,Maresol,Norwick,Ostrand,Pellworth,Quarrystone,Rivermont,"
    "Saltmarsh,Thornwick,Umberfield,Velbrook,Wexcombe,Yarrowby,Zellermoos,Achterbeek,Bergstill,Cavalmar,Föhrenwald"
)
CITIES = ("Lowmere", "Kestrel Bay", "Altenfurt", "Port Verity")
CATALOGUE = (
    ("MUG-01", "Stoneware mug, grey", 1490),
    ("LMP-20", 'Desk lamp 20" brass', 8900),
    ("TEA-05", "Green tea 100 g", 745),
    ("BAG-11", "Canvas bag", 3250),
    ("PEN-02", "Fountain pen; fine", 4599),
    ("CAN-07", "Beeswax candle", 1180),
    ("RUG-90", "Wool rug 90x160", 112900),
    ("CUP-03", "Espresso cup", 995),
    ("BRD-15", "Oak board", 2765),
    ("TWL-08", "Linen towel", 2133),
)
SPECIAL: dict[int, tuple[str, ...]] = {
    2: ("several",),
    3: ("order_discount",),
    5: ("line_discount",),
    6: ("several", "order_discount"),
    8: ("several", "refund_line"),
    10: ("quantity", "refund_piece"),
    12: ("refund_all", "lone"),
    14: ("cancelled",),
    16: ("unpaid",),
    18: ("test",),
    20: ("guest",),
    21: ("guest",),
    23: ("several", "quantity"),
    25: ("tip",),
    27: ("gift_card",),
    29: ("several", "order_discount", "refund_line"),
    31: ("order_discount", "refund_all"),
    33: ("several", "line_discount", "order_discount"),
    35: ("failed",),
    37: ("several", "goodwill"),
    39: ("other_guest",),
    40: ("several", "cancelled"),
    42: ("unpaid",),
    44: ("quantity", "line_discount"),
    46: ("several", "tip"),
    48: ("several", "quantity", "order_discount"),
}
EVERYTHING = frozenset(
    columns(
        "order_discount,line_discount,shipping,tip,gift_card,refund_line,refund_piece,refund_all,goodwill,cancelled,"
        "unpaid,failed,test,guest,other_guest"
    )
)


NO_TAX = Tax()


@dataclass(frozen=True)
class Setup:
    """What the orders of one system carry: a seed, a tax, and the features that the system knows."""

    seed: int
    tax: Tax = NO_TAX
    features: frozenset[str] = EVERYTHING
    first_number: int = 1001

    def without(self, *features: str) -> Setup:
        """Return the same without some features."""
        return replace(self, features=self.features - frozenset(features))


class Dice:
    """Numbers from a seed by `random()`, which Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)

    def below(self, count: int) -> int:
        """Return a whole number from 0 to count - 1."""
        return int(self._source.random() * count)


def customers() -> list[Customer]:
    """Return the customers: the last but two ordered once, the last two are guests."""
    pairs = zip(FIRST, SURNAMES, strict=True)
    people = [Customer(501 + i, first, last, CITIES[i % len(CITIES)]) for i, (first, last) in enumerate(pairs)]
    return people[:-2] + [replace(person, guest=True) for person in people[-2:]]


def plan(setup: Setup) -> list[Order]:
    """Return the orders of a setup, in the order of time."""
    dice, people = Dice(setup.seed), customers()
    return [_order(setup, dice, people, index) for index in range(ORDERS)]


def _order(setup: Setup, dice: Dice, people: list[Customer], index: int) -> Order:
    known = setup.features | {"several", "quantity", "lone"}
    traits = {trait for trait in SPECIAL.get(index, ()) if trait in known} | (setup.features & {"single"})
    at = START + timedelta(days=index * 8.8, hours=dice.below(9), minutes=dice.below(60), seconds=dice.below(60))
    lines = _discounted(_lines(dice, traits), traits)
    shipping = (495, 495, 0, 1290)[dice.below(4)] if "shipping" in setup.features else 0
    states: tuple[State, ...] = ("cancelled", "unpaid", "failed", "test")
    state: State = next((state for state in states if state in traits), "paid")
    order = Order(
        number=setup.first_number + index,
        at=at,
        customer=_customer(dice, people, traits),
        lines=lines,
        state=state,
        tax=setup.tax,
        shipping=shipping,
        tip=300 + 25 * dice.below(9) if "tip" in traits else 0,
    )
    return replace(order, refund=_refund(order, dice, traits))


def _customer(dice: Dice, people: list[Customer], traits: set[str]) -> Customer:
    roll = dice.below(len(people) - 3)
    if "guest" in traits:
        return people[-1]
    if "other_guest" in traits:
        return people[-2]
    return people[-3] if "lone" in traits else people[roll]


def _lines(dice: Dice, traits: set[str]) -> list[Line]:
    count = 1 + dice.below(2)
    if traits & {"several", "single"}:
        count = 1 if "single" in traits else 3
    start = dice.below(len(CATALOGUE))
    lines = []
    for step in range(count):
        sku, name, price = CATALOGUE[(start + 3 * step) % len(CATALOGUE)]
        quantity = 3 if "quantity" in traits and step == 0 else 1 + dice.below(2)
        lines.append(Line(sku, name, quantity, price))
    if "gift_card" in traits:
        lines.append(Line("GIFT-50", "Gift card 50.00", 1, 5000, goods=False))
    return lines


def _discounted(lines: list[Line], traits: set[str]) -> tuple[Line, ...]:
    if "line_discount" in traits:
        lines[0] = replace(lines[0], discount=lines[0].quantity * 110)
    if "order_discount" not in traits:
        return tuple(lines)
    bases = [line.listed - line.discount for line in lines]
    whole = sum(bases) * 15 // 100
    shares = [whole * base // sum(bases) for base in bases]
    rest = sorted(range(len(lines)), key=lambda i: -(whole * bases[i] % sum(bases)))
    for i in rest[: whole - sum(shares)]:
        shares[i] += 1
    return tuple(replace(line, share=share) for line, share in zip(lines, shares, strict=True))


def _refund(order: Order, dice: Dice, traits: set[str]) -> Refund | None:
    at = min(order.at + timedelta(days=4 + dice.below(12), hours=2), LAST)
    first = order.lines[0]
    if "refund_all" in traits:
        parts = tuple(Part(i, line.quantity, line.charged) for i, line in enumerate(order.lines))
        return Refund(at, parts, order.all_tax, order.shipping, order.tip)
    if "refund_line" in traits:
        part = Part(0, first.quantity, first.charged)
    elif "refund_piece" in traits:
        part = Part(0, 1, first.charged // first.quantity)
    elif "goodwill" in traits:
        part = Part(0, 0, min(250, first.charged // 2))
    else:
        return None
    tax = (2 * order.goods_tax * part.amount + order.goods) // (2 * order.goods)
    return Refund(at, (part,), tax)
