"""Consent: only the exact word, at the right time, uncontradicted, counts as yes."""

from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from seglib.core import consent
from seglib.core.ages import kind_of_band
from seglib.core.engine import Engine, Table
from seglib.core.errors import PrivacyRefused
from seglib.core.plan import Plan

AS_OF = datetime(2026, 10, 1)
EARLY, LATE = datetime(2026, 1, 1), datetime(2026, 9, 1)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One engine for all tests of this file."""
    return Engine.open()


def ledger(engine: Engine, *rows: tuple[str, str, str | None, datetime | None]) -> Table:
    """A consent table of (customer, purpose, status, recorded_at)."""
    frame = pd.DataFrame(rows, columns=["customer", "purpose", "status", "recorded_at"])
    return engine.memory(frame.astype({"recorded_at": "datetime64[us]", "status": "str"}))


def everybody(engine: Engine, *names: str) -> Table:
    """People by name."""
    return engine.memory(pd.DataFrame({"customer": list(names)}))


def word(engine: Engine, *rows: tuple[str | None, datetime | None]) -> tuple[bool, str]:
    """What (status, recorded_at) rows of one customer come to."""
    table = ledger(engine, *(("ann", "profiling", *row) for row in rows))
    frame = engine.frame(consent.state(table, AS_OF))
    assert len(frame) == 1
    return bool(frame["granted"].iloc[0]), str(frame["reason"].iloc[0])


def answers(engine: Engine, table: Table, value: str = "allowed") -> dict[str, tuple[bool, str]]:
    """By customer, the answer and its reason."""
    frame = engine.frame(table)
    return {c: (bool(a), str(r)) for c, a, r in zip(frame["customer"], frame[value], frame["reason"], strict=True)}


@pytest.mark.parametrize(
    ("rows", "granted", "reason"),
    [
        ([("granted", EARLY)], True, "granted"),
        ([("withdrawn", EARLY)], False, "withdrawn"),
        ([("objected", EARLY)], False, "objected"),
        ([("granted", EARLY), ("withdrawn", LATE)], False, "withdrawn"),
        ([("withdrawn", EARLY), ("granted", LATE)], True, "granted"),
        ([("granted", EARLY), ("granted", EARLY)], True, "granted"),
        ([("granted", EARLY), ("withdrawn", EARLY)], False, "contradictory"),
        ([(None, EARLY)], False, "blank"),
        ([("granted", EARLY), (None, LATE)], False, "blank"),
        ([("granted", None)], False, "undated"),
        ([("granted", EARLY), ("withdrawn", None)], False, "undated"),
    ],
)
def test_R02_the_latest_clear_word_counts(
    engine: Engine, rows: list[tuple[str | None, datetime | None]], granted: bool, reason: str
) -> None:
    """Blank, contradictory and undated rows are a no with its reason."""
    assert word(engine, *rows) == (granted, reason)


@pytest.mark.parametrize("status", ["yes", "1", "TRUE", "ja", "Granted", " granted", "grantéd"])
def test_V23_only_the_exact_word(engine: Engine, status: str) -> None:
    """Anything but the vocabulary is a no, and is listed."""
    assert word(engine, (status, EARLY)) == (False, "unknown word")


@pytest.mark.parametrize(
    ("at", "granted", "reason"),
    [
        (datetime(2026, 9, 30, 23, 59, 59), True, "granted"),
        (AS_OF, True, "granted"),
        (datetime(2026, 10, 1, 0, 0, 1), False, "future-dated"),
    ],
)
def test_R03_consent_around_as_of(engine: Engine, at: datetime, granted: bool, reason: str) -> None:
    """A consent given after as_of does not count yet."""
    assert word(engine, ("granted", at)) == (granted, reason)


def test_R03_a_later_withdrawal_does_not_reach_back(engine: Engine) -> None:
    """What is recorded after as_of changes nothing at as_of."""
    assert word(engine, ("granted", EARLY), ("withdrawn", datetime(2026, 10, 2))) == (True, "granted")


def test_allowed_by_purpose(engine: Engine) -> None:
    """Each purpose has its own word, and no word means no."""
    rows = [("ann", "email", "granted", EARLY), ("ann", "profiling", "objected", EARLY)]
    state = consent.state(ledger(engine, *rows, ("bob", "profiling", "granted", EARLY)), AS_OF)
    people = everybody(engine, "ann", "bob")

    assert answers(engine, consent.allowed(state, people, "email")) == {
        "ann": (True, "granted"),
        "bob": (False, "no word"),
    }
    assert answers(engine, consent.allowed(state, people, "profiling")) == {
        "ann": (False, "objected"),
        "bob": (True, "granted"),
    }


def test_nobody_is_allowed_without_a_ledger(engine: Engine) -> None:
    """A channel needs consent data."""
    assert answers(engine, consent.allowed(None, everybody(engine, "ann"), "email")) == {
        "ann": (False, "no consent data")
    }


@pytest.mark.parametrize(
    ("band", "reason"),
    [
        *[(band, "minor") for band in ("13-17", "0-17 years", "17 and under", "u18", "minor", "<16")],
        *[(band, "granted") for band in ("18-24", "under 25", "unknown")],
        ("Gen Z", "age band not readable"),
    ],
)
def test_R07_a_band_below_eighteen_is_a_minor(engine: Engine, band: str, reason: str) -> None:
    """Where only bands of age are known, one that ends before 18 counts as a minor; an unknown one does not."""
    rows = [(who, "profiling", "granted", EARLY) for who in ("ann", "bob")]
    facts = pd.DataFrame({"customer": ["ann", "bob"], "age_years": [float("nan")] * 2, "age_band": [band, None]})
    state, ages = consent.state(ledger(engine, *rows), AS_OF), engine.memory(facts)
    people = consent.gate(engine, everybody(engine, "ann", "bob"), state, ages, None)

    assert answers(engine, people, "may_profile")["ann"] == (reason == "granted", reason)
    assert answers(engine, people, "may_profile")["bob"] == (True, "granted")


MINORS = "under18,bis 17,0..17,16 to 18,18 and under,13+,17+,moins de 18 ans,menores de 18,≤17,-18,17-,teen,kinder"
ADULTS = "18+,over 17,>17,18 or older,ab 18,25-34 y,65 and over,young adult,18 to 24 years old,20s,adult"


@pytest.mark.parametrize(
    ("bands", "kind"), [(MINORS, "minor"), (ADULTS, "adult"), ("1990-1999,zzz,1-2-3", "unread"), ("n/a,-,?", "")]
)
def test_R07_a_band_is_read_by_its_numbers_and_words(bands: str, kind: str) -> None:
    """Limits that are meant and limits that are not, in several languages; what cannot be read is said."""
    assert {band: kind_of_band(band) for band in bands.split(",")} == dict.fromkeys(bands.split(","), kind)


def test_R07_minors_are_out_of_both(engine: Engine) -> None:
    """Below eighteen there is neither profiling nor contact, whatever was granted."""
    rows = [(who, what, "granted", EARLY) for who in ("ann", "bob") for what in ("email", "profiling")]
    state = consent.state(ledger(engine, *rows), AS_OF)
    ages = engine.memory(pd.DataFrame({"customer": ["ann", "bob"], "age_years": [17, 18]}))
    people = consent.gate(engine, everybody(engine, "ann", "bob"), state, ages, None)

    assert answers(engine, people, "may_profile") == {"ann": (False, "minor"), "bob": (True, "granted")}
    assert answers(engine, consent.allowed(state, people, "email")) == {
        "ann": (False, "minor"),
        "bob": (True, "granted"),
    }


def test_R01_neither_ledger_nor_basis() -> None:
    """Without a reason in writing nobody may be profiled: exit code 5 before a file is opened."""
    plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}")

    with pytest.raises(
        PrivacyRefused, match="SEG-R01 no consent table and no basis in the plan; nobody may be profiled"
    ):
        consent.require_basis(plan)
    assert PrivacyRefused.exit_code == 5


def test_R01_a_ledger_that_never_speaks_of_profiling(engine: Engine) -> None:
    """The plan's basis may stand in for it, unless that basis is consent."""
    state = consent.state(ledger(engine, ("ann", "email", "granted", EARLY)), AS_OF)
    people = everybody(engine, "ann")

    with pytest.raises(PrivacyRefused, match="R01"):
        consent.gate(engine, people, state, None, None)
    with pytest.raises(PrivacyRefused, match="R01"):
        consent.gate(engine, people, state, None, "consent")
    gated = consent.gate(engine, people, state, None, "contract")
    assert answers(engine, gated, "may_profile") == {"ann": (True, "basis contract")}


def test_counts_by_purpose_and_reason(engine: Engine) -> None:
    """Everybody is counted once for each purpose."""
    rows = [("ann", "profiling", "granted", EARLY), ("bob", "email", "1", EARLY)]
    state = consent.state(ledger(engine, *rows), AS_OF)
    people = consent.gate(engine, everybody(engine, "ann", "bob"), state, None, None)
    frame = consent.counts(engine, people, state)
    found: list[list[Any]] = frame[["purpose", "allowed", "reason", "customers"]].to_numpy().tolist()

    assert found == [
        ["email", False, "no word", 1],
        ["email", False, "unknown word", 1],
        ["profiling", True, "granted", 1],
        ["profiling", False, "no word", 1],
    ]
    assert [(note.code, note.count) for note in consent.notes(engine, state)] == [("V23", 1)]
