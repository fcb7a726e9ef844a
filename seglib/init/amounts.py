"""How the numbers of an unknown export are written, how fine its money is, and how large a line may be."""

from __future__ import annotations

import math
from collections.abc import Mapping

from seglib.core.sections import AMOUNT_DIGITS, Rules
from seglib.init.looks import Look

MONEY = ("unit_price", "amount", "discount", "cost")
MOST_DECIMALS = 4
PLAUSIBLE = 10_000_000  # money of one line, in main units
WITHOUT_DECIMALS = ("JPY", "KRW", "VND", "CLP", "HUF")


def written(columns: Mapping[str, str], looks: Mapping[str, Look]) -> dict[str, object]:
    """How numbers are written: the decimal mark, and what the intake takes off them."""
    found = [looks[columns[field]] for field in (*MONEY, "quantity") if field in columns]
    dressed = [look for look in found if not look.is_plain_number]
    decimal = "," if any(look.decimal == "," for look in found) else "."
    thousands = sorted({mark for look in dressed for mark in look.thousands(decimal)})
    signs = sorted({sign for look in dressed for sign in look.signs})
    negatives = sorted({look.negative for look in found} - {"before"})
    return {
        "decimal": decimal,
        "thousands": thousands[0] if len(thousands) == 1 else None,
        "signs": tuple(signs) if len(signs) == 1 else (),
        "negative": negatives[0] if len(negatives) == 1 else "before",
    }


def has_money(columns: Mapping[str, str]) -> bool:
    """Whether any column says for how much."""
    return "unit_price" in columns or "amount" in columns


def decimals(columns: Mapping[str, str], looks: Mapping[str, Look], currency: str) -> tuple[int, tuple[str, ...]]:
    """Count the decimals that money needs, 0 to 4, with sentences about what is doubtful."""
    found = [looks[columns[field]] for field in MONEY if field in columns]
    needed = max(look.decimals for look in found)
    doubts = tuple(
        f"'{look.name}' holds the signs {' '.join(look.signs)}: a study has one currency"
        if len(look.signs) > 1
        else f"'{look.name}' is written for people: the plan says under csv what is taken off"
        for look in found
        if not look.is_plain_number
    )
    doubts += tuple(
        f"every mark in '{look.name}' is followed by three digits: are these thousands?"
        for look in found
        if look.may_be_thousands
    )
    least = 0 if currency in WITHOUT_DECIMALS else 2
    if needed > MOST_DECIMALS:
        names = ", ".join(f"'{look.name}'" for look in found if look.decimals > MOST_DECIMALS)
        doubts += (f"{names} has {needed} decimals and a plan allows 4: round in the export",)
    return min(MOST_DECIMALS, max(least, needed)), doubts


def largest(
    rules: Rules, columns: Mapping[str, str], looks: Mapping[str, Look], decimals: int
) -> tuple[Rules, tuple[str, ...]]:
    """Set the amount above which a line is an error: ten million, or far above what this shop usually sells."""
    price, quantity = looks[columns.get("amount") or columns["unit_price"]].numbers.abs(), columns.get("quantity")
    if "amount" not in columns and quantity:
        price = price * looks[quantity].numbers.abs()
    usual = float(price.quantile(0.99)) if price.notna().any() else 0.0
    limit = max(PLAUSIBLE, 10 ** math.ceil(math.log10(max(1.0, 100 * usual))))
    doubt = (f"lines of up to {limit:,} are taken as plausible",) if limit > PLAUSIBLE else ()
    return rules.model_copy(update={"amount_max_minor": min(limit * 10**decimals, 10**AMOUNT_DIGITS)}), doubt
