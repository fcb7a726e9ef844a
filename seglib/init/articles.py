"""Lines of an unknown export that are no goods: coupons below zero, and postage, tax, tips, fees and gift cards."""

from __future__ import annotations

import re

import pandas as pd

from seglib.init.guess import Guess
from seglib.init.names import counted, plain, words
from seglib.init.positions import by_kind_of_line

SHOWN = 8
CODE = re.compile(r"^\s*\[[^\]]*\]\s*")
WHICH = {
    *("standard", "express", "free", "home", "next", "day", "economy", "priority", "international", "national", "flat"),
    *("rate", "domestic", "parcel", "post", "cost", "costs", "charge", "charges", "fee", "fees", "and", "normal"),
    *("dhl", "ups", "dpd", "gls", "fedex", "usps", "hermes"),
}
LISTED, AND_MORE = r"\d+ ?[x×] ?\S.*", r"[,;+] ?\d+ ?[x×] ?\S"
MOSTLY_LISTS = 0.9
AMOUNT = re.compile(r"\W+[\d.,]+\W*(?:[A-Z]{3})?$")


def articles(made: Guess) -> Guess:
    """Name the articles whose lines are discounts of their order, and those that are no goods.

    Parameters
    ----------
    made : Guess
        Price or amount, and the article's number or name, are known.
    """
    made = _without_lists(made)
    number, name = made.look("product_id"), made.look("product_name")
    money = made.look("unit_price") or made.look("amount")
    if money is None or (number is None and name is None) or made.once_per_order:
        return made
    frame = pd.DataFrame({"money": money.numbers})
    frame["number"] = number.values.str.strip() if number is not None else None
    frame["name"] = name.values.str.strip() if name is not None else None
    frame["article"] = frame["number"].fillna(frame["name"])
    each = frame.dropna(subset="article").groupby("article", sort=False)
    facts = each.agg(rows=("money", "size"), most=("money", "max"))
    spoken = frame[["article", "name"]].dropna(subset="article").drop_duplicates().sort_values("article", kind="stable")
    texts = {str(article): {plain(str(article))} for article in spoken["article"]}
    for article, said in spoken.dropna().itertuples(index=False):
        texts[str(article)] |= {_bare(str(said)), _parts(str(said))}
    most = dict(zip(facts.index, facts["most"].to_numpy(float), strict=True))
    kinds = by_kind_of_line(made, frame["article"], frame["money"])
    coupons = [a for a in texts if most[a] < 0 and (_has(texts[a], "coupon_words") or kinds.get(a) == "coupon")]
    others = [a for a in texts if a not in coupons and (_is_no_goods(texts[a]) or kinds.get(a) == "no goods")]
    for key, found, what in (
        ("discount_lines", coupons, "are discounts of their orders and come off"),
        ("not_products", others, "are postage, tax, tips, fees or gift cards: no goods, set aside"),
    ):
        if found:
            rows = int(facts.loc[found, "rows"].sum())
            made = made.ruled(key, tuple(found), f"{counted(rows, 'line')} of {_some(found)} {what} (rules.{key})")
    return made


def _without_lists(made: Guess) -> Guess:
    """Take no column for the article's name that lists the goods of a whole receipt: 2 x Mug, 1 x Lamp."""
    name = made.look("product_name")
    if name is None or not len(name.unique) or name.unique.str.fullmatch(LISTED).mean() < MOSTLY_LISTS:
        return made
    if not name.unique.str.contains(AND_MORE).any():
        return made
    said = f"'{name.name}' lists the goods of a whole order, so it names no article"
    return made.with_columns({"product_name": None}, said)


def _bare(name: str) -> str:
    """Write a name plainly, without an amount at its end: Gift card 100."""
    return plain(AMOUNT.sub("", name))


def _parts(name: str) -> str:
    """The words of a name in small letters, without a code in brackets before it: [D7] Standard delivery."""
    return " ".join(plain(part) for part in CODE.sub("", name).split() if plain(part))


def _is_no_goods(texts: set[str]) -> bool:
    """Whether a name is a word for postage, tax, fees or the like, beside words that only tell which."""
    known = {*words()["not_products"]}
    return bool(texts & known) or any(
        parts & known and parts <= known | WHICH for text in texts if (parts := {*text.split(" ")})
    )


def _has(texts: set[str], vocabulary: str) -> bool:
    return any(word in text for word in words()[vocabulary] for text in texts)


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
