"""The people of the demo shop: stable random numbers, courses of life, days of orders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from seglib.core.sample.truth import (
    DROPOUT_FROM,
    END,
    LIVES,
    OWN_PACE_SPREAD,
    SEGMENTS,
    SILENT_DAYS,
    Life,
    Segment,
)

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
    """One customer: course of life, day of registration, days of orders with the segment that acts."""

    customer_id: str
    life: Life
    registered: int
    purchases: tuple[tuple[int, str], ...]
    stops: bool

    def segment_on(self, day: int) -> str:
        """Return the true segment on a day; "" before the first order."""
        past = [bought for bought, _ in self.purchases if bought <= day]
        if not past:
            return ""
        if self.stops and past[-1] == self.purchases[-1][0] and day - past[-1] > SILENT_DAYS:
            return "sleeping"
        return next(segment for segment, until, _ in self.life.phases if day < until)

    @property
    def home(self) -> Segment:
        """Return the segment that decides who the person is."""
        phases = self.life.phases
        return SEGMENTS[
            "loyal_regulars" if self.life.name == "subscribing" else phases[0][0] if phases else "newcomers"
        ]


def people(draw: Draw) -> tuple[Person, ...]:
    """Draw everybody, in random order of the courses of life."""
    lives = draw.shuffled([life for life in LIVES for _ in range(life.customer_count)])
    return tuple(_person(draw, f"C{number:05d}", life) for number, life in enumerate(lives, start=1))


def _person(draw: Draw, customer_id: str, life: Life) -> Person:
    first = draw.whole(*life.first_days)
    if not life.phases:
        return Person(customer_id, life, first, (), False)
    if life.backwards:
        purchases = _backwards(draw, life, first)
        return Person(customer_id, life, purchases[0][0] - draw.whole(0, 20), purchases, False)
    dropout = SEGMENTS[life.phases[0][0]].dropout_per_week
    leaves = max(first, DROPOUT_FROM) + draw.gamma(7 / dropout, 1) if dropout else END
    stop = min(first + life.span_days, leaves)
    return Person(customer_id, life, first - draw.whole(0, 20), _forwards(draw, life, first, stop), stop < END)


def _forwards(draw: Draw, life: Life, first: int, stop: float) -> tuple[tuple[int, str], ...]:
    """Lay out a renewal process whose clock runs at the pace of the phase; every customer has an own pace too."""
    own, day, purchases = draw.log_normal(1, OWN_PACE_SPREAD), float(first), [(first, life.phases[0][0])]
    left = draw.gamma(1, SEGMENTS[life.phases[0][0]].gap_shape)
    for name, until, pace in life.phases:
        per_day = SEGMENTS[name].orders_per_week * pace * own / 7
        while day + left / per_day < min(until, stop):
            day += left / per_day
            purchases.append((int(day), name))
            left = draw.gamma(1, SEGMENTS[name].gap_shape)
        left -= (until - day) * per_day
        day = until
    return tuple(purchases)


def _backwards(draw: Draw, life: Life, last: int) -> tuple[tuple[int, str], ...]:
    name = life.phases[0][0]
    days = [last]
    while len(days) < 3:
        days.append(days[-1] - int(draw.gamma(7 / SEGMENTS[name].orders_per_week, SEGMENTS[name].gap_shape)))
    earliest = max(last - life.span_days, 0)
    return tuple((day, name) for day in reversed(days) if day >= earliest)
