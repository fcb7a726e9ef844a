"""The student's shop: its tables as pandas frames, cleaned as far as an exercise does not ask for it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from seglib.core.errors import EnvironmentTrouble, Finding
from seglib.methods.clusterers import kmeans, ordered
from seglib.methods.scaling import Scaling
from seglib.teach.given import Given
from seglib.teach.seal import unseal

STUDY = "shop"
DAYS = ("ordered_at", "event_at", "sent_at", "answered_at", "recorded_at", "registered_at")
YEAR = pd.Timedelta(days=365)
SEGMENT_COUNT = 4


class Shop(Given):
    """The tables of one student's shop.

    Parameters
    ----------
    folder : Path
        The student's folder.

    Attributes
    ----------
    as_of, before : Timestamp
        The first moment after 2026Q3, and after 2026Q2.
    """

    as_of = pd.Timestamp("2026-10-01")
    before = pd.Timestamp("2026-07-01")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, dict[str, Any]] = {}

    def _table(self, name: str) -> pd.DataFrame:
        path = self.folder / "data" / STUDY / "sources" / f"{name}.csv"
        if not path.is_file():
            do = "make the course's folder anew"
            raise EnvironmentTrouble(Finding("F01", "a table of the course is missing", path.name, do=do))
        table = pd.read_csv(path, dtype={"customer_id": str})
        return table.assign(**{day: pd.to_datetime(table[day]) for day in DAYS if day in table})

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Order lines as the shop exports them, with all their defects."""
        return self._table("orders")

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Order lines that are purchases of customers who may be profiled; `paid` is GBP after the discount."""
        lines = self.lines.drop_duplicates()
        good = (lines["status"] == "completed") & (lines["unit_price"] > 0) & lines["customer_id"].isin(self._profiled)
        bought = lines[good]
        paid = bought["quantity"] * bought["unit_price"] - bought["discount"]
        return bought.assign(paid=paid.round(2)).reset_index(drop=True)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer, without names and addresses."""
        return self._table("customers").drop(columns=["email", "phone", "first_name", "last_name"])

    @cached_property
    def events(self) -> pd.DataFrame:
        """Recorded web sessions, one row per event."""
        return self._table("events")

    @cached_property
    def contacts(self) -> pd.DataFrame:
        """Who was contacted, or held back, in which campaign and arm."""
        return self._table("contacts")

    @cached_property
    def consent(self) -> pd.DataFrame:
        """Every word that customers gave for a purpose, in no order."""
        ledger = self._table("consent")
        return ledger.sample(frac=1, random_state=7).reset_index(drop=True)

    @cached_property
    def damaged(self) -> pd.DataFrame:
        """An export in which a dozen kinds of defects were planted; all columns are text."""
        return pd.read_csv(self.folder / "data" / "damaged.csv", dtype=str, keep_default_na=False)

    @cached_property
    def features(self) -> pd.DataFrame:
        """Four criteria of the year before `as_of`, one row per customer who ordered in it."""
        return self.features_on(self.as_of)

    @cached_property
    def features_before(self) -> pd.DataFrame:
        """The same criteria one quarter earlier."""
        return self.features_on(self.before)

    def features_on(self, day: pd.Timestamp) -> pd.DataFrame:
        """Compute recency_days, order_count, monetary and discount_share from the orders of the year before a day."""
        year = self.orders[self.orders["ordered_at"].between(day - YEAR, day, inclusive="left")]
        each = year.groupby("customer_id")
        reduced = year.assign(reduced=year["discount"] > 0).groupby(["customer_id", "order_id"])["reduced"].any()
        return pd.DataFrame(
            {
                "recency_days": (day - each["ordered_at"].max()).dt.days,
                "order_count": each["order_id"].nunique(),
                "monetary": each["paid"].sum().round(2),
                "discount_share": reduced.groupby("customer_id").mean(),
            }
        )

    @cached_property
    def segments(self) -> pd.Series[int]:
        """The workbench's segments of 2026Q3: 1 has the highest mean of `monetary`."""
        return self._divided(self.features)

    @cached_property
    def segments_before(self) -> pd.Series[int]:
        """Segments of 2026Q2, fitted on that quarter alone: their numbers have nothing to do with those of 2026Q3."""
        labels = self._divided(self.features_before)
        return (SEGMENT_COUNT + 1 - labels).rename("segment")

    def _divided(self, features: pd.DataFrame) -> pd.Series[int]:
        x = Scaling.fit(features).apply(features)
        fit = ordered(kmeans(x, SEGMENT_COUNT, seed=0, restarts=4), features["monetary"])
        return pd.Series(fit.labels + 1, index=features.index, name="segment")

    @property
    def plan(self) -> dict[str, Any]:
        """The shop's plan, as it stands in the file now."""
        text = (self.folder / "data" / STUDY / "plan.yml").read_text(encoding="utf-8")
        return dict(yaml.safe_load(text))

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What was planted; closed, so that nobody meets it by chance."""
        return dict(unseal((self.folder / "course.seal").read_text(encoding="ascii")))

    @cached_property
    def _profiled(self) -> set[str]:
        ledger = self._table("consent")
        words = ledger[(ledger["purpose"] == "profiling") & (ledger["recorded_at"] < self.as_of)]
        latest = words.sort_values("recorded_at", kind="stable").groupby("customer_id")["status"].last()
        return set(latest.index[latest == "granted"])
