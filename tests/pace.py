"""Bars in seconds that mean the same on every machine: of a machine that needs `FULL` seconds for some fixed work."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from scipy.special import gammaln

FULL = 0.02
STEPS = 200_000
NUMBERS = np.linspace(1, 50, 200_000)


def work() -> None:
    """Plain Python and special functions, about half of the time each."""
    total = 0
    for number in range(STEPS):
        total += number & 7
    for _ in range(6):
        gammaln(NUMBERS)


def slowness(clock: Callable[[], float] = time.process_time) -> float:
    """How many times longer than on the machine of the bars this one needs now; never less than 1."""
    spent = []
    for _ in range(3):
        start = clock()
        work()
        spent.append(clock() - start)
    return max(1.0, sorted(spent)[1] / FULL)


@contextmanager
def within(seconds: float, clock: Callable[[], float] = time.process_time) -> Iterator[None]:
    """Fail when what is done inside takes longer; a machine that is slow before or after it has more time."""
    before, start = slowness(clock), clock()
    yield
    spent = clock() - start
    slow = max(before, slowness(clock))
    assert spent < seconds * slow, f"{spent:.2f} s of {seconds} s, on a machine {slow:.1f} times slower"
