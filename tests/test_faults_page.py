"""The page of promises: every number has a test, and the page says what the tests are."""

from pathlib import Path

import faults


def test_every_promise_has_a_test_and_every_number_a_promise():
    """179 numbers; a test may carry no other one."""
    numbers = [number for group in faults.promises().values() for number in group]
    found = faults.tests()

    assert len(numbers) == len(set(numbers)) == 179
    assert [number for number in numbers if number not in found] == []
    assert set(found) - set(numbers) == set()


def test_the_page_is_what_the_tests_say():
    """Whoever adds a test with a number types: make faults."""
    page = faults.PAGE.read_text(encoding="utf-8")

    assert page == faults.page(), "type: make faults"
    assert "179 of 179 promises" in page
    assert str(Path.cwd()) not in page
