"""Notebook 08: who is contacted with what, who is held out, and the files for other systems and teams."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.activation import variants
from seglib.activation.briefs import brief, pages
from seglib.activation.deliver import code, of_the_company, without_bounced, write_all
from seglib.activation.lists import private_text
from seglib.activation.rules import NOT_USED, arm, best_product, changes, count, gate, plan_actions, tally
from seglib.activation.shown import COUNTED, changed_tier, few_moved, strayed, unsaid
from seglib.activation.told import manifest_of, notes_of
from seglib.activation.trials import with_variants
from seglib.activation.worth import calls, flow, may_be_approached, per_segment, spending, tiered
from seglib.disclosure.small_cells import blank, unless_small
from seglib.methods.gates import left_out, sentence
from seglib.methods.present import Head, amount, percent, present, shown, spans, whole
from seglib.methods.tiers import TIERS

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.content.content_plan import ContentPlan
    from seglib.core.engine import Table
    from seglib.core.run import Run

TEXTS = ("stage", "offer", "message", "channel", "trial", "variant", "reason", "tier", "product")
PARTS = [*COUNTED]
NO_TRIAL = "No offer has variants (content.offers[].trial)."
HEADS = {"contact": "contacted", "calls": "on the sales list", "self_service": "self-service"}


@dataclass(frozen=True)
class Audience:
    """Who gets which offer, who is held out, who may not be contacted; whom sales calls and who gets which service.

    Parameters
    ----------
    members : Table
        customer, segment, name, stage, offer, message, channel, arm (contact, holdout or none), reason (of none), tier,
        product (the next one to show), trial and variant (null without one), rank and expected_minor (on the sales
        list, else null).
    counts : DataFrame
        Per segment: segment, name, identity, customers, with_offer, reachable, contact, held_out, not_allowed,
        no_offer, holdout_share with its interval holdout_low and holdout_high, calls, expected_minor, and the tiers
        premium, standard and self_service.
    unsaid : tuple of str
        Which counts are not shown, as `shown.unsaid` names them.
    suppressed : DataFrame
        reason, customers: why nobody is contacted, over all segments.
    moves : DataFrame
        event (entered, left, changed, stayed), why, customers, against last quarter's audience; empty without one.
    tier_moves : DataFrame
        before, now, customers: service tiers of those who are in both quarters.
    manifest : dict
        Destinations, rules of hold-out and consent, and the audience codes used in the files.
    notes : tuple of str
        What a reader must know.
    floor : int
        Smallest count that is shown.
    currency : str
        Of `expected_minor`, which has `decimals` digits after the point.
    left_out : str
        Which segments are not exported, why, and how many customers that concerns.
    trials : DataFrame
        What each trial of variants can answer, see `variants.foreseen`.
    asked : tuple of str
        The same in words, said before anything is sent.
    """

    STEP: ClassVar[str] = "08_activation"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"members": ("customer",)}

    members: Table
    counts: pd.DataFrame
    unsaid: tuple[str, ...]
    suppressed: pd.DataFrame
    moves: pd.DataFrame
    tier_moves: pd.DataFrame
    manifest: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    floor: int = 10
    currency: str = ""
    decimals: int = 2
    left_out: str = ""
    trials: pd.DataFrame = field(default_factory=pd.DataFrame)
    asked: tuple[str, ...] = ()

    def parts(self) -> pd.DataFrame:
        """Give how many of each segment are contacted, held out, not allowed or without an offer, where it is shown."""
        names = pd.DataFrame({part: self.counts["segment"].astype(str) + f" {part}" for part in PARTS})
        return self.counts[PARTS].astype("Int64").mask(names.isin(self.unsaid))

    def table(self) -> pd.DataFrame:
        """Give the counts per segment; a count below the floor is blank, and so is what would give it away."""
        parts = self.parts()
        seen = parts["contact"].notna() & parts["held_out"].notna() & (self.counts["reachable"] > 0)
        ends = ["holdout_share", "holdout_low", "holdout_high"]
        told = self.counts.assign(**parts, **self.counts[ends].where(seen))
        told = told.assign(interval=spans(told, percent, "holdout_low", "holdout_high"))
        heads: dict[str, Head] = {"name": "segment"}
        heads |= {word: (HEADS.get(word, word.replace("_", " ")), whole) for word in ["customers", *PARTS]}
        return present(told, heads | {"holdout_share": ("share held out", percent), "interval": "95% interval"})

    def master(self) -> pd.DataFrame:
        """Give the one table from which every team's page is cut."""
        tiers = [name.replace("-", "_") for name in TIERS]
        words = self.parts().join(unless_small(self.counts[tiers], self.floor))
        words = words.join(blank(self.counts[["calls"]], self.floor))
        money = pd.Series(shown(self.counts["expected_minor"] / 10**self.decimals, amount), self.counts.index)
        told = self.counts.assign(**words, expected=money.where(words["calls"].notna(), ""))
        heads: dict[str, Head] = {"name": "segment", "customers": ("customers", whole)}
        heads |= {word: (HEADS.get(word, word.replace("_", " ")), whole) for word in [*PARTS, *tiers, "calls"]}
        return present(told, heads | {"expected": f"expected from the list ({self.currency})"})

    def brief(self, team: str) -> pd.DataFrame:
        """Give the page of a team: marketing, sales or service."""
        return brief(self.master(), team)

    def reasons(self) -> pd.DataFrame:
        """Give why customers are not contacted, over all segments; a small count is blank, and what gives it away."""
        told = self.suppressed["customers"].mask(self.suppressed["reason"].isin(self.unsaid))
        return present(self.suppressed.assign(customers=told), {"reason": "reason", "customers": ("customers", whole)})

    def rules(self) -> pd.DataFrame:
        """Give the rules by which the audience was made."""
        named = {"destination": "files for", "holdout_share": "share held out", "holdout_rule": "held out by"}
        named |= {"consent_rule": "contacted only with", "money": "money of tiers and of the sales list"}
        told = self.manifest | {"holdout_share": percent(float(self.manifest["holdout_share"]))}
        return pd.DataFrame({"rule": list(named.values()), "what it says": [str(told[key]) for key in named]})

    def check(self) -> str:
        """Say whether the hold-out has the planned share, overall and in each segment."""
        reachable, held = int(self.counts["reachable"].sum()), int(self.counts["held_out"].sum())
        if not reachable:
            return "Nobody can be reached, so nobody is held out."
        share, planned = held / reachable, float(self.manifest["holdout_share"])
        hidden = {"all contact", "all held_out"} & set(self.unsaid)
        text = "" if hidden else f"{reachable:,} customers can be reached; "
        text += f"{share:.0%} of those who can be reached are held out where {planned:.0%} was planned"
        odd = strayed(self.counts, planned)["name"].tolist()
        return f"{text}; look at {', '.join(odd)}." if odd else f"{text}, and no segment strays from it beyond chance."

    def variants(self) -> pd.DataFrame | str:
        """Show which difference between its variants each trial would show, for all segments and for each."""
        return variants.table(self.trials, self.floor) if len(self.trials) else NO_TRIAL

    def turnover(self) -> pd.DataFrame:
        """Give who entered, left, changed offer or stayed since last quarter, and why; no small count follows."""
        counts = self.moves[["customers"]].astype("Int64").mask(few_moved(self.moves, self.floor), axis=0)
        shown = self.moves[["event", "why"]].join(counts)
        return present(shown, {"event": "since last quarter", "why": "why", "customers": ("customers", whole)})

    def service(self) -> str:
        """Say how many customers changed their service tier since last quarter."""
        total = int(self.tier_moves["customers"].sum()) if len(self.tier_moves) else 0
        if not total:
            return "First quarter with service tiers: nobody could change one."
        moved = int(self.tier_moves.loc[self.tier_moves["before"] != self.tier_moves["now"], "customers"].sum())
        return changed_tier(moved, total, self.floor)


