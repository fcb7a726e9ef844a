"""Who gets which offer, who is held out, and who may be contacted at all: rules on tables, no files."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.core.consent import allowed
from seglib.methods.rates import wilson

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.core.engine import Engine, Table

DIGITS = 8  # hexadecimal digits of the hash that decide the hold-out: steps of 2e-10
AGREED = "agreed_now"


def plan_actions(segmentation: Segmentation, stage_of: Table, actions: pd.DataFrame, engine: Engine) -> Table:
    """Join segment, stage and action: one row per customer, offer null where the plan has none."""
    named = engine.memory(segmentation.segments[["segment", "name"]])
    taken = actions[actions["offer"].notna() & ~actions["offer"].isin(["", "none"])].drop_duplicates(
        ["segment", "stage"]
    )
    taken = taken[["segment", "stage", "offer", "message", "channel", "purpose"]]
    offers = engine.memory(taken.astype({c: "string" for c in taken.columns if c != "segment"}))
    people = segmentation.labels.select("customer", "segment").inner_join(named, "segment")
    staged = people.left_join(stage_of.select("customer", "stage"), "customer").drop("customer_right")
    joined = staged.left_join(offers, ["segment", "stage"])
    return joined.drop("segment_right", "stage_right")


def arm(customer: Any, key: bytes, holdout_share: float) -> Any:
    """Draw the arm of a customer by a keyed hash: random to everybody without the key, the same every time.

    Parameters
    ----------
    customer : ibis string column
        Pseudonyms.
    key : bytes
        The study's key; the hold-out uses one derived from it.
    holdout_share : float
        Share held out, 0 to 1.

    Returns
    -------
    ibis string column
        ``"holdout"`` or ``"contact"``.
    """
    salted = ibis.literal(holdout_key(key)) + customer
    digits = ibis.literal("0") + salted.hexdigest("sha256").substr(0, DIGITS)
    return (digits < threshold(holdout_share)).ifelse("holdout", "contact")


def holdout_key(key: bytes) -> str:
    """Derive the hexadecimal key of the hold-out from the study's key."""
    return hmac.digest(key, b"holdout", "sha256").hex()


def threshold(share: float) -> str:
    """Write a share as hexadecimal digits, so that comparing text compares numbers.

    Examples
    --------
    >>> threshold(0.5), threshold(1.0)
    ('080000000', '100000000')
    """
    return f"{round(share * 16**DIGITS):0{DIGITS + 1}x}"


def is_held_out(customer: str, key: bytes, holdout_share: float) -> bool:
    """Decide as `arm` does, for one pseudonym, without an engine.

    Examples
    --------
    >>> is_held_out("a" * 24, bytes(32), 0.0), is_held_out("a" * 24, bytes(32), 1.0)
    (False, True)
    """
    digest = hashlib.sha256((holdout_key(key) + customer).encode()).hexdigest()
    return "0" + digest[:DIGITS] < threshold(holdout_share)


def gate(members: Table, consent: Table | None, people: Table) -> Table:
    """Take the arm from everybody who has not agreed to the channel of the offer; the last gate before the file.

    Parameters
    ----------
    members : Table
        customer, purpose, arm and what else there is.
    consent : Table or None
        State of consent as of the quarter's end.
    people : Table
        Every customer, with `may_profile`.

    Returns
    -------
    Table
        With arm ``"none"`` and a reason where there is no offer or no consent; purpose is dropped.
    """
    purposes = members.filter(members.purpose.notnull()).select("purpose").distinct().to_pandas()["purpose"]
    words = [allowed(consent, people, purpose).mutate(purpose=ibis.literal(purpose)) for purpose in sorted(purposes)]
    if not words:
        return members.mutate(arm=ibis.literal("none"), reason=ibis.literal("no offer")).drop("purpose")
    said = ibis.union(*words) if len(words) > 1 else words[0]
    said = said.select("customer", "purpose", "reason", **{AGREED: said.allowed.cast("boolean")})
    joined = members.left_join(said, ["customer", "purpose"]).drop("customer_right", "purpose_right")
    yes = joined[AGREED].fill_null(False)
    why = joined.offer.isnull().ifelse("no offer", joined.reason.fill_null("unknown to the consent table"))
    out = joined.offer.isnull() | ~yes
    return joined.mutate(arm=out.ifelse("none", joined.arm), reason=out.ifelse(why, "")).drop("purpose", AGREED)


def tally(members: Table) -> Table:
    """Count members per segment, arm and whether they have an offer."""
    return members.group_by("segment", "arm", no_offer=members.offer.isnull()).agg(customers=members.count())


def count(tallied: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Turn the tally into one row per segment; columns as in `Audience.counts`."""

    def total(mask: pd.Series) -> pd.Series:
        found = tallied[mask].groupby("segment")["customers"].sum()
        return found.reindex(segments["segment"], fill_value=0).astype("int64").reset_index(drop=True)

    held, contact = total(tallied["arm"] == "holdout"), total(tallied["arm"] == "contact")
    reachable, no_offer = held + contact, total(tallied["no_offer"])
    low, high = wilson(held, reachable)
    return segments[["segment", "name", "identity"]].reset_index(drop=True).assign(
        customers=total(tallied["customers"] > 0),
        with_offer=total(~tallied["no_offer"]),
        reachable=reachable,
        contact=contact,
        held_out=held,
        not_allowed=total((tallied["arm"] == "none") & ~tallied["no_offer"]),
        no_offer=no_offer,
        holdout_share=held / reachable.where(reachable > 0),
        holdout_low=pd.Series(low).where(reachable > 0),
        holdout_high=pd.Series(high).where(reachable > 0),
    )  # fmt: skip


def changes(members: Table, before: Table, engine: Engine) -> dict[str, int]:
    """Count who entered, left, changed offer or stayed, against last quarter's contacts."""
    now, then = (t.filter(t.arm == "contact").select("customer", "offer") for t in (members, before))
    both = now.outer_join(then, "customer")
    event = ibis.cases(
        (both.customer_right.isnull(), "entered"),
        (both.customer.isnull(), "left"),
        (both.offer != both.offer_right, "changed"),
        else_="stayed",
    )
    found = engine.frame(both.group_by(event=event).agg(customers=both.count())).set_index("event")["customers"]
    return {name: int(found.get(name, 0)) for name in ("entered", "left", "changed", "stayed")}
