"""What the variants of an offer showed: each against the first, in all segments together and in each."""

from __future__ import annotations

import math
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pandas as pd

from seglib.core.intake.ends import covered_until
from seglib.core.quarters import written_day
from seglib.disclosure.small_cells import in_rows
from seglib.evaluation.campaigns import provisional
from seglib.evaluation.effects import SIGNIFICANT
from seglib.evaluation.health import CONTAMINATED_LIMIT_SHARE, FIND, split, split_in_segments
from seglib.evaluation.standing import UNPLACED, placed
from seglib.methods.experiments import ALL, SRM_LIMIT, adjusted, effects, sample_ratio
from seglib.methods.present import Head, chance, percent, points, present, whole
from seglib.methods.shares import bounded
from seglib.methods.winners import winner

if TYPE_CHECKING:
    from seglib.activation.audience import Audience
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run
    from seglib.core.trials import Trial

TRIALS = [
    *("campaign", "against", "segment", "name", "arm", "n", "n_control", "rate", "rate_control", "effect"),
    *("effect_low", "effect_high", "p_adjusted", "foretold", "provisional"),
]
NO_TRIAL = "No trial of variants has an answer yet."
NOT_BACK = "no contact of it has come back. Hand in expected_contacts.csv with sent_at as contacts once it is sent."


class Variants:
    """Frames with readable heads, from the trials of `Scorecard`."""

    trials: pd.DataFrame

    def variants(self) -> pd.DataFrame | str:
        """Show each variant against the first, with the difference that was to show before anything was sent."""
        rows = self.trials
        if rows.empty:
            return NO_TRIAL
        heads: dict[str, Head] = {"campaign": "trial", "name": "segment", "arm": "variant", "against": "against"}
        heads |= {"sizes": "customers", "rates": "who ordered", "said": "difference in points"}
        heads |= {"foretold": ("was to show from", lambda share: points(share).lstrip("+"))}
        told = rows.assign(
            sizes=[f"{whole(a)} / {whole(b)}" for a, b in zip(rows["n"], rows["n_control"], strict=True)],
            rates=[f"{percent(a)} / {percent(b)}" for a, b in zip(rows["rate"], rows["rate_control"], strict=True)],
            said=[_span(row) for row in rows.to_dict("records")],
            foretold=rows["foretold"].where(np.isfinite(rows["foretold"].astype(float))),
        )
        return present(told, heads | {"p_adjusted": ("p, adjusted", chance)})


