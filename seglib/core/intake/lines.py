"""Order lines typed: what each row itself says of amount, discount, cost and refund."""

from __future__ import annotations

from typing import Any

import ibis

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.errors import Finding
from seglib.core.intake.findings import Fault, located
from seglib.core.intake.numbers import finer_than, minor
from seglib.core.intake.values import Texts

ROOMY = "decimal(19, 5)"  # two decimals of at most 18 digits are multiplied in 64 bits: a thousand millions overflow
BEYOND = 1e18  # no amount that 64 bits hold
FRACTION = "decimal(19, 11)"  # a share of 1
OWN_MONEY = ("discount", "cost", "refunded", "refunded_tax", "refunded_taxed")


def order_lines(texts: Texts, percent: bool = False) -> Table:
    """Type the order lines: quantity times unit price exactly, or the amount where there is no unit price.

    Parameters
    ----------
    texts : Texts
        The checked orders.
    percent : bool
        Whether shares of discount are written as 10 rather than 0.1.

    Returns
    -------
    Table
        The columns of the contract, `ordered_on`, and in the smallest unit `amount_minor` (what price and quantity, or
        the amount, say), `discount_minor` and `refunded_minor` (at least 0, as the row says them) and `cost_minor`; two
        say of the amount: `overflow` (no 64-bit number holds it) and `rounded` (it had more decimals than the
        currency). Where the plan has rates, `currency_code` too: then money is in the currency of its line.
    """
    digits = texts.digits
    quantity, wide, beyond = _value(texts)
    whole = minor(wide, digits)
    values = texts.values()
    for name in ("quantity", "amount", "amount_extras", "currency"):
        values.pop(name)
    values |= {f"{name}_minor": values.pop(name) for name in OWN_MONEY}
    values |= {
        "quantity": quantity.cast("decimal(16, 5)"),
        "amount_minor": whole,
        "ordered_on": values["ordered_at"].date(),
        "discount_minor": _discount(texts, whole, values["discount_minor"], percent),
        **{f"{name}_minor": values[f"{name}_minor"].abs() for name in ("refunded", "refunded_tax", "refunded_taxed")},
        "cost_minor": _cost(texts, quantity, values["cost_minor"]),
    }
    if texts.plan.rates is not None and "currency" in texts.columns:
        values["currency_code"] = trimmed(texts.table.currency).upper().nullif("").fill_null(texts.plan.currency)
    values["overflow"] = (wide.notnull() & whole.isnull()) | beyond
    values["rounded"] = finer_than(wide, digits).fill_null(False)
    return texts.table.select("source_file", "source_line", **values)


def _value(texts: Texts) -> tuple[Any, Any, Any]:
    """Quantity, money before any discount, and whether no 64-bit number holds it."""
    has = texts.columns
    total = _goods(texts) if "amount" in has else ibis.null("decimal(18, 5)")
    one = (total < 0).ifelse(-1, 1).cast("decimal(16, 5)")
    given = texts.exact("quantity") if "quantity" in has else one.fill_null(1)
    quantity = ibis.coalesce(given, one)  # an amount whose pieces are not told is one piece
    if "unit_price" not in has:
        return quantity, total, ibis.literal(False)
    price, beyond = texts.exact("unit_price"), ibis.literal(False)
    fine = bool({"quantity", "unit_price"} & set(texts.fine))
    about = (given.cast("float64") * price.cast("float64")).abs().fill_null(0)
    beyond = about >= BEYOND if fine else beyond
    kind = f"decimal(38, {18 if fine else 10})"
    product = beyond.ifelse(ibis.null(given.type()), given).cast(given.type() if fine else ROOMY) * price
    return quantity, ibis.coalesce(product.cast(kind), total.cast(kind)), beyond


def _goods(texts: Texts) -> Any:
    """The amount of the row less the shipping, tax and the like that it holds; nothing turns its sign."""
    total = texts.exact("amount")
    if "amount_extras" not in texts.columns:
        return total
    extras = texts.exact("amount_extras").fill_null(0)
    back = ibis.least(total + extras.abs(), 0)
    goods = ibis.ifelse(total < 0, back, ibis.greatest(total - extras, 0))
    return goods.cast("decimal(18, 5)")


def _discount(texts: Texts, whole: Any, given: Any, percent: bool) -> Any:
    """The row's discount as money: as it stands, or as a share of the row's amount, half a unit rounded up."""
    if texts.plan.rules.discount != "share" or "discount" not in texts.columns:
        return given.abs()
    share = texts.exact("discount").abs().cast("decimal(12, 9)")
    part = (share.cast(FRACTION) * ibis.literal("0.01").cast("decimal(19, 2)") if percent else share).cast(FRACTION)
    product = whole.abs().cast("decimal(19, 0)") * part
    return product.cast("decimal(38, 11)").round(0).try_cast("int64")


def _cost(texts: Texts, quantity: Any, given: Any) -> Any:
    """The cost of the row: as it stands, or of one piece times the pieces."""
    if texts.plan.rules.cost != "piece" or "cost" not in texts.columns:
        return given
    pieces = quantity.abs().cast(ROOMY) * texts.exact("cost").cast("decimal(18, 5)")
    return minor(pieces.cast("decimal(38, 10)"), texts.digits)


def shares(engine: Engine, texts: Texts) -> tuple[bool, list[Finding]]:
    """Say whether shares of discount are percents, and refuse shares above the whole."""
    if texts.plan.rules.discount != "share" or "discount" not in texts.columns:
        return False, []
    share = texts.exact("discount").abs()
    percent = bool(engine.scalar((share > 1).any()))
    fault = (share > 100).ifelse("share", ibis.null("string"))
    what = "discount above 100 %, where rules.discount says that it is a share"
    kind = Fault("V11", what, "correct it, or set rules.discount: line if these are amounts of money")
    return percent, located(engine, texts.table, fault, {"share": kind}, "discount") if percent else []
