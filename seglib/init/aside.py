"""Which lines of an unknown export are no purchases: cancellations, returns, tests, postage and fees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seglib.core.sections import Rules
from seglib.init.looks import Look
from seglib.init.names import counted, plain, words

SHOWN = 8
LONGEST_WORD = 30
EVERYWHERE_LINES, EVERYWHERE_SHARE = 500, 0.2  # of one customer id, from which on it may be no single customer
Sentences = tuple[str, ...]


def rules_for(
    columns: Mapping[str, str], looks: Mapping[str, Look], decided: Mapping[str, Any]
) -> tuple[Rules, Sentences, Sentences]:
    """Set the plan's rules about cancellations, with what was understood and what is doubtful.

    Parameters
    ----------
    columns : mapping of str to str
        Column of the contract to column of the file.
    looks : mapping of str to Look
        The file's columns.
    decided : mapping
        Rules that are known already: lines that they name as vouchers, as no goods or as no sales are no returns.
    """
    prefix = _cancelled_prefix(columns, looks)
    said: Sentences = ()
    if prefix:
        said += (f"orders that start with {prefix} are cancellations: their quantities are negative",)
    for field in ("quantity", "amount", "unit_price"):
        look = looks.get(columns.get(field, ""))
        below = look.numbers < 0 if look is not None else None
        if below is not None and (returned := int((below & ~_named_otherwise(columns, looks, decided)).sum())):
            are = "is a return" if returned == 1 else "are returns"
            said += (f"{counted(returned, 'row')} with a negative {field} {are}",)
    return Rules(cancelled_prefix=prefix), said, _not_customers(columns, looks)


def _named_otherwise(
    columns: Mapping[str, str], looks: Mapping[str, Look], decided: Mapping[str, Any]
) -> pd.Series[bool]:
    """Rows that the rules name as vouchers, as no goods or as no sales."""
    listed = {*decided.get("discount_lines", ()), *decided.get("not_products", ())}
    kinds = {kind for kind, meaning in (decided.get("kinds") or {}).items() if meaning == "ignore"}
    found = pd.Series(False, index=next(iter(looks.values())).values.index)
    for field, names in (("product_id", listed), ("product_name", listed), ("kind", kinds)):
        look = looks.get(columns.get(field, ""))
        found |= look.values.str.strip().isin(names).astype(bool) if look is not None else False
    return found


def _cancelled_prefix(columns: Mapping[str, str], looks: Mapping[str, Look]) -> str | None:
    """The letter before order numbers whose quantities are negative, where other numbers have none."""
    order, quantity = looks.get(columns.get("order_id", "")), looks.get(columns.get("quantity", ""))
    if order is None or quantity is None:
        return None
    is_negative = quantity.numbers < 0
    if not is_negative.any():
        return None
    letters = order.values.str.extract(r"^([A-Za-z]{1,3})\d")[0]
    if letters.isna().mean() < 0.5:
        return None
    negative = is_negative.groupby(letters).agg(["mean", "size"])
    negative = negative[negative["mean"] > 0.9].sort_values("size", kind="stable")
    return str(negative.index[-1]) if len(negative) else None


def _not_customers(columns: Mapping[str, str], looks: Mapping[str, Look]) -> Sentences:
    """Ids that are words for nobody in particular; and an id that stands on a fifth of all lines, without naming it."""
    look = looks.get(columns.get("customer_id", ""))
    if look is None or not len(look.filled):
        return ()
    known = {*words()["not_customers"]}
    short = look.unique[~look.unique.str.contains(r"\d|@") & (look.unique.str.len() <= LONGEST_WORD)]
    nobody = tuple(str(value).strip() for value in short if plain(str(value)) in known)
    if nobody:
        return (f"{_some(nobody)} may be no single customer; it counts as one until rules.not_customers names it",)
    counted = look.filled.value_counts()
    if len(look.filled) < EVERYWHERE_LINES or counted.iloc[0] < EVERYWHERE_SHARE * len(look.filled):
        return ()
    return (
        f"one customer id stands on {counted.iloc[0] / len(look.filled):.0%} of the lines (notebook 02 says where): if "
        "it is the till, guests or a marketplace, name it in rules.not_customers",
    )


def _some(names: Sentences) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
