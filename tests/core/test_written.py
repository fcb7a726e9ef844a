"""The outline of a written time finds the formats that trying each would find."""

import random
from datetime import datetime, timedelta, timezone

import pytest

from seglib.init.written import FORMATS, formats_of


def reads(value: str, form: str) -> bool:
    if form.endswith(" %Z"):  # letters of a zone stand behind the time and are not read
        rest, _, zone = value.rpartition(" ")
        return zone.isupper() and zone not in ("AM", "PM", "UTC") and reads(rest, form.removesuffix(" %Z"))
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def month_of(form: str) -> str:
    return next((month for month in ("%B", "%b") if month in form), "")


@pytest.mark.forms(2)
@pytest.mark.parametrize("seed", range(4))
def test_the_formats_of_a_time_are_those_that_read_it(seed: int) -> None:
    """One time in every format, by trying all of them; names of months are written as the format asks."""
    rng = random.Random(seed)
    for form in FORMATS[seed::4]:
        zone = timezone(timedelta(hours=rng.choice([-5, 0, 2])), rng.choice(["EST", "GMT", "CEST"]))
        time = datetime(1990, 1, 1, tzinfo=zone) + timedelta(seconds=rng.randint(0, 10**9), microseconds=120_000)
        value = time.strftime(form)
        found = formats_of({month_of(form): [value]})

        assert form in found
        assert found == [other for other in FORMATS if month_of(other) == month_of(form) and reads(value, other)]


@pytest.mark.parametrize(
    "value", ["", "Anna Berg", "a@b.example", "12,50 EUR", "10-20-30-40", "SKU-00017", "3  5  2026"]
)
def test_what_is_no_time_has_no_format(value: str) -> None:
    """Words, addresses, money and numbers of articles."""
    assert formats_of({"": [value], "%b": [value], "%B": [value]}) == []
