"""The frames that people read in notebook 06."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.disclosure.small_cells import told_share
from seglib.journeys.answers import ANSWERED, ANSWERED_BOUGHT, SENT_BOUGHT
from seglib.journeys.lifecycle import STAGES
from seglib.methods.present import Head, percent, points, present, spans, whole
from seglib.methods.present import amount as written
from seglib.methods.present import shown as kept_back

if TYPE_CHECKING:
    from seglib.core.engine import Table
    from seglib.core.plan import Plan

WORDS = {stage: stage.replace("_", " ") for stage in STAGES}
NO_EVENTS = "No sessions: events.csv with visit, view, cart, checkout and purchase would show them"
NOT_COMPARED = "not compared: there is no segmentation from before the quarter; make the quarter before this one first"
NO_WEEKS = "Weeks are not compared: there are no sessions, or fewer than four weeks of them before a week in question."
NO_TROUBLE = (
    "In no week of the quarter did more sessions get no further than in the weeks before, beyond chance "
    "({count} series of weeks compared)."
)
EVERYBODY = "everybody"
TOP_LOSSES = 8
WAYS = {
    ANSWERED: "sent a campaign → {kind}",
    ANSWERED_BOUGHT: "{kind} → bought",
    SENT_BOUGHT: "sent a campaign → bought",
}


class Tables:
    """What `Journeys` shows; it holds nothing."""

    stages: pd.DataFrame
    stage_of: Table
    rules: pd.DataFrame
    transitions: pd.DataFrame
    states: tuple[str, ...]
    moments: pd.DataFrame
    moves: pd.DataFrame
    funnel: pd.DataFrame
    channels: pd.DataFrame
    losses: pd.DataFrame
    answers: pd.DataFrame
    answer_notes: tuple[str, ...]
    periods: pd.DataFrame
    incidents: pd.DataFrame
    fixed: bool
    floor: int

    def shares(self) -> pd.DataFrame:
        """Show the share of each segment in every stage."""
        told = self.stages["share"].map(percent, na_action="ignore").astype("object")
        told = told.fillna(self.stages["least"].map("over {:.1%}".format, na_action="ignore")).fillna("")
        wide = self.stages.assign(told=told).pivot(index=["segment", "name"], columns="stage", values="told")
        heads: dict[str, Head] = {stage: WORDS[stage] for stage in STAGES}
        return present(wide.reset_index(), {"name": "segment", **heads})

    def stage_table(self) -> pd.DataFrame:
        """Show the rules of the stages, in the order in which they are tried."""
        return self.rules.assign(stage=self.rules["stage"].map(WORDS))

    def stage_moves(self) -> pd.DataFrame:
        """Show from which stage to which the members went during the quarter; who stayed is not listed."""
        moved = self.moves[(self.moves["from_stage"] != self.moves["to_stage"]) & self.moves["share"].notna()]
        said = moved.assign(
            was=moved["from_stage"].map(WORDS), now=moved["to_stage"].map(WORDS), interval=spans(moved, percent)
        ).sort_values(["segment", "customers"], ascending=[True, False])
        heads: dict[str, Head] = {
            "name": "segment",
            "was": "on the first day",
            "now": "on the last day",
            "customers": ("customers", whole),
            "n": ("of", whole),
            "share": ("share", percent),
            "interval": "95% interval",
        }
        return present(said.groupby("segment").head(3), heads)

    def waiting(self) -> pd.DataFrame:
        """Show the days by which a quarter, half and three quarters have come back, each with its interval."""
        shown = self.moments.assign(**{name: self._days(name) for name in ("p25", "median", "p75")})
        heads: dict[str, Head] = {
            "name": "segment",
            "p25": "a quarter is back by day",
            "median": "half by day",
            "p75": "three quarters by day",
        }
        return present(shown, heads)

    def _days(self, name: str) -> list[str]:
        ends = self.moments[[f"{name}_days", f"{name}_low", f"{name}_high", "seen_days"]].to_numpy(dtype=float)
        return [_day(*row) for row in ends.tolist()]

    def speak(self) -> pd.DataFrame:
        """Show when to speak to each segment: after half are back, until three quarters are, and through what."""
        best = pd.DataFrame(columns=["segment", "channel", "of_sessions"])
        if len(self.channels):
            best = self.channels.drop_duplicates("segment")[["segment", "channel", "of_sessions"]]
        rows = self.moments.merge(best, "left", on="segment")
        rows["window"] = [_window(row) for row in rows.to_dict("records")]
        heads: dict[str, Head] = {
            "name": "segment",
            "window": "days after an order",
            "channel": "most visits come from",
            "of_sessions": ("share of visits", percent),
        }
        return present(rows.assign(channel=rows["channel"].fillna("not known")), heads)

    def drop_off(self) -> pd.DataFrame | str:
        """Show, per segment and step of the way, how many sessions got so far and the share that got no further."""
        if not len(self.funnel):
            return NO_EVENTS
        shown = self.funnel.assign(interval=spans(self.funnel, percent))
        heads: dict[str, Head] = {
            "name": "segment",
            "step": "came to",
            "reached": ("sessions", whole),
            "reached_share": ("share of all", percent),
            "share": ("got no further", percent),
            "interval": "95% interval",
        }
        return present(shown, heads)

    def everybody(self) -> pd.DataFrame | str:
        """Show, for everybody and each channel, the share that got no further at each step, beside the time before."""
        if not len(self.periods):
            return NO_EVENTS
        rows = self.periods.assign(
            who=self.periods["channel"].replace("", EVERYBODY),
            change=[points(gap) if pd.notna(gap) else "" for gap in self.periods["difference"]],
            span=spans(self.periods, _signed, "difference_low", "difference_high"),
        )
        heads: dict[str, Head] = {
            "who": "whose sessions",
            "step": "came to",
            "sessions": ("sessions", whole),
            "share": ("got no further", percent),
            "before": ("in the time before", percent),
            "change": "change",
            "span": "95% interval (points)",
        }
        return present(rows, heads)

    def trouble(self) -> pd.DataFrame | str:
        """Show the weeks in which more sessions than in all weeks before got no further, and since when."""
        if not len(self.incidents):
            return NO_WEEKS
        found = self.incidents[self.incidents["passes"].astype(bool)]
        if not len(found):
            return NO_TROUBLE.format(count=len(self.incidents))
        rows = found.assign(
            who=found["channel"].replace("", EVERYBODY),
            since=found["began_on"].dt.strftime("%Y-%m-%d"),
            until=found["last_on"].dt.strftime("%Y-%m-%d").mask(found["lasts"].astype(bool), "still so"),
            gap=[points(gap) for gap in found["difference"]],
            span=spans(found, _signed, "difference_low", "difference_high"),
        )
        heads: dict[str, Head] = {
            "who": "whose sessions",
            "step": "got no further than",
            "since": "since the week of",
            "until": "until",
            "sessions": ("sessions", whole),
            "share": ("share", percent),
            "before": ("in all weeks before", percent),
            "gap": "more than before",
            "span": "95% interval (points)",
            "lost": ("sessions lost by it", whole),
        }
        return present(rows, heads)

    def lost(self, plan: Plan) -> pd.DataFrame | str:
        """Show where a segment loses more than all others, beyond chance, by the money it stands for.

        Parameters
        ----------
        plan : Plan
            Names the currency.
        """
        if not self.fixed:
            return NOT_COMPARED
        found = self.losses[self.losses["passes"].astype(bool)].head(TOP_LOSSES)
        if not len(found):
            return f"No segment loses more than all others beyond chance ({len(self.losses)} comparisons)."
        rows = found.assign(
            money=kept_back(found["lost_minor"] / 10**plan.money_decimals, written),
            gap=[points(gap) for gap in found["difference"]],
            span=spans(found, _signed, "difference_low", "difference_high"),
        )
        heads: dict[str, Head] = {
            "name": "segment",
            "what": "what is lost",
            "n": ("of", whole),
            "share": ("lost", percent),
            "rest": ("all others", percent),
            "gap": "more than they",
            "span": "95% interval (points)",
            "money": f"stands for ({plan.currency})",
        }
        return present(rows, heads)

    def answered(self) -> pd.DataFrame | str:
        """Show, per segment, who of those sent a campaign answered it while its offer ran, and who bought."""
        if not len(self.answers):
            return self.answer_notes[0]
        kind = self.answers["event"].str.replace("_", " ")
        way = [WAYS[step].format(kind=name) for step, name in zip(self.answers["step"], kind, strict=True)]
        heads: dict[str, Head] = {
            "name": "segment",
            "way": "from, to",
            "n": ("customers", whole),
            "customers": ("came so far", whole),
            "said": "share",
            "interval": "95% interval",
        }
        return present(self.answers.assign(way=way, interval=spans(self.answers, percent)), heads)

    def check(self) -> str:
        """Say in one sentence where most customers stand, and how many are about to be lost."""
        totals = self.stage_of.group_by("stage").agg(n=self.stage_of.count()).to_pandas().set_index("stage")["n"]
        counts = totals.reindex(STAGES, fill_value=0)
        risky = (
            self.stages[self.stages["stage"] == "at_risk"].sort_values("share", ascending=False, kind="stable").head(1)
        )
        at_risk, lapsed = (
            told_share(int(counts[name]), int(totals.sum()), self.floor) for name in ("at_risk", "lapsed")
        )
        words = f"Of {totals.sum():,} customers, {at_risk} are at risk and {lapsed} have lapsed."
        if risky["share"].notna().any():
            words += f" The largest share at risk is in {risky['name'].iloc[0]} ({risky['share'].iloc[0]:.0%})."
        return words


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _day(days: float, low: float, high: float, seen: float) -> str:
    """Write a day with its interval, or how long was looked in vain."""
    if math.isnan(days):
        return f"not within {seen:,.0f}"
    upper = f"{high:,.0f}" if not math.isnan(high) else f"over {seen:,.0f}"
    return f"{days:,.0f} ({low:,.0f} to {upper})"


def _window(row: dict[Any, Any]) -> str:
    if pd.isna(row["median_days"]):
        return f"half are not back within {row['seen_days']:,.0f} days"
    open_ = pd.isna(row["p75_days"])
    start, end = (f"{row[day]:,.0f}" for day in ("median_days", "seen_days" if open_ else "p75_days"))
    return f"{start if start == end else f'{start} to {end}'}{' or later' if open_ else ''}"
