"""Which column of an unknown export is which column of orders, by its name and by its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from seglib.core.errors import Finding, InputRefused
from seglib.core.start.looks import Look
from seglib.core.start.names import means, plain, rank, words

JOINED_ORDER = "customer_id + ordered_at"
ORDER_NAME = re.compile(r"#?[A-Za-z]{0,5}-?\d+")
CURRENCY = re.compile(r"[A-Z]{3}|[a-z]{3}")
KINDS_COUNT = {"status": 50, "channel": 100, "category": 5_000, "currency": 30}
SAME_MONEY = 0.011
TOTAL_SLOPE = 0.7  # of log price over log quantity within a product: 0 for unit prices, 1 for totals
TOTAL_ROWS = 30
MONTH = re.compile(r"(?i)(19|20)\d\d[-/_. ]?([01]?\d|q[1-4])|([a-z]{3,9}[-/_. ]*)?(19|20)\d\d|[a-z]{3}[-/_. ]\d\d")
FEWEST_MONTHS = 3
CUT = r"\d(\.\d+)?[eE]\+\d+"
FEWEST_ROWS = 20  # fewer customers may all be on their first order


@dataclass(frozen=True)
class Guess:
    """What the columns seem to be.

    Parameters
    ----------
    columns : dict
        Column of the contract to column of the file.
    understood, unsure : tuple of str
        Sentences for the analyst.
    once_per_order : bool
        Whether the amount is the order's total, repeated on each of its lines.
    """

    columns: Mapping[str, str]
    understood: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    once_per_order: bool = False

    def with_columns(self, changes: Mapping[str, str | None], understood: str = "", unsure: str = "") -> Guess:
        """Return a guess with some columns changed or, for None, dropped, and one sentence more."""
        merged = {**self.columns, **changes}
        return replace(
            self,
            columns={key: name for key, name in merged.items() if name is not None},
            understood=self.understood + ((understood,) if understood else ()),
            unsure=self.unsure + ((unsure,) if unsure else ()),
        )


def guess(looks: Mapping[str, Look], label: str) -> Guess:
    """Decide which column is which.

    Parameters
    ----------
    looks : mapping of str to Look
        The file's columns.
    label : str
        Name of the file, for messages.

    Raises
    ------
    InputRefused
        When no column says who bought, when, or for how much.
    """
    order = _order(looks)
    customer = _customer(looks, order)
    taken = {name: field for field, name in (("order_id", order), ("customer_id", customer)) if name}
    columns = {field: name for name, field in taken.items()}
    for field in words()["fields"]:
        if field not in ("order_id", "customer_id"):
            found = [name for name in candidates(field, looks) if name not in taken]
            if found:
                columns[field] = found[0]
                taken[found[0]] = field
    refuse_without(columns, looks, label)
    made = Guess(columns)
    if plain(columns.get("order_id", "")) == "id":
        made = made.with_columns({}, unsure="'id' is taken as the order number: is it one per order, or one per line?")
    refuse_one_row_each(columns, looks, label)
    if "order_id" not in columns:
        sentence = "no column numbers the orders: lines of one customer at the same time count as one order"
        made = made.with_columns({"order_id": JOINED_ORDER}, unsure=sentence)
    return money(_customer_doubts(made, looks), looks)


def candidates(field: str, looks: Mapping[str, Look]) -> list[str]:
    """List the columns whose name and values suit a field, best first."""
    ranked = sorted((place, name) for name in looks if (place := rank(name, field)) is not None)
    fitting = [name for _, name in ranked if suits(field, looks[name])]
    return sorted(fitting, key=lambda name: not _cancels(looks[name])) if field == "status" else fitting


def _cancels(look: Look) -> bool:
    """Whether a column has few kinds of values, and one of them means a cancellation or return."""
    return len(look.unique) <= KINDS_COUNT["status"] and any(
        means(str(kind), "cancelled_words") for kind in look.unique
    )


def suits(field: str, look: Look) -> bool:
    """Whether the values of a column can be what a field needs."""
    if not len(look.unique):
        return False
    if field == "ordered_at":
        return look.dates is not None
    if field in ("unit_price", "quantity", "amount", "discount", "cost"):
        return look.is_number
    if field == "currency":
        return bool(look.unique.str.fullmatch(CURRENCY.pattern).all()) and len(look.unique) <= KINDS_COUNT[field]
    if field == "status" and plain(look.name) in words()["type_names"]:
        return _cancels(look)
    if field in ("customer_id", "order_id"):
        is_name = field == "order_id" and plain(look.name) == "name"
        is_id = not is_name or bool(look.unique.str.fullmatch(ORDER_NAME.pattern).mean() > 0.9)
        return is_id and not (look.is_plain_number and look.decimals > 0)
    return len(look.unique) <= KINDS_COUNT.get(field, len(look.values))


def _order(looks: Mapping[str, Look]) -> str | None:
    """The first order number that belongs to one customer at a time."""
    found = candidates("order_id", looks)
    buyers = [name for name in candidates("customer_id", looks) if name not in found]
    for name in found:
        if not buyers or _pairs(looks[name], looks[buyers[0]])[0] <= 1.01:
            return name
    return None


def _pairs(one: Look, other: Look) -> tuple[float, float]:
    """Distinct values of the other column per value of one, and the reverse."""
    both = one.values.to_frame("one").assign(other=other.values).dropna().drop_duplicates()
    if both.empty:
        return 1.0, 1.0
    return len(both) / both["one"].nunique(), len(both) / both["other"].nunique()


def _customer(looks: Mapping[str, Look], order: str | None) -> str | None:
    """The customer column with few blanks and with customers who come back."""
    found = [name for name in candidates("customer_id", looks) if name != order]
    if not found:
        return None

    def worse(name: str) -> tuple[bool, bool]:
        returning = order is None or _pairs(looks[order], looks[name])[1] > 1.02
        return looks[name].blank_share > 0.5, not returning

    return min(found, key=worse)


def refuse_without(columns: Mapping[str, str], looks: Mapping[str, Look], label: str) -> None:
    """Refuse a file that cannot be orders, saying what is missing and which columns it has."""
    needs = {
        "who bought": ("customer_id",),
        "when": ("ordered_at",),
        "for how much": ("amount", "unit_price"),
    }
    missing = [need for need, fields in needs.items() if not {*fields} & {*columns}]
    if not missing:
        return
    named = {name: field for field in ("ordered_at", "amount") for name in looks if rank(name, field) is not None}
    unfit = [name for name, field in named.items() if field not in columns and not suits(field, looks[name])]
    what = f"these are not orders: no column says {' or '.join(missing)}"
    found = ", ".join(looks)[:300] + (f"; '{unfit[0]}' does not hold times or amounts" if unfit else "")
    remedy = "export order lines with customer, order number, date and amount; join tables first where they are apart"
    if sum(bool(MONTH.fullmatch(name.strip())) for name in looks) >= FEWEST_MONTHS:
        what += "; months stand side by side as columns"
    raise InputRefused(Finding("F07", what, label, 1, found=found, do=remedy))


def refuse_one_row_each(columns: Mapping[str, str], looks: Mapping[str, Look], label: str) -> None:
    """Refuse a file that sums up customers: each stands on one row, and no column numbers orders."""
    customers = looks[columns["customer_id"]].filled
    if "order_id" in columns or len(customers) < FEWEST_ROWS or customers.duplicated().any():
        return
    what = "these are customers, not orders: each stands on one row, and no column numbers orders"
    remedy = "export order lines with customer, order number, date and amount"
    raise InputRefused(Finding("F07", what, label, 1, found=", ".join(looks)[:300], do=remedy))


def _customer_doubts(made: Guess, looks: Mapping[str, Look]) -> Guess:
    name = made.columns["customer_id"]
    order = looks.get(made.columns["order_id"])
    if plain(name) in words()["personal"]:
        is_mail = bool(looks[name].unique.str.contains("@").mean() > 0.5)
        sentence = (
            f"customers are told apart by '{name}', {'an address' if is_mail else 'a name that several may share'}"
        )
        made = made.with_columns({}, unsure=f"{sentence}; it becomes a pseudonym, but a customer number is safer")
    if order is not None and _pairs(order, looks[name])[1] <= 1.02:
        sentence = f"hardly any customer of '{name}' has a second order: is it the customer, or a number of the order?"
        made = made.with_columns({}, unsure=sentence)
    for cut in (one for one in (looks[name], order) if one is not None and one.unique.str.fullmatch(CUT).any()):
        sentence = f"'{cut.name}' holds numbers like 1.2E+12: a spreadsheet has cut them; export them as text"
        made = made.with_columns({}, unsure=sentence)
    if (nameless := _nameless_share(looks[name], order)) > 0:
        made = made.with_columns({}, f"{nameless:.0%} of the rows have no customer; they are set aside")
    return made


def _nameless_share(customer: Look, order: Look | None) -> float:
    """Share of rows whose customer stands on no line of their order either."""
    if order is None or not customer.blank_share:
        return customer.blank_share
    named = customer.values.notna()
    return 1 - float((named | named.groupby(order.values).transform("any").fillna(False).astype(bool)).mean())


def money(made: Guess, looks: Mapping[str, Look]) -> Guess:
    """Decide between totals and price times quantity, and what a discount is."""
    made = _discount(_quantity(made, looks), looks)
    amount, price = made.columns.get("amount"), made.columns.get("unit_price")
    repeated = amount is not None and _is_order_total(made, looks)
    if amount is None or price is None:
        return _once(made, looks) if repeated else _line_total(made, looks)
    if repeated:
        sentence = f"'{amount}' looks like a total per order: left out"
        return _line_total(made.with_columns({"amount": None}, unsure=sentence), looks)
    quantity = made.columns.get("quantity")
    product = looks[price].numbers * (looks[quantity].numbers if quantity else 1.0)
    equal = ((product - looks[amount].numbers).abs() <= SAME_MONEY)[looks[amount].numbers.notna() & product.notna()]
    if equal.mean() > 0.98:
        return made.with_columns({"amount": None}, f"'{amount}' is quantity times '{price}', so it is left out")
    sentence = f"'{amount}' is taken as the total of each line, since it differs from quantity times '{price}'"
    return made.with_columns({"unit_price": None}, unsure=sentence)


def _is_order_total(made: Guess, looks: Mapping[str, Look]) -> bool:
    """Whether the amount repeats on all lines of an order, or stands on its first line only."""
    order = looks.get(made.columns["order_id"])
    if order is None:
        return False
    frame = order.values.to_frame("order").assign(amount=looks[made.columns["amount"]].numbers).dropna(subset="order")
    groups = frame.groupby("order")["amount"].agg(["size", "count", "nunique"])
    several = groups[groups["size"] > 1]
    counts = frame.drop_duplicates("order")["amount"].value_counts()
    alike = float((counts * (counts - 1)).sum()) / max(1, counts.sum() * (counts.sum() - 1))  # of two orders, by chance
    return len(several) > 0 and alike < 0.5 and float((several["nunique"] <= 1).mean()) > 0.95


def _once(made: Guess, looks: Mapping[str, Look]) -> Guess:
    """Take an amount that every line of an order repeats as the order's total; leave it where only one line has it."""
    amount, order = made.columns["amount"], made.columns["order_id"]
    lines = looks[amount].numbers.groupby(looks[order].values).agg(["count", "size"])
    several = lines[lines["size"] > 1]
    if (several["count"] == several["size"]).mean() < 0.5:
        return made
    sentence = f"'{amount}' is the same on every line of an order, so it is taken as the order's total and counted once"
    dropped = dict.fromkeys(("quantity", "discount", "cost", "product_id", "product_name", "category"))
    return replace(made.with_columns(dropped, unsure=sentence), once_per_order=True)


