"""Notebook 09: were the goals reached, what did each segment do, and what did the campaigns change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from seglib.clustering.purses import untold, why
from seglib.core.intake.ends import early_end
from seglib.evaluation import business, campaigns, cohorts, feedback, holdout, lifetime, priorities, revenue, themes
from seglib.evaluation.goals import judged
from seglib.evaluation.lifetime_tables import LifetimeTables
from seglib.evaluation.metrics import measured_by, shown_metrics, visible_changes, without_money
from seglib.evaluation.panels import Panels
from seglib.evaluation.tables import Tables
from seglib.evaluation.variants import Variants, answers
from seglib.objectives.facts import facts_of, measure

if TYPE_CHECKING:
    from seglib.activation.audience import Audience
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.quarters import Quarter
    from seglib.core.run import Run
    from seglib.objectives.objectives import Objectives

CHANNELS = ("email", "sms", "post")
NOT_OVER = "The quarter is not over: {}. What counts over a whole quarter cannot be compared yet."
NO_PROOF = (
    "A change from one quarter to the next may have many reasons: season, prices, luck. "
    "Only the comparison with a control group says what a campaign did."
)


@dataclass(frozen=True)
class Scorecard(Tables, Panels, LifetimeTables, Variants):
    """Goals with their verdicts, metrics per segment, and effects of campaigns.

    Parameters
    ----------
    goals : DataFrame
        name, metric, population, unit, direction, baseline (quarter before), target, result, low, high, n, by, verdict,
        guardrail, guardrail_before, guardrail_now, guardrail_verdict, sentence.
    kpis : DataFrame
        metric, unit, segment (0: everybody), name, identity, value, low, high, n. Money in main units; blank where n is
        below the plan's floor.
    effects : DataFrame
        Per campaign, segment and arm: the difference to the control group, see `effects.EFFECTS`.
    experiments : DataFrame
        Per campaign, see `campaigns.EXPERIMENTS`.
    clv : DataFrame
        Expected value per segment, see `lifetime.Ahead`.
    decomposition : DataFrame
        Revenue as buyers x orders per buyer x order value, for the quarter before and this one, and its change.
    basis : str
        Which segments the metrics are read by.
    notes : tuple of str
        What a reader must know.
    minor_per_major : int
        Minor units in one unit of money.
    currency : str
        ISO 4217 code of the money.
    clv_checks, clv_trials : DataFrame
        How the models of the future did on the quarters that are over, see `lifetime.Ahead`.
    policies : DataFrame
        Per campaign: value per customer of sending nothing, one arm to all, or the best arm to each segment.
    worth : DataFrame
        Everybody contacted against everybody held out, columns as `effects`.
    cohorts : DataFrame
        Retention by age of the cohort, see `cohorts.COHORTS`.
    feedback : DataFrame
        Survey scores per segment, see `feedback.FEEDBACK`.
    business : DataFrame
        Measures of the whole business, see `business.BUSINESS`.
    priorities : DataFrame
        How attractive today's segments are, see `priorities.PRIORITIES`.
    visible : DataFrame
        metric, unit, segment, name, identity, n, smallest: smallest change that half of a segment against half shows.
    floor : int
        Smallest group that is shown.
    themes : DataFrame
        Customers who wrote about each theme of the plan, see `themes.THEMES`.
    trials : DataFrame
        Variants of an offer against the first one, see `variants.TRIALS`.
    answers : tuple of str
        What each trial of variants showed, or why it shows nothing.
    worth_note, value_doubts : str, tuple of str
        Of the notes: what those held out show, and why nobody should budget on the lifetime values.
    """

    STEP: ClassVar[str] = "09_kpi_evaluation"

    goals: pd.DataFrame
    kpis: pd.DataFrame
    effects: pd.DataFrame
    experiments: pd.DataFrame
    clv: pd.DataFrame
    decomposition: pd.DataFrame
    basis: str
    notes: tuple[str, ...] = ()
    minor_per_major: int = 100
    currency: str = ""
    clv_checks: pd.DataFrame = field(default_factory=pd.DataFrame)
    clv_trials: pd.DataFrame = field(default_factory=pd.DataFrame)
    policies: pd.DataFrame = field(default_factory=pd.DataFrame)
    worth: pd.DataFrame = field(default_factory=pd.DataFrame)
    cohorts: pd.DataFrame = field(default_factory=pd.DataFrame)
    feedback: pd.DataFrame = field(default_factory=pd.DataFrame)
    business: pd.DataFrame = field(default_factory=pd.DataFrame)
    priorities: pd.DataFrame = field(default_factory=pd.DataFrame)
    visible: pd.DataFrame = field(default_factory=pd.DataFrame)
    floor: int = 10
    themes: pd.DataFrame = field(default_factory=pd.DataFrame)
    trials: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: tuple[str, ...] = ()
    worth_note: str = ""
    value_doubts: tuple[str, ...] = ()


def score(
    run: Run,
    collection: Collection,
    objectives: Objectives,
    segmentation: Segmentation,
    previous_segmentation: Segmentation | None = None,
    previous_audience: Audience | None = None,
    earlier_segmentation: Segmentation | None = None,
) -> Scorecard:
    """Measure the quarter: goals, metrics per segment, campaigns against their control groups, lifetime value.

    Parameters
    ----------
    run : Run
    collection : Collection
    objectives : Objectives
        Their baselines are this quarter's values, which are the results here.
    segmentation : Segmentation
        Today's segments, for what lies ahead.
    previous_segmentation : Segmentation, optional
        Last quarter's, fixed before the outcome; the metrics and effects are read by these where they exist.
    previous_audience : Audience, optional
        Last quarter's: its hold-out shows what the segmentation as a whole is worth.
    earlier_segmentation : Segmentation, optional
        That of two quarters ago: effects of messages of last quarter whose time is over in this one are read by it.

    Returns
    -------
    Scorecard
    """
    fixed = previous_segmentation or segmentation
    now, before = (_facts(run, collection, quarter) for quarter in (run.quarter, run.quarter.previous))
    measured, closed = measured_by(run, collection, now, fixed, list(objectives.goals["metric"]))
    kpis, notes = shown_metrics(run, collection, measured, fixed)
    tested = campaigns.measure(run, collection, fixed, earlier_segmentation, not previous_segmentation)
    worth, proof, whole = holdout.worth(run, collection, fixed, previous_audience)
    said, response = feedback.listen(run, collection, fixed, int(segmentation.segments["customers"].sum()))
    wrote, themeless = themes.count(run, collection, fixed)
    ahead = lifetime.per_segment(run, collection, segmentation, previous_segmentation)
    known = tuple(dict.fromkeys([*notes, *tested.notes, *whole, *response, *themeless, *ahead.notes]))
    early = early_end(getattr(collection, "uncovered_days", 0), run.quarter.as_of)
    known += (NOT_OVER.format(early),) if early else ()
    known += why(dict.fromkeys([*closed, *untold(segmentation.segments)]))
    counted = {q.text: _counted(run, table) for q, table in ((run.quarter.previous, before), (run.quarter, now))}
    return Scorecard(
        judged(run, collection, objectives.goals, now, before),
        kpis,
        tested.effects,
        tested.experiments,
        without_money(ahead.clv, untold(segmentation.segments)),
        revenue.decompose(counted, 10**run.plan.money_decimals, not early),
        _basis(run, previous_segmentation is not None),
        (NO_PROOF, *known, *_sent(run, collection, previous_audience)),
        10**run.plan.money_decimals,
        run.plan.currency,
        ahead.checks,
        ahead.trials,
        tested.policies,
        worth,
        cohorts.retention(run.engine, collection.orders, run.quarter),
        said,
        business.of_quarter(run, now, [money for _, _, money in counted.values()], tested.effects, ahead.clv, early),
        priorities.rank(segmentation.segments, _reach(run, collection, segmentation), objectives.selection),
        visible_changes(measured, fixed, list(objectives.goals["metric"])),
        run.plan.privacy.floor,
        wrote,
        *answers(run, collection, fixed, earlier_segmentation, previous_audience, not previous_segmentation),
        worth_note=proof,
        value_doubts=ahead.doubts,
    )


def _facts(run: Run, collection: Collection, quarter: Quarter) -> Table:
    return facts_of(run.plan, collection, quarter)


def _counted(run: Run, table: Table) -> tuple[int, int, int]:
    """Count buyers, orders and revenue in minor units: whole numbers, so that they multiply exactly."""
    found = measure(run.engine, table, revenue.COUNTED, 0)["value"]
    buyers, orders, money = (int(value) for value in found)
    return buyers, orders, money


def _reach(run: Run, collection: Collection, segmentation: Segmentation) -> pd.Series:
    """Give the share of each segment that has agreed to any channel."""
    if collection.consent is None:
        return pd.Series(dtype=float)
    yes = collection.consent.filter(collection.consent.purpose.isin(CHANNELS) & collection.consent.granted)
    labels = segmentation.labels.select("customer", "segment")
    met = labels.semi_join(yes, "customer")
    counted: pd.DataFrame = run.engine.frame(met.group_by("segment").agg(reached=met.count()))
    return counted.set_index("segment")["reached"] / segmentation.segments.set_index("segment")["customers"]


def _basis(run: Run, fixed_before: bool) -> str:
    if fixed_before:
        return (
            f"Customers are grouped by the segments of {run.quarter.previous.text}, "
            "which were fixed before this quarter's outcomes; who came since counts under everybody only."
        )
    return (
        f"There are no segments of {run.quarter.previous.text}, so customers are grouped by this quarter's own: "
        "a description only, as the same orders made the groups and the numbers."
    )


def _sent(run: Run, collection: Collection, audience: Audience | None) -> tuple[str, ...]:
    if audience is None or collection.contacts is None:
        return ()
    planned = audience.members.filter(audience.members.arm != "none")
    recent = collection.contacts.filter(collection.contacts.sent_at >= run.quarter.start)
    total, met = (int(run.engine.scalar(t.count())) for t in (planned, planned.semi_join(recent, "customer")))
    if not total:
        return ("Last quarter's audience is empty, so this quarter's contacts do not come from it.",)
    return (f"Of {total:,} customers in last quarter's audience, {met:,} appear among this quarter's contacts.",)
