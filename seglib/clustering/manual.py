"""Segments by written rules: the names of the RFM score cells, and the rules that the analyst adds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.clustering.purses import told, with_largest
from seglib.clustering.scorer import assign_rfm, assign_rules
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.disclosure.small_cells import in_rows
from seglib.methods.present import Head, percent, present, whole
from seglib.methods.present import shown as kept_back
from seglib.methods.rfm import BINS, RULES, Rfm, domains
from seglib.methods.rule_text import Compare, Missing, Node, atoms, changed
from seglib.methods.rules import OTHERS, Domain, diff, lint, read, sound
from seglib.methods.shares import bounded

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.engine import Table
    from seglib.core.sections import Scores
    from seglib.criteria.features import Features

PLACE = "plan.yml, clustering.rules"
RFM_PLACE = "plan.yml, clustering.rfm.rules"
NO_RULES = "No rules of your own: write them in plan.yml under clustering.rules, one name and one condition each."


def fit_rfm(frame: pd.DataFrame, settings: Scores, unit: int) -> Rfm:
    """Learn the edges of the scores, and prove the plan's names of the cells before they are used.

    Parameters
    ----------
    frame : DataFrame with recency_days, order_count, monetary
    settings : Scores
        The plan's ``clustering.rfm``.
    unit : int
        Minor units of money in a main unit.

    Raises
    ------
    InputRefused
        P08, when a rule is not understood, or the rules are not disjoint and complete over all score cells.
    """
    rules = check_scores(settings)
    fitted = Rfm.fit(frame, settings.bins, settings.mode, unit)
    return Rfm.from_dict({**fitted.to_dict(), "rules": dict(rules), "edges": settings.edges})


def check_scores(settings: Scores) -> Mapping[str, str]:
    """Return the names of the score cells, proved to be disjoint and complete; no data are needed for that.

    Raises
    ------
    InputRefused
        P08, when a rule is not understood, or the rules are not disjoint and complete over all score cells.
    """
    rules = settings.rules or RULES
    if not settings.rules and settings.bins != BINS:
        raise InputRefused(_unnamed(settings.bins))
    known = domains(settings.bins)
    for name, tree in read(rules, RFM_PLACE).items():
        for atom in atoms(tree):
            if atom.name not in known:
                raise InputRefused(_unknown(atom.name, tuple(known), f"{RFM_PLACE}.{name}"))
    sound(rules, known, RFM_PLACE)
    return rules


def rescored(labels: Table, features: Features, rfm: Rfm) -> tuple[Table, pd.DataFrame]:
    """Name the score cells anew: labels with rfm_segment, and customers by segment and rfm_segment."""
    both = features.values.inner_join(labels.select("customer", "segment"), "customer")
    named = assign_rfm(both, rfm).select("customer", "segment", "rfm_segment")
    counted = named.group_by("segment", "rfm_segment").aggregate(customers=named.count())
    return named, counted.order_by("segment", "rfm_segment").to_pandas()


def resolve(rules: Mapping[str, str], features: Features) -> dict[str, Node]:
    """Read rules and check them against the criteria of the study.

    Parameters
    ----------
    rules : mapping from name to rule text
        Names of criteria as in the catalogue; a criterion of money may be written without its ending, then in
        main units: ``monetary >= 500`` is ``monetary_minor >= 50000``.
    features : Features

    Raises
    ------
    InputRefused
        P08, when a rule is not understood, names an unknown criterion, or compares a word with a number.
    """
    schema, minor = features.values.schema(), features.minor_per_major
    words = {name for name, kind in schema.items() if kind.is_string()} - {"customer"}
    money = {name.removesuffix("_minor"): name for name in schema if name.endswith("_minor")}
    known = tuple(name for name in (*schema, *money) if name != "customer")

    def change(atom: Compare | Missing, place: str) -> Node:
        if atom.name not in known:
            raise InputRefused(_unknown(atom.name, known, place))
        if isinstance(atom, Missing):
            return Missing(money.get(atom.name, atom.name))
        if isinstance(atom.value, str) != (atom.name in words):
            raise InputRefused(_wrong_kind(atom.name, atom.name in words, place))
        if atom.name in schema or isinstance(atom.value, str):
            return atom
        return Compare(money[atom.name], atom.sign, round(atom.value * minor, 6))

    trees = read(rules, PLACE).items()
    return {name: changed(tree, partial(change, place=f"{PLACE}.{name}")) for name, tree in trees}


def by_rules(segmentation: Segmentation, features: Features, floor: int = 10) -> pd.DataFrame | str:
    """Show whom the analyst's own rules name, and in which segment most of them are.

    Parameters
    ----------
    segmentation : Segmentation
        Holds the rules and the labels.
    features : Features
    floor : int
        Rows of fewer customers are blank, and one more where it would give the first away.

    Returns
    -------
    DataFrame, or a sentence when there are no rules
    """
    if not segmentation.rules:
        return NO_RULES
    named = assign_rules(features.values, resolve(segmentation.rules, features))
    both = named.inner_join(segmentation.labels.select("customer", "segment"), "customer")
    counts = both.group_by("rule", "segment").aggregate(customers=both.count())
    crossed = counts.order_by("rule", "segment").to_pandas()
    placed, money = with_largest(named, "monetary_minor", "rule")
    sums = placed.group_by("rule").aggregate(customers=placed.count(), **money).order_by("rule").to_pandas()
    rows = sums.set_index("rule").reindex([*segmentation.rules, OTHERS], fill_value=0)
    few = in_rows(rows.assign(everybody="all"), ["everybody"], floor)
    rows["first"] = rows["first"].mask(few, rows["total"])  # what a blank row spent must not follow from the others
    part = rows["total"].astype(float) / max(float(rows["total"].sum()), 1.0)
    top = crossed.sort_values("customers", kind="stable").groupby("rule").tail(1).set_index("rule")
    names = segmentation.segments.set_index("segment")["name"]
    shown = rows.assign(
        rule=rows.index,
        share=rows["customers"] / features.customers,
        money_share=kept_back(part.where(told(rows)), percent),
        most=top["segment"].map(names),
        most_share=bounded((top["customers"] / rows["customers"]).reindex(rows.index), rows["customers"], floor),
    )
    numbers = [name for name in shown if name != "rule"]
    shown[numbers] = shown[numbers].astype(object).mask(few)
    heads: dict[str, Head] = {
        "rule": "rule",
        "customers": ("customers", whole),
        "share": ("share of customers", percent),
        "money_share": ("share of revenue", str),
        "most": ("most of them in", str),
        "most_share": ("share there", str),
    }
    return present(shown, heads)


def findings(segmentation: Segmentation, features: Features) -> pd.DataFrame | str:
    """Say which cases the analyst's own rules leave out, name twice, or can never reach.

    Returns
    -------
    DataFrame with finding, cases, first, rules; or a sentence when there is nothing to say
    """
    if not segmentation.rules:
        return NO_RULES
    found = lint(resolve(segmentation.rules, features), _domains(features))
    if found.empty:
        return "The rules name every customer exactly once."
    grouped = found.groupby(["finding", "rules"], sort=False)["cell"].agg(["size", "first"]).reset_index()
    return grouped.rename(columns={"size": "cases", "first": "first case"})[["finding", "rules", "cases", "first case"]]


def rule_changes(segmentation: Segmentation, previous: Segmentation | None) -> pd.DataFrame | str:
    """Compare the rules with last quarter's, those of the RFM cells and the analyst's own.

    Returns
    -------
    DataFrame with rule, change, before, now; or a sentence when nothing has changed
    """
    if previous is None:
        return "No earlier quarter: these are the first rules."
    pairs = ((previous.rfm.rules, segmentation.rfm.rules), (previous.rules, segmentation.rules))
    found = pd.concat([diff(before, now) for before, now in pairs], ignore_index=True)
    rows = found[found["change"] != "same"].reset_index(drop=True)
    return rows if len(rows) else f"The same {len(found)} rules as last quarter."


def _domains(features: Features) -> dict[str, Domain]:
    missing = features.catalogue.set_index("name")["missing_share"]
    schema: Any = features.values.schema()
    return {
        name: Domain(low=0.0, whole=schema[name].is_integer(), may_miss=bool(missing[name] > 0))
        for name in missing.index
        if schema[name].is_numeric()
    }


def _unnamed(bins: int) -> Finding:
    what = "the default names of the score cells are for five scores"
    return Finding("P08", what, RFM_PLACE, found=f"{bins} scores", do="write rules in r_score, f_score and m_score")


def _unknown(name: str, known: tuple[str, ...], place: str) -> Finding:
    return Finding("P08", f"no criterion called '{name[:40]}'", place, do=nearest(name, known))


def _wrong_kind(name: str, is_word: bool, place: str) -> Finding:
    do = f"{name} = 'word'" if is_word else f"{name} > 1"
    what = f"'{name}' holds {'words' if is_word else 'numbers'}"
    return Finding("P08", what, place, do=f"compare it like this: {do}")