def _line_total(made: Guess, looks: Mapping[str, Look]) -> Guess:
    """Take a price that grows with the quantity of the same product as the total of its line."""
    price, quantity = made.columns.get("unit_price"), made.columns.get("quantity")
    product = next((made.columns[f] for f in ("product_id", "product_name", "category") if f in made.columns), None)
    if not (price and quantity and product):
        return made
    frame = looks[product].values.to_frame("product").assign(p=looks[price].numbers, q=looks[quantity].numbers)
    frame = frame[(frame["p"] > 0) & (frame["q"] > 0)].dropna()
    logs = frame[["p", "q"]].apply(np.log)
    within = logs - logs.groupby(frame["product"]).transform("mean")
    differs = within["q"].abs() > SAME_MONEY
    if differs.sum() < TOTAL_ROWS or (within["p"] * within["q"]).sum() / (within["q"] ** 2).sum() < TOTAL_SLOPE:
        return made
    sentence = f"'{price}' grows with '{quantity}', so it is taken as the total of the line and not as the unit price"
    return made.with_columns({"unit_price": None, "amount": price}, unsure=sentence)


def _quantity(made: Guess, looks: Mapping[str, Look]) -> Guess:
    amount, price = made.columns.get("amount"), made.columns.get("unit_price")
    if amount is None or price is None or "quantity" in made.columns:
        return made
    counts = looks[amount]
    if counts.decimals == 0 and counts.numbers.median() <= 10 < looks[price].numbers.median():
        sentence = f"'{amount}' holds small whole numbers, so it is taken as the quantity"
        return made.with_columns({"amount": None, "quantity": amount}, unsure=sentence)
    return made


def _discount(made: Guess, looks: Mapping[str, Look]) -> Guess:
    name = made.columns.get("discount")
    if name and looks[name].numbers.abs().max() <= 1 and looks[name].decimals > 0:
        return made.with_columns({"discount": None}, unsure=f"'{name}' looks like a share, not money: left out")
    return made
