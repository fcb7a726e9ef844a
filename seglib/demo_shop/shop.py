"""What may differ from shop to shop: how many customers and segments there are, what drifts, which campaign works."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from seglib.demo_shop.process import COHORTS, SUBSCRIBING_SHARE, Cohort
from seglib.demo_shop.truth import CAMPAIGNS, DRIFT_FACTOR, DRIFT_SEGMENT, Campaign

SEED = 20261011
MAY_BE_ABSENT: tuple[tuple[str, ...], ...] = ((), ("subscribers",), ("companies",), ("subscribers", "companies"))
MAY_DRIFT = (("companies", 1.25), ("bargain_hunters", 0.75), ("loyal_regulars", 1.3), ("bargain_hunters", 1.35))
MAY_WORK = (  # per shop: which offer brings whom to buy within 30 days, in points
    (("offer_a", "bargain_hunters", 0.22), ("offer_b", "bargain_hunters", 0.22)),
    (("offer_a", "bargain_hunters", 0.26),),
    (("offer_b", "bargain_hunters", 0.24), ("offer_b", "sleeping", 0.12)),
    (("offer_a", "loyal_regulars", 0.18), ("offer_a", "sleeping", 0.12)),
)


@dataclass(frozen=True)
class Shop:
    """One invented shop; the defaults are the demo shop.

    Parameters
    ----------
    size : float
        Customers per customer of the demo shop, above 0.
    absent : tuple of str
        Segments that there are none of: companies, bargain_hunters, subscribers. Whoever would be one is a regular.
    drift_segment : str
    drift_factor : float
        By how much the order value of that segment is multiplied from 2026-07-01 on.
    campaigns : tuple of Campaign
        With the effects of each.
    """

    size: float = 1.0
    absent: tuple[str, ...] = ()
    drift_segment: str = DRIFT_SEGMENT
    drift_factor: float = DRIFT_FACTOR
    campaigns: tuple[Campaign, ...] = CAMPAIGNS

    @classmethod
    def drawn(cls, seed: int, size: float = 0.55) -> Shop:
        """Draw a shop: another number of segments, another drift, another campaign that works.

        Examples
        --------
        >>> Shop.drawn(7) == Shop.drawn(7)
        True
        >>> len({Shop.drawn(seed).absent for seed in range(20)})
        4
        """
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
        places = [int(rng.random() * len(each)) for each in (MAY_BE_ABSENT, MAY_DRIFT, MAY_WORK)]
        absent, effects = MAY_BE_ABSENT[places[0]], MAY_WORK[places[2]]
        moving = [each for each in MAY_DRIFT if each[0] not in absent]
        drift = moving[places[1] % len(moving)]
        campaigns = tuple(replace(each, effects=effects if each.effects else ()) for each in CAMPAIGNS)
        return cls(size, absent, drift[0], drift[1], campaigns)

    @property
    def cohorts(self) -> tuple[Cohort, ...]:
        """Return who comes when, in the size of this shop."""
        return tuple(replace(each, customer_count=round(each.customer_count * self.size)) for each in COHORTS)

    @property
    def subscribing_share(self) -> float:
        """Return the share of the regulars who begin to buy by subscription."""
        return 0.0 if "subscribers" in self.absent else SUBSCRIBING_SHARE

    def drift(self, segment: str) -> float:
        """Return by how much the order value of a segment is multiplied from 2026-07-01 on.

        Examples
        --------
        >>> Shop().drift("companies"), Shop().drift("sleeping")
        (1.25, 1.0)
        """
        return self.drift_factor if segment == self.drift_segment else 1.0


DEMO = Shop()
