"""Notebook 10: what became of last quarter's segments, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.clustering import Segmentation
from seglib.core.errors import Bug, Finding
from seglib.criteria import Features
from seglib.methods import transitions
from seglib.methods.drift import drift_table
from seglib.methods.matching import Matching, events, match
from seglib.refinement.draft import draft, proposals
from seglib.refinement.frozen import agreement, crossed, people_or_labels
from seglib.refinement.rules import judge, overall
from seglib.refinement.tables import Tables

if TYPE_CHECKING:
    from seglib.core.run import Run
    from seglib.evaluation import Scorecard

DRIFT_ROWS = 20_000
NEW, LEFT = transitions.NEW, transitions.LEFT
MIGRATION = ["from_name", "to_name", "customers", "value_previous_minor", "value_current_minor"]
IDENTITY = ["segment", "name", "previous", "overlap", "event", "came_from"]
DRIFT = ["criterion", "segment", "name", "n_previous", "n_current", "psi", "psi_noise", "ks", "p_adjusted", "verdict"]
BALANCE = {
    "previous_count": "previous_customers",
    "new_count": "new",
    "moved_in_count": "moved_in",
    "moved_out_count": "moved_out",
    "left_count": "left",
    "value_previous_minor": "previous_revenue_minor",
}
SIZES = ["segment", "name", "identity", *BALANCE.values(), "customers", "revenue_minor", "usable", "why"]
FIRST = "First quarter: there is no earlier run to compare with, so every segment is new."


@dataclass(frozen=True)
class Refinement(Tables):
    """This quarter's segments against last quarter's.

    Parameters
    ----------
    identity : DataFrame
        segment (0 when gone), name, previous, overlap (Jaccard), event (survive, split, merge, new, dissolved),
        came_from (last quarter's segments that most of it comes from).
    migration : DataFrame
        from_name ("new" for customers who were not there), to_name ("left"), customers, value_previous_minor,
        value_current_minor.
    sizes : DataFrame
        segment, name, identity, previous_customers, new, moved_in, moved_out, left, previous_revenue_minor,
        customers, revenue_minor, usable, why.
    drift : DataFrame
        criterion, segment (0 is everyone), name, n_previous, n_current, psi, psi_noise, ks, p_adjusted, verdict.
    verdicts : DataFrame
        segment, name, verdict (keep, refit, retire, new), why.
    verdict : str
        One sentence on the whole.
    draft_plan : str
        YAML text of the next quarter's plan.
    first : bool
        Whether there is no quarter before.
    currency, minor_per_major : str, int
    notes : tuple of str
    """

    STEP: ClassVar[str] = "10_quarterly_refinement"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {}

    identity: pd.DataFrame
    migration: pd.DataFrame
    sizes: pd.DataFrame
    drift: pd.DataFrame
    verdicts: pd.DataFrame
    verdict: str
    draft_plan: str
    first: bool
    currency: str
    minor_per_major: int
    notes: tuple[str, ...]

    def adds_up(self) -> str:
        """Prove that previous + new - left = now, in customers and in money, and say so.

        Raises
        ------
        Bug
            When the migration table and the segments' own sizes differ.
        """
        if self.first:
            return "First quarter: nothing to add up yet."
        moves, sizes = self.migration, self.sizes
        new, left = moves["from_name"] == NEW, moves["to_name"] == LEFT
        counts = [int(moves.loc[rows, "customers"].sum()) for rows in (~new, new, left, ~left)]
        then, now = (int(moves[name].sum()) for name in ("value_previous_minor", "value_current_minor"))
        own = (int(sizes["previous_customers"].sum()), int(sizes["customers"].sum()))
        money = (int(sizes["previous_revenue_minor"].sum()), int(sizes["revenue_minor"].sum()))
        if counts[0] + counts[1] - counts[2] != counts[3] or own != (counts[0], counts[3]) or money != (then, now):
            raise Bug(Finding("BUG", "the migration table does not add up", do="report it with the run folder"))
        came = int(moves.loc[new, "value_current_minor"].sum())
        went = int(moves.loc[left, "value_previous_minor"].sum())
        grown = now - then - came + went
        return (
            f"{counts[0]:,} customers before + {counts[1]:,} new - {counts[2]:,} left = {counts[3]:,} now; "
            f"{self._money(then)} before + {self._money(came)} from new customers - {self._money(went)} of those who "
            f"left {'+' if grown >= 0 else '-'} {self._money(abs(grown))} from those who stayed = {self._money(now)}."
        )

    def _money(self, minor: int) -> str:
        return f"{self.currency} {minor / self.minor_per_major:,.0f}"


def refine(
    run: Run,
    now: Segmentation,
    before: Segmentation | None,
    features: Features,
    features_before: Features | None,
    scorecard: Scorecard | None = None,
) -> Refinement:
    """Compare two quarters and judge every segment.

    Parameters
    ----------
    run : Run
        Gives the plan and the quarter.
    now, before : Segmentation
        This quarter's and last quarter's; None in the first quarter.
    features, features_before : Features
    scorecard : Scorecard, optional
        Its goals enter the draft plan.

    Returns
    -------
    Refinement
    """
    goals = None if scorecard is None else scorecard.goals
    if before is None or features_before is None:
        return _first(run, now, goals)
    before = _in_todays_words(before, now)
    people, people_before = _people(now, features), _people(before, features_before)
    moves = _migration(people_before, people)
    identity = _identity(now, before, match(people_before["name"], people["name"]))
    sizes = _sizes(now, moves)
    drift = _drift(now, (before, features_before), (now, features))
    counts = crossed(now, before, features)
    alike, frozen = agreement(counts)
    verdicts = judge(identity, sizes, drift, frozen, run.plan.refinement)
    names = list(now.segments["name"])
    return Refinement(
        identity=identity,
        migration=moves.set_axis(MIGRATION, axis=1),
        sizes=sizes,
        drift=drift,
        verdicts=verdicts,
        verdict=overall(verdicts, sizes, alike),
        draft_plan=draft(_plan_text(run), run.quarter.next.text, proposals(now.k, names, verdicts, goals)),
        first=False,
        currency=now.currency,
        minor_per_major=now.minor_per_major,
        notes=people_or_labels(counts, alike),
    )


def _in_todays_words(before: Segmentation, now: Segmentation) -> Segmentation:
    """Call last quarter's segments as today, where the plan has renamed a segment since."""
    today = dict(zip(now.segments["identity"], now.segments["name"], strict=True))
    old = before.segments
    names = [today.get(row.identity, row.name) for row in old.itertuples(index=False)]
    return replace(before, segments=old.assign(name=names))


def _first(run: Run, now: Segmentation, goals: pd.DataFrame | None) -> Refinement:
    rows = now.segments
    nothing = dict.fromkeys(BALANCE.values(), 0)
    verdicts = rows[["segment", "name"]].assign(verdict="new", why="first quarter")
    said = proposals(now.k, list(rows["name"]), verdicts.assign(verdict="keep"), goals)
    return Refinement(
        identity=rows[["segment", "name"]].assign(previous="", overlap=0.0, event="new", came_from=""),
        migration=pd.DataFrame({name: pd.Series(dtype="str" if "name" in name else "int64") for name in MIGRATION}),
        sizes=rows.assign(**nothing)[SIZES],
        drift=pd.DataFrame({name: pd.Series(dtype="float64") for name in DRIFT}),
        verdicts=verdicts,
        verdict=FIRST,
        draft_plan=draft(_plan_text(run), run.quarter.next.text, said),
        first=True,
        currency=now.currency,
        minor_per_major=now.minor_per_major,
        notes=(FIRST,),
    )


def _plan_text(run: Run) -> str:
    return (run.data / "plan.yml").read_text(encoding="utf-8")


def _people(segmentation: Segmentation, features: Features, rows: int | None = None) -> pd.DataFrame:
    """Bring customers with their segment's name and their criteria into memory: all, or a sample by hash."""
    wanted = ["monetary_minor"] if rows is None else list(dict.fromkeys([*features.use, "monetary_minor"]))
    values = features.values.select("customer", *wanted)
    joined = values.inner_join(segmentation.labels.select("customer", "segment"), "customer")
    if rows is not None and features.customers > rows:
        joined = joined.order_by(joined.customer.hexdigest("sha256"), joined.customer).limit(rows)
    frame: pd.DataFrame = joined.to_pandas().set_index("customer").sort_index()
    names = segmentation.segments.set_index("segment")["name"]
    return frame.assign(name=frame.pop("segment").map(names))


def _migration(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    sides = (before["name"], now["name"], before["monetary_minor"], now["monetary_minor"])
    moves = transitions.migration(*sides)
    try:
        transitions.check_adds_up(moves, *sides)
    except ValueError as error:
        raise Bug(Finding("BUG", str(error), do="report it with the run folder")) from None
    return moves


def _identity(now: Segmentation, before: Segmentation, members: Matching) -> pd.DataFrame:
    """Tell what became of each segment: its name says who continues it, the members say how."""
    old = set(before.segments["name"])
    names = {name: name if name in old else None for name in now.segments["name"]}
    told = events(Matching(names, members.overlaps))
    event = told.dropna(subset=["current"]).drop_duplicates("current").set_index("current")["event"]
    overlaps = members.overlaps.set_index(["previous", "current"])["jaccard"]
    pairs = told.dropna(subset=["previous", "current"]).drop_duplicates(["previous", "current"])
    origin = pairs.groupby("current")["previous"].agg(", ".join)
    rows: list[tuple[Any, ...]] = [
        (
            row.segment,
            row.name,
            names[row.name] or "",
            float(overlaps.get((row.name, row.name), 0.0)),
            event.get(row.name, "survive" if names[row.name] else "new"),
            origin.get(row.name, ""),
        )
        for row in now.segments.itertuples(index=False)
    ]
    gone = [name for name in before.segments["name"] if name not in names]
    merged = set(told.loc[told["event"] == "merge", "previous"])
    rows += [(0, name, name, 0.0, "merge" if name in merged else "dissolved", "") for name in gone]
    return pd.DataFrame(rows, columns=IDENTITY)


def _sizes(now: Segmentation, moves: pd.DataFrame) -> pd.DataFrame:
    """Put the balance of the migration beside the sizes that the segmentation itself states."""
    balance = transitions.balance(moves).rename(columns=BALANCE)[[*BALANCE.values()]]
    own = now.segments.set_index("name")[["segment", "identity", "customers", "revenue_minor", "usable", "why"]]
    both = own.join(balance, how="outer").rename_axis("name").reset_index()
    gone = both["segment"].isna()
    both["why"] = both["why"].mask(gone, "not there any more")
    both["usable"] = both["usable"].mask(gone, False).astype(bool)
    numbers = [name for name in SIZES if name not in ("name", "usable", "why")]
    both[numbers] = both[numbers].fillna(0).astype("int64")
    return both.sort_values(["segment", "name"], kind="stable")[SIZES].reset_index(drop=True)


def _drift(now: Segmentation, old: tuple[Segmentation, Features], new: tuple[Segmentation, Features]) -> pd.DataFrame:
    before, after = _people(*old, rows=DRIFT_ROWS), _people(*new, rows=DRIFT_ROWS)
    table = drift_table(before.drop(columns="name"), after.drop(columns="name"), before["name"], after["name"])
    number = now.segments.set_index("name")["segment"]
    table = table.rename(columns={"column": "criterion", "segment": "name"})
    table["segment"] = table["name"].map(number).fillna(0).astype("int64")
    return table.assign(name=table["name"].replace("all", "Everyone"))[DRIFT]
