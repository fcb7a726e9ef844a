"""What helps to choose criteria: known, varied, steady, telling, and not said already by another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.errors import Finding, InputRefused
from seglib.core.steady import steady_frame
from seglib.criteria.catalogue import every
from seglib.criteria.criterion import Clock, Criterion
from seglib.criteria.guard import GIVES_AWAY, divide
from seglib.criteria.names import plain
from seglib.criteria.proposal import SAME_FROM, propose
from seglib.criteria.table import derive, drawn, tabulate
from seglib.methods.association import PAIRS_MIN, same_story, tells
from seglib.methods.kpis import METRICS
from seglib.methods.present import Head, present, yes
from seglib.methods.shares import bounded
from seglib.objectives.checks import POPULATIONS
from seglib.objectives.facts import facts_of

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run
    from seglib.criteria.features import Features
    from seglib.objectives.objectives import Objectives

RELEVANCE = ["goal", "name", "measure", "n", "value", "low", "high", "strength", "strength_low", "strength_high"]


@dataclass(frozen=True)
class Appraisal:
    """The scorecard of the criteria that may make segments, and the set that it proposes.

    Parameters
    ----------
    scores : DataFrame
        One row per criterion, the proposed ones first: name, family, level, known_share, commonest_share (of those for
        whom it is known, customers with the most frequent value), steady (rank correlation with the start of the
        quarter), like (criteria that say the same), goal (the one at whose turn it comes) with measure, value, strength
        and surely, proposed, why, chosen (by the plan).
    relevance : DataFrame
        One row per goal and criterion: how well the criterion, known at the start of the quarter, tells what the goal
        measures within it: measure, n, value with low and high, the same as strength from -1 to 1, and surely (the
        strength that the interval leaves, 0 when it holds 0), better (+1 when more of the metric is better, else -1).
    sampled : int
        Customers that the figures rest on.
    notes : tuple of str
        What could not be told, and why.
    floor : int
        Smallest number of customers that may be told.
    """

    scores: pd.DataFrame
    relevance: pd.DataFrame
    sampled: int
    notes: tuple[str, ...]
    floor: int = 2

    @property
    def proposed(self) -> tuple[str, ...]:
        """Names of the criteria that the scorecard would take."""
        return tuple(self.scores.loc[self.scores["proposed"], "name"])

    def table(self) -> pd.DataFrame:
        """Show the figures of every criterion that the plan chose or the scorecard proposes, and of its rivals."""
        heads: dict[str, Head] = {
            "label": "criterion",
            "known": "known for",
            "commonest": "have the commonest value",
            "steady": ("same order as last quarter", "{:.2f}".format),
            "goal": "goal",
            "strength": ("how well it tells it", "{:+.2f}".format),
            "alike": "says the same as",
            "chosen": ("in the plan's choice", yes),
        }
        names = self.scores["like"].map(lambda names: ", ".join(map(plain, names)))
        known = (self.scores["known_share"] * self.sampled).round()
        shown = self.scores.assign(
            label=self.scores["name"].map(plain),
            alike=names,
            known=bounded(self.scores["known_share"], self.sampled, self.floor),
            commonest=bounded(self.scores["commonest_share"], known, self.floor),
        )
        return present(shown[(shown["level"] == "") | shown["proposed"] | shown["chosen"]], heads)

    def proposal(self) -> pd.DataFrame:
        """Show what is proposed and why, then what the plan chose although the scorecard would not."""
        wanted = self.scores[self.scores["proposed"] | self.scores["chosen"]]
        heads: dict[str, Head] = {
            "label": "criterion",
            "proposed": ("proposed", yes),
            "chosen": ("in the plan's choice", yes),
            "why": "why",
        }
        return present(wanted.assign(label=wanted["name"].map(plain)), heads)

    def check(self) -> str:
        """Say in one sentence how the proposal and the plan's choice differ."""
        chosen = set(self.scores.loc[self.scores["chosen"], "name"])
        both, more = [n for n in self.proposed if n in chosen], [n for n in self.proposed if n not in chosen]
        less = [name for name in self.scores.loc[self.scores["chosen"], "name"] if name not in self.proposed]
        parts = [f"{len(both)} of the {len(chosen)} chosen criteria are proposed too"]
        parts += [f"it would add {', '.join(map(plain, more))}"] if more else []
        parts += [f"it would leave out {', '.join(map(plain, less))}"] if less else []
        return "; ".join(parts) + ". The plan decides (criteria.use)."


def judge(features: Features, collection: Collection, objectives: Objectives, run: Run) -> Appraisal:
    """Make the scorecard; see ``seglib.criteria.appraise``."""
    rows = features.catalogue
    names = list(rows.loc[(rows["role"] == "segmentation") & (rows["kind"] == "number"), "name"])
    now = drawn(features.values.select("customer", *names)).to_pandas().set_index("customer").sort_index()
    orders = collection.orders
    who = drawn(orders.filter(orders.ordered_at < run.quarter.start).select("customer").distinct()).cache()
    known = replace(collection, orders=orders.semi_join(who, "customer"))
    then = _at_start(names, known, run)
    outcomes, notes = _outcomes_of(then, known, who, objectives, run)
    relevance = _relevance(then, outcomes, objectives)
    _refuse_targets(relevance, features)
    scores = _scores(now.astype("float64"), then, features)
    floor = run.plan.privacy.floor
    return Appraisal(propose(scores, relevance, now, floor), relevance, len(now), notes, floor)