def audiences(
    run: Run,
    content: ContentPlan,
    segmentation: Segmentation,
    stage_of: Table,
    collection: Collection,
    previous: Audience | None = None,
) -> Audience:
    """Give every customer the action of its segment and stage, hold some out, and apply consent last.

    Parameters
    ----------
    run : Run
        Its key makes the hold-out where the company has none of its own, its tables hold the consents.
    content : ContentPlan
        One action per segment and stage, measured effects, and the next products of each customer.
    segmentation : Segmentation
        Everybody's segment.
    stage_of : Table
        customer, stage.
    collection : Collection
        Orders, the company's own hold-out where it has one, and whether there are consents at all.
    previous : Audience, optional
        Last quarter's: who was drawn to be held out then stays held out, and what changed is counted.

    Returns
    -------
    Audience
    """
    before = previous.members if previous else None
    use = (segmentation.segments, run.plan.privacy.floor, run.plan.clustering.use_unstable)
    out = left_out(*use)["segment"]
    planned = plan_actions(segmentation, stage_of, content.actions, run.engine, out.tolist())
    armed = arm(planned, run.key, run.plan.activation.holdout_share, before, collection.held_out)
    gated = gate(armed, collection.consent, run.tables.people)
    frame: pd.DataFrame = without_bounced(run, run.engine.frame(gated.order_by("customer")))
    frame["reason"] = frame["reason"].mask(frame["segment"].isin(out), NOT_USED)
    frame, trials = with_variants(run, frame, collection, before)
    spent = spending(collection.orders, run.quarter.as_of, run.engine)
    earlier = None
    if before is not None and "tier" in before.columns:
        earlier = run.engine.frame(before.select("customer", "tier"))
    tier = tiered(frame, spent, run.plan, earlier)
    purpose = run.plan.activation.sales_purpose
    may = may_be_approached(collection.consent, run.tables.people, purpose, run.engine) - of_the_company(run)
    first = calls(frame[~frame["segment"].isin(out)], spent, content.response, run.plan, may)
    frame = frame.assign(tier=tier.reindex(frame["customer"]).to_numpy()).merge(first, on="customer", how="left")
    frame = frame.merge(best_product(content.lists, run.engine), on="customer", how="left")
    members = run.engine.memory(frame.astype({"rank": "Int64", **dict.fromkeys(TEXTS, "string")}))
    counts = count(tally(frame), segmentation.segments).merge(per_segment(frame), how="left", on="segment")
    counts = counts.fillna({"calls": 0, **{name.replace("-", "_"): 0 for name in TIERS}})
    held_back = frame[frame["arm"] == "none"].groupby("reason").size().rename("customers").reset_index()
    then = earlier.set_index("customer")["tier"] if earlier is not None else pd.Series(dtype="str")
    return Audience(
        members,
        counts,
        unsaid(frame, content.actions, run.plan.privacy.floor),
        held_back.sort_values(["customers", "reason"], ascending=[False, True], ignore_index=True),
        changes(members, before, run.engine),
        flow(tier, then),
        manifest_of(run, segmentation),
        notes_of(run, collection, content, counts),
        run.plan.privacy.floor,
        run.plan.currency,
        run.plan.money_decimals,
        sentence(*use, "no export"),
        *trials,
    )


def export(run: Run, audience: Audience) -> tuple[str, ...]:
    """Publish the audience with the files of all destinations and teams in the private run folder.

    Parameters
    ----------
    run : Run
    audience : Audience

    Returns
    -------
    tuple of str
        What was handed on, and for each destination how many rows its file has.

    Raises
    ------
    PrivacyRefused
        When a finished file holds a person who has not agreed; then there is no file.
    """
    said: list[str] = []
    codes = pd.Series(
        [code(int(identity)) for identity in audience.counts["identity"]],
        index=audience.counts["segment"],
    )
    members: pd.DataFrame = run.engine.frame(audience.members.order_by("customer"))
    told = {key: value for key, value in audience.manifest.items() if key != "codes"}  # names stay in the house

    def files(folder: Path) -> None:
        said.extend(write_all(run, members, codes, told, folder))
        for name, text in pages(audience.master(), run.plan.title or run.study, run.quarter.text).items():
            private_text(folder / name, text)

    return (run.write(audience, files=files), *said)
