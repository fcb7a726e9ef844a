"""The one process by which all customers of the demo shop order, stop and pay, and the courses of life in it."""

from __future__ import annotations

from dataclasses import dataclass

Q1, Q2, Q3 = 547, 638, 730  # as_of of 2026Q1, 2026Q2 and 2026Q3 in days since 2024-10-01
END = Q3  # first day without orders
SPLIT = Q2  # from when part of the loyal regulars buy by subscription
SUBSCRIBING_SHARE = 0.42  # of the regulars


@dataclass(frozen=True)
class Process:
    """When all customers of the shop order, when they stop and what they pay: MBG/NBD and Gamma-Gamma, as planted.

    Parameters
    ----------
    r : int
    alpha_weeks : float
        A customer's orders per week are gamma with this shape and rate; the times of orders are a Poisson process.
    a, b : float
        The chance to stop after an order is beta, the first order among them.
    p, q : int
    v : float
        What a customer pays on an order day is gamma with the shape `p` and a rate of the customer's own, which is
        gamma with the shape `q` and the rate `v` in GBP. How often, until when and how much have nothing to do with
        each other, nor with the day of the first order.

    Notes
    -----
    Batislam, Denizel and Filiztekin (2007); Fader and Hardie (2013), note 025: see `seglib.methods`.
    """

    r: int = 10
    alpha_weeks: float = 34.0
    a: float = 0.08
    b: float = 0.22
    p: int = 3
    q: int = 3
    v: float = 50.0


PROCESS = Process()
FEW_ORDERS = 2  # whoever stops after so many stays a newcomer until asleep
SMALL, LARGE = 43.0, 98.0  # GBP per order day: bargain hunters pay less in the mean, companies more


@dataclass(frozen=True)
class Life:
    """A course of life: who behaves how until when.

    Parameters
    ----------
    name : str
    phases : tuple of (segment, until day)
        No phase: never buys.
    """

    name: str
    phases: tuple[tuple[str, int], ...] = ()


LIVES = {
    life.name: life
    for life in (
        Life("companies", (("companies", END),)),
        Life("regulars", (("loyal_regulars", END),)),
        Life("subscribing", (("loyal_regulars", SPLIT), ("subscribers", END))),
        Life("bargains", (("bargain_hunters", END),)),
        Life("passing", (("newcomers", END),)),
        Life("settling", (("newcomers", Q2), ("loyal_regulars", END))),
        Life("lingering", (("newcomers", END),)),
        Life("joining", (("newcomers", END),)),
        Life("browsing"),
    )
}


@dataclass(frozen=True)
class Cohort:
    """Customers who come in the same time.

    Parameters
    ----------
    name : str
    customer_count : int
    first_days : tuple of int
        Range of the day of the first order, in days since 2024-10-01; of the registration of those who never buy.
    """

    name: str
    customer_count: int
    first_days: tuple[int, int]


COHORTS = (
    Cohort("early", 1250, (0, 430)),  # become companies, bargain hunters, regulars, or pass
    Cohort("settling", 40, (480, 520)),  # settle as regulars in 2026Q3, or pass
    Cohort("lingering", 170, (600, 634)),
    Cohort("joining", 170, (672, 724)),
    Cohort("browsing", 80, (200, 700)),
)
