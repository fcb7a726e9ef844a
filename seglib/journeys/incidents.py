"""Every session that can be followed: against the time before, by channel and step, and the week a trouble began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.core import sections as plans
from seglib.core.engine import Table
from seglib.core.visits import WAY, visits_only
from seglib.disclosure.small_cells import in_rows
from seglib.journeys.pairs import event_pairs
from seglib.journeys.sums import funnel_sums, sessions
from seglib.methods.clustered import clustered_difference
from seglib.methods.experiments import benjamini_hochberg
from seglib.methods.incidents import worst_runs

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.journeys.build import Members

EVERYBODY = ""  # among the channels
WEEKS_BEFORE = 26  # with which weeks of the quarter are compared
CHANNELS_MAX = 12
LEVEL = 0.05
COMPARED = ["share", "low", "high", "before", "difference", "difference_low", "difference_high"]
PERIODS = ["channel", "place", "step", "sessions", *COMPARED]
INCIDENTS = [
    *("channel", "place", "step", "began_on", "last_on", "weeks", "lasts", "sessions", *COMPARED, "lost"),
    *("p", "p_adjusted", "passes"),
]
LEFT_OUT = (
    "Sessions of visitors without a customer id, and of people who may not be profiled, are in no row of this notebook."
)


@dataclass(frozen=True)
class Watched:
    """Sessions of everybody in the quarter and in the weeks before.

    Parameters
    ----------
    visits : Table
        customer, segment (all 0), session, began, furthest, week (0 is the oldest), channel where the source has it.
    way : tuple of str
        Steps that occur, in their order.
    start, end : datetime
        First instant of the quarter, and the first that the data do not cover.
    note : str
        Whose sessions these are.
    """

    visits: Table
    way: tuple[str, ...]
    start: datetime
    end: datetime
    note: str

    @property
    def weeks(self) -> int:
        """Return the weeks in all, counted back from the end."""
        return self.since + (self.end - self.start).days // 7

    @property
    def since(self) -> int:
        """Return the first whole week of the quarter."""
        return WEEKS_BEFORE

    def day(self, week: int) -> datetime:
        """Return the first day of a week."""
        return self.end - timedelta(days=7 * (self.weeks - week))

    def of(self, channel: str) -> Table:
        """Return the sessions that came through a channel, or all."""
        return self.visits if channel == EVERYBODY else self.visits.filter(self.visits.channel == channel)


def watched(
    collection: Collection, members: Members, rules: plans.Journeys, end: datetime, floor: int
) -> Watched | None:
    """Collect the sessions of everybody who may be profiled, in segments or not; None without a way to follow.

    Parameters
    ----------
    collection : Collection
    members : Members
        Who is in a segment, and the quarter.
    rules : Journeys
        Minutes after which a session ends.
    end : datetime
        First instant that the data do not cover.
    floor : int
        Where fewer people than this are outside all segments, they are left out: their sessions would follow from
        those of everybody and of the segments.
    """
    if collection.events is None:
        return None
    whole = (end - members.start).days // 7
    reach = end - timedelta(days=7 * (WEEKS_BEFORE + whole))
    events = visits_only(collection.events)
    events = events.filter(events.event_at >= reach, events.event_at < end)
    if not collection.has("events", "channel") and "channel" in events.columns:
        events = events.drop("channel")
    everybody = events.select("customer").distinct()
    inside = everybody.semi_join(members.table, "customer")
    outside = int(everybody.anti_join(members.table, "customer").count().execute())
    people = inside if 0 < outside < floor else everybody
    pairs = event_pairs(events, people.mutate(segment=ibis.literal(0).cast("int64")), rules.session_minutes)
    seen = set(pairs.select("from_state").distinct().to_pandas()["from_state"])
    way = tuple(state for state in WAY if state in seen)
    if len(way) < 2:
        return None
    visits = sessions(pairs, way)
    ago = (ibis.literal(end.date()).delta(visits.began.date(), unit="day") - 1) // 7
    visits = visits.mutate(week=(WEEKS_BEFORE + whole - 1 - ago).cast("int64")).cache()
    note = _whose(visits.filter(visits.began >= members.start), members, outside, floor)
    return Watched(visits, way, members.start, end, note)


def _whose(visits: Table, members: Members, outside: int, floor: int) -> str:
    """Say how many of the quarter's sessions belong to customers in a segment."""
    total, own = (int(rows.count().execute()) for rows in (visits, visits.semi_join(members.table, "customer")))
    if not total:
        return LEFT_OUT
    if 0 < outside < floor:
        return f"Everybody stands for all customers in a segment: fewer than {floor} others came. {LEFT_OUT}"
    return (
        f"Everybody stands for all {total:,} sessions of the quarter. {own / total:.0%} of them are of customers in a "
        "segment; the others, who came later or have not ordered, count in the rows of everybody and of channels only. "
        f"{LEFT_OUT}"
    )


