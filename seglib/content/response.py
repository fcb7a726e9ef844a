"""What contacts changed so far, by channel and segment; and whether age decides which channel works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from seglib.methods.experiments import SRM_LIMIT, heterogeneity, sample_ratio
from seglib.methods.rates import newcombe
from seglib.methods.shares import bounded
from seglib.methods.strata import stratified

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.plan import Plan
    from seglib.core.quarters import Quarter

ANY = "any"
KEYS = ["campaign", "channel", "segment", "age"]
COLUMNS = [*KEYS, "n", "n_control", "effect", "low", "high"]
TWICE_SHARE_MAX = 0.01  # of a campaign's customers, in two arms
AGES = (("under 35", 0, 34), ("35 to 54", 35, 54), ("55 and over", 55, 200))
NO_CONTROL = "No response has been measured: there is no control arm with a finished window."
NO_CONTACTS = f"{NO_CONTROL} A file under sources.contacts with campaign, arm, channel and sent_at would allow it."


def measure(
    collection: Collection, before: Segmentation | None, segments: pd.DataFrame, plan: Plan, quarter: Quarter
) -> pd.DataFrame:
    """Compare who was contacted with who was held back, up to the quarter's end.

    Parameters
    ----------
    collection : Collection
        Contacts and orders; customers for the ages.
    before : Segmentation or None
        Last quarter's: effects per segment use the segments that stood before the quarter's contacts, and only those
        contacts. Effects on everybody use all contacts.
    segments : DataFrame
        segment and identity of this quarter: a segment of last quarter is the one with the same identity now.
    plan : Plan
        Name of the control arm, length of the outcome window; comparisons with fewer customers on a side than the
        floor are left out.
    quarter : Quarter

    Returns
    -------
    DataFrame
        campaign ("any" for all together), channel, segment (0 = everybody), age ("" = all ages), n, n_control,
        effect on the share who order, low, high.
    """
    if collection.contacts is None or not collection.has("contacts", "arm"):
        return pd.DataFrame(columns=COLUMNS)
    rows = outcomes(collection.contacts, collection.orders, plan, quarter)
    barred = _blocked(collection.contacts, plan, quarter)
    rows = rows.filter(~rows.campaign.isin(barred)) if barred else rows
    window = ibis.window(group_by=[rows.customer, rows.channel], order_by=[rows.sent_at, rows.campaign])
    rows = rows.mutate(first=ibis.row_number().over(window) == 0)
    ages = collection.customers if collection.has("customers", "age_years") else None
    joined = rows.mutate(age_years=ibis.null("int64")) if ages is None else _with_ages(rows, ages)
    if before is not None:
        labels = before.labels.select("customer", "segment").filter(lambda t: t.segment.notnull())
        joined = joined.left_join(labels, "customer").drop("customer_right")
    else:
        joined = joined.mutate(segment=ibis.null("int64"))
    fresh = (joined.sent_at >= quarter.start).fill_null(False)
    joined = joined.mutate(segment=fresh.ifelse(joined.segment, ibis.null("int64")), age=_band(joined.age_years))
    keys = ["campaign", "channel", "treated", "segment", "age", "first"]
    counted = joined.group_by(keys).agg(n=joined.count(), converted=joined.converted.sum())
    frame = counted.order_by(keys).to_pandas()
    if before is not None:
        now = segments.set_index("identity")["segment"]
        then = before.segments.set_index("segment")["identity"]
        frame["segment"] = frame["segment"].map(then).map(now)
    return compare(frame, plan.privacy.floor)


def _blocked(contacts: Table, plan: Plan, quarter: Quarter) -> list[str]:
    """Name the campaigns that are no experiment: their arms are not of the planned sizes, or many are in two arms.

    Parameters
    ----------
    contacts : Table
        Those sent before the quarter's end count.
    plan : Plan
        Planned weights of the arms, 1 for each that is not named.
    quarter : Quarter
    """
    sent = contacts.filter((contacts.sent_at < quarter.as_of) & contacts.arm.notnull())
    each = sent.group_by("customer", "campaign").agg(arm=sent.arm.min(), arms=sent.arm.nunique())
    counted = each.group_by("campaign", "arm", twice=each.arms > 1).agg(customers=each.count())
    frame = counted.order_by("campaign", "arm", "twice").to_pandas()
    names = []
    for name, rows in frame.groupby("campaign", sort=True):
        sizes = {str(arm): int(n) for arm, n in rows[~rows["twice"]].groupby("arm")["customers"].sum().items()}
        planned = {arm: plan.evaluation.arms.get(arm, 1.0) for arm in sizes}
        both = rows.loc[rows["twice"], "customers"].sum() > TWICE_SHARE_MAX * rows["customers"].sum()
        if both or (len(sizes) > 1 and sample_ratio(sizes, planned) < SRM_LIMIT):
            names.append(str(name))
    return names


def unmeasured(collection: Collection, left_out: tuple[str, ...]) -> tuple[str, ...]:
    """Say why no response has been measured: without contacts, without a control, or because all are left out.

    Parameters
    ----------
    collection : Collection
    left_out : tuple of str
        What `barred` says.
    """
    if collection.contacts is None or not collection.has("contacts", "arm"):
        return (NO_CONTACTS,)
    return ("No response has been measured.",) if left_out else (NO_CONTROL,)


def barred(collection: Collection, plan: Plan, quarter: Quarter) -> tuple[str, ...]:
    """Say which campaigns are left out of all effects, and why."""
    if collection.contacts is None or not collection.has("contacts", "arm"):
        return ()
    names = _blocked(collection.contacts, plan, quarter)
    why = "the sizes of the arms are not those planned, or customers were in two arms (see notebook 09)"
    return (f"Left out of what contacts changed: {', '.join(names)}; {why}.",) if names else ()


def outcomes(contacts: Table, orders: Table, plan: Plan, quarter: Quarter) -> Table:
    """Say of each customer of each campaign whether they ordered within the window; open windows are left out.

    Returns
    -------
    Table
        customer, campaign, channel, sent_at, treated (contacted or held back), converted (0 or 1).
    """
    days = ibis.interval(days=plan.evaluation.outcome_days)
    each = contacts.group_by("customer", "campaign").agg(
        channel=contacts.channel.max(),
        sent_at=contacts.sent_at.min(),
        arm=contacts.arm.min(),
        arms=contacts.arm.nunique(),
    )
    each = each.filter((each.sent_at + days <= quarter.as_of) & (each.arms == 1)).mutate(
        channel=each.channel.fill_null("not named"), treated=each.arm != plan.evaluation.control_arm
    )
    bought = each.inner_join(orders.select("customer", "ordered_at"), "customer")
    inside = (bought.ordered_at >= bought.sent_at) & (bought.ordered_at < bought.sent_at + days)
    hits = bought.filter(inside).select("customer", "campaign").distinct().mutate(hit=1)
    told = each.left_join(hits, ["customer", "campaign"])
    columns = ("customer", "campaign", "channel", "sent_at", "treated")
    return told.select(*columns, converted=told.hit.fill_null(0).cast("int64"))


def compare(counted: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Turn counts into effects: for everybody, per segment, and per age, for each campaign and for all together.

    All together is the mean over campaigns of what each changed (see ``strata``), in which a customer counts once.

    Parameters
    ----------
    counted : DataFrame
        campaign, channel, treated, segment and age (may be missing), n, converted, and first, where it is known:
        whether it is the customer's first campaign by this channel.
    floor : int
        Comparisons with fewer customers on a side are left out.
    """
    one = counted.assign(
        segment=counted["segment"].astype("Int64").fillna(0), age=counted["age"].fillna("").astype(str)
    )
    single = _effects(_sides(one), [*KEYS], floor)
    first = _sides(one[one["first"]] if "first" in one else one)
    together = _effects(first, KEYS[1:], floor).assign(campaign=ANY)
    found = pd.concat([single, together])
    return found[COLUMNS].sort_values(KEYS, ignore_index=True, kind="stable").astype({"segment": "int64"})


