"""Who gets which offer, who is held out, and who may be contacted at all: rules on tables, no files."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import TYPE_CHECKING

import ibis
import pandas as pd

from seglib.content.playbook import NONE
from seglib.core.consent import allowed
from seglib.methods.rates import wilson

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.engine import Engine, Table

AGREED = "agreed_now"
PARTS = 1_000_000  # of a whole: shares are whole numbers of these, so that every engine rounds alike
NOT_USED = "segment too small or not stable"
EVENTS = ("entered", "left", "changed", "stayed")


def plan_actions(
    segmentation: Segmentation, stage_of: Table, actions: pd.DataFrame, engine: Engine, left_out: Collection[int] = ()
) -> Table:
    """Join segment, stage and action: one row per customer, offer null where there is none or the segment is out."""
    named = engine.memory(segmentation.segments[["segment", "name"]])
    taken = actions[actions["offer"].notna() & ~actions["offer"].isin(["", NONE])].drop_duplicates(["segment", "stage"])
    taken = taken[~taken["segment"].isin(list(left_out))]
    taken = taken[["segment", "stage", "offer", "message", "channel", "purpose"]]
    offers = engine.memory(taken.astype({c: "string" for c in taken.columns if c != "segment"}))
    people = segmentation.labels.select("customer", "segment").inner_join(named, "segment")
    staged = people.left_join(stage_of.select("customer", "stage"), "customer").drop("customer_right")
    joined = staged.left_join(offers, ["segment", "stage"])
    return joined.drop("segment_right", "stage_right")


def arm(
    planned: Table, key: bytes, holdout_share: float, before: Table | None = None, own: Table | None = None
) -> Table:
    """Hold out the same share of every segment, by a keyed hash: random to everybody without the key.

    Parameters
    ----------
    planned : Table
        customer, segment, offer (null where there is none).
    key : bytes
        The study's key; the hold-out uses one derived from it.
    holdout_share : float
        Share held out of those with an offer in each segment, 0 to 1.
    before : Table, optional
        Last quarter's members; who was held out then stays held out.
    own : Table, optional
        customer, since: the company's own hold-out. Then exactly these are held out, and nothing is drawn.

    Returns
    -------
    Table
        With arm: ``"holdout"``, ``"contact"``, or ``"none"`` without an offer.
    """
    if own is not None:
        joined = planned.left_join(own.select("customer", "since"), "customer").drop("customer_right")
        theirs = joined.since.notnull().ifelse("holdout", "contact")
        return joined.mutate(arm=joined.offer.notnull().ifelse(theirs, "none")).drop("since")
    digest = (ibis.literal(holdout_key(key)) + planned.customer).hexdigest("sha256")
    marked = planned.mutate(offered=planned.offer.notnull(), digest=digest, was_held_out=ibis.literal(False))
    if before is not None:
        held = before.filter(before.arm == "holdout").select("customer").distinct().mutate(held=True)
        joined = marked.left_join(held, "customer")
        marked = joined.mutate(was_held_out=joined.held.fill_null(False)).drop("customer_right", "held")
    groups = [marked.segment, marked.offered]
    order = [marked.was_held_out.desc(), marked.digest, marked.customer]
    place = ibis.row_number().over(group_by=groups, order_by=order)
    size = marked.count().over(group_by=groups)
    target = (size * round(holdout_share * PARTS) + PARTS // 2) // PARTS
    held_out = (place < target) | (marked.was_held_out & ibis.literal(holdout_share > 0))
    drawn = marked.offered.ifelse(held_out.ifelse("holdout", "contact"), "none")
    return marked.mutate(arm=drawn).drop("offered", "digest", "was_held_out")


def holdout_rule(own_arm: str | None) -> str:
    """Say how it was decided who is held out.

    Examples
    --------
    >>> holdout_rule("never")
    "the company's own hold-out: exactly those who have the arm never in contacts"
    """
    if own_arm:
        return f"the company's own hold-out: exactly those who have the arm {own_arm} in contacts"
    return "keyed sha256 within each segment; who was held out last quarter stays held out"


def holdout_key(key: bytes) -> str:
    """Derive the hexadecimal key of the hold-out from the study's key."""
    return hmac.digest(key, b"holdout", "sha256").hex()


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


def tally(members: pd.DataFrame) -> pd.DataFrame:
    """Count members per segment, arm and whether they have no offer."""
    marked = members.assign(no_offer=members["offer"].isna())
    return marked.groupby(["segment", "arm", "no_offer"]).size().rename("customers").reset_index()


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


def changes(members: Table, before: Table | None, engine: Engine) -> pd.DataFrame:
    """Count who entered, left, changed or stayed against last quarter's contacts, and why.

    Returns
    -------
    DataFrame
        event (entered, left, changed, stayed), why, customers; most frequent first within an event. Empty without
        contacts of last quarter.
    """
    if before is None:
        return pd.DataFrame(columns=["event", "why", "customers"])
    facts = ["customer", "name", "stage", "offer", "arm", "reason"]
    now, then = (t.select(*facts).mutate(known=True, sent=t.arm == "contact") for t in (members, before))
    both = now.outer_join(then, "customer", lname="", rname="{name}_before")
    sent, was_sent = both.sent.fill_null(False), both.sent_before.fill_null(False)
    both = both.filter(sent | was_sent)
    sent, was_sent = both.sent.fill_null(False), both.sent_before.fill_null(False)
    absent = ibis.literal("not a customer of this quarter's segments")
    why_left = ibis.cases(
        (both.known.isnull(), absent), (both.arm == "holdout", "held out now"), else_=both.reason.fill_null("")
    )
    why_entered = ibis.cases(
        (both.known_before.isnull(), "new among the segments"),
        (both.arm_before == "holdout", "was held out"),
        (both.reason_before == "no offer", "has an offer now"),
        else_=ibis.literal("allowed now; before: ") + both.reason_before.fill_null(""),
    )
    why_changed = ibis.cases(
        (both.name != both.name_before, "another segment"),
        (both.stage != both.stage_before, "another stage"),
        else_="another offer in the plan",
    )
    event = ibis.cases(
        (~was_sent, "entered"), (~sent, "left"), (both.offer != both.offer_before, "changed"), else_="stayed"
    )
    why = ibis.cases((event == "entered", why_entered), (event == "left", why_left), (event == "changed", why_changed),
                     else_="same offer")  # fmt: skip
    found = engine.frame(both.group_by(event=event, why=why).agg(customers=both.count()))
    place = found["event"].map({name: at for at, name in enumerate(EVENTS)})
    ordered = found.assign(place=place).sort_values(["place", "customers", "why"], ascending=[True, False, True])
    return ordered.drop(columns="place").reset_index(drop=True).astype({"customers": "int64"})


def best_product(lists: Table | None, engine: Engine) -> pd.DataFrame:
    """Give the first product on each customer's list: customer, product."""
    if lists is None:
        return pd.DataFrame({"customer": pd.Series(dtype="str"), "product": pd.Series(dtype="str")})
    first: pd.DataFrame = engine.frame(lists.filter(lists.rank == 1).select("customer", product="item"))
    return first
