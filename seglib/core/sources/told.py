"""What the lists of a nested record tell of it: sums of refunds, credits and discounts, and the last state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

SUM, LAST, ALL = "{} (sum)", "{} (last)", "{} (all)"
BETWEEN = " + "  # as between the words of several columns of states
STATES = ("status", "state")
COMES_OFF = (
    "refund",
    "discount",
    "credit",
    "coupon",
    "return",
    "rebate",
    "adjust",
    "rabatt",
    "remise",
    "gutsch",
    "devol",
)
REFUNDED = ("refund", "reembols", "rembours", "erstatt", "devuel", "rimbors")  # in the name of a number itself
NO_AMOUNTS = ("id", "index", "rate", "percent", "position", "timestamp")  # how names of numbers end that do not add up


def flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the single values of a record by their dotted names; lists are left out.

    Examples
    --------
    >>> dict(flat({"id": "1", "customer": {"id": "7", "tags": ["a"]}, "lines": [{"sku": "M"}]}))
    {'id': '1', 'customer.id': '7'}
    """
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif not isinstance(value, list):
            yield f"{prefix}{name}", value


def told(record: Mapping[str, Any], prefix: str = "") -> dict[str, Decimal | str | None]:
    """Say what a record's lists tell of it: sums of refunds, credits and discounts, the last of their states, and tags.

    Returns
    -------
    dict
        Dotted name with ``(sum)`` behind it to the sum through all levels, None where one of the values is no number;
        with ``(last)`` behind it to the text of the last element, with ``(all)`` to the words of a list of words.

    Examples
    --------
    >>> told({"id": "1", "refunds": [{"total": "2.50"}, {"total": "1"}], "lines": [{"price": "9"}]})
    {'refunds.total (sum)': Decimal('3.50')}
    >>> told({"payments": [{"state": "failed"}, {"state": "paid"}]})
    {'payments.state (last)': 'paid'}
    >>> told({"tags": ["test_order", "paid"]})
    {'tags (all)': 'test_order + paid'}
    """
    found: dict[str, Decimal | str | None] = {}
    for name, value in record.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            _join(found, told(value, f"{path}."))
        if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            found[ALL.format(path)] = BETWEEN.join(value)
        for element in value if isinstance(value, list) else ():
            if isinstance(element, Mapping):
                _join(found, _of_element(element, f"{path}."))
                _join(found, told(element, f"{path}."))
    return found


def _of_element(element: Mapping[str, Any], prefix: str) -> dict[str, Decimal | str | None]:
    """What an element of a list adds: its numbers where they or the list are of money that comes off, and its state."""
    values = {name: value for name, value in flat(element, prefix) if value is not None}
    comes_off = any(word in prefix.lower() for word in COMES_OFF)
    money = {n: v for n, v in values.items() if comes_off or any(word in n.lower() for word in REFUNDED)}
    money = {n: v for n, v in money.items() if not n.lower().endswith(NO_AMOUNTS) and not isinstance(v, bool)}
    states = {n: v for n, v in values.items() if isinstance(v, str) and any(word in n.lower() for word in STATES)}
    return {SUM.format(n): _number(v) for n, v in money.items()} | {LAST.format(n): v for n, v in states.items()}


def _join(found: dict[str, Decimal | str | None], more: Mapping[str, Decimal | str | None]) -> None:
    """Add numbers to those before, and put texts in their place."""
    for name, value in more.items():
        before = found.get(name, Decimal(0))
        found[name] = before + value if isinstance(value, Decimal) and isinstance(before, Decimal) else value
        if name in found and name.endswith(SUM.format("")) and (value is None or before is None):
            found[name] = None


def is_told(name: str) -> bool:
    """Whether a column tells of a list: its sum, or its last state.

    Examples
    --------
    >>> is_told("refunds.total (sum)"), is_told("total (sum of all)")
    (True, False)
    """
    return name.endswith((SUM.format(""), LAST.format(""), ALL.format("")))


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and not isinstance(value, bool) else None
