"""What was refunded, what a line cost the company, and whether amounts are written in cents."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from seglib.core.sources.told import is_told
from seglib.init.figures import is_of, level, line_money, order_key
from seglib.init.guess import Guess, Question
from seglib.init.names import WORD_ENDS, counted, in_full
from seglib.init.sums import CENT, NEARLY_ALL, names_of, steadier

IN_CENTS = re.compile(r"(?:cents?|minor|pence|centimes|centavos|incents|minorunits?)$")
OF_A_PIECE = ("unit", "each", "piece", "stuck", "einzel", "einkaufspreis", "einstandspreis", "standard", "prixachat")
COMES_BACK = re.compile(r"refund|credit|return|gutsch|devol|erstatt|rembours|reembols|rimbors|retour|terugbet")
ROUND_ENDS = ("00", "50", "90", "95", "99")
MOST_ROUND_SHARE, VARIED_ENDS = 0.8, 50
LEAST_MEDIAN = 300


def refunded(made: Guess, frame: pd.DataFrame, given: Mapping[str, str]) -> Guess:
    """Take a column of refunded amounts, and say whether it stands once per order."""
    found = (
        [given["refunded"]] if "refunded" in given else [name for name in names_of(frame) if is_of(name, "refunded")]
    )
    found = [name for name in found if name not in made.columns.values() or "refunded" in given]
    found = [name for name in found if "refunded" in given or not {*frame[name].dropna()} <= {0.0, 1.0}]  # yes or no
    documented = (
        [n for n in made.known.names("refunded") if n in made.looks and made.looks[n].is_number] if made.known else []
    )
    if documented and "refunded" not in given:
        way = str(made.known.export.rules.get("refunded", "line")) if made.known else "line"
        return made.with_columns({"refunded": documented[0]}).ruled("refunded", way)
    if not found:
        return _of_lists(made)
    values = {name: made.looks[name].numbers for name in found}
    name = max(found, key=lambda one: (values[one].abs() > 0).to_numpy().mean())
    way = level(values[name].mask(values[name] == 0), order_key(made))
    if way == "line" and order_key(made).duplicated().any() and {"order", "total"} & {*WORD_ENDS.split(name.lower())}:
        way = "order_repeated"  # the amount of the whole order, as its name says; no order of several lines had one
    count, money = _how_much(values[name], way, order_key(made))
    of = "row" if way == "line" else "order"
    said = f"'{name}' is what came back: it comes off ({counted(count, of)}, {money:,.2f} in all)"
    return made.with_columns({"refunded": name}, said).ruled("refunded", way)


def _how_much(values: pd.Series[float], way: str, order: pd.Series[str]) -> tuple[int, float]:
    """Count where something was given back, and add it up: what an order repeats on each line counts once."""
    some = values.abs().where(values.abs() > 0)
    some = some.groupby(order).max() if way == "order_repeated" else some
    return int(some.notna().sum()), float(some.sum())


def _of_lists(made: Guess) -> Guess:
    """Name the sums of lists of refunds in a nested file; nothing says which of them is the goods that came back."""
    given = {
        n: look for n, look in made.looks.items() if is_told(n) and COMES_BACK.search(n.lower()) and look.is_number
    }
    given = {n: look for n, look in given.items() if (look.numbers.fillna(0) != 0).any()}
    if not given or "refunded" in made.columns:
        return made
    order = order_key(made)
    ways = {name: level(look.numbers.mask(look.numbers == 0), order) for name, look in given.items()}
    seen = {name: _how_much(look.numbers, ways[name], order) for name, look in given.items()}
    of = "orders" if "order_repeated" in ways.values() else "rows"
    text = (
        f"which column says what was refunded? {max(count for count, _ in seen.values()):,} {of} have a list of refunds"
    )
    told = "; ".join(f"'{name}' {money:,.2f}" for name, (_, money) in seen.items())
    said = f'{text}; in all {told}: --column refunded="{next(iter(given))}" takes it off, nothing is taken off so far'
    return made.with_columns({}, unsure=said)


def cost(made: Guess, frame: pd.DataFrame) -> Guess:
    """Say whether a cost is that of a piece or of a line: by a profit, by what it goes with, by its name."""
    name, quantity = made.name("cost"), made.look("quantity")
    if name is None or quantity is None or not ({"unit_price", "amount"} & {*made.columns}):
        return made
    money, costs = line_money(made), frame[name] if name in frame else made.looks[name].numbers
    for profit in (one for one in names_of(frame) if is_of(one, "profit")):
        for way, whole in (("line", costs), ("piece", costs * quantity.numbers)):
            met = ((money - whole - frame[profit]).abs() <= CENT)[quantity.numbers != 1]
            if len(met) > 1 and met.mean() >= NEARLY_ALL:
                said = f"'{name}' is the cost of a {way}: with it '{profit}' follows on {met.mean():.0%} of the rows"
                return made.ruled("cost", way, said)
    pieces = quantity.numbers
    goes_with = steadier(costs, money / pieces.where(pieces != 0), pieces)
    if goes_with is not None:
        it = "price" if goes_with == "piece" else "money of the line"
        return made.ruled("cost", goes_with, f"'{name}' is the cost of a {goes_with}: it goes with the {it}")
    way = "piece" if any(word in in_full(name) for word in OF_A_PIECE) else "line"
    if not (pieces.dropna() != 1).any():
        return made.ruled("cost", way)
    text = f"is '{name}' the cost of one piece or of the whole line?"
    made = made.ruled("cost", way, unsure=f"'{name}' is taken as the cost of a {way}")
    return made.asking(Question("cost", text, (way, "line" if way == "piece" else "piece"), way))


def smallest_units(made: Guess, frame: pd.DataFrame) -> Guess:
    """Find amounts written in cents: by name, by another column, by how programs write; else ask where it may be so."""
    look = made.look("unit_price") or made.look("amount")
    if look is None or look.decimals or not look.is_number or not len(look.unique):
        return made
    if look.unique.str.contains(r"\d[.,]\d{1,2}$").any():  # 12.00 is written in main units
        return made
    if IN_CENTS.search(in_full(look.name)):
        return made.ruled("amounts", "minor", f"'{look.name}' is in cents, as its name says")
    numbers = look.numbers
    for other in (name for name in names_of(frame) if name != look.name and made.looks[name].decimals):
        met = ((frame[other] * 100 - numbers).abs() <= CENT)[numbers.notna() & frame[other].notna()]
        if len(met) > 1 and met.mean() >= NEARLY_ALL:
            return made.ruled("amounts", "minor", f"'{look.name}' is in cents: '{other}' is a hundredth of it")
    currency = made.look("currency")
    text = f"every amount in '{look.name}' is a whole number: are these cents?"
    ends = look.unique.str.extract(r"(\d\d)$")[0].dropna()
    is_plain = float(numbers.abs().median()) >= LEAST_MEDIAN and bool((numbers.dropna().abs() >= 10).all())
    if currency is not None and bool(currency.unique.str.islower().all()) and is_plain:
        why = f"{text} They are taken as such, since programs that write a currency in small letters count in cents"
        return made.ruled("amounts", "minor", unsure=why).asking(Question("amounts", text, ("minor", "main"), "minor"))
    varied = len(ends) > VARIED_ENDS and ends.nunique() > VARIED_ENDS
    if is_plain and (varied or (len(ends) and ends.isin(ROUND_ENDS).mean() >= MOST_ROUND_SHARE)):
        made = made.with_columns({}, unsure=f"{text} They are taken as whole units; write rules.amounts: minor if so")
        return made.asking(Question("amounts", text, ("main", "minor"), "main"))
    return made
