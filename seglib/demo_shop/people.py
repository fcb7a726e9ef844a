"""The people of the demo shop: stable random numbers, courses of life, days of orders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from seglib.demo_shop.process import (
    END,
    FEW_ORDERS,
    LARGE,
    LIVES,
    PROCESS,
    SMALL,
    Cohort,
    Life,
)
from seglib.demo_shop.shop import DEMO, Shop
from seglib.demo_shop.truth import SEGMENTS, SILENT_DAYS, SILENT_ORDERS, YEAR_DAYS, Segment

T = TypeVar("T")
Row = dict[str, str]
START = datetime(2024, 10, 1)


class Draw:
    """Random values made from uniform numbers only, so that they are the same on every platform and version."""

    def __init__(self, seed: np.random.SeedSequence) -> None:
        self._uniform = np.random.Generator(np.random.PCG64(seed)).random

    def number(self, low: float, high: float) -> float:
        """Return a number from `low` to below `high`."""
        return low + (high - low) * float(self._uniform())

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high` - 1."""
        return int(self.number(low, high))

    def chance(self, share: float) -> bool:
        """Return True with the given probability."""
        return float(self._uniform()) < share

    def normal(self, mean: float, deviation: float) -> float:
        """Return a nearly normal number: twelve uniforms less six, within six deviations."""
        return mean + deviation * (math.fsum(float(self._uniform()) for _ in range(12)) - 6)

    def log_normal(self, mean: float, spread: float) -> float:
        """Return a log-normal number with this mean and this standard deviation of the logarithm."""
        return mean * math.exp(self.normal(-spread * spread / 2, spread))

    def gamma(self, mean: float, shape: int) -> float:
        """Return a gamma number with a whole shape."""
        return -mean / shape * math.fsum(math.log(1 - float(self._uniform())) for _ in range(shape))

    def pick(self, options: Sequence[T], weights: Sequence[float] = ()) -> T:
        """Return one of the options; `weights` sum to 1."""
        if not weights:
            return options[self.whole(0, len(options))]
        rest = float(self._uniform())
        for option, weight in zip(options, weights, strict=True):
            rest -= weight
            if rest < 0:
                return option
        return options[-1]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return the options in random order."""
        keys = [float(self._uniform()) for _ in options]
        return [options[place] for place in sorted(range(len(options)), key=keys.__getitem__)]


def stamp(minute: int) -> str:
    """Write minutes since the start of the data as ISO text.

    Examples
    --------
    >>> stamp(61)
    '2024-10-01 01:01:00'
    """
    return (START + timedelta(minutes=minute)).isoformat(sep=" ")


def opening_minute(draw: Draw, day: int) -> int:
    """Return a minute between 7 and 22 o'clock of a day, clear of the hours that clocks are changed."""
    return day * 1440 + draw.whole(7 * 60, 22 * 60)


@dataclass(frozen=True)
class Person:
    """One customer: course of life, day of registration, mean paid per order day in GBP, days of orders."""

    customer_id: str
    life: Life
    registered: int
    worth: float
    days: tuple[int, ...]

    def acts_as(self, day: int) -> Segment:
        """Return the segment whose behaviour an order of this day follows."""
        return SEGMENTS[next(segment for segment, until in self.life.phases if day < until)]

    def segment_on(self, day: int) -> str:
        """Return the true segment on a day, by the last order until then; "" before the first order."""
        past = [bought for bought in self.days if bought <= day]
        if not past:
            return ""
        if day - past[-1] > SILENT_DAYS and sum(bought > day - YEAR_DAYS for bought in past) <= SILENT_ORDERS:
            return "sleeping"
        return self.acts_as(past[-1]).name

    def last_before(self, day: int) -> int:
        """Return the day of the last order before a day; -1 if there is none."""
        return max((bought for bought in self.days if bought < day), default=-1)

    @property
    def home(self) -> Segment:
        """Return the segment that decides who the person is."""
        return self.acts_as(0) if self.life.phases else SEGMENTS["newcomers"]


def people(draw: Draw, shop: Shop = DEMO) -> tuple[Person, ...]:
    """Draw everybody, in random order of the cohorts."""
    cohorts = draw.shuffled([cohort for cohort in shop.cohorts for _ in range(cohort.customer_count)])
    return tuple(_person(draw, f"C{number:05d}", cohort, shop) for number, cohort in enumerate(cohorts, start=1))


def _person(draw: Draw, customer_id: str, cohort: Cohort, shop: Shop) -> Person:
    """Draw rate, last order and worth from the one process of the shop; who somebody is follows from them."""
    first = draw.number(*cohort.first_days)
    registered = int(first) - draw.whole(0, 20)
    if cohort.name == "browsing":
        return Person(customer_id, LIVES["browsing"], registered, 0.0, ())
    per_day = draw.gamma(PROCESS.r / PROCESS.alpha_weeks, PROCESS.r) / 7
    worth = PROCESS.p * PROCESS.v / draw.gamma(PROCESS.q, PROCESS.q)
    last = _last_order(draw)
    life = _life(draw, cohort, last, worth, shop)
    return Person(customer_id, life, registered, worth, _days(draw, first, per_day, last))


def _last_order(draw: Draw) -> int:
    """Draw after how many orders a customer stops: the chance of stopping is beta, so the number is beta-geometric."""
    number = 1
    while not draw.chance(PROCESS.a / (PROCESS.a + PROCESS.b + number - 1)) and number < END:
        number += 1
    return number


def _life(draw: Draw, cohort: Cohort, last: int, worth: float, shop: Shop) -> Life:
    regular = "subscribing" if draw.chance(shop.subscribing_share) else "regulars"
    small = worth < SMALL and "bargain_hunters" not in shop.absent
    large = worth > LARGE and "companies" not in shop.absent
    kind = "bargains" if small else "companies" if large else regular
    if cohort.name in ("early", "settling") and last <= FEW_ORDERS:
        return LIVES["passing"]
    return LIVES[kind if cohort.name == "early" else cohort.name]


def _days(draw: Draw, first: float, per_day: float, last: int) -> tuple[int, ...]:
    """Lay out a Poisson process up to the last order or the end; a second order of a day waits for the next one."""
    moment, days = first, [int(first)]
    while len(days) < last and (moment := moment + draw.gamma(1 / per_day, 1)) < END - 1:
        days.append(max(int(moment), days[-1] + 1))
    return tuple(day for day in days if day < END)
