"""What the number columns of an export are: price, quantity and total, by arithmetic where a column shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from seglib.init.beside import tax_in_refunds, unseen_discount
from seglib.init.discounts import discounts
from seglib.init.extracosts import cost, refunded, smallest_units
from seglib.init.figures import added_up, discounts_of, frame_of, is_of, named, percent
from seglib.init.guess import Guess
from seglib.init.known import money_as_known
from seglib.init.names import rank, with_tax
from seglib.init.percents import is_percent, percent_off
from seglib.init.sums import CENT, LEAST_TELLING, Equation, equations, names_of
from seglib.init.unread import unread_money

TOTAL_SLOPE = 0.7  # of log price over log quantity within a product: 0 for unit prices, 1 for totals
TOTAL_ROWS = 30
SAME_SHARE = 0.98
NO_DISCOUNTS = ("extras", "profit", "refunded")
ORDERS_SHARE = 0.95
ALIKE = 0.5
OF_ORDERS = re.compile(
    r"(?i)order|grand|invoice|basket|bestell|auftrag|rechnung|commande|facture|pedido|ordine|fattura"
)
OF_LINES = re.compile(r"(?i)line|item|position|zeile|ligne|unit|sku|product|artikel|article|each|piece")


def money(made: Guess, given: Mapping[str, str]) -> Guess:
    """Decide what each number column is.

    Parameters
    ----------
    made : Guess
        Who, which and when are known; the number columns by name.
    given : mapping of str to str
        Columns that the user named; they stay what they are.
    """
    if made.known is not None:
        made, is_decided = money_as_known(made, made.known, given)
        if is_decided:
            frame = frame_of(made)
            made = made if made.known is None or "discount" in made.known.never else percent_off(made, frame)
            return unread_money(tax_in_refunds(made, frame, given), frame)
    frame = frame_of(made)
    made = _small_counts(made, given)
    known = {key: [given[key]] if key in given else named(names_of(frame), key) for key in ("unit_price", "quantity")}
    off = [given["discount"]] if "discount" in given else named(names_of(frame), "discount")
    off += [n for n in names_of(frame) if n not in off and is_percent(n)]
    never = [n for n in names_of(frame) if any(is_of(n, v) for v in NO_DISCOUNTS) or rank(n, "cost") is not None]
    found = [e for e in equations(frame, off, never) if _fits(e, given)]
    found.sort(key=lambda e: _fitness(e, known))
    made = _by_equation(made, found[0]) if found else _by_name(made, given)
    if "quantity" not in made.columns and ("unit_price" in made.columns or "amount" in made.columns):
        made = made.with_columns({}, unsure="no column says how many pieces: each line counts as one")
    made = percent_off(discounts(made, frame, found, given), frame)
    made = refunded(cost(made, frame), frame, given)
    made = unread_money(tax_in_refunds(unseen_discount(made, frame), frame, given), frame)
    return smallest_units(made, frame)


def _fits(found: Equation, given: Mapping[str, str]) -> bool:
    """Whether an equation leaves the user's columns what they are, and its columns are not known for something else."""
    said = {"unit_price": found.price, "quantity": found.quantity}
    if any(key in given and given[key] != name for key, name in said.items()):
        return False
    if "amount" in given and given["amount"] != found.total:
        return False
    wrong = [n for n in (found.price, found.quantity, found.total) if is_of(n, "extras") or is_of(n, "refunded")]
    return not wrong and not (rank(found.total, "discount") is not None or rank(found.total, "cost") is not None)


def _fitness(found: Equation, known: Mapping[str, list[str]]) -> tuple[bool, bool, bool, bool, bool, float]:
    """Sort equations: known names first, prices without tax, one with a discount before one without."""
    return (
        found.quantity not in known["quantity"],
        found.price not in known["unit_price"],
        with_tax(found.price),
        rank(found.total, "amount") is None,
        found.how == "",
        -found.share,
    )


