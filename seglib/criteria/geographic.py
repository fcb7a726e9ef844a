"""Where customers are: the customer's own record where there is one, else the last order."""

from __future__ import annotations

from typing import Any

from seglib.criteria.criterion import UNKNOWN, Clock, Criterion


def _domestic(t: Any, _: Clock) -> Any:
    """Compare with the country of most customers; ties go to the first in the alphabet."""
    known = t.filter(t.country != UNKNOWN)
    counted = known.group_by("country").aggregate(n=known.count())
    home = counted.order_by(counted.n.desc(), counted.country).limit(1).country.as_scalar()
    return (t.country.nullif(UNKNOWN) == home).cast("int64")


def _last(t: Any, _: Clock) -> Any:
    return t.word.max(where=t.place == 0)


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
        "countries",
        _last,
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
        "regions",
        _last,
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