def periods(watch: Watched, floor: int) -> pd.DataFrame:
    """Compare the quarter with as many days before it: everybody and each channel, step by step.

    Returns
    -------
    DataFrame
        channel ("" is everybody), place, step, sessions that came so far, share that got no further with interval,
        before (the same share in the time before), difference with interval over customers. Shares of few customers
        are blank; channels of few customers, and the next smallest beside them, are left out.
    """
    before = watch.start - (watch.end - watch.start)
    parts = []
    for channel in (EVERYBODY, *_channels(watch)):
        rows = watch.of(channel).filter(lambda t: t.began >= before)
        parts.append(_contrast(rows, watch.way, rows.began >= watch.start).assign(channel=channel))
    found = pd.concat(parts, ignore_index=True)
    by_channel = found["channel"] != EVERYBODY
    hidden = in_rows(found[by_channel], ["place"], floor).reindex(found.index, fill_value=False)
    return _told(found[~hidden], floor)[PERIODS].reset_index(drop=True)


def incidents(watch: Watched, floor: int) -> pd.DataFrame:
    """Look, in everybody and each channel, step by step, for weeks in which more got no further than ever before.

    Returns
    -------
    DataFrame
        The worst run of weeks of each series that could be judged: channel ("" is everybody), place, step, began_on and
        last_on (its first and last day), weeks, lasts (to the end of the data), p, p_adjusted, passes; where the weeks
        alone speak for it and enough customers are behind it also sessions, share with interval, before (in all weeks
        before), difference with interval, lost (sessions beyond what the time before would have lost). A trouble of all
        channels stands once, as everybody's.

    Notes
    -----
    p is the larger one of two, over weeks (`methods.incidents`) and over customers (`methods.clustered`), times the
    runs that were looked at; then Benjamini and Hochberg over all series.
    """
    table = pd.concat([_weekly(watch, channel) for channel in (EVERYBODY, *_channels(watch))], ignore_index=True)
    runs = worst_runs(table, ["channel", "place"], watch.since, watch.weeks)
    rows = [_judged(watch, row, floor) for row in runs.to_dict("records")]
    if not rows:
        return pd.DataFrame(columns=INCIDENTS)
    found = pd.DataFrame(rows)
    found["p_adjusted"] = benjamini_hochberg(found["p"])
    found["passes"] = (found["p_adjusted"] < LEVEL) & (found["difference"] > 0) & found["share"].notna()
    found["passes"] &= ~_elsewhere(watch, found)
    return found.sort_values(["lost", "channel", "place"], ascending=[False, True, True], ignore_index=True)[INCIDENTS]


def _channels(watch: Watched) -> list[str]:
    if "channel" not in watch.visits.columns:
        return []
    known = watch.visits.filter(watch.visits.channel.notnull())
    counted = known.group_by("channel").agg(n=known.count()).order_by(ibis.desc("n"), "channel")
    return [str(name) for name in counted.limit(CHANNELS_MAX).to_pandas()["channel"]]


