"""Claims that are often told about segmentation, and what evidence each of them would take."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seglib.methods.power import n_per_arm

UNSUPPORTED = "unsupported: no source, no baseline, no control group"
HYPOTHESIS = "hypothesis: to be tested here"


@dataclass(frozen=True)
class Claim:
    """One claim.

    Parameters
    ----------
    told : str
        As it is told.
    status : str
        What it is: unsupported, or a hypothesis.
    would_show : str
        The comparison that would show it.
    baseline, target : float
        Shares for which the size of the test is computed; NaN where the claim gives no number.
    """

    told: str
    status: str
    would_show: str
    baseline: float = float("nan")
    target: float = float("nan")


# fmt: off
CLAIMS = (
    Claim("A retailer sold 30% more", UNSUPPORTED, "conversion of 5.0% against 6.5%", .05, .065),
    Claim("A technology firm kept 25% more customers", UNSUPPORTED, "retention of 60% against 75%", .60, .75),
    Claim("The same, had it started lower", UNSUPPORTED, "retention of 40% against 50%", .40, .50),
    Claim("Customers become more loyal", HYPOTHESIS, "repeat_share, contacted against held out"),
    Claim("Customers recommend the shop more often", HYPOTHESIS, "nps, contacted against held out"),
    Claim("New customers cost less", HYPOTHESIS, "cost per new customer, regions with and without the campaign"),
)
# fmt: on


def claims() -> pd.DataFrame:
    """List the claims with what would show each, and how many customers that takes.

    Returns
    -------
    DataFrame
        claim, what it is, what would show it, customers per group (at 80 % power and a two-sided 5 % level; "" where
        the claim gives no number).

    Examples
    --------
    >>> claims()["customers per group"].tolist()
    ['3,780', '152', '388', '', '', '']
    """
    rows = [
        (c.told, c.status, c.would_show, f"{n_per_arm(c.baseline, c.target):,}" if c.target == c.target else "")
        for c in CLAIMS
    ]
    return pd.DataFrame(rows, columns=["claim", "what it is", "what would show it", "customers per group"])
