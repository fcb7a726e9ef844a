"""From sessions and stages to sums per segment, counted customer by customer in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from seglib.core.engine import Table
from seglib.methods.clustered import SUMS

STEPS_MAX = 8


def summed(per: Table, by: Sequence[str]) -> pd.DataFrame:
    """Sum successes, trials, their squares and products over customers.

    Parameters
    ----------
    per : Table
        `by`, and x successes among n trials: one row per customer, customers without a trial left out.
    by : sequence of str
        Columns of the result beside the sums.
    """
    sums = per.group_by(*by).agg(
        x=per.x.sum(),
        n=per.n.sum(),
        xx=(per.x * per.x).sum(),
        xn=(per.x * per.n).sum(),
        nn=(per.n * per.n).sum(),
        customers=per.count(),
    )
    frame: pd.DataFrame = sums.order_by(*by).to_pandas()
    return frame.astype(dict.fromkeys(SUMS, "int64"))


def transition_sums(pairs: Table) -> pd.DataFrame:
    """Sum transitions per segment: segment, from_state, to_state, the sums, and `cell` (customers who made it).

    Parameters
    ----------
    pairs : Table
        customer, segment, from_state, to_state.
    """
    per = pairs.group_by("segment", "customer", "from_state", "to_state").agg(x=lambda t: t.count()).cache()
    starts = per.group_by("segment", "customer", "from_state").agg(n=lambda t: t.x.sum().cast("int64")).cache()
    both = per.inner_join(starts, ["segment", "customer", "from_state"])
    cells = both.group_by("segment", "from_state", "to_state").agg(
        x=both.x.sum(), xx=(both.x * both.x).sum(), xn=(both.x * both.n).sum(), cell=both.count()
    )
    whole = starts.group_by("segment", "from_state").agg(
        n=starts.n.sum(), nn=(starts.n * starts.n).sum(), customers=starts.count()
    )
    keys = ["segment", "from_state", "to_state"]
    frame: pd.DataFrame = cells.to_pandas().merge(whole.to_pandas(), on=keys[:2])
    return (
        frame[[*keys, *SUMS, "cell"]].astype(dict.fromkeys([*SUMS, "cell"], "int64")).sort_values(keys, kind="stable")
    )


def sessions(pairs: Table, way: Sequence[str]) -> Table:
    """Reduce events to sessions: customer, segment, session, began, furthest (place on the way, from 0), channel.

    Sessions that never touch the way are left out; day and channel are those of the first event.
    """
    place = ibis.cases(*((pairs.from_state == state, number) for number, state in enumerate(way)), else_=-1)
    placed = pairs.mutate(place=place.cast("int64"))
    more = {"channel": placed.channel.max(where=placed.step == 1)} if "channel" in pairs.columns else {}
    one = placed.group_by("segment", "customer", "session").agg(
        began=placed.event_at.min(), furthest=placed.place.max(), **more
    )
    return one.filter(one.furthest >= 0)


def funnel_sums(visits: Table, way: Sequence[str]) -> pd.DataFrame:
    """Sum, per segment and step of the way, the sessions that came so far (n) and of those the lost ones (x).

    Parameters
    ----------
    visits : Table
        From `sessions`.
    way : sequence of str
        Names of the steps.
    """
    counts = {f"reached{k}": (visits.furthest >= k).sum().cast("int64") for k in range(len(way))}
    per = visits.group_by("segment", "customer").agg(**counts).cache()
    parts = []
    for k, state in enumerate(way[:-1]):
        here, on = per[f"reached{k}"], per[f"reached{k + 1}"]
        one = per.filter(here > 0).select("segment", x=here - on, n=here)
        parts.append(summed(one, ["segment"]).assign(place=k, step=state, next_step=way[k + 1]))
    return pd.concat(parts, ignore_index=True).sort_values(["segment", "place"], ignore_index=True)


def channel_sums(visits: Table, last: int) -> pd.DataFrame:
    """Sum, per segment and channel, the sessions (n) and those that came to the end of the way (x)."""
    known = visits.filter(visits.channel.notnull())
    grouped = known.group_by("segment", "customer", "channel")
    per = grouped.agg(x=lambda t: (t.furthest >= last).sum().cast("int64"), n=lambda t: t.count())
    return summed(per, ["segment", "channel"])


def step_shares(pairs: Table, end: str) -> pd.DataFrame:
    """Count, per segment, what the first, second, ... event of a session is, and how many sessions have ended.

    Returns
    -------
    DataFrame
        segment, step (1 to 8), state, count, customers, n (sessions of the segment), share.
    """
    short = pairs.filter(pairs.step <= STEPS_MAX)
    counted = short.group_by("segment", "step", state=short.from_state).agg(
        count=lambda t: t.count(), customers=lambda t: t.customer.nunique()
    )
    frame: pd.DataFrame = counted.order_by("segment", "step", "state").to_pandas()
    totals = frame[frame["step"] == 1].groupby("segment")["count"].sum()
    people = frame[frame["step"] == 1].groupby("segment")["customers"].sum()
    left = frame.groupby(["segment", "step"])["count"].sum().unstack(fill_value=0)
    gone = left.rsub(totals, axis=0).reset_index().melt("segment", var_name="step", value_name="count")
    gone = gone.assign(state=end, step=gone["step"].astype("int64"))
    gone["customers"] = gone["segment"].map(people).clip(upper=gone["count"])
    rows = pd.concat([frame, gone[gone["count"] > 0]], ignore_index=True)
    rows["n"] = rows["segment"].map(totals)
    rows["share"] = rows["count"] / rows["n"]
    ordered: pd.DataFrame = rows.sort_values(["segment", "step"], ignore_index=True)
    return ordered


def worth(orders: Table, member: Table) -> tuple[Table, Mapping[int, float]]:
    """Give what each member spent (customer, spent_minor), and the mean order value of each segment.

    Parameters
    ----------
    orders : Table
        Order lines of the quarter.
    member : Table
        customer, segment.
    """
    spent = orders.group_by("customer").agg(spent_minor=orders.amount_minor.sum().cast("int64"))
    placed = orders.inner_join(member, "customer").group_by("segment", "customer", "order_id")
    each = placed.agg(amount_minor=lambda t: t.amount_minor.sum())
    values = each.group_by("segment").agg(value=each.amount_minor.sum(), n=each.count()).to_pandas()
    return spent, dict(zip(values["segment"], values["value"].astype(float) / values["n"], strict=True))
