"""Notebook 08: who is contacted with what, who is held out, and the file for the CRM."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import ibis
import pandas as pd

from seglib.activation.export import Format, Written, read_format, recheck, write
from seglib.activation.rules import arm, changes, count, gate, plan_actions, tally
from seglib.methods.present import Head, percent, present, spans, whole

if TYPE_CHECKING:
    from seglib.clustering import Segmentation
    from seglib.collection import Collection
    from seglib.content import ContentPlan
    from seglib.core.engine import Table
    from seglib.core.run import Run

HEADS = {"contact": "contacted"}
PRIVATE = ("email", "phone", "first_name", "last_name")


@dataclass(frozen=True)
class Audience:
    """Who gets which offer, who is held out, and who may not be contacted.

    Parameters
    ----------
    members : Table
        customer, segment, name, stage, offer, message, channel, arm (contact, holdout or none), reason (of none).
    counts : DataFrame
        Per segment: segment, name, identity, customers, with_offer, reachable, contact, held_out, not_allowed,
        no_offer, holdout_share with its interval holdout_low and holdout_high.
    suppressed : DataFrame
        reason, customers: why nobody is contacted, over all segments.
    delta : dict
        Against last quarter's audience: entered, left, changed, stayed; empty without one.
    manifest : dict
        Destination, rule of the hold-out, and the audience codes used in the file.
    notes : tuple of str
        What a reader must know.
    floor : int
        Smallest count that is shown.
    """

    STEP: ClassVar[str] = "08_activation"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {"members": ("customer",)}

    members: Table
    counts: pd.DataFrame
    suppressed: pd.DataFrame
    delta: dict[str, int]
    manifest: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    floor: int = 10

    def table(self) -> pd.DataFrame:
        """Give the counts per segment, rounded; counts below the floor are blank."""
        words = ["customers", "reachable", "contact", "held_out", "not_allowed", "no_offer"]
        seen = self.counts["held_out"] >= self.floor
        ends = ["holdout_share", "holdout_low", "holdout_high"]
        told = self.counts.assign(**blank(self.counts[words], self.floor), **self.counts[ends].where(seen))
        told = told.assign(interval=spans(told, percent, "holdout_low", "holdout_high"))
        heads: dict[str, Head] = {"name": "segment"}
        heads |= {word: (HEADS.get(word, word.replace("_", " ")), whole) for word in words}
        return present(told, heads | {"holdout_share": ("share held out", percent), "interval": "95% interval"})

    def reasons(self) -> pd.DataFrame:
        """Give why customers are not contacted, over all segments; counts below the floor are blank."""
        return self.suppressed[["reason"]].join(blank(self.suppressed[["customers"]], self.floor))

    def rules(self) -> pd.DataFrame:
        """Give the rules by which the audience was made."""
        named = {"destination": "file for", "holdout_share": "share held out", "holdout_rule": "held out by"}
        named |= {"consent_rule": "contacted only with"}
        told = self.manifest | {"holdout_share": percent(float(self.manifest["holdout_share"]))}
        return pd.DataFrame({"rule": list(named.values()), "what it says": [str(told[key]) for key in named]})

    def check(self) -> str:
        """Say whether the hold-out has the planned share, overall and in each segment."""
        reachable, held = int(self.counts["reachable"].sum()), int(self.counts["held_out"].sum())
        if not reachable:
            return "Nobody can be reached, so nobody is held out."
        share, planned = held / reachable, float(self.manifest["holdout_share"])
        text = (
            f"{reachable:,} customers can be reached; {share:.1%} of them are held out where {planned:.1%} was planned"
        )
        odd = [note.split(":")[0] for note in self.notes if "held out where" in note]
        return f"{text}; look at {', '.join(odd)}." if odd else f"{text}, and no segment strays from it beyond chance."

    def turnover(self) -> pd.DataFrame:
        """Give who entered, left, changed offer or stayed since last quarter; empty in the first quarter."""
        return pd.DataFrame({"customers": self.delta}, dtype="int64").rename_axis("since last quarter").reset_index()


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
        Its key makes the hold-out, its tables hold the consents.
    content : ContentPlan
        One action per segment and stage.
    segmentation : Segmentation
        Everybody's segment.
    stage_of : Table
        customer, stage.
    collection : Collection
        Says whether there are consents at all.
    previous : Audience, optional
        Last quarter's, for the changes.

    Returns
    -------
    Audience
    """
    planned = plan_actions(segmentation, stage_of, content.actions, run.engine)
    share = run.plan.activation.holdout_share
    armed = planned.mutate(arm=planned.offer.isnull().ifelse("none", arm(planned.customer, run.key, share)))
    members = gate(armed, collection.consent, run.tables.people)
    counts = count(run.engine.frame(tally(members)), segmentation.segments)
    form = read_format(run.plan.activation.destination)
    manifest = {
        "destination": form.name,
        "quarter": run.quarter.text,
        "holdout_share": share,
        "holdout_rule": "sha256 of a key of the study and the customer; the same customers every quarter",
        "consent_rule": f"consent to {form.channel} as of {run.quarter.as_of:%Y-%m-%d}; unknown means no",
        "codes": {
            code(run.quarter.text, int(s["identity"])): str(s["name"]) for s in segmentation.segments.to_dict("records")
        },
    }
    held_back = run.engine.frame(members.filter(members.arm == "none").group_by("reason").agg(customers=ibis._.count()))
    return Audience(
        members,
        counts,
        held_back.sort_values(["customers", "reason"], ascending=[False, True], ignore_index=True),
        changes(members, previous.members, run.engine) if previous else {},
        manifest,
        _notes(run, collection, counts),
        run.plan.privacy.floor,
    )


