"""Who may be profiled and who may be contacted: unknown means no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis
import pandas as pd

from seglib.core.ages import kind_of_band
from seglib.core.engine import Engine, Table
from seglib.core.errors import Finding, PrivacyRefused
from seglib.core.intake.findings import Note
from seglib.core.plan import Plan

GRANTED = "granted"
VOCABULARY = (GRANTED, "withdrawn", "objected")
BLANK = "blank"
PROFILING = "profiling"
MINOR_BELOW_YEARS = 18
MINOR, AGE_UNREAD = "minor", "age band not readable"
TOO_YOUNG = (MINOR, AGE_UNREAD)  # nothing is sent to them, whatever they agreed to
NO_WORD, NO_DATA, UNKNOWN = "no word", "no consent data", "unknown word"
WRITE = "write granted, withdrawn or objected, with one time each"


def require_basis(plan: Plan) -> None:
    """Stop before anything is read when neither a ledger nor the plan says why people may be profiled.

    Raises
    ------
    PrivacyRefused
        With code R01.
    """
    if "consent" not in plan.sources and plan.consent.basis is None:
        raise PrivacyRefused(_nobody("no consent table and no basis in the plan"))


def _nobody(what: str) -> Finding:
    remedy = "add sources.consent with purpose profiling, or set consent.basis and say why in consent.note"
    return Finding("R01", f"{what}; nobody may be profiled", "plan.yml, consent", do=remedy)


def state(ledger: Table, as_of: datetime, with_past: bool = False) -> Table:
    """Reduce a consent ledger to the word that counts for each customer and purpose.

    Parameters
    ----------
    ledger : Table
        customer, purpose, status (exactly as delivered), recorded_at.
    as_of : datetime
        Later rows do not count.
    with_past : bool
        Also say in `ever` whether any row was a yes.

    Returns
    -------
    Table
        customer, purpose, granted, since, reason. Granted only where the latest row at or before `as_of` says exactly
        ``granted`` and no other row of the same instant contradicts it, and no row lacks its time. The reason is
        granted, withdrawn, objected, blank, unknown word, contradictory, undated, or future-dated.
    """
    valid = ledger.recorded_at <= as_of
    word = ledger.status.fill_null(BLANK)
    known = word.isin([*VOCABULARY, BLANK]).ifelse(word, UNKNOWN)
    rows = ledger.mutate(word=known, valid=valid.fill_null(False), undated=ledger.recorded_at.isnull())
    pair = ibis.window(group_by=["customer", "purpose"])
    rows = rows.mutate(
        since=rows.recorded_at.max(where=rows.valid).over(pair), any_undated=rows.undated.any().over(pair)
    )
    last = rows.group_by("customer", "purpose", "since", "any_undated").aggregate(
        words=rows.word.nunique(where=rows.valid & (rows.recorded_at == rows.since)),
        word=rows.word.min(where=rows.valid & (rows.recorded_at == rows.since)),
        ever=(rows.word == GRANTED).any(),
    )
    reason = ibis.cases(
        (last.any_undated, "undated"),
        (last.since.isnull(), "future-dated"),
        (last.words > 1, "contradictory"),
        else_=last.word,
    )
    past = {"ever": last.ever} if with_past else {}
    return last.select("customer", "purpose", granted=reason == GRANTED, since="since", reason=reason, **past)


def allowed(consent: Table | None, people: Table, purpose: str) -> Table:
    """Say of each person whether a purpose is allowed.

    Parameters
    ----------
    consent : Table or None
        The state of the ledger as intake hands it on; None when the study has no ledger.
    people : Table
        Everybody: `customer`, and `reason` as intake gives it.
    purpose : str
        ``"profiling"``, ``"email"``, ``"sms"``, ``"post"``, ``"ads"`` or ``"sale_or_share"``.

    Returns
    -------
    Table
        customer, allowed, reason: without a ledger nobody is allowed, and minors never are.
    """
    if consent is None:
        return people.select("customer", allowed=ibis.literal(False), reason=ibis.literal(NO_DATA))
    has_reason = "reason" in people.columns
    minor = people.reason.isin(TOO_YOUNG).fill_null(False) if has_reason else ibis.literal(False)
    everybody = people.select("customer", minor=minor, why=people.reason if has_reason else ibis.null("string"))
    words = consent.filter(consent.purpose == purpose).select(who="customer", granted="granted", word="reason")
    joined = everybody.left_join(words, everybody.customer == words.who)
    reason = joined.minor.ifelse(joined.why, joined.word.fill_null(NO_WORD))
    return joined.select("customer", allowed=joined.granted.fill_null(False) & ~joined.minor, reason=reason)


def gate(engine: Engine, everybody: Table, ledger: Table | None, ages: Table | None, basis: str | None) -> Table:
    """Say of each person whether they may be profiled, and why.

    Parameters
    ----------
    everybody : Table
        `customer`, each once.
    ledger : Table or None
        What `state` gives.
    ages : Table or None
        `customer`, `age_years` and, where the source knows bands only, `age_band`; persons under 18 are left out, and
        so is a band that ends below 18 or cannot be read.
    basis : str or None
        The plan's `consent.basis`: it counts where no ledger speaks of profiling at all; ``"consent"`` only where there
        is no ledger.

    Returns
    -------
    Table
        customer, may_profile, reason.

    Raises
    ------
    PrivacyRefused
        R01 when nothing says why anybody may be profiled.
    """
    speaks = ledger is not None and bool(engine.scalar((ledger.purpose == PROFILING).any()))
    if not speaks and (basis is None or (basis == "consent" and ledger is not None)):
        raise PrivacyRefused(_nobody("the consent table has no row with purpose profiling"))
    people = everybody.mutate(reason=_minors(engine, everybody, ages))
    if speaks:
        words = allowed(ledger, people, PROFILING)
    else:
        words = people.select(
            "customer", allowed=people.reason.isnull(), reason=people.reason.fill_null(f"basis {basis}")
        )
    return words.select("customer", may_profile=words.allowed, reason=words.reason)


def _minors(engine: Engine, everybody: Table, ages: Table | None) -> Any:
    """Say of each person whether they are too young, or of an age that cannot be read; null for all others."""
    if ages is None:
        return ibis.null("string")
    young, unread = (ages.age_years < MINOR_BELOW_YEARS).fill_null(False), ibis.literal(False)
    if "age_band" in ages.columns:
        bands = engine.frame(ages.select("age_band").distinct())["age_band"].dropna().astype(str)
        kinds = bands.map(kind_of_band)
        young |= ages.age_band.isin(bands[kinds == MINOR].tolist()).fill_null(False)
        unread = ages.age_band.isin(bands[kinds == "unread"].tolist()).fill_null(False) & ages.age_years.isnull()
    who = everybody.customer
    return ibis.cases(
        (who.isin(ages.filter(young).customer), MINOR),
        (who.isin(ages.filter(unread & ~young).customer), AGE_UNREAD),
        else_=ibis.null("string"),
    )


def counts(engine: Engine, people: Table, ledger: Table | None) -> pd.DataFrame:
    """Count customers by purpose and reason.

    Returns
    -------
    DataFrame
        purpose, allowed, reason, customers; the purpose ``profiling`` shows the gate as it was decided.
    """
    gated = people.select(purpose=ibis.literal(PROFILING), allowed="may_profile", reason="reason")
    tables = [gated]
    purposes: list[str] = (
        [] if ledger is None else engine.frame(ledger.select("purpose").distinct())["purpose"].tolist()
    )
    for purpose in sorted(set(purposes) - {PROFILING}):
        tables.append(
            allowed(ledger, people, purpose).select(purpose=ibis.literal(purpose), allowed="allowed", reason="reason")
        )
    rows = ibis.union(*tables) if len(tables) > 1 else gated
    counted = rows.group_by("purpose", "allowed", "reason").aggregate(customers=ibis._.count())
    frame = engine.frame(counted.order_by("purpose", ibis.desc("allowed"), "reason"))
    return frame.astype({"purpose": "str", "reason": "str", "allowed": "bool", "customers": "int64"})


def notes(engine: Engine, ledger: Table) -> list[Note]:
    """Note how many customers a ledger says no for because its rows cannot be relied on."""
    doubtful = ledger.filter(~ledger.reason.isin(VOCABULARY))
    rows = engine.frame(doubtful.group_by("reason").aggregate(n=ibis._.customer.nunique()).order_by("reason"))
    codes = {"future-dated": "R03", UNKNOWN: "V23"}
    return [
        Note(codes.get(reason, "R02"), f"consent {reason}: counts as no", "notice", "consent", int(n), do=WRITE)
        for reason, n in zip(rows["reason"], rows["n"], strict=True)
    ]


def require_someone(engine: Engine, people: Table) -> None:
    """Refuse to go on when the ledger lets nobody be profiled."""
    if engine.scalar(people.may_profile.sum().fill_null(0)):
        return
    reasons = sorted(engine.frame(people.select("reason").distinct())["reason"].dropna().astype(str))
    what = "no customer has granted profiling at as_of; nobody may be profiled"
    remedy = "deliver rows of profiling that say granted, with a time before the quarter's end"
    if UNKNOWN in reasons:
        remedy = f"{WRITE}; where the file has other words, a query of sources.consent puts these in their place"
    raise PrivacyRefused(Finding("R01", what, "plan.yml, sources.consent", found=", ".join(reasons), do=remedy))