def answers(
    run: Run,
    collection: Collection,
    fixed: Segmentation,
    earlier: Segmentation | None,
    audience: Audience | None,
    made_now: bool = False,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Compare the variants of each trial of the plan, over all its contacts whose time to order is over.

    Parameters
    ----------
    run : Run
    collection : Collection
        Contacts with the trial's campaign and a variant as arm, and orders.
    fixed, earlier, made_now
        Segments by which the effects are read, as in `campaigns.measure`.
    audience : Audience or None
        Last quarter's: who was drawn to which variant, and which difference was to show.

    Returns
    -------
    tuple of DataFrame and sentences
        `TRIALS`, segment 0 for all together; and one sentence per trial.
    """
    tables, said = [], []
    for offer in run.plan.content.offers:
        if offer.trial is None:
            continue
        people, open_ = _sent(run, collection, offer.trial)
        since = run.quarter.as_of if made_now else run.quarter.start
        rows = run.engine.frame(
            placed(people, run.quarter, fixed, since, earlier).order_by("customer")
        ) if people is not None else pd.DataFrame()  # fmt: skip
        lead = f"{offer.trial.campaign}: "
        reason = _unsound(rows, offer.trial, run, fixed, audience)
        if reason:
            said.append(lead + reason)
            continue
        found = _compared(rows, open_, offer.trial, run, fixed, audience)
        tables.append(found)
        said.append(lead + _said(found, rows, offer.trial))
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=TRIALS)
    return table[TRIALS], tuple(said)


def _sent(run: Run, collection: Collection, trial: Trial) -> tuple[Table | None, int]:
    """Give each customer who got a variant with what came of it, and how many of them still have time to order."""
    contacts, orders = collection.contacts, collection.orders
    if contacts is None:
        return None, 0
    as_of = run.quarter.as_of
    end = min(datetime.combine(trial.until + timedelta(days=1), time()), as_of)
    window = ibis.interval(days=run.plan.evaluation.outcome_days)
    sent = contacts.filter((contacts.campaign == trial.campaign) & (contacts.sent_at < end))
    is_variant = sent.arm.isin([variant.name for variant in trial.variants])
    each = sent.group_by("customer").agg(
        arm=sent.arm.min(where=is_variant), arms=sent.arm.nunique(), sent_at=sent.sent_at.min()
    )
    each = each.filter(each.arm.notnull())
    over = each.sent_at + window <= min(covered_until(collection, as_of), as_of)
    open_ = int(run.engine.scalar(each.filter(~over).count()))
    known = each.filter(over)
    near = known.inner_join(orders.select("customer", "ordered_at", "amount_minor"), "customer")
    near = near.filter((near.ordered_at >= near.sent_at) & (near.ordered_at < near.sent_at + window))
    sums = near.group_by("customer").agg(revenue=near.amount_minor.sum())
    joined = known.left_join(sums, "customer")
    return joined.select(
        "customer", "arm", "arms", "sent_at",
        converted=joined.revenue.notnull().cast("int64"), revenue=joined.revenue.fill_null(0).cast("float64"),
    ), open_  # fmt: skip


def _unsound(rows: pd.DataFrame, trial: Trial, run: Run, fixed: Segmentation, audience: Audience | None) -> str:
    """Say why a trial gives no answer; "" where it does."""
    names = [variant.name for variant in trial.variants]
    drawn = _drawn(run, trial, audience)
    if rows.empty:
        return NOT_BACK if len(drawn) else "it is sent for the first time after this quarter."
    floor, twice = run.plan.privacy.floor, float((rows["arms"] > 1).mean())
    if twice > CONTAMINATED_LIMIT_SHARE:
        who = _part(twice, len(rows), floor)
        return f"blocked. {who} of its customers were in more than one arm, so nobody knows which one counts."
    single = rows[rows["arms"] == 1]
    then = single["customer"].map(drawn).dropna()
    other = float((single.loc[then.index, "arm"] != then).mean()) if len(then) else 0.0
    if other > CONTAMINATED_LIMIT_SHARE:
        return f"blocked. {_part(other, len(then), floor)} of its customers got another variant than was drawn: {FIND}"
    counts = {name: int((single["arm"] == name).sum()) for name in names}
    if few := [name for name in names if counts[name] < floor]:
        return f"fewer than {floor} customers got {', '.join(few)} so far, so nothing is said."
    planned = {variant.name: variant.share for variant in trial.variants}
    if (p := sample_ratio(counts, planned)) < SRM_LIMIT:
        return f"blocked. {split(counts, planned)}, p = {p:.1g}: {FIND}"
    parts, called = split_in_segments(single, planned), fixed.segments.set_index("segment")["name"]
    broken = ", ".join(called[segment] for segment in parts.index[parts < SRM_LIMIT])
    return f"blocked. In {broken} the variants do not have the planned sizes: {FIND}" if broken else ""


def _part(share: float, of: int, floor: int) -> str:
    """Write which part of the customers, at the start of a sentence; of few only the bound."""
    (text,) = bounded([share], of, floor)
    return text[:1].upper() + text[1:] or f"Fewer than {floor}"


def _drawn(run: Run, trial: Trial, audience: Audience | None) -> dict[str, str]:
    """Name the variant of each customer of last quarter's audience."""
    if audience is None or "variant" not in audience.members.columns:
        return {}
    members = audience.members.filter((audience.members.trial == trial.campaign) & audience.members.variant.notnull())
    known = run.engine.frame(members.select("customer", "variant"))
    return dict(zip(known["customer"], known["variant"], strict=True))


def _compared(
    rows: pd.DataFrame, open_: int, trial: Trial, run: Run, fixed: Segmentation, audience: Audience | None
) -> pd.DataFrame:
    """Compare each variant with the first, in groups that may be shown."""
    floor, names = run.plan.privacy.floor, [variant.name for variant in trial.variants]
    single = rows[rows["arms"] == 1]
    found = effects(single[["segment", "arm", "converted", "revenue"]], names[0])
    is_over = run.quarter.as_of.date() > trial.until and not open_
    share = len(single) / (len(single) + open_)
    found = adjusted(provisional(found[found["segment"] != UNPLACED], 1.0 if is_over else min(share, 0.99)))
    found = found[_may_be_told(found, single, names[0], floor)]
    number = found["segment"].where(found["segment"] != ALL, 0).astype("int64")
    called = fixed.segments.set_index("segment")["name"]
    foretold = _foretold(trial, audience)
    found = found.assign(
        campaign=trial.campaign,
        against=names[0],
        segment=number,
        name=number.map(called).fillna("everybody"),
        foretold=[foretold.get(name, math.nan) for name in number.map(called).fillna("all segments")],
    )
    return found.sort_values(["segment", "arm"], ignore_index=True)[TRIALS]


def _may_be_told(found: pd.DataFrame, single: pd.DataFrame, first: str, floor: int) -> pd.Series[bool]:
    """Choose the comparisons of which no group is small, nor follows as a small one from all less the others."""
    cells = single.groupby(["segment", "arm"]).size().rename("customers").reset_index()
    told = cells[~in_rows(cells, ["arm"], floor)].set_index(["segment", "arm"]).index
    arms, firsts = ([*zip(found["segment"], arm, strict=True)] for arm in (found["arm"], [first] * len(found)))
    inside = [arm in told and control in told for arm, control in zip(arms, firsts, strict=True)]
    return (found["segment"] == ALL) | pd.Series(inside, found.index, dtype=bool)


def _foretold(trial: Trial, audience: Audience | None) -> dict[str, float]:
    """Give the difference that was to show, by the segment's name, as notebook 08 said it before sending."""
    trials = getattr(audience, "trials", pd.DataFrame())
    if not len(trials):
        return {}
    part = trials[(trials["campaign"] == trial.campaign) & trials["told"].astype(bool)]
    return dict(zip(part["name"], part["visible"], strict=True))


def _said(found: pd.DataFrame, rows: pd.DataFrame, trial: Trial) -> str:
    parts = []
    everybody: list[dict[Any, Any]] = found[found["segment"] == 0].to_dict("records")
    for row in everybody:
        text = f"{row['arm']} against {row['against']}: the share of buyers differs by {_span(row)} points"
        clear = row["p_adjusted"] < SIGNIFICANT
        parts.append(f"{text}, {'beyond chance' if clear and not row['provisional'] else 'cannot tell'}")
    text = "; ".join(parts) + "."
    if any(row["provisional"] for row in everybody):
        day = written_day(trial.until)
        return f"provisional until its planned end, {day}, and the time to order after it; no winner yet. {text}"
    return f"{text} {_best(rows, trial)}"


def _best(rows: pd.DataFrame, trial: Trial) -> str:
    """Tell the best variant without the luck that made it the best."""
    names = [variant.name for variant in trial.variants]
    groups = rows[rows["arms"] == 1].groupby("arm")["converted"].agg(["sum", "size"]).loc[names]
    shrunk = (groups["sum"] + 1) / (groups["size"] + 2)
    best = winner(groups["sum"] / groups["size"], np.diag(shrunk * (1 - shrunk) / (groups["size"] + 2)))
    if best.is_tied:
        return f"Several did equally well: {percent(best.seen)} ordered, so none is the best."
    return (
        f"{names[best.place]} did best of {len(names)}: {percent(best.seen)} ordered. The best of several owes part of "
        f"its lead to luck; the interval that takes that off goes from {percent(max(best.low, 0))} to "
        f"{percent(min(best.high, 1))}."
    )


def _span(row: dict[Any, Any]) -> str:
    return f"{100 * row['effect']:+.1f} ({100 * row['effect_low']:+.1f} to {100 * row['effect_high']:+.1f})"
