"""Which lines of an unknown export are no purchases: cancellations, returns, tests, postage and fees."""

from __future__ import annotations

from collections.abc import Mapping

from seglib.core.sections import Rules
from seglib.core.start.looks import Look
from seglib.core.start.names import means, plain, words

SHOWN = 8
LONGEST_WORD = 30
EVERYWHERE_LINES, EVERYWHERE_SHARE = 500, 0.2  # of one customer id, from which on it may be no single customer
Sentences = tuple[str, ...]


def rules_for(columns: Mapping[str, str], looks: Mapping[str, Look]) -> tuple[Rules, Sentences, Sentences]:
    """Set the plan's rules, with what was understood and what is doubtful."""
    prefix = _cancelled_prefix(columns, looks)
    said: Sentences = ()
    if prefix:
        said += (f"orders that start with {prefix} are cancellations: their quantities are negative",)
    for field in ("quantity", "amount", "unit_price"):
        look = looks.get(columns.get(field, ""))
        if look is not None and (returned := int((look.numbers < 0).sum())):
            said += (f"{returned:,} rows with a negative {field} are returns; they are set aside",)
    articles = _not_products(columns, looks)
    doubts: Sentences = ()
    if articles:
        doubts += (
            f"lines of {_some(articles)} may be postage or fees; they count until rules.not_products names them",
        )
    doubts += _not_customers(columns, looks)
    rules = Rules(cancelled_prefix=prefix)
    rules, by_status, doubt = _statuses(rules, columns, looks)
    return rules, said + by_status, doubts + doubt + _cancelled_at(rules, columns, looks)


def _statuses(
    rules: Rules, columns: Mapping[str, str], looks: Mapping[str, Look]
) -> tuple[Rules, Sentences, Sentences]:
    if "status" not in columns:
        return rules, (), ()
    states = [str(state) for state in looks[columns["status"]].unique]
    cancelled = tuple(s for s in states if means(s, "cancelled_words") and not means(s, "partly_words"))
    tests = tuple(state for state in states if means(state, "test_words"))
    others = [s for s in states if s not in cancelled + tests and not means(s, "done_words")]
    changes = {"cancelled_status": cancelled or rules.cancelled_status, "test_status": tests or rules.test_status}
    said = (f"orders are set aside whose status is {', '.join(cancelled)}",) if cancelled else ()
    doubt = (f"orders with these statuses count as purchases: {', '.join(others)[:200]}",) if others else ()
    return rules.model_copy(update=changes), said, doubt


def _cancelled_at(rules: Rules, columns: Mapping[str, str], looks: Mapping[str, Look]) -> Sentences:
    """Orders with a time of cancellation whose status says nothing of it."""
    status = looks.get(columns.get("status", ""))
    order = looks.get(columns.get("order_id", ""))
    for name, look in looks.items():
        if plain(name) in words()["cancelled_at"] and len(look.filled):
            rest = look.values.notna()
            if status is not None:
                rest &= ~status.values.str.strip().isin(rules.cancelled_status)
            count = order.values[rest].nunique() if order is not None else int(rest.sum())
            return (f"'{name}' is filled for {count:,} of the orders that count as purchases",) if count else ()
    return ()


def _cancelled_prefix(columns: Mapping[str, str], looks: Mapping[str, Look]) -> str | None:
    """The letter before order numbers whose quantities are negative, where other numbers have none."""
    order, quantity = looks.get(columns.get("order_id", "")), looks.get(columns.get("quantity", ""))
    if order is None or quantity is None:
        return None
    letters = order.values.str.extract(r"^([A-Za-z]{1,3})\d")[0]
    if letters.isna().mean() < 0.5:
        return None
    negative = (quantity.numbers < 0).groupby(letters).agg(["mean", "size"])
    negative = negative[negative["mean"] > 0.9].sort_values("size", kind="stable")
    return str(negative.index[-1]) if len(negative) else None


def _not_products(columns: Mapping[str, str], looks: Mapping[str, Look]) -> Sentences:
    """Article numbers that are words for postage or fees, or whose name is one."""
    article = looks.get(columns.get("product_id", ""))
    if article is None:
        return ()
    name = looks.get(columns.get("product_name", ""), article)
    pairs = article.values.to_frame("article").assign(name=name.values).dropna(subset="article").drop_duplicates()
    known = {*words()["not_products"]}
    hits = [a for a, n in zip(pairs["article"], pairs["name"].fillna(""), strict=True) if {plain(a), plain(n)} & known]
    return tuple(dict.fromkeys(str(hit).strip() for hit in hits))


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