def blank(counts: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Blank counts from 1 to below the floor.

    Examples
    --------
    >>> blank(pd.DataFrame({"n": [0, 3, 12]}), 10)["n"].isna().tolist()
    [False, True, False]
    """
    whole = counts.astype("Int64")
    return whole.mask((whole > 0) & (whole < floor))


def export(run: Run, audience: Audience) -> str:
    """Publish the audience with its CRM file in the private run folder; contact details are joined in here only.

    Parameters
    ----------
    run : Run
    audience : Audience

    Returns
    -------
    str
        What was handed on, and how many rows the file has.

    Raises
    ------
    PrivacyRefused
        When the finished file holds a person who has not agreed; then there is no file.
    """
    form = read_format(run.plan.activation.destination)
    details = run.data / "private" / "contacts.parquet"
    rows = _rows(run, audience, form, details)
    done: list[Written] = []

    told = {key: value for key, value in audience.manifest.items() if key != "codes"}  # names stay in the house
    fit = agreed(run, form.channel, details)

    def files(folder: Path) -> None:
        done.append(write(rows, form, folder, told))
        recheck(folder, form, fit)

    sentence = run.write(audience, files=files)
    return f"{sentence} {form.title}: {done[0].rows:,} rows in {form.file}."


def agreed(run: Run, purpose: str, details: Path) -> dict[str, bool]:
    """Say of each address whether everybody behind it agreed, from the consents as they are now."""
    if run.tables.consent is None or not details.exists():
        return {}
    consent = run.engine.frame(run.tables.consent.select("customer", "purpose", "granted"))
    yes = set(consent.loc[(consent["purpose"] == purpose) & consent["granted"].eq(True), "customer"])
    people = run.tables.people
    yes -= set(run.engine.frame(people.filter(people.reason == "minor").select("customer"))["customer"])
    known = pd.read_parquet(details, columns=["customer", "email"]).dropna()
    keys = known["email"].astype(str).str.strip().str.lower()
    return {str(key): bool(ok) for key, ok in known["customer"].isin(yes).groupby(keys).all().items()}


def code(quarter: str, identity: int) -> str:
    """Name an audience so that the file tells a third party nothing about the persona.

    Examples
    --------
    >>> code("2026Q3", 3)
    'SEG-2026Q3-03'
    """
    return f"SEG-{quarter}-{identity:02d}"


def _rows(run: Run, audience: Audience, form: Format, details: Path) -> pd.DataFrame:
    """Join contact details to those who are to be contacted through the format's channel.

    An address that several customers share goes out only when all of them agreed.
    """
    members = audience.members
    chosen: pd.DataFrame = run.engine.frame(
        members.filter((members.arm == "contact") & (members.channel == form.channel))
        .select("customer", "segment", "message")
        .order_by("customer")
    )
    identity = audience.counts.set_index("segment")["identity"]
    chosen = chosen.assign(audience=[code(run.quarter.text, int(identity[s])) for s in chosen["segment"]])
    if not details.exists():
        return chosen.iloc[:0].assign(**dict.fromkeys(PRIVATE, ""))
    private = pd.read_parquet(details).reindex(columns=["customer", *PRIVATE])
    address = private["email"].fillna("").astype(str).str.strip().str.lower()
    fit = agreed(run, form.channel, details)
    shared = (
        address.duplicated(keep=False) & (address != "") & ~address.map(lambda key: fit.get(key, False)).astype(bool)
    )
    return chosen.merge(private[~shared], on="customer", how="left")


def _notes(run: Run, collection: Collection, counts: pd.DataFrame) -> tuple[str, ...]:
    notes: list[str] = []
    if collection.consent is None:
        notes.append(
            "There is no consent table, so nobody may be contacted and the CRM file stays empty. "
            "A file under sources.consent would allow it."
        )
    if not (run.data / "private" / "contacts.parquet").exists():
        notes.append(
            "There are no contact details, so the CRM file has a header only. "
            "A file under sources.customers with e-mail addresses would allow it."
        )
    share = run.plan.activation.holdout_share
    odd = counts[(counts["reachable"] > 0) & ((counts["holdout_low"] > share) | (counts["holdout_high"] < share))]
    for row in odd.itertuples():
        notes.append(
            f"{row.name}: {row.holdout_share:.1%} held out where {share:.1%} was planned; a chance of 1 in 20."
        )
    return tuple(notes)