def _by_equation(made: Guess, found: Equation) -> Guess:
    """Take price and quantity from an equation; its total is left out, being the same money."""
    if found.how in ("piece", "percent"):  # the plan knows no discount of each piece: the total holds it already
        changes = {"amount": found.total, "unit_price": None, "quantity": found.quantity, "discount": found.discount}
        made = _freed(made, found).with_columns(changes, f"{found.text()}: '{found.total}' counts")
        return made.ruled("discount", "included")
    changes = {"unit_price": found.price, "quantity": found.quantity, "amount": None}
    said = f"{found.text()}: one and the same money, so '{found.total}' is left out"
    made = _freed(made, found).with_columns(changes, said)
    if not found.how:
        return made
    return made.with_columns({"discount": found.discount}).ruled("discount", found.how)


def _freed(made: Guess, found: Equation) -> Guess:
    """Take the columns of an equation away from the fields that their names gave them to."""
    used = {found.price, found.quantity, found.total, found.discount}
    wrong = [key for key, name in made.columns.items() if name in used and key not in ("unit_price", "quantity")]
    return made.with_columns(dict.fromkeys(key for key in wrong if key != "ordered_at"))


def _by_name(made: Guess, given: Mapping[str, str]) -> Guess:
    """Decide between totals and price times quantity where no equation holds on nearly every row."""
    amount, price = made.look("amount"), made.look("unit_price")
    repeated = amount is not None and _is_order_total(made, amount.name)
    if amount is None or price is None:
        return _once(made) if repeated else _line_total(_not_seen(made))
    if repeated and "amount" not in given:
        sentence = f"'{amount.name}' looks like a total per order: left out"
        return _line_total(made.with_columns({"amount": None}, unsure=sentence))
    quantity = made.look("quantity")
    product = price.numbers * (quantity.numbers if quantity is not None else 1.0)
    equal = ((product - amount.numbers).abs() <= CENT)[amount.numbers.notna() & product.notna()]
    if equal.mean() > SAME_SHARE and "amount" not in given:
        said = f"'{amount.name}' is quantity times '{price.name}': one and the same money, so it is left out"
        return made.with_columns({"amount": None}, said)
    return _less_discount(made, product) or _by_orders(made, given)


def _less_discount(made: Guess, product: pd.Series[float]) -> Guess | None:
    """Of a price and a total that differ by a discount on nearly every row: the total counts, after it."""
    amount, frame = made.looks[made.columns["amount"]], frame_of(made)
    for name in (n for n in discounts_of(names_of(frame)) if n not in (amount.name, made.columns["unit_price"])):
        met = ((product - frame[name].abs().fillna(0) - amount.numbers).abs() <= CENT)[amount.numbers.notna()]
        told = frame[name].abs() > CENT
        if met.mean() < SAME_SHARE or told.sum() < LEAST_TELLING or not met[told].all():
            continue
        said = f"'{made.columns['unit_price']}' less '{name}' is '{amount.name}' on {met.mean():.1%} of the rows, so "
        made = made.with_columns({"unit_price": None, "discount": name}, f"{said}'{amount.name}' counts")
        return made.ruled("discount", "included")
    return None


def _by_orders(made: Guess, given: Mapping[str, str]) -> Guess:
    """Of a price and a total that differ: what the lines come to, with shipping and tax, decides; else the total."""
    price, amount = made.columns["unit_price"], made.columns["amount"]
    found = added_up(made, frame_of(made), "", [amount]) if "amount" not in given else None
    if found is not None:
        more = " and ".join(f"'{name}'" for name in found.extras)
        said = (
            f"the lines{f' and {more}' if more else ''} meet '{amount}' in {percent(found.share)} of {found.orders:,} "
        )
        return made.with_columns({"amount": None}, f"{said}orders, so the lines count")
    if "discount" in made.columns:
        found = added_up(made, frame_of(made), made.columns["discount"], [amount])
        if found is not None:
            return made.with_columns({"amount": None})
    sentence = f"'{amount}' is taken as the total of each line, since it differs from quantity times '{price}'"
    return made.with_columns({"unit_price": None}, unsure=sentence)


