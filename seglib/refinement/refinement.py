"""Notebook 10: what became of last quarter's segments, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from seglib.clustering.purses import untold, why
from seglib.clustering.segmentation import Segmentation
from seglib.criteria.features import Features
from seglib.criteria.names import plain
from seglib.refinement import change, frozen
from seglib.refinement.draft import draft, proposals
from seglib.refinement.identity import IDENTITY, compare, known
from seglib.refinement.moves import (
    BALANCE,
    MIGRATION,
    RULES,
    SIZES,
    Moves,
    concentrated,
    migrate,
    sizes,
)
from seglib.refinement.outlook import OUTLOOK, looked_ahead
from seglib.refinement.rules import fitness, judge, overall
from seglib.refinement.shadow import Shadow
from seglib.refinement.tables import Tables
from seglib.refinement.whole import Whole

if TYPE_CHECKING:
    from seglib.activation.audience import Audience
    from seglib.core.run import Run
    from seglib.evaluation.scorecard import Scorecard

YEAR = 4  # quarters


@dataclass(frozen=True)
class Refinement(Moves, Tables):
    """This quarter's segments against last quarter's.

    Parameters
    ----------
    identity : DataFrame
        segment (0 when gone), name, previous, overlap (Jaccard), closeness (of the centres, 1 is the old place), event
        (survive, split, merge, new, dissolved), came_from (last quarter's segment that most of it comes from). Where
        the model was kept, the same against a refit on today's customers: of each kept segment what the refit would
        make of it, and with the number 0 and no previous name the segments that only the refit has.
    migration : DataFrame
        from_name ("new" for customers who were not there), to_name ("left"), customers, value_previous_minor,
        value_current_minor.
    sizes : DataFrame
        segment, name, identity, previous_customers, new, moved_in, moved_out, left, previous_revenue_minor,
        rules_customers and rules_revenue_minor (today's customers by last quarter's frozen rules), customers,
        revenue_minor, usable, why.
    churn : DataFrame
        name (last quarter's segment), stayed, person, label: of its customers who are still here, whose segment is the
        same, who themselves changed by the frozen rules, and for whom only the border moved.
    drift : DataFrame
        criterion, segment (0 is everyone), name, n_previous, n_current, psi, psi_noise, ks, p_adjusted, verdict,
        psi_year (everyone, against the same quarter a year ago); segments by last quarter's frozen rules.
    mix : DataFrame
        criterion, unit, name, before, now, mix, within: the change of each mean, part by part.
    data : DataFrame
        criterion, what, before, now, serious: what changed about the data themselves.
    outlook : DataFrame
        segment (0 is everyone), name, identity, before, customers, expected, low, high: next quarter's sizes.
    fitness : DataFrame
        segment, name, check, value, floor, passed.
    verdicts : DataFrame
        segment, name, verdict (keep, refit, retire, new), why, use (act, watch, retire), failing.
    verdict : str
        One sentence on the whole.
    refit, because : bool, str
        Whether the next quarter needs new segments, and why: what `verdict` says. In a first quarter False and "".
    draft_plan : str
        YAML text of the next quarter's plan.
    proposed : tuple of str
        What the draft proposes, one sentence each.
    first : bool
        Whether there is no quarter before.
    currency, minor_per_major : str, int
    floor : int
        Smallest count that is shown.
    notes : tuple of str
        Whether labels or people moved, whether members and centres agree with the names, what may be the season, and
        how the last outlook did; of a kept model also how far the refit in its shadow agrees.
    kept : bool
        Whether this quarter was scored with last quarter's frozen model.
    told, moves_told : bool
        Whether the money of all segments, and of all moves between them, may be shown: nearly all of none of these
        sums is one customer's.
    """

    STEP: ClassVar[str] = "10_quarterly_refinement"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {}

    identity: pd.DataFrame
    migration: pd.DataFrame
    sizes: pd.DataFrame
    churn: pd.DataFrame
    drift: pd.DataFrame
    mix: pd.DataFrame
    data: pd.DataFrame
    outlook: pd.DataFrame
    fitness: pd.DataFrame
    verdicts: pd.DataFrame
    verdict: str
    draft_plan: str
    first: bool
    currency: str
    minor_per_major: int
    floor: int
    notes: tuple[str, ...]
    kept: bool = False
    told: bool = True
    moves_told: bool = True
    refit: bool = False
    because: str = ""
    proposed: tuple[str, ...] = ()

    def save_draft(self, folder: Path) -> None:
        """Write the draft as ``next_plan.yml`` into the folder of the results."""
        (folder / "next_plan.yml").write_text(self.draft_plan, encoding="utf-8")


def refine(
    run: Run,
    now: Segmentation,
    before: Segmentation | None,
    features: Features,
    features_before: Features | None,
    scorecard: Scorecard | None = None,
    audience: Audience | None = None,
) -> Refinement:
    """Compare two quarters and judge every segment.

    Parameters
    ----------
    run : Run
        Gives the plan, the quarter, last quarter's outlook and the criteria of a year ago.
    now, before : Segmentation
        This quarter's and last quarter's; None in the first quarter.
    features, features_before : Features
    scorecard : Scorecard, optional
        Its goals enter the draft plan.
    audience : Audience, optional
        Who can be reached with which offer.

    Returns
    -------
    Refinement
    """
    goals, settings, floor = None if scorecard is None else scorecard.goals, run.plan.refinement, run.plan.privacy.floor
    fit = fitness(now, None if audience is None else audience.counts, run.plan.selection)
    if before is None or features_before is None:
        return _first(run, now, goals, fit)
    before, then, today = known(before, now, features_before, features)
    moves, counts = migrate(then, today), frozen.crossed(now, before, features)
    identity, named, found, because, told = _fates(now, before, then["name"], today["name"])
    table, closed = sizes(now, before, moves, counts), _closed(before, now)
    ahead, held = looked_ahead(now, features_before, run.seed, run.previous(Refinement), table)
    drift, mix = change.drift(now, before, features, features_before, run.previous(Features, YEAR))
    alike, rules, missing = _by_frozen_rules(counts, before, features)
    verdicts = judge(identity, table, drift, rules, fit, settings, found, floor)
    whole = overall(verdicts, table, None if missing else alike, because, floor)
    said = _proposals(run, now, verdicts, goals, whole)
    moved = (*frozen.people_or_labels(counts, alike, missing, bool(found), floor), *told, named)
    return Refinement(
        identity=identity,
        migration=moves,
        sizes=table,
        churn=frozen.churn(counts).reset_index(),
        drift=drift,
        mix=mix,
        data=change.data_changes(features_before, features, len(then.index.intersection(today.index))),
        outlook=ahead,
        fitness=fit,
        verdicts=verdicts,
        verdict=whole.sentence,
        draft_plan=_next_plan(run, whole, said),
        first=False,
        currency=now.currency,
        minor_per_major=now.minor_per_major,
        floor=run.plan.privacy.floor,
        notes=(*moved, _season(run, drift), *held, *why(closed)),
        kept=bool(found),
        told=not closed,
        moves_told=not closed and not concentrated(then, today, run.plan.privacy.floor),
        refit=whole.refit,
        because=whole.why,
        proposed=said,
    )


def _fates(
    now: Segmentation, before: Segmentation, then: pd.Series[str], today: pd.Series[str]
) -> tuple[pd.DataFrame, str, str, str, tuple[str, ...]]:
    """Tell what became of each segment; of a kept model also what its shadow found, and why it is out of date."""
    shadow = Shadow.of(now)
    if shadow is None:
        return (*compare(now, before, then, today), "", "", ())
    identity, named = shadow.fates()
    return identity, named, shadow.structure, shadow.outdated(identity), (shadow.said(),)


def _by_frozen_rules(
    counts: pd.DataFrame, before: Segmentation, features: Features
) -> tuple[float, pd.DataFrame, tuple[str, ...]]:
    """Tell how far last quarter's rules agree with today, in all and by segment, and which criteria they lack."""
    missing = tuple(plain(n) for n in before.scorer.scaling.names if n not in features.values.columns)
    alike, rules = frozen.agreement(counts)
    return alike, rules[:0] if missing else rules, missing


def _closed(before: Segmentation, now: Segmentation) -> list[str]:
    """Name the segments of either quarter whose money must not be shown."""
    return [*dict.fromkeys([*untold(before.segments), *untold(now.segments)])]


def _next_plan(run: Run, whole: Whole, said: Sequence[str]) -> str:
    return draft(_plan_text(run), run.quarter.next.text, [*said], whole.sentence if whole.refit else "")


def _proposals(
    run: Run, now: Segmentation, verdicts: pd.DataFrame, goals: pd.DataFrame | None, whole: Whole
) -> tuple[str, ...]:
    """Say what the next plan should decide."""
    model = "kept" if now.age_quarters else run.plan.clustering.model
    return tuple(proposals(now.k, list(now.segments["name"]), verdicts, goals, whole, model))


def _season(run: Run, drift: pd.DataFrame) -> str:
    a_year_ago = run.quarter.back(YEAR).text
    return change.season(drift, a_year_ago, _history(run, a_year_ago))


def _first(run: Run, now: Segmentation, goals: pd.DataFrame | None, fit: pd.DataFrame) -> Refinement:
    rows, closed = now.segments, untold(now.segments)
    nothing = dict.fromkeys([*BALANCE.values(), *RULES], 0)
    known = rows[["segment", "name"]].assign(previous="", overlap=0.0, closeness=0.0, event="new", came_from="")
    failing = fit[~fit["passed"].fillna(False).astype(bool)].groupby("segment")["check"].agg(", ".join)
    verdicts = rows[["segment", "name"]].assign(
        verdict="new", why="first quarter", use="watch", failing=rows["segment"].map(failing).fillna("")
    )
    said = proposals(now.k, list(rows["name"]), verdicts.assign(verdict="keep"), goals)
    before = run.quarter.previous.text
    missing = (
        f"First quarter: there is no run of {before} to compare with, so every segment is new. If the data reach back, "
        f"make it: {_history(run, before)}"
    )
    return Refinement(
        identity=known[IDENTITY],
        migration=_empty(MIGRATION),
        sizes=rows.assign(**nothing)[SIZES],
        churn=_empty(["name", *frozen.KINDS]),
        drift=_empty([*change.DRIFT, change.SEASON]),
        mix=_empty(change.MIX),
        data=_empty(change.KIND),
        outlook=_empty(OUTLOOK),
        fitness=fit,
        verdicts=verdicts,
        verdict=missing,
        draft_plan=draft(_plan_text(run), run.quarter.next.text, said),
        first=True,
        currency=now.currency,
        minor_per_major=now.minor_per_major,
        floor=run.plan.privacy.floor,
        notes=(missing, *why(closed)),
        told=not closed,
        moves_told=not closed,
        proposed=tuple(said),
    )


def _history(run: Run, first: str) -> str:
    return f"python -m seglib history --study {run.study} --from {first} --to {run.quarter.text}"


def _empty(columns: list[str]) -> pd.DataFrame:
    words = ("name", "from_name", "to_name", "criterion", "what", "verdict", "unit")
    return pd.DataFrame({name: pd.Series(dtype="str" if name in words else "float64") for name in columns})


def _plan_text(run: Run) -> str:
    return (run.data / "plan.yml").read_text(encoding="utf-8")
