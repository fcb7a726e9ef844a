"""Data that the tests of several methods share."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def cdnow_weeks(shared_data: Callable[[str], Path]) -> pd.DataFrame:
    """Purchases of the 39 calibration weeks, and the orders of the 39 weeks after, from the raw rows of CDNOW."""
    names = ["master", "id", "day", "discs", "value"]
    path = shared_data("cdnow/CDNOW_sample.txt.gz")
    raw = pd.read_csv(path, sep=r"\s+", header=None, names=names, dtype=str)
    days = raw.assign(day=pd.to_datetime(raw["day"])).drop_duplicates(["id", "day"])
    first, cut = days.groupby("id")["day"].min(), pd.Timestamp("1997-09-30")
    seen = days[days["day"] <= cut].groupby("id")["day"]
    weeks = 7.0
    return pd.DataFrame(
        {
            "repeat_count": seen.size() - 1,
            "last_purchase_weeks": (seen.max() - first).dt.days / weeks,
            "age_weeks": (cut - first).dt.days / weeks,
            "later_count": days[days["day"] > cut].groupby("id").size().reindex(first.index, fill_value=0),
        }
    )
