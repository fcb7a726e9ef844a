"""The orders of the demo shop, with articles, returns and the defects of a real export."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from seglib.demo_shop.people import Draw, Person, Row, opening_minute, stamp
from seglib.demo_shop.process import END, PROCESS, Q2
from seglib.demo_shop.shop import DEMO, Shop
from seglib.demo_shop.truth import (
    DUPLICATE_SHARE,
    GIFT_COUNT,
    NAMELESS_COUNT,
    OFFER_SHARE,
    RETURN_SHARE,
    STANDING_COUNT,
    TEST_COUNT,
    Segment,
)

# Category, brand, cost as a share of the price, and names with prices.
CATALOGUE = """
Pantry|Orlo|.55|Salt 3.90|Honey 5.60|Tea 7.80|Coffee 10.50|Oil 14.90|Hamper 24.00|Tea box 36.00|Feast box 58.00
Kitchen|Velda|.50|Spoon 4.20|Towel 6.90|Bowl 9.80|Jug 14.50|Pan 24.90|Knife 34.00|Pot 46.00|Mixer 89.00
Bath|Misol|.45|Soap 3.50|Sponge 5.20|Cream 8.90|Towel 13.50|Oil 19.90|Robe 38.00|Gift set 49.00|Mirror 72.00
Garden|Tarn|.60|Seeds 2.90|Twine 4.80|Gloves 8.50|Trowel 12.90|Planter 22.00|Shears 31.00|Lamp 45.00|Bench 95.00
Office|Plenta|.58|Pen 2.50|Pad 4.60|Folder 7.20|Stapler 12.00|Lamp 28.00|Stand 39.00|Shelf 64.00|Chair 99.00
Play|Zibbo|.52|Cards 4.50|Puzzle 8.80|Kite 12.50|Blocks 18.90|Game 26.00|Train 37.00|Castle 55.00|Swing 79.00
Textile|Lanno|.48|Socks 5.50|Scarf 11.90|Cushion 17.50|Throw 27.00|Apron 21.00|Blanket 42.00|Duvet 68.00|Rug 92.00
Light|Hesta|.50|Wick 2.20|Candle 6.50|Holder 9.90|Lantern 16.50|Bulb 12.40|Garland 23.00|Lamp 44.00|Pendant 85.00
"""


@dataclass(frozen=True)
class Product:
    """One article; prices in GBP."""

    product_id: str
    name: str
    category: str
    price: float
    cost: float


def products() -> dict[str, tuple[Product, ...]]:
    """Return the articles of each category, in the order of the catalogue.

    Examples
    --------
    >>> products()["Pantry"][2]
    Product(product_id='P103', name='Orlo Tea', category='Pantry', price=7.8, cost=4.29)
    """
    shelves = {}
    for number, line in enumerate(CATALOGUE.split("\n")[1:-1], start=1):
        category, brand, share, *articles = line.split("|")
        pairs = [article.rsplit(" ", 1) for article in articles]
        shelves[category] = tuple(
            Product(f"P{number}{place:02d}", f"{brand} {name}", category, float(p), round(float(p) * float(share), 2))
            for place, (name, p) in enumerate(pairs, start=1)
        )
    return shelves


@dataclass(frozen=True)
class Order:
    """One order before its lines are filled; `paid` in GBP, `offer` marks those that a campaign caused."""

    customer_id: str
    minute: int
    segment: Segment
    channel: str
    categories: tuple[str, ...]
    paid: float
    offer: bool = False


def orders(draw: Draw, everybody: Iterable[Person], shop: Shop = DEMO) -> list[Order]:
    """Draw the orders of each person's days; a subscriber's day has all standing orders, a minute apart."""
    made = []
    for person in everybody:
        favourites: dict[str, tuple[str, ...]] = {}
        for day in person.days:
            segment = person.acts_as(day)
            if segment.name not in favourites:
                favourites[segment.name] = tuple(draw.shuffled(tuple(products()))[: segment.category_count])
            first = _order(draw, person, day, favourites[segment.name], shop)
            count = STANDING_COUNT if segment.name == "subscribers" else 1
            made += [replace(first, minute=first.minute + n, paid=first.paid / count) for n in range(count)]
    return made


def worth_of_a_day(draw: Draw, person: Person, day: int, shop: Shop = DEMO) -> float:
    """Draw what a person pays on a day in GBP."""
    drift = shop.drift(person.acts_as(day).name) if day >= Q2 else 1.0
    return drift * draw.gamma(person.worth, PROCESS.p)


def _order(draw: Draw, person: Person, day: int, categories: tuple[str, ...], shop: Shop) -> Order:
    segment = person.acts_as(day)
    shares = (segment.web_share, segment.shop_share, 1 - segment.web_share - segment.shop_share)
    channel, minute = draw.pick(("web", "shop", "phone"), shares), opening_minute(draw, day)
    return Order(person.customer_id, minute, segment, channel, categories, worth_of_a_day(draw, person, day, shop))


def lines(draw: Draw, made: Iterable[Order]) -> list[Row]:
    """Fill orders with lines, then spoil them as real exports are spoilt.

    Returns
    -------
    list of dict
        Rows of orders.csv by time; returns, duplicates, gifts, tests and lines without customer are among them.
    """
    shelves = products()
    rows: list[tuple[int, Row]] = []
    by_time = sorted(made, key=lambda order: (order.minute, order.customer_id))
    for number, order in enumerate(by_time, start=1):
        rows += [(order.minute, row) for row in _basket(draw, order, f"O{number:06d}", shelves)]
    rows += _returns(draw, rows)
    rows.sort(key=lambda pair: (pair[0], pair[1]["order_id"]))
    return _spoilt(draw, [row for _, row in rows])


def _basket(draw: Draw, order: Order, order_id: str, shelves: dict[str, tuple[Product, ...]]) -> list[Row]:
    segment = order.segment
    count = 1 + draw.chance(segment.lines_mean - 1)
    reduced = order.offer or draw.chance(segment.discount_line_share)
    rate = OFFER_SHARE if order.offer else draw.number(0.75, 1.25) * segment.discount_share
    wanted = order.paid / min(count, len(order.categories)) / (1 - rate * reduced)
    kinds = draw.shuffled(order.categories)[:count]
    chosen = [_article(draw, shelves[kind], wanted, segment.name) for kind in kinds]
    head = {"customer_id": order.customer_id, "order_id": order_id, "ordered_at": stamp(order.minute)}
    return [_line(head, order, product, wanted, rate * reduced) for product in chosen]


def _article(draw: Draw, shelf: tuple[Product, ...], wanted: float, segment: str) -> Product:
    """Companies take many of anything; people take the article whose price is nearest to what they want to spend."""
    if segment == "companies":
        return draw.pick(shelf[:6])
    aim = math.log(wanted * draw.number(0.85, 1.15))
    return min(shelf, key=lambda product: abs(math.log(product.price) - aim))


def _line(head: Row, order: Order, product: Product, wanted: float, rate: float) -> Row:
    """Write a line; an article comes in sizes, so its price is that of the size which costs what is wanted."""
    quantity = max(1, round(wanted / product.price))
    price = round(wanted / quantity, 2)
    values = {
        "quantity": str(quantity),
        "unit_price": f"{price:.2f}",
        "discount": f"{quantity * round(price * rate, 2):.2f}",
        "cost": f"{quantity * price * product.cost / product.price:.2f}",
        "product_id": product.product_id,
        "product_name": product.name,
        "category": product.category,
        "channel": order.channel,
        "status": "completed",
    }
    return head | values


def _returns(draw: Draw, rows: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """Bring lines back 3 to 24 days later, for the price that was paid."""
    back = []
    for minute, row in rows:
        later = minute // 1440 + draw.whole(3, 25)
        if draw.chance(RETURN_SHARE) and later < END:
            units = int(row["quantity"])
            paid = round(float(row["unit_price"]) - float(row["discount"]) / units, 2)
            when = opening_minute(draw, later)
            given = {"quantity": str(-units), "unit_price": f"{paid:.2f}", "discount": "0.00", "cost": "0.00"}
            head = {"order_id": "R" + row["order_id"][1:], "ordered_at": stamp(when), "status": "returned"}
            back.append((when, row | head | given))
    return back


def _spoilt(draw: Draw, rows: list[Row]) -> list[Row]:
    plain = [place for place, row in enumerate(rows) if not row["order_id"].startswith("R")]
    places = iter(draw.shuffled(plain))
    gift = {"quantity": "1", "unit_price": "0.00", "discount": "0.00", "product_id": "P900", "product_name": "Sample"}
    extra: dict[int, list[Row]] = {}
    for place in islice(places, GIFT_COUNT):
        extra.setdefault(place, []).append(rows[place] | gift | {"cost": "0.80"})
    for number, place in enumerate(islice(places, TEST_COUNT), start=1):
        extra.setdefault(place, []).append(rows[place] | {"order_id": f"T{number:06d}", "status": "test"})
    for number, place in enumerate(islice(places, NAMELESS_COUNT), start=1):
        nobody = {"customer_id": "", "order_id": f"N{number:06d}"}
        extra.setdefault(place, []).append(rows[place] | nobody)
    for place in islice(places, round(DUPLICATE_SHARE * len(rows))):
        extra.setdefault(place, []).append(rows[place])
    return [row for place, first in enumerate(rows) for row in (first, *extra.get(place, ()))]
