"""Tables that an exercise gives beside those of the shop: made from its data, or drawn with its seed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from seglib.methods.experiments import benjamini_hochberg

AA_TESTS, AA_LOOKS, AA_CUSTOMERS = 1_000, 10, 1_000
COIN_COUNT = 40
MOST_TOSSES, FOUND = 50, 0.05
WHOLESALER = "C99999"


class Given:
    """What exercises give; a part of `Shop`."""

    if TYPE_CHECKING:
        as_of: pd.Timestamp
        before: pd.Timestamp

        @property
        def orders(self) -> pd.DataFrame: ...
        @property
        def contacts(self) -> pd.DataFrame: ...
        @property
        def customers(self) -> pd.DataFrame: ...
        @property
        def features(self) -> pd.DataFrame: ...
        @property
        def features_before(self) -> pd.DataFrame: ...
        @property
        def segments(self) -> pd.Series[int]: ...
        @property
        def truth(self) -> dict[str, Any]: ...

    def draw(self, stream: int) -> np.random.Generator:
        """Return random numbers of this shop; each stream is another."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([int(self.truth["seed"]), stream])))

    @cached_property
    def candidates(self) -> pd.DataFrame:
        """Criteria that somebody computed for 1 July 2026, named c1 to c5."""
        known = self.features_before
        mine = self.orders[self.orders["customer_id"].isin(known.index)]
        every = mine[mine["ordered_at"] < self.as_of].groupby("customer_id")["ordered_at"]
        early = mine[mine["ordered_at"] < self.before].groupby("customer_id")["ordered_at"]
        return pd.DataFrame(
            {
                "c1": known["recency_days"],
                "c2": known["order_count"],
                "c3": known["monetary"],
                "c4": (every.max() - every.min()).dt.days,
                "c5": (self.before - early.min()).dt.days,
            }
        )

    @cached_property
    def bought_later(self) -> pd.Series[bool]:
        """Say of each of these customers whether an order followed in 2026Q3."""
        after = self.orders[self.orders["ordered_at"].between(self.before, self.as_of, inclusive="left")]
        known = self.features_before.index
        return pd.Series(known.isin(after["customer_id"]), index=known, name="bought")

    @cached_property
    def with_wholesaler(self) -> pd.DataFrame:
        """The criteria with one customer more, who buys for a chain of shops."""
        one = {"recency_days": [3], "order_count": [52], "monetary": [self.features["monetary"].max() * 60]}
        row = pd.DataFrame(one | {"discount_share": [0.5]}, index=pd.Index([WHOLESALER], name="customer_id"))
        return pd.concat([self.features, row.round(2)])

    @cached_property
    def cloud(self) -> pd.DataFrame:
        """Three hundred points in two columns that somebody took for four segments."""
        return pd.DataFrame(self.draw(11).normal(size=(300, 2)), columns=["x", "y"])

    @cached_property
    def coins(self) -> pd.DataFrame:
        """For each customer, forty tosses of a coin: facts that have nothing to do with anything.

        They are tossed until one of them looks like a finding, and is none once all forty are counted: that is what
        the task has to show. Most shops keep their first toss.
        """
        draws, tossed = self.draw(12), np.empty((0, COIN_COUNT), dtype=bool)
        for _ in range(MOST_TOSSES):
            tossed = draws.random((len(self.features), COIN_COUNT)) < 0.5
            p = self._coin_p_values(tossed)
            if p.min() < FOUND and benjamini_hochberg(p).min() > FOUND:
                break
        return pd.DataFrame(tossed, index=self.features.index, columns=[f"coin_{n:02d}" for n in range(COIN_COUNT)])

    def _coin_p_values(self, tossed: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Test each coin's customers: the pooled z test of those with the message against those without."""
        sent = (self.empty_message["arm"] == "message").to_numpy()
        bought = self.empty_message["bought"].to_numpy()
        n = np.array([(tossed & arm[:, None]).sum(axis=0) for arm in (sent, ~sent)])
        yes = np.array([(tossed & (arm & bought)[:, None]).sum(axis=0) for arm in (sent, ~sent)])
        share = yes.sum(axis=0) / n.sum(axis=0)
        z = (yes[0] / n[0] - yes[1] / n[1]) / np.sqrt(share * (1 - share) * (1 / n).sum(axis=0))
        p: np.ndarray[Any, np.dtype[np.float64]] = 2 * stats.norm.sf(abs(z))
        return p

    @cached_property
    def empty_message(self) -> pd.DataFrame:
        """Who got a message with nothing in it, who got none (control), and who bought within 30 days."""
        draws = self.draw(16).random((2, len(self.features)))
        arm = np.where(draws[0] < 0.5, "message", "control")
        return pd.DataFrame({"customer_id": self.features.index, "arm": arm, "bought": draws[1] < 0.35})

    @cached_property
    def aa_tests(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """z values of a thousand tests without any effect, each looked at ten times while its customers come in.

        Row: a test. Column: a look, after a tenth, two tenths ... of the customers.
        """
        step = AA_CUSTOMERS // AA_LOOKS
        bought = self.draw(13).binomial(step, 0.2, size=(2, AA_TESTS, AA_LOOKS)).cumsum(axis=2)
        n = step * np.arange(1, AA_LOOKS + 1)
        one, two = bought / n
        pooled = (one + two) / 2
        z: np.ndarray[Any, np.dtype[np.float64]] = (one - two) / np.sqrt(2 * pooled * (1 - pooled) / n)
        return z

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Who was in which arm of the campaigns of July 2026, and whether an order followed within 30 days."""
        sends = self.contacts[self.contacts["campaign"].isin(["summer_offer", "summer_news"])]
        sends = sends[sends["customer_id"].isin(self.features_before.index)]
        both = sends.merge(self.orders[["customer_id", "ordered_at"]], on="customer_id")
        days = (both["ordered_at"] - both["sent_at"]).dt.days
        buyers = set(both.loc[days.between(0, 29), ["campaign", "customer_id"]].itertuples(index=False, name=None))
        pairs = sends[["campaign", "customer_id"]].itertuples(index=False, name=None)
        made = sends[["campaign", "customer_id", "arm"]].assign(bought=[pair in buyers for pair in pairs])
        return made.reset_index(drop=True)

    @cached_property
    def arms_seen(self) -> pd.Series[int]:
        """Customers whom each arm of a finished test has in the file; as many were planned for each."""
        lost = self.draw(14).integers(150, 190)
        return pd.Series({"control": 1_000 - int(lost), "offer_a": 1_004, "offer_b": 997}, name="customers")

    @cached_property
    def small_table(self) -> pd.DataFrame:
        """Customers by region and segment, with the sums in the last row and column."""
        table = pd.crosstab(self._regions(), self.segments.rename("segment"), margins=True, margins_name="all")
        return table.rename_axis(index="region")

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """What a table "without names" still has: city, year of birth, gender and income band of each customer."""
        facts = self.customers.assign(birth_year=pd.to_datetime(self.customers["birth_date"]).dt.year)
        known = facts.dropna(subset=["city", "birth_year", "gender"]).astype({"birth_year": int})
        return known[["city", "birth_year", "gender", "income_band"]].reset_index(drop=True)

    @cached_property
    def neighbour(self) -> dict[str, Any]:
        """What somebody knows of a neighbour who is among these customers."""
        keys = ["city", "birth_year", "gender"]
        alone = self.profiles[~self.profiles.duplicated(keys, keep=False)].dropna().reset_index(drop=True)
        row = alone.loc[int(self.draw(15).integers(len(alone)))]
        return {name: row[name].item() if name == "birth_year" else row[name] for name in keys}

    def _regions(self) -> pd.Series[str]:
        """The region at home, the country of everybody else."""
        facts = self.customers.set_index("customer_id").reindex(self.features.index)
        home = facts["country"] == "United Kingdom"
        return facts["region"].fillna("unknown").where(home, facts["country"]).rename("region")
