"""Who customers are, as they or their account say; what is not known stays its own level."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import ibis

from seglib.criteria.criterion import UNKNOWN, Clock, Criterion


def _age_band(t: Any, clock: Clock) -> Any:
    """Name the band of an age; an unknown age never joins a band."""
    bands = clock.age_bands
    names = [f"under {bands[0]}", *(f"{low}-{high - 1}" for low, high in pairwise(bands))]
    limits = [(t.age_years < edge, name) for edge, name in zip(bands, names, strict=True)]
    return ibis.cases((t.age_years.isnull(), UNKNOWN), *limits, else_=f"{bands[-1]} and over")


CRITERIA = (
    Criterion(
        "age_years",
        "demographic",
        "years",
        "Age at the end of the quarter.",
        "customers",
        lambda t, _: t.age_years,
        needs=("customers.birth_date",),
        role="descriptor",
        sensitivity="protected",
        whole=True,
    ),
    Criterion(
        "age_band",
        "demographic",
        "word",
        "Age in the bands of the plan.",
        "customers",
        _age_band,
        needs=("customers.birth_date",),
        role="descriptor",
        sensitivity="protected",
        kind="category",
    ),
    Criterion(
        "age_band",
        "demographic",
        "word",
        "Age in the bands of the company's own file.",
        "customers",
        lambda t, _: t.age_band,
        needs=("customers.age_band",),
        role="descriptor",
        sensitivity="protected",
        kind="category",
    ),
    Criterion(
        "gender",
        "demographic",
        "word",
        "Gender as the customer gave it.",
        "customers",
        lambda t, _: t.gender,
        needs=("customers.gender",),
        role="descriptor",
        sensitivity="protected",
        kind="category",
    ),
    Criterion(
        "household_size",
        "demographic",
        "persons",
        "Persons in the household.",
        "customers",
        lambda t, _: t.household_size,
        needs=("customers.household_size",),
        role="descriptor",
        sensitivity="personal",
    ),
    Criterion(
        "income_band",
        "demographic",
        "word",
        "Band of household income.",
        "customers",
        lambda t, _: t.income_band,
        needs=("customers.income_band",),
        role="descriptor",
        sensitivity="personal",
        kind="category",
    ),
)
