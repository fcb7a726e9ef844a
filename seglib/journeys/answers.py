"""From campaign to answer to purchase: who was sent something, who answered it in time, and who bought."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.core.engine import Table
from seglib.core.sections import Evaluation
from seglib.methods.rates import wilson

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.journeys.build import Members

KINDS_MAX, OTHER_KINDS = 3, "other kinds"
COLUMNS = ["segment", "event", "step", "customers", "n", "share", "low", "high", "said"]
ANSWERED, ANSWERED_BOUGHT, SENT_BOUGHT = "answered", "answered and bought", "bought"
NO_CAMPAIGN = (
    "No way from campaign to purchase: no event says which campaign it answers. A column campaign in events, such as "
    "that of coupon_redeemed, beside sources.contacts, would show it."
)
NO_CONTACTS = (
    "No way from campaign to purchase: there are no contacts. A file under sources.contacts with campaign, arm and "
    "sent_at would show it."
)
NONE_OVER = "No way from campaign to purchase: no offer of a campaign ended in the quarter."
NO_CONTROL = (
    "Campaigns have no control: description only. Who is sent a campaign was chosen, and who answers one meant to buy: "
    "what follows an offer does not show what the offer changed."
)
CONTROLLED = "Answers to campaigns are described here; what the campaigns changed is measured in notebook 09."


def ways(
    collection: Collection, members: Members, rules: Evaluation, floor: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Count, per segment and kind of answer, who was sent a campaign, answered that campaign in time, and bought.

    Parameters
    ----------
    collection : Collection
        Contacts, events that name a campaign, and orders.
    members : Members
        Who is followed, and the quarter: contacts whose offer ended in it are counted, whenever they were sent.
    rules : Evaluation
        Name of the control arm, which is sent nothing, and the days an offer lasts where no contact says it.
    floor : int
        Shares that rest on fewer customers, or leave fewer others, are blank.

    Returns
    -------
    DataFrame and tuple of str
        segment, event, step, customers, n, share, low, high (Wilson), said (the share, or its bound where it is blank);
        and what to know about them. Steps on which fewer than `floor` customers stood are left out.
    """
    none = pd.DataFrame(columns=COLUMNS)
    if not collection.has("events", "campaign") or collection.events is None:
        return none, (NO_CAMPAIGN,)
    if collection.contacts is None:
        return none, (NO_CONTACTS,)
    sent, running, has_control = _offers(collection.contacts, members, rules)
    events = collection.events.filter(collection.events.event_at < members.as_of)
    kinds, events = _kinds(events.filter(events.campaign.notnull()), floor)
    if not kinds or not bool(sent.count().execute()):
        return none, (NONE_OVER if kinds else NO_CAMPAIGN,)
    orders = collection.orders.filter(collection.orders.ordered_at < members.as_of)
    rows = _counts(sent.cache(), events, orders, kinds)
    left = f"{running:,}" if running >= floor else f"fewer than {floor}"
    notes = [CONTROLLED if has_control else NO_CONTROL]
    notes += [f"Customers with an offer that still ran on the last day, which is not counted: {left}."] * bool(running)
    return _shown(rows, floor), tuple(notes)


def _offers(contacts: Table, members: Members, rules: Evaluation) -> tuple[Table, int, bool]:
    """List customer, segment, campaign, sent_at, ends_at of finished offers; count customers with running ones."""
    default = contacts.sent_at + ibis.interval(days=rules.outcome_days)
    ends = contacts.ends_at.fill_null(default) if "ends_at" in contacts.columns else default
    recent = contacts.filter(contacts.sent_at < members.as_of, ends > members.start).mutate(until=ends)
    arms = recent.agg(has=(recent.arm == rules.control_arm).any()).to_pandas()["has"].iloc[0]
    out = recent.filter(recent.arm != rules.control_arm).inner_join(members.table, "customer")
    over = out.until <= members.as_of
    running = int(out.filter(~over).customer.nunique().execute())
    grouped = out.filter(over).group_by("customer", "segment", "campaign")
    return grouped.agg(sent_at=lambda t: t.sent_at.min(), ends_at=lambda t: t.until.max()), running, bool(arms)


def _kinds(events: Table, floor: int) -> tuple[list[str], Table]:
    """Name the most frequent kinds of answers; those of fewer customers than the floor, and more, become one kind."""
    counted = events.group_by("event").agg(n=events.customer.nunique()).order_by(ibis.desc("n"), "event").to_pandas()
    named = counted.loc[counted["n"] >= floor, "event"].head(KINDS_MAX).tolist()
    others = [OTHER_KINDS] if len(counted) > len(named) else []
    return named + others, events.mutate(event=events.event.isin(named).ifelse(events.event, OTHER_KINDS))


def _counts(sent: Table, events: Table, orders: Table, kinds: Sequence[str]) -> pd.DataFrame:
    """Count customers per segment: sent, bought; and per kind of answer: answered in time, bought from then on."""
    hits = sent.inner_join(events.select("customer", "campaign", "event", "event_at"), ["customer", "campaign"])
    hits = hits.filter((hits.event_at >= hits.sent_at) & (hits.event_at < hits.ends_at))
    paid = orders.select("customer", "ordered_at", "ordered_on")
    after = sent.inner_join(paid, "customer")
    after = after.filter((after.ordered_at >= after.sent_at) & (after.ordered_at < after.ends_at))
    then = hits.inner_join(paid, "customer")
    then = then.filter((then.ordered_on >= then.event_at.date()) & (then.ordered_at < then.ends_at))
    people = _people(sent, ["segment"]).rename("n")
    bought = _people(after, ["segment"])
    answered, used = (_people(table, ["segment", "event"]) for table in (hits, then))
    rows = []
    for kind, (segment, n) in product(kinds, people.items()):
        some = answered.get((segment, kind), 0)
        rows.append((segment, kind, ANSWERED, some, n))
        rows.append((segment, kind, ANSWERED_BOUGHT, used.get((segment, kind), 0), some))
    rows += [(segment, "", SENT_BOUGHT, bought.get(segment, 0), n) for segment, n in people.items()]
    return pd.DataFrame(rows, columns=COLUMNS[:5]).astype({"customers": "int64", "n": "int64"})


def _people(table: Table, by: list[str]) -> Any:
    counted = table.group_by(*by).agg(customers=table.customer.nunique()).order_by(*by).to_pandas()
    return counted.set_index(by)["customers"]


def _shown(rows: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Add shares with Wilson intervals; of few customers, and of all but a few, only a bound is said."""
    low, high = wilson(rows["customers"], rows["n"])
    share, edge = (part / rows["n"].where(rows["n"] > 0) for part in (rows["customers"], floor))
    few, rest = (part.between(1, floor - 1) for part in (rows["customers"], rows["n"] - rows["customers"]))
    said = share.map("{:.1%}".format).mask(few, "under " + edge.map("{:.1%}".format))
    said = said.mask(rest & ~few, "over " + (1 - edge).map("{:.1%}".format))
    shown = rows.assign(share=share, low=low, high=high, said=said).astype({"customers": "Int64"})
    shown.loc[few | rest, ["customers", "share", "low", "high"]] = None
    unsaid = shown.loc[shown["share"].isna() & (shown["step"] == ANSWERED), ["segment", "event"]]
    tells = shown["step"].eq(ANSWERED_BOUGHT) & shown.set_index(["segment", "event"]).index.isin(
        pd.MultiIndex.from_frame(unsaid)
    )
    kept = shown[(shown["n"] >= floor) & ~tells]
    return kept.sort_values("segment", kind="stable", ignore_index=True)[COLUMNS]
