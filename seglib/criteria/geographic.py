"""Where customers are: the customer's own record where there is one, else the last order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.criteria.criterion import UNKNOWN, Clock, Criterion, Expression, first
from seglib.disclosure.places import back_off

if TYPE_CHECKING:
    from seglib.core.engine import Engine, Table

HIERARCHY = ("country", "region", "place")  # wide to narrow
CLIMATE = ("climate",)


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
        "place",
        "geographic",
        "word",
        "City of residence; where few customers live there, its region or country.",
        "customers",
        lambda t, _: t.city,
        needs=("customers.city",),
        role="descriptor",
        kind="category",
        sensitivity="personal",
    ),
    Criterion(
        "place",
        "geographic",
        "word",
        "City of the last delivery; where few customers live there, its region or country.",
        "visits",
        _last("city"),
        needs=("orders.city",),
        role="descriptor",
        kind="category",
        sensitivity="personal",
    ),
    Criterion(
        "climate",
        "geographic",
        "word",
        "Climate of the residence; rare ones together.",
        "customers",
        lambda t, _: t.climate,
        needs=("customers.climate",),
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


def settled(values: Table, floor: int, engine: Engine) -> Table:
    """Name each city, and each climate, so that enough customers live in what is named.

    Parameters
    ----------
    values : Table
        One row per customer; ``place`` still is the city.
    floor : int
        Smallest number of customers that a name may stand for.
    engine : Engine

    Returns
    -------
    Table
        With the narrowest place that is large enough, and with rare climates together as "elsewhere"; the same where
        there is neither.
    """
    for levels in (HIERARCHY, CLIMATE):
        if levels[-1] in values.columns:
            values = _named(values, [name for name in levels if name in values.columns], floor, engine)
    return values


def _named(values: Table, levels: list[str], floor: int, engine: Engine) -> Table:
    """Replace the narrowest level by the narrowest name in which enough customers live."""
    cells = engine.frame(values.group_by(levels).aggregate(customers=values.count()).order_by(levels))
    known = cells[levels].where(cells[levels] != UNKNOWN)
    named = cells[levels].assign(narrowest=back_off(known.assign(customers=cells["customers"]), floor))
    joined = values.inner_join(engine.memory(named), levels)
    return joined.mutate(**{levels[-1]: joined.narrowest}).select(values.columns)
