"""How customers spread over each criterion: counted by the engine, in bins or by word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.disclosure.small_cells import in_rows
from seglib.methods.shares import bounded, of_few

if TYPE_CHECKING:
    from seglib.criteria.features import Features

BINS = 20
LAST_BIN_FROM = 0.97


def histogram(features: Features, floor: int) -> pd.DataFrame:
    """Count customers in about twenty bins; see `Features.histogram`."""
    catalogue = features.catalogue
    declared = (catalogue["role"] == "segmentation") & (catalogue["kind"] == "number") & (catalogue["level"] == "")
    numbers = catalogue[declared & (catalogue["customers"] > 0)]
    columns = [features.values[name] for name in numbers["name"]]
    ends = features.values.aggregate(
        **{f"low {c.get_name()}": c.min() for c in columns},
        **{f"high {c.get_name()}": c.quantile(LAST_BIN_FROM) for c in columns},
    ).to_pandas()
    bins = [
        _bins(features, row, float(ends[f"low {row.name}"][0]), float(ends[f"high {row.name}"][0]), floor)
        for row in numbers.itertuples(index=False)
    ]
    return pd.concat(bins, ignore_index=True)


def _bins(features: Features, row: Any, low: float, high: float, floor: int) -> pd.DataFrame:
    whole = row.unit != "share" and high - low >= 1 and float(row.median).is_integer() and low.is_integer()
    width = max((high - low) / BINS, 1e-9)
    width = float(max(1, round(width))) if whole else width
    last = int((high - low) // width)
    column = features.values[row.name]
    place = ((column.cast("float64") - low) / width).floor().clip(0, last).cast("int64")
    counted = features.values.filter(column.notnull()).group_by(place=place).aggregate(customers=lambda t: t.count())
    customers = counted.to_pandas().set_index("place")["customers"].reindex(range(last + 1), fill_value=0)
    scale = features.minor_per_major if row.unit == "money" else 1
    starts = (low + width * customers.index.to_numpy()) / scale
    return pd.DataFrame(
        {
            "criterion": row.name,
            "unit": features.currency if row.unit == "money" else row.unit,
            "low": starts,
            "high": starts + width / scale,
            "customers": customers.where(customers >= floor, 0).to_numpy(),
            "last": starts[-1],
            "median": row.median / scale,
        }
    )


def known_for(features: Features) -> pd.DataFrame:
    """Add to `Features.describe` for how many customers a criterion is known and not known, where these are not few."""
    rows = features.describe()
    gap = 1 - rows["customers"] / features.customers
    few = of_few(gap, features.customers, features.floor)
    return rows.assign(known=rows["customers"].mask(few), missing=bounded(gap, features.customers, features.floor))


def levels(features: Features, name: str, floor: int) -> pd.DataFrame:
    """Count customers by the words of a criterion: level, customers, share; see `Features.levels`."""
    if name not in features.values.columns:
        return pd.DataFrame({"level": [], "customers": [], "share": []})
    counted = features.values.group_by(level=features.values[name]).aggregate(customers=lambda t: t.count())
    frame: pd.DataFrame = counted.to_pandas()
    number = frame["level"].str.extract(r"(\d+)", expand=False).astype("float64") - frame["level"].str.startswith(
        "under"
    )
    bands = number if name.endswith("_band") else -frame["customers"]
    ordered = frame.assign(bands=bands).sort_values(["bands", "level"], ignore_index=True).drop(columns="bands")
    hidden = blank(ordered["customers"], floor)
    return ordered.assign(customers=hidden, share=hidden / features.customers)


def blank(customers: pd.Series[int], floor: int) -> pd.Series[float]:
    """Hide counts below the floor, and beside them the next smallest ones until as many as the floor are hidden.

    Examples
    --------
    >>> blank(pd.Series([40, 30, 12, 3]), 10).tolist()
    [40.0, 30.0, nan, nan]
    """
    rows = pd.DataFrame({"whole": 0, "customers": customers})
    return customers.astype("float64").mask(in_rows(rows, ["whole"], floor))