def _sides(one: pd.DataFrame) -> pd.DataFrame:
    """Put who was contacted beside who was held back: for everybody, per segment, and per age, in each campaign."""
    whole = one.assign(segment=0, age="")
    parts = [whole, one[one["segment"] > 0].assign(age=""), one[one["age"] != ""].assign(segment=0)]
    sums = pd.concat(parts).groupby([*KEYS, "treated"], as_index=False)[["n", "converted"]].sum()
    treated = sums["treated"].astype(bool)
    return sums[treated].merge(sums[~treated], on=KEYS, suffixes=("", "_control"))


def _effects(sides: pd.DataFrame, keys: list[str], floor: int) -> pd.DataFrame:
    found = stratified(sides, keys)
    return found[(found["n"] >= floor) & (found["n_control"] >= floor)]


def by_age(response: pd.DataFrame) -> str:
    """Test whether the effect of a channel depends on age, and say so in a sentence."""
    rows = response[(response["campaign"] == ANY) & (response["age"] != "")]
    said = []
    for channel, part in rows.groupby("channel", sort=True):
        if len(part) < 2:
            continue
        errors = (part["high"] - part["low"]) / (2 * 1.96)
        _, freedom, p_value = heterogeneity(part["effect"], errors)
        words = "differs with age" if p_value < 0.05 else "does not differ with age as far as these data can tell"
        said.append(
            f"The effect of {channel} {words} (Cochran's Q on {freedom} degrees of freedom, p = {p_value:.2f})."
        )
    if not said:
        return (
            "Whether age decides which channel works cannot be tested: it takes birth_date and contacts with a control."
        )
    several = rows["channel"].nunique() > 1
    more = "" if several else " Only one channel has been tried, so nothing says that another would work better."
    return " ".join(said) + more