def _at_start(names: list[str], collection: Collection, run: Run) -> pd.DataFrame:
    """Compute the same criteria as of the start of the quarter."""
    settings = run.plan.criteria
    clock = Clock(run.quarter.start, settings.window_days, settings.age_bands, run.plan.evaluation.control_arm)
    criteria, _, _ = divide(every(collection, clock, settings.model_copy(update={"use": names})), ())
    wanted = _with_needs([c for c in criteria if c.name in names], criteria)
    values = derive(tabulate(collection, clock, wanted).cache(), clock, wanted)
    frame: pd.DataFrame = values.to_pandas().set_index("customer").sort_index()
    return frame.reindex(columns=names).astype("float64")


def _with_needs(wanted: list[Criterion], criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """Add what derived criteria are made from."""
    needed = {need.split(".")[1] for c in wanted for need in c.needs if need.startswith("values.")} | {"order_count"}
    return tuple(c for c in criteria if c in wanted or c.name in needed)


def _outcomes_of(
    then: pd.DataFrame, collection: Collection, who: Table, objectives: Objectives, run: Run
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Measure, for each goal, what each customer did within the quarter: missing where the goal does not count them."""
    table = facts_of(run.plan, collection, run.quarter).semi_join(who, "customer").cache()
    found, notes = {}, []
    for goal in objectives.goals.drop_duplicates(["metric", "population"]).itertuples(index=False):
        metric, people = METRICS[str(goal.metric)], table.filter(POPULATIONS[str(goal.population)](table))
        sides = people.select("customer", x=metric.numerator(people), y=metric.denominator(people))
        frame = sides.to_pandas().set_index("customer").astype("float64").reindex(then.index)
        value = frame["x"].fillna(0.0) if metric.kind == "total" else (frame["x"] / frame["y"]).where(frame["y"] != 0)
        if value.count() < PAIRS_MIN or value.nunique() < 2:
            notes.append(f"{goal.name}: too few customers were known before the quarter and count in it.")
        else:
            found[str(goal.name)] = value
    return pd.DataFrame(found, index=then.index), tuple(notes)


def _relevance(then: pd.DataFrame, outcomes: pd.DataFrame, objectives: Objectives) -> pd.DataFrame:
    ways = objectives.goals.drop_duplicates("name").set_index("name")["direction"]
    rows = []
    for goal in outcomes.columns:
        for name in then.columns:
            told = tells(then[name], outcomes[goal])
            rows.append((goal, name, told.measure, told.n, told.value, told.low, told.high, *told.strength))
    found = pd.DataFrame(rows, columns=RELEVANCE).dropna(subset="value").reset_index(drop=True)
    nearer = found["strength_low"].where(found["strength"] > 0, -found["strength_high"])
    return found.assign(surely=nearer.clip(lower=0.0), better=found["goal"].map(ways).map({"up": 1, "down": -1}))


def _refuse_targets(relevance: pd.DataFrame, features: Features) -> None:
    """Refuse what tells an outcome too well; orders are cut off at the start of the quarter, so their facts may."""
    own = features.catalogue.loc[features.catalogue["level"] != "", "name"]
    perfect = relevance[relevance["strength"].abs() >= GIVES_AWAY]
    findings = [
        Finding(
            "S08",
            f"'{row.name!s}' tells '{row.goal!s}' nearly perfectly",
            "plan.yml, criteria.use",
            found=f"{row.measure!s} {row.value:.2f}",
            do="leave it out: it must have been known only afterwards",
        )
        for row in perfect.itertuples(index=False)
        if row.name in features.use and row.name in set(own)
    ]
    if findings:
        raise InputRefused(findings)


def _scores(now: pd.DataFrame, then: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Give the figures of every criterion."""
    groups, both = same_story(now, SAME_FROM), now.index.intersection(then.index)
    ranks = (steady_frame(frame.loc[both, now.columns].astype("float64")).rank() for frame in (now, then))
    same = next(ranks).corrwith(next(ranks))
    rows = pd.DataFrame(
        {
            "known_share": now.notna().mean(),
            "commonest_share": now.apply(lambda column: column.value_counts(normalize=True).max()),
            "steady": same if len(both) >= PAIRS_MIN else float("nan"),
            "like": {name: [other for other in groups[name] if other != name] for name in now.columns},
        }
    )
    told = features.catalogue.set_index("name")[["family", "level"]].join(rows, how="right")
    return told.rename_axis("name").reset_index().assign(chosen=lambda t: t["name"].isin(features.use))