def _weekly(watch: Watched, channel: str) -> pd.DataFrame:
    """Count, per step and week, the sessions that came so far and of those the ones that got no further."""
    visits = watch.of(channel)
    counts = {f"reached{k}": (visits.furthest >= k).sum().cast("int64") for k in range(len(watch.way))}
    weeks = visits.group_by("week").agg(**counts).order_by("week").to_pandas()
    parts = [
        pd.DataFrame(
            {"week": weeks["week"], "x": weeks[f"reached{k}"] - weeks[f"reached{k + 1}"], "n": weeks[f"reached{k}"]}
        ).assign(channel=channel, place=k)
        for k in range(len(watch.way) - 1)
    ]
    return pd.concat(parts, ignore_index=True)


def _judged(watch: Watched, run: dict[Any, Any], floor: int) -> dict[str, Any]:
    """Put a run beside the weeks before it, customer by customer, where the weeks alone speak for it."""
    until, judged = run["stop"] == watch.weeks, min(1.0, run["runs"] * run["p"])
    row = {
        **dict.fromkeys(COMPARED, float("nan")),
        "sessions": 0,
        "lost": float("nan"),
        "p": judged,
        "channel": run["channel"],
        "place": run["place"],
        "step": watch.way[run["place"]],
        "began_on": pd.Timestamp(watch.day(run["first"])),
        "last_on": pd.Timestamp(watch.day(run["stop"]) - timedelta(days=1)),
        "weeks": run["stop"] - run["first"],
        "first": run["first"],
        "stop": run["stop"],
        "lasts": until,
    }
    if judged >= LEVEL:
        return row
    rows = watch.of(run["channel"]).filter(lambda t: t.week < run["stop"])
    both = _contrast(rows, watch.way, rows.week >= run["first"])
    told = _told(both[both["place"] == run["place"]], floor)
    if not len(told) or pd.isna(told["p"].iloc[0]):
        return {**row, "p": 1.0}
    one = told.iloc[0]
    p = max(judged, min(1.0, run["runs"] * one["p"]))
    return {**row, **one[["sessions", *COMPARED]], "lost": one["difference"] * one["sessions"], "p": p}


def _contrast(visits: Table, way: Sequence[str], inside: ibis.expr.types.BooleanValue) -> pd.DataFrame:
    """Compare, step by step, the sessions inside with the others: shares, difference, p, customers of both."""
    sums = funnel_sums(visits.mutate(segment=inside.ifelse(1, 0).cast("int64")), way)
    both = pd.concat([sums, clustered_difference(sums, ["place"])], axis=1)
    others = both[both["segment"] == 0].set_index("place")["customers"]
    return both[both["segment"] == 1].assign(others=lambda rows: rows["place"].map(others).fillna(0))


def _told(rows: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Leave out what rests on few customers; blank shares from which few sessions, and comparisons with few, follow."""
    kept = rows[rows["customers"] >= floor].rename(columns={"n": "sessions", "rest": "before"})
    few = kept["x"].between(1, floor - 1) | (kept["sessions"] - kept["x"]).between(1, floor - 1)
    kept = kept.astype(dict.fromkeys(COMPARED, "float64"))
    kept.loc[few, COMPARED] = float("nan")
    kept.loc[kept["others"] < floor, [*COMPARED[3:], "p"]] = float("nan")
    return kept


def _elsewhere(watch: Watched, found: pd.DataFrame) -> pd.Series[bool]:
    """Mark what another row tells already: channels of a trouble of all, or everybody where the others have none."""
    marked = pd.Series(False, found.index)
    for place, step in found[found["passes"]].groupby("place"):
        single, whole = step[step["channel"] != EVERYBODY], step[step["channel"] == EVERYBODY]
        if not len(single) or not len(whole):
            continue
        hit, run = watch.visits.channel.isin(single["channel"].tolist()), whole.iloc[0]
        rows = watch.visits.filter(~hit.fill_null(False), watch.visits.week < run["stop"])
        rest = _contrast(rows, watch.way, rows.week >= run["first"]).set_index("place")["difference_low"].dropna()
        general = bool(rest[place] > 0) if place in rest.index else len(single) > 1
        marked.loc[single.index if general else whole.index] = True
    return marked
