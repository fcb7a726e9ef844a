"""Where customers are: the customer's own record where there is one, else the last order."""

from __future__ import annotations

from typing import Any

import ibis

from seglib.criteria.criterion import UNKNOWN, Clock, Criterion, Expression, first


def _domestic(t: Any, _: Clock) -> Any:
    """Compare with the country of most customers; ties go to the first in the alphabet."""
    known = t.filter(t.country != UNKNOWN)
    counted = known.group_by("country").aggregate(n=known.count())
    home = counted.order_by(counted.n.desc(), counted.country).limit(1).country.as_scalar()
    return (t.country.nullif(UNKNOWN) == home).cast("int64")


def _last(column: str) -> Expression:
    """Take the word of the last order of the window that has one."""

    def value(t: Any, clock: Clock) -> Any:
        age = ibis.timestamp(clock.as_of).delta(t.ordered_at, unit="microsecond")
        return first(t[column], age, t.recent & t[column].notnull())

    return value


CRITERIA = (
    Criterion(
        "country",
        "geographic",
        "word",
        "Country of residence.",
        "customers",
        lambda t, _: t.country,
        needs=("customers.country",),
        role="descriptor",
        kind="category",
    ),
    Criterion(
        "country",
        "geographic",
        "word",
        "Country of the last delivery.",
        "visits",
        _last("country"),
        needs=("orders.country",),
        role="descriptor",
        kind="category",
    ),
    Criterion(
        "region",
        "geographic",
        "word",
        "Region of residence.",
        "customers",
        lambda t, _: t.region,
        needs=("customers.region",),
        role="descriptor",
        kind="category",
    ),
    Criterion(
        "region",
        "geographic",
        "word",
        "Region of the last delivery.",
        "visits",
        _last("region"),
        needs=("orders.region",),
        role="descriptor",
        kind="category",
    ),
    Criterion(
        "domestic_flag",
        "geographic",
        "1 is yes",
        "Lives in the country of most customers.",
        "values",
        _domestic,
        needs=("values.country",),
        role="descriptor",
        whole=True,
    ),
)
