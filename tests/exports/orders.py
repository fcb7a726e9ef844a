"""What an invented order is: lines, discounts, shipping, tax, tip, refund, state; money in the smallest unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

State = Literal["paid", "unpaid", "cancelled", "failed", "test"]


def half_up(top: int, bottom: int) -> int:
    """Return top / bottom rounded to a whole number, halves away from zero."""
    size = (2 * abs(top) + bottom) // (2 * bottom)
    return size if top >= 0 else -size


@dataclass(frozen=True)
class Customer:
    """An invented person or company; a guest has no account."""

    number: int
    first: str
    last: str
    city: str
    guest: bool = False

    @property
    def name(self) -> str:
        """Return the full name."""
        return f"{self.first} {self.last}"

    @property
    def user(self) -> str:
        """Return a user name in small ASCII letters."""
        plain = f"{self.first}.{self.last}".lower().replace("ö", "oe").replace("é", "e")
        return "".join(letter for letter in plain if letter.isascii() and (letter.isalpha() or letter == "."))

    @property
    def email(self) -> str:
        """Return an address in a domain that nobody can own."""
        return f"{self.user}@example.org"

    @property
    def company(self) -> str:
        """Return the name of the person's company."""
        return f"{self.last} Trading, Ltd"

    @property
    def phone(self) -> str:
        """Return a telephone number of the range kept for fiction."""
        return f"555-01{self.number % 100:02d}"


@dataclass(frozen=True)
class Tax:
    """How tax is charged: none, beside the price, or inside it; the rate in hundredths of a per cent."""

    where: Literal["none", "beside", "inside"] = "none"
    rate: int = 0
    on_shipping: bool = False

    def of(self, amount: int) -> int:
        """Return the tax that is charged on, or held by, an amount."""
        if self.where == "beside":
            return half_up(amount * self.rate, 10_000)
        if self.where == "inside":
            return half_up(amount * self.rate, 10_000 + self.rate)
        return 0


@dataclass(frozen=True)
class Line:
    """One line of an order; `share` is its part of the order's discount."""

    sku: str
    name: str
    quantity: int
    price: int
    discount: int = 0
    share: int = 0
    goods: bool = True

    @property
    def listed(self) -> int:
        """Return price times quantity."""
        return self.price * self.quantity

    @property
    def charged(self) -> int:
        """Return what was charged for the line."""
        return self.listed - self.discount - self.share


@dataclass(frozen=True)
class Part:
    """What came back of one line: pieces (0 for a goodwill amount) and money as charged."""

    line: int
    quantity: int
    amount: int


@dataclass(frozen=True)
class Refund:
    """A refund: parts of lines, and the tax, shipping and tip given back with them."""

    at: datetime
    parts: tuple[Part, ...]
    tax: int = 0
    shipping: int = 0
    tip: int = 0

    @property
    def goods(self) -> int:
        """Return the money given back for goods, as charged."""
        return sum(part.amount for part in self.parts)


@dataclass(frozen=True)
class Order:
    """An invented order."""

    number: int
    at: datetime
    customer: Customer
    lines: tuple[Line, ...]
    state: State
    tax: Tax
    shipping: int = 0
    tip: int = 0
    refund: Refund | None = None

    @property
    def paid(self) -> bool:
        """Return whether goods were charged and paid."""
        return self.state == "paid"

    @cached_property
    def goods_lines(self) -> list[Line]:
        """Return the lines that are goods."""
        return [line for line in self.lines if line.goods]

    @property
    def order_discount(self) -> int:
        """Return the discount of the whole order."""
        return sum(line.share for line in self.lines)

    @property
    def line_discount(self) -> int:
        """Return the discounts of single lines."""
        return sum(line.discount for line in self.lines)

    @property
    def discount(self) -> int:
        """Return all discounts."""
        return self.order_discount + self.line_discount

    @property
    def listed(self) -> int:
        """Return the list amount of the goods."""
        return sum(line.listed for line in self.goods_lines)

    @property
    def goods(self) -> int:
        """Return what was charged for goods, with the tax that is inside."""
        return sum(line.charged for line in self.goods_lines)

    @property
    def gift_cards(self) -> int:
        """Return the gift cards sold."""
        return sum(line.charged for line in self.lines if not line.goods)

    @property
    def goods_tax(self) -> int:
        """Return the tax of the goods, beside or inside."""
        return sum(self.tax.of(line.charged) for line in self.goods_lines)

    @property
    def shipping_tax(self) -> int:
        """Return the tax of the shipping, beside or inside."""
        return self.tax.of(self.shipping) if self.tax.on_shipping else 0

    @property
    def all_tax(self) -> int:
        """Return the tax of goods and shipping."""
        return self.goods_tax + self.shipping_tax

    @property
    def total(self) -> int:
        """Return what the customer was asked to pay."""
        beside = self.all_tax if self.tax.where == "beside" else 0
        return self.goods + self.gift_cards + self.shipping + self.tip + beside

    @property
    def without_tax(self) -> int:
        """Return what was charged for goods without any tax."""
        return self.goods - (self.goods_tax if self.tax.where == "inside" else 0)

    @property
    def back(self) -> int:
        """Return what was given back for goods, with the tax that is inside."""
        return self.refund.goods if self.refund else 0

    @property
    def back_without_tax(self) -> int:
        """Return what was given back for goods without any tax."""
        if not self.refund or self.tax.where != "inside":
            return self.back
        return sum(part.amount - self.part_tax(part) for part in self.refund.parts)

    def part_tax(self, part: Part) -> int:
        """Return the tax of a part that came back: the line's own where all of it came back."""
        whole = self.lines[part.line].charged
        return half_up(self.tax.of(whole) * part.amount, whole) if whole else 0

    @property
    def back_total(self) -> int:
        """Return everything that was given back."""
        if not self.refund:
            return 0
        beside = self.refund.tax if self.tax.where == "beside" else 0
        return self.refund.goods + self.refund.shipping + self.refund.tip + beside

    @property
    def all_back(self) -> bool:
        """Return whether everything came back."""
        return self.refund is not None and self.back == self.goods
