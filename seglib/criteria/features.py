"""Notebook 03: one row per customer, one column per criterion, and a catalogue that explains each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from seglib.core.engine import fused
from seglib.core.errors import Finding, InputRefused
from seglib.core.intake.ends import covered_until
from seglib.core.lookups import dated
from seglib.criteria.bins import histogram, known_for, levels
from seglib.criteria.catalogue import chosen, every, in_money, missing
from seglib.criteria.criterion import Clock
from seglib.criteria.gaps import FLAG, flags, usable
from seglib.criteria.geographic import settled
from seglib.criteria.guard import divide, refuse_proxies
from seglib.criteria.names import plain as plain
from seglib.criteria.own import in_groups
from seglib.criteria.psychographic import unanswered
from seglib.criteria.summary import QUARTILES, catalogue, summary
from seglib.criteria.table import derive, tabulate, with_sources
from seglib.methods.present import Head, percent, plain_number, present, whole, yes

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run
    from seglib.criteria.appraisal import Appraisal
    from seglib.criteria.response import Survey
    from seglib.criteria.rollup import Accounts
    from seglib.objectives.objectives import Objectives

TYPICAL = {"low": "lower quarter", "median": "median", "high": "upper quarter"}
SHOWN = ["family", "criterion", "meaning", "unit", "role", "clusters", "customers", "missing_share", *QUARTILES]


@dataclass(frozen=True)
class Features:
    """What is known about every customer who bought in the window, as of the end of the quarter.

    Parameters
    ----------
    values : Table
        One row per customer, one column per criterion.
    catalogue : DataFrame
        One row per criterion: name, family, role, unit, kind, meaning, clusters (whether it makes the segments),
        follows (whether it follows from the customer's orders, as RFM does), customers (for whom it is known),
        missing_share, and the quartiles low, median, high of numbers.
    use : tuple of str
        The criteria that make the segments.
    customers : int
        Rows of `values`.
    currency : str
        ISO 4217 code of the money.
    minor_per_major : int
        Minor units in one main unit of it.
    notes : tuple of str
        What could not be computed, and what would allow it.
    floor : int
        Smallest number of customers that may be told.
    """

    STEP: ClassVar[str] = "03_criteria"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"values": ("customer",)}

    values: Table
    catalogue: pd.DataFrame
    use: tuple[str, ...]
    customers: int
    currency: str
    minor_per_major: int
    notes: tuple[str, ...]
    floor: int = 2

    def histogram(self, floor: int = 10) -> pd.DataFrame:
        """Count customers in about twenty bins of each criterion that may make segments.

        Parameters
        ----------
        floor : int
            Bins with fewer customers than this are left empty.

        Returns
        -------
        DataFrame
            criterion, unit, low, high (in main units of money; the last bin takes all above), customers, last (value
            at which the last bin starts), median.
        """
        return histogram(self, floor)

    def describe(self, family: str | None = None) -> pd.DataFrame:
        """Return the catalogue as people read it: main units of money, shares rounded, one family or all.

        Parameters
        ----------
        family : str, optional
            For example ``"rfm"``; all when omitted.
        """
        rows = self.catalogue if family is None else self.catalogue[self.catalogue["family"] == family]
        money = rows["unit"] == "money"
        scale = money.map({True: self.minor_per_major, False: 1})
        shown = rows.assign(criterion=rows["name"].map(plain), unit=rows["unit"].mask(money, self.currency))
        shown = shown.assign(**{column: (rows[column] / scale).round(2) for column in QUARTILES})
        return shown[SHOWN].round({"missing_share": 3}).reset_index(drop=True)

    def levels(self, name: str, floor: int) -> pd.DataFrame | str:
        """Show how customers spread over the words of a criterion.

        Parameters
        ----------
        name : str
            A criterion of kind category; a sentence stands for one that this study does not have.
        floor : int
            Counts below it are blank, and so is the smallest other one where a difference would give it away.
        """
        if name not in set(self.catalogue["name"]):
            there = "the last list of this notebook names one"
            return f"No file of this study tells the {plain(name)} of customers; {there}."
        heads: dict[str, Head] = {"level": plain(name), "customers": ("customers", whole)}
        heads |= {"share": ("share of customers", percent)}
        return present(levels(self, name, floor), heads)

    def roles(self) -> pd.DataFrame:
        """Count the criteria of each family by role, and those that are about the person."""
        rows = self.catalogue
        counted = pd.crosstab(rows["family"], rows["role"]).reindex(rows["family"].drop_duplicates())
        counted = counted.reindex(columns=["segmentation", "descriptor", "outcome"], fill_value=0)
        counted.columns = ["may make segments", "only describe", "are outcomes"]
        counted["about the person"] = (rows["sensitivity"] != "ordinary").groupby(rows["family"]).sum()
        return counted.reset_index()

    def table(self, which: str = "all") -> pd.DataFrame:
        """Return the catalogue with readable heads.

        Parameters
        ----------
        which : str
            A family such as ``"rfm"``, or ``"mix"`` (of the study's own words), ``"chosen"`` (they make the segments),
            ``"descriptors"``, ``"gaps"`` (not known for everybody), ``"all"``.
        """
        rows = known_for(self)
        own, behaviour = self.catalogue["level"] != "", rows["family"] == "behavioural"
        known = {
            "all": rows["criterion"].notna(),
            "behavioural": behaviour & ~own & (rows["role"] == "segmentation"),
            "mix": behaviour & own,
            "chosen": rows["clusters"].astype(bool),
            "descriptors": rows["role"] == "descriptor",
            "gaps": rows["missing_share"] > 0,
        }
        heads: dict[str, Head] = {"criterion": "criterion", "meaning": "meaning", "unit": "unit"}
        if which == "descriptors":
            heads = {"family": "family", "criterion": "criterion", "meaning": "meaning"}
        if which in ("descriptors", "gaps"):
            heads |= {"known": ("known for", whole), "missing": "not known"}
        else:
            heads |= {end: (head, plain_number) for end, head in TYPICAL.items()}
        if which not in ("chosen", "descriptors"):
            heads |= {"clusters": ("makes segments", yes)}
        return present(rows[known.get(which, rows["family"] == which)], heads)


def compute(collection: Collection, run: Run) -> Features:
    """Compute every criterion that the study's tables allow.

    Parameters
    ----------
    collection : Collection
        What notebook 02 handed on.
    run : Run
        Gives the moment, the plan and the engine.

    Returns
    -------
    Features

    Raises
    ------
    InputRefused
        F03, when nobody bought in the window; P05, when the plan names a criterion that cannot make segments; S08,
        when one of the chosen gives away an outcome; V21, V22 or V24, when too little is known about those chosen, or
        all customers look alike in them.
    PrivacyRefused
        R16, when an attribute tells customers apart; R22, when what is special is named, or given away by one chosen.
    """
    settings, floor, clock = dated(run.plan), run.plan.privacy.floor, clock_of(run, collection)
    criteria, barred, said = divide(every(collection, clock, settings), settings.use)
    criteria = in_money((*criteria, *flags(criteria, settings.gaps)), run.plan.money)
    use = tuple(dict.fromkeys([*chosen(criteria, settings.use), *(c.name for c in criteria if c.name.endswith(FLAG))]))
    with fused():  # several sources read the same lines
        table = tabulate(collection, clock, criteria).cache()  # derived criteria read it more than once
    table, few = in_groups(settled(table, floor, run.engine), settings.attributes, floor, run.engine)
    values = derive(table, clock, criteria).cache()
    facts = run.engine.frame(summary(values, criteria)).iloc[0]
    if not facts["customers"]:
        raise InputRefused(_nobody(clock))
    use, gaps = usable(use, facts, settings.gaps, settings.use, floor)
    targets = [c for c in criteria if c.role == "outcome" or c.sensitivity == "protected"]
    if targets or barred:
        asked = values.select("customer", *use, *(target.name for target in targets))
        refuse_proxies(with_sources(asked, barred, collection, clock), use, [*targets, *barred])
    return Features(
        values=values,
        catalogue=catalogue(criteria, facts, use),
        use=use,
        customers=int(facts["customers"]),
        currency=run.plan.currency,
        minor_per_major=10**run.plan.money_decimals,
        floor=floor,
        notes=(*gaps, *said, *few, *unanswered(settings.items, criteria), *missing(criteria)),
    )


def appraise(features: Features, collection: Collection, objectives: Objectives, run: Run) -> Appraisal:
    """Judge the criteria that may make segments, and propose a set of them.

    Parameters
    ----------
    features : Features
        What `compute` made for the quarter.
    collection : Collection
    objectives : Objectives
        Their metrics are what a criterion should tell.
    run : Run

    Returns
    -------
    Appraisal
        On at most 20,000 customers. Criteria as of the start of the quarter are held against what happened within it,
        so none of them knows the outcome; the customers are drawn from everybody who had bought by then.

    Raises
    ------
    InputRefused
        S08, when a chosen criterion tells an outcome nearly perfectly although it was made from a survey or from words
        of the study: it must have been known only afterwards.
    """
    from seglib.criteria.appraisal import judge  # only notebook 03 pays for it

    return judge(features, collection, objectives, run)


def survey(features: Features, collection: Collection, run: Run) -> Survey:
    """Hold the customers who answered surveys against everybody.

    Parameters
    ----------
    features : Features
    collection : Collection
    run : Run
        Its plan holds the item dictionary.

    Returns
    -------
    Survey
        Items with their scales, response bias, weights that reproduce the shares of everybody, straight lines; empty
        where nobody was asked.
    """
    from seglib.criteria.response import held_against_all

    return held_against_all(features, collection, run)


def accounts(features: Features, collection: Collection, run: Run) -> Accounts:
    """Roll the contacts of companies up to their accounts.

    Parameters
    ----------
    features : Features
    collection : Collection
    run : Run

    Returns
    -------
    Accounts
        Empty where no customer names an account.
    """
    from seglib.criteria.rollup import rolled_up

    return rolled_up(features, collection, run)


def clock_of(run: Run, collection: Collection) -> Clock:
    """Set the clock of a run's quarter, as the plan asks; where the data end before the quarter, it stops with them."""
    settings = run.plan.criteria
    end = covered_until(collection, run.quarter.as_of)
    return Clock(end, settings.window_days, settings.age_bands, run.plan.evaluation.control_arm)


def _nobody(clock: Clock) -> Finding:
    since = f" from {clock.start}" if clock.start else ""
    return Finding(
        "F03",
        f"nobody bought{since} to {clock.as_of.date()}",
        "orders",
        do="choose another quarter, or a longer criteria.window_days",
    )