def social_by_age(collection: Collection, quarter: Quarter, floor: int) -> str:
    """Test on visits whether younger customers come by social media more often than older ones."""
    if collection.events is None or collection.customers is None or not collection.has("customers", "age_years"):
        return "Whether younger customers come by social media cannot be tested: it takes events and birth_date."
    events = collection.events.filter(collection.events.event_at < quarter.as_of)
    each = events.group_by("customer").agg(social=(events.channel == "social").fill_null(False).any())
    known = _with_ages(each, collection.customers)
    known = known.mutate(age=_band(known.age_years)).filter(lambda t: t.age.notnull())
    counted = known.group_by("age").agg(n=known.count(), hits=known.social.cast("int64").sum()).to_pandas()
    sums = counted.set_index("age").reindex([AGES[0][0], AGES[-1][0]]).fillna(0)
    (n1, hit1), (n2, hit2) = sums[["n", "hits"]].to_numpy(dtype=float)
    if min(n1, n2) < floor:
        return "Whether younger customers come by social media cannot be tested: too few have a known age and visits."
    low, high = (float(np.ravel(end)[0]) for end in newcombe([hit1], [n1], [hit2], [n2]))
    verdict = (
        "holds here"
        if low > 0
        else "is wrong here: it is the other way round"
        if high < 0
        else "cannot be confirmed here"
    )
    young, old = (bounded([hit / n], n, floor, "{:.0%}".format)[0] for hit, n in ((hit1, n1), (hit2, n2)))
    exact = (f"{hit1 / n1:.0%}", f"{hit2 / n2:.0%}") == (young, old)
    span = f"(difference {100 * (hit1 / n1 - hit2 / n2):+.0f} points, {100 * low:+.0f} to {100 * high:+.0f})"
    return (
        f"That younger customers prefer social media {verdict}: {young} of those under 35 came by it at least "
        f"once, and {old} of those of 55 and over{f' {span}' if exact else ''}."
    )


def _with_ages(rows: Table, customers: Table) -> Table:
    return rows.left_join(customers.select("customer", "age_years"), "customer").drop("customer_right")


def _band(years: ibis.Value) -> ibis.Value:
    return ibis.cases(*((years.between(low, high), name) for name, low, high in AGES), else_=ibis.null("string"))


def campaigns(collection: Collection) -> list[str] | None:
    """Name the campaigns of the contacts; None where there are none."""
    if collection.contacts is None:
        return None
    return sorted(collection.contacts.select("campaign").distinct().to_pandas()["campaign"].dropna())