def _is_order_total(made: Guess, name: str) -> bool:
    """Whether an amount repeats on all lines of an order, or stands on its first line only.

    Where nearly all orders have the same amount, this would show of the amounts of lines too: the name decides.
    """
    share, alike = _repeats(made, name)
    return share > ORDERS_SHARE and (alike < ALIKE or _is_of_orders(name))


def _is_of_orders(name: str) -> bool:
    return bool(OF_ORDERS.search(name)) and not OF_LINES.search(name)


def _repeats(made: Guess, name: str) -> tuple[float, float]:
    """Share of the orders of several lines on which all have one amount, and how often two orders have the same."""
    order = made.look("order_id")
    if order is None:
        return 0.0, 0.0
    frame = order.values.to_frame("order").assign(amount=made.looks[name].numbers).dropna(subset="order")
    groups = frame.groupby("order")["amount"].agg(["size", "count", "nunique"])
    several = groups[groups["size"] > 1]
    counts = frame.drop_duplicates("order")["amount"].value_counts()
    alike = float((counts * (counts - 1)).sum()) / max(1, counts.sum() * (counts.sum() - 1))  # of two orders, by chance
    return float((several["nunique"] <= 1).mean()) if len(several) else 0.0, alike


def _not_seen(made: Guess) -> Guess:
    """Say where lines of an order have the same amount, and so have the orders: it may be the order's total."""
    name = made.columns.get("amount", "")
    share, alike = _repeats(made, name) if name else (0.0, 0.0)
    if share <= ORDERS_SHARE or alike < ALIKE:
        return made
    said = f"'{name}' is the same on all lines of an order and on most orders: whether it is the order's total"
    do = "it counts on each line. If it is the order's, leave one row per order in the export"
    return made.with_columns({}, unsure=f"{said} is not to be seen, so {do}")


def _once(made: Guess) -> Guess:
    """Take an amount that every line of an order repeats as the order's total; leave it where only one line has it."""
    amount, order = made.looks[made.columns["amount"]], made.looks[made.columns["order_id"]]
    lines = amount.numbers.groupby(order.values).agg(["count", "size"])
    several = lines[lines["size"] > 1]
    if (several["count"] == several["size"]).mean() < 0.5:
        return made
    sentence = (
        f"'{amount.name}' is the same on every line of an order, so it is taken as the order's total and counted once"
    )
    dropped = dict.fromkeys(("quantity", "cost", "product_id", "product_name", "category"))
    return replace(made.with_columns(dropped, unsure=sentence), once_per_order=True)


def _line_total(made: Guess) -> Guess:
    """Take a price that grows with the quantity of the same product as the total of its line."""
    price, quantity = made.look("unit_price"), made.look("quantity")
    product = next((look for f in ("product_id", "product_name", "category") if (look := made.look(f))), None)
    if price is None or quantity is None or product is None:
        return made
    frame = product.values.to_frame("product").assign(p=price.numbers, q=quantity.numbers)
    frame = frame[(frame["p"] > 0) & (frame["q"] > 0)].dropna()
    logs = frame[["p", "q"]].apply(np.log)
    within = logs - logs.groupby(frame["product"]).transform("mean")
    differs = within["q"].abs() > CENT
    if differs.sum() < TOTAL_ROWS or (within["p"] * within["q"]).sum() / (within["q"] ** 2).sum() < TOTAL_SLOPE:
        return made
    one, other = price.name, quantity.name
    sentence = f"'{one}' grows with '{other}', so it is taken as the total of the line and not as the unit price"
    return made.with_columns({"unit_price": None, "amount": one}, unsure=sentence)


def _small_counts(made: Guess, given: Mapping[str, str]) -> Guess:
    """Take an amount of small whole numbers beside a price as the quantity."""
    amount, price = made.look("amount"), made.look("unit_price")
    if amount is None or price is None or "quantity" in made.columns or "amount" in given:
        return made
    if amount.decimals == 0 and amount.numbers.median() <= 10 < price.numbers.median():
        sentence = f"'{amount.name}' holds small whole numbers, so it is taken as the quantity"
        return made.with_columns({"amount": None, "quantity": amount.name}, unsure=sentence)
    return made
