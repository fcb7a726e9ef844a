"""What the segmentation as a whole is worth: who was contacted against who was held out by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.evaluation.effects import EFFECTS, SIGNIFICANT, dressed
from seglib.evaluation.health import CONTAMINATED_LIMIT_SHARE, NO_CONTROL
from seglib.methods.experiments import ALL, SRM_LIMIT, effects, sample_ratio
from seglib.methods.kpis import written
from seglib.methods.present import points
from seglib.methods.shares import bounded

if TYPE_CHECKING:
    from seglib.activation.audience import Audience
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run

HELD, CONTACTED = "holdout", "contact"
WORTH = "Worth of the segmentation"  # the answer begins with it


def worth(
    run: Run, collection: Collection, fixed: Segmentation, audience: Audience | None
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Compare, over the whole quarter, everybody of last quarter's audience with those held out of it.

    Parameters
    ----------
    run : Run
    collection : Collection
    fixed : Segmentation
        Last quarter's.
    audience : Audience or None
        Last quarter's; its hold-out was drawn by a keyed hash, or is the company's own.

    Returns
    -------
    tuple of DataFrame, sentence and notes
        Columns of `effects.EFFECTS` with the campaign "hold-out"; empty where there is no answer, and the sentence says
        why. It is the first of the notes.
    """
    nothing = pd.DataFrame(columns=EFFECTS)
    if audience is None:
        note = f"{WORTH}: there is no audience of last quarter with a hold-out to compare with yet."
        return nothing, note, (note,)
    rows = run.engine.frame(_outcomes(run, collection, audience))
    counts = {str(arm): int(n) for arm, n in rows["arm"].value_counts().items()}
    share = float(audience.manifest.get("holdout_share", 0))
    reason = _unsound(rows, counts, share, run.plan.privacy.floor)
    if reason:
        note = f"{WORTH}: {reason}"
        return nothing, note, (note,)
    found = effects(rows.rename(columns={"revenue_minor": "revenue"}), HELD)
    cost = pd.concat([rows, rows.assign(segment=ALL)]).groupby(["segment", "arm"])["cost_minor"].sum()
    priced = found.merge(cost.rename("cost").reset_index(), on=["segment", "arm"], how="left")
    table, notes = dressed(priced.assign(campaign="hold-out", provisional=False), fixed, run)
    said = _said(table, run)
    return table, said, (*filter(None, [said]), *notes)


def _outcomes(run: Run, collection: Collection, audience: Audience) -> Table:
    """Orders of the quarter per member of the audience, and whether they were contacted.

    What was spent before is not taken off, as it is in campaigns: a hold-out that stands for several quarters has
    changed that too.
    """
    quarter, orders = run.quarter, collection.orders
    members = audience.members.filter(audience.members.arm.isin([CONTACTED, HELD])).select("customer", "segment", "arm")
    seen = orders.filter((orders.ordered_at >= quarter.start) & (orders.ordered_at < quarter.as_of))
    sums = seen.group_by("customer").agg(orders=seen.count(), revenue_minor=seen.amount_minor.sum())
    joined = members.left_join(sums, "customer").drop("customer_right")
    counted = ["revenue_minor"]
    if collection.contacts is not None:
        sent = collection.contacts.filter(
            (collection.contacts.sent_at >= quarter.start)
            & (collection.contacts.sent_at < quarter.as_of)
            & (collection.contacts.arm.fill_null("") != run.plan.evaluation.control_arm)
        )
        joined = joined.left_join(
            sent.group_by("customer").agg(contacts=sent.count(), cost_minor=sent.cost_minor.sum()), "customer"
        ).drop("customer_right")
        counted += ["contacts", "cost_minor"]
    whole = {name: joined[name].fill_null(0).cast("int64") for name in counted}
    if collection.contacts is None:
        zero = joined.revenue_minor.fill_null(0).cast("int64") * 0
        whole |= {"contacts": zero, "cost_minor": zero}
    chosen = joined.select("segment", "arm", converted=joined.orders.notnull().cast("int64"), **whole)
    return chosen.order_by("segment", "arm", "converted", "revenue_minor", "cost_minor", "contacts")


def _unsound(rows: pd.DataFrame, counts: dict[str, int], share: float, floor: int) -> str:
    """Say why the hold-out gives no answer, "" where it does."""
    if set(counts) != {CONTACTED, HELD}:
        return f"{NO_CONTROL}; last quarter's audience has nobody held out."
    p = sample_ratio(counts, {CONTACTED: 1 - share, HELD: share}) if 0 < share < 1 else 0.0
    if p < SRM_LIMIT:
        seen = counts[HELD] / sum(counts.values())
        return f"blocked. {share:.1%} were to be held out, {seen:.1%} are, p = {p:.1g}: find the cause first."
    held = rows[rows["arm"] == HELD]
    touched = int((held["contacts"] > 0).sum())
    if touched > CONTAMINATED_LIMIT_SHARE * len(held):
        (few,) = bounded([touched / len(held)], len(held), floor, "{:.0%}".format)
        some = f"{few} of the {len(held):,} customers held out" if few else "customers held out"
        return f"{NO_CONTROL}; {some} were contacted all the same. A hold-out answers only when no campaign reaches it."
    return ""


def _said(table: pd.DataFrame, run: Run) -> str:
    whole: list[dict[Any, Any]] = table[table["segment"] == 0].to_dict("records")
    if not whole:
        return ""
    row, currency = whole[0], run.plan.currency
    value, low, high = (_more(row[f"revenue_effect{end}"], currency) for end in ("", "_low", "_high"))
    text = (
        f"{WORTH}: a contacted customer spent {value} than one held out "
        f"(95% interval {low} to {high}; {row['n']:,} against {row['n_control']:,} customers)"
    )
    if row["revenue_p_adjusted"] < SIGNIFICANT:
        return f"{text}: beyond chance."
    share = f"{points(row['effect'])} ({100 * row['effect_low']:+.1f} to {100 * row['effect_high']:+.1f})"
    return f"{text}: cannot tell, the difference can be chance. In who ordered the difference is {share}."


def _more(amount: float, currency: str) -> str:
    return f"{written(abs(amount), 'money', currency)} {'less' if amount < 0 else 'more'}"
