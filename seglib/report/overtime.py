"""All quarters so far: customers, money, segments, goals and what was tested, on one page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.charts.overtime import over_time
from seglib.clustering.segmentation import Segmentation
from seglib.core.errors import InputRefused
from seglib.core.quarters import Quarter
from seglib.core.run import Run
from seglib.evaluation.scorecard import Scorecard
from seglib.methods.present import percent
from seglib.refinement.refinement import Refinement
from seglib.report.glance import money

FILE = "over_time.json"
MOST_QUARTERS = 40
SHOWN_QUARTERS = 5  # of each segment's sizes: the latest, and the same quarter a year before
EVENTS = {"split": "split off", "merge": "merged", "new": "new"}
HEADS = ("quarter", "customers", "revenue", "a year before", "of the buyers before, came back", "goals reached")


@dataclass(frozen=True)
class Period:
    """What one finished quarter handed on, as far as the long view shows it.

    Parameters
    ----------
    quarter : Quarter
    segments : DataFrame
        name, identity, customers, share.
    kpis : DataFrame
        metric, value, low, high of everybody, blank where too few are behind it.
    goals : DataFrame
        name, verdict.
    campaigns : tuple of str
        One sentence for each that was compared.
    events : DataFrame
        name, event, came_from; where segments were made anew.
    currency : str
    """

    quarter: Quarter
    segments: pd.DataFrame
    kpis: pd.DataFrame
    goals: pd.DataFrame
    campaigns: tuple[str, ...]
    events: pd.DataFrame
    currency: str

    def kpi(self, metric: str) -> tuple[float, float, float] | None:
        """Give a metric of everybody with its interval; None where it is not there."""
        rows = self.kpis[self.kpis["metric"] == metric]
        if rows.empty or pd.isna(rows["value"].iloc[0]):
            return None
        row = rows.iloc[0]
        return float(row["value"]), float(row["low"]), float(row["high"])


def periods(run: Run) -> tuple[list[Period], tuple[str, ...]]:
    """Read all finished quarters up to that of a run, the oldest first, and say which cannot be read.

    Parameters
    ----------
    run : Run
        Its quarter is the last one.
    """
    found, notes = [], []
    for back in range(MOST_QUARTERS - 1, -1, -1):
        quarter = run.quarter.back(back) if back else run.quarter
        if not (run.data / "runs" / quarter.text / Scorecard.STEP).is_dir():
            continue
        try:
            parts = [run.previous(cls, back) for cls in (Segmentation, Scorecard, Refinement)]
        except InputRefused:
            notes.append(f"{quarter.text} was made by another version or is damaged, and is not shown.")
            continue
        segmentation, scorecard, refinement = parts
        if segmentation is not None and scorecard is not None:
            found.append(_period(quarter, segmentation, scorecard, refinement))
    return found, tuple(notes)


def _period(quarter: Quarter, segmentation: Any, scorecard: Any, refinement: Any) -> Period:
    everybody = scorecard.kpis[scorecard.kpis["segment"] == 0]
    is_made_anew = refinement is not None and not refinement.first and not refinement.kept
    events = refinement.identity if is_made_anew else pd.DataFrame(columns=["name", "event", "came_from"])
    return Period(
        quarter,
        segmentation.segments[["name", "identity", "customers", "share"]],
        everybody[["metric", "value", "low", "high"]],
        scorecard.goals[["name", "verdict"]],
        tuple(scorecard.experiments["sentence"].astype(str)),
        events[["name", "event", "came_from"]],
        scorecard.currency,
    )


def view(run: Run, found: Sequence[Period], notes: Sequence[str] = ()) -> dict[str, Any] | None:
    """Write the quarters as tables of text and one picture; None where there is one quarter only.

    Parameters
    ----------
    run : Run
        Writes the money; quarters in another currency show none.
    found : sequence of Period
        The oldest first.
    notes : sequence of str
        Sentences to add.

    Returns
    -------
    dict or None
        heads, rows (the newest first), segment_heads, segments, campaigns, picture, notes.
    """
    if len(found) < 2:
        return None
    parts = [each.segments.assign(quarter=each.quarter.text) for each in found]
    shares = pd.concat(parts, ignore_index=True)
    picture = over_time(shares)
    by_name = {each.quarter.text: each for each in found}
    shown = [run.quarter.back(n).text if n else run.quarter.text for n in range(SHOWN_QUARTERS)]
    shown = [text for text in shown if text in by_name]
    return {
        "heads": list(HEADS),
        "rows": [_row(run, each, by_name.get(each.quarter.back(4).text)) for each in reversed(found)],
        "segment_heads": ["segment", *shown, "what became of it"],
        "segments": _segments(found, shown),
        "campaigns": [[each.quarter.text, sentence] for each in reversed(found) for sentence in each.campaigns],
        "picture": {
            "src": f"data:image/png;base64,{base64.b64encode(picture.png).decode()}",
            "alt": picture.alt,
            "width": picture.width,
        },
        "notes": list(notes),
    }


def _row(run: Run, each: Period, twin: Period | None) -> list[str]:
    returned = each.kpi("retention_share")
    kept = "" if returned is None else f"{percent(returned[0])} ({percent(returned[1])} to {percent(returned[2])})"
    named = len(each.goals)
    reached = int((each.goals["verdict"] == "reached").sum())
    goals = f"{reached} of {named}" if named else ""
    customers = f"{int(each.segments['customers'].sum()):,}"
    return [each.quarter.text, customers, _money(run, each), _money(run, twin), kept, goals]


def _money(run: Run, each: Period | None) -> str:
    spent = each.kpi("revenue") if each is not None and each.currency == run.plan.currency else None
    return "" if spent is None else money(run.plan, spent[0] * 10**run.plan.money_decimals)


def _segments(found: Sequence[Period], shown: Sequence[str]) -> list[list[str]]:
    """Give a row per segment that ever was: its sizes in the shown quarters, and what became of it."""
    rows = []
    latest = {r["identity"]: r["name"] for each in found for r in each.segments.to_dict("records")}
    order = sorted(latest, key=lambda identity: (not _is_in(found[-1], identity), identity))
    for identity in order:
        lived = [each for each in found if _is_in(each, identity)]
        sizes = {each.quarter.text: each.segments.set_index("identity").to_dict("index")[identity] for each in lived}
        cells = [f"{sizes[q]['customers']:,} ({sizes[q]['share']:.0%})" if q in sizes else "–" for q in shown]
        rows.append([latest[identity], *cells, _fate(found, lived, identity)])
    return rows


def _is_in(each: Period, identity: int) -> bool:
    return bool((each.segments["identity"] == identity).any())


def _fate(found: Sequence[Period], lived: Sequence[Period], identity: int) -> str:
    """Say when a segment began, from what, and when it ended; its beginning stands under the name that it had then."""
    said = []
    first, last = lived[0], lived[-1]
    if first is not found[0]:
        name = first.segments.set_index("identity").loc[identity, "name"]
        events = first.events[first.events["name"] == name]
        word = EVENTS.get(str(events["event"].iloc[0]), "new") if len(events) else "new"
        parent = events["came_from"].iloc[0] if len(events) else None
        of = f" from {parent}" if word != "new" and isinstance(parent, str) and parent else ""
        said.append(f"{word}{of} in {first.quarter.text}")
    if last is not found[-1]:
        said.append(f"ended after {last.quarter.text}")
    return "; ".join(said) or ("in both quarters" if len(found) == 2 else f"in all {len(found)} quarters")
