"""Telephone numbers as spreadsheets and people write them: read for certain, or left out."""

from __future__ import annotations

import pytest

from seglib.activation.normal import e164, number


@pytest.mark.parametrize(
    "note", ["0171 3920012 (Anna)", "0171 3920012 mobile", "+49 171 3920012 Anna", "030 23125012 at home"]
)
def test_words_behind_a_number_are_not_dialled(note):
    """A name or a note beside a number makes no other number of it: the cell is left out."""
    assert e164(note, "DE") == ""


@pytest.mark.parametrize("kept", ["491713920012.0", "1713920012,0", "4.91713920012E11", "493023125012.00"])
def test_a_number_kept_as_a_decimal_is_left_out(kept):
    """A spreadsheet's decimal is not read with its zero as one more digit."""
    assert e164(kept, "DE") == ""


def test_a_number_with_two_readings_is_left_out():
    """49 171 is the code of the country and a mobile, or the area 0491: nobody is sent what is meant for another."""
    assert e164("491713920012", "DE") == ""
    assert e164("0491 712345", "DE") == "+49491712345"


@pytest.mark.parametrize(
    ("written", "region", "read"),
    [
        ("493023125012", "DE", "+493023125012"),
        ("442079460000", "GB", "+442079460000"),
        ("1 415 555 0112", "US", "+14155550112"),
        ("030 23125012 ext. 12", "DE", "+493023125012"),
        ("+49 30 23125012 x12", None, "+493023125012"),
        ("tel:+49-30-23125012;ext=5", None, "+493023125012"),
        ("020.7946.0000", "GB", "+442079460000"),
    ],
)
def test_certain_numbers_are_read(written, region, read):
    """Where both readings agree or only one exists the number is written; an extension is left off."""
    assert e164(written, region) == read


def test_a_number_with_a_note_still_finds_its_owner():
    """Who shares a number is found by its digits, also where a note makes it unfit to be sent."""
    assert number("+49 171 3920012 (Anna)") == number("0049 171 3920012")
