"""What an audience says of itself: the rules by which it was made, and what could not be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.activation.deliver import code, contact_details, formats, rule
from seglib.activation.rules import holdout_rule
from seglib.activation.shown import said_of_strayed
from seglib.core.purposes import CHANNELS
from seglib.methods.kpis import BASES

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.collection.collection import Collection
    from seglib.content.content_plan import ContentPlan
    from seglib.core.run import Run


def manifest_of(run: Run, segmentation: Segmentation) -> dict[str, Any]:
    """Write down destinations, rules of hold-out and consent, and the codes of the segments."""
    forms = formats(run)
    purposes = ", ".join(dict.fromkeys(form.purpose for form in forms))
    identities = segmentation.segments.set_index("name")["identity"].to_dict()
    return {
        "destination": ", ".join(form.name for form in forms),
        "quarter": run.quarter.text,
        "holdout_share": run.plan.activation.holdout_share,
        "holdout_rule": holdout_rule(run.plan.rules.holdout_arm),
        "consent_rule": rule(run, purposes),
        "money": BASES[run.plan.money],
        "addresses": _addressed(run),
        "codes": {code(int(identity)): str(name) for name, identity in identities.items()},
    }


def _addressed(run: Run) -> bool:
    """Whether the study knows anybody's e-mail address."""
    return bool(contact_details(run)["email"].notna().any())


def notes_of(run: Run, collection: Collection, content: ContentPlan, counts: pd.DataFrame) -> tuple[str, ...]:
    """Say what a reader of the audience must know, and which file or decision would allow more."""
    notes: list[str] = []
    if collection.consent is None:
        notes.append(
            "There is no consent table, so nobody may be contacted and the files stay empty. "
            "A file under sources.consent would allow it."
        )
    if not _addressed(run):
        notes.append(
            "There are no contact details, so the files have a header only. "
            "A file under sources.customers with e-mail addresses would allow it."
        )
    if lacking := _uncarried(run):
        notes.append(
            f"No system of the plan takes {' or '.join(lacking)}: offers through it are in no file, and reach nobody "
            "unless you send them by yourself. Name a system that takes it under activation.destinations, or give the "
            "offers another channel."
        )
    if not len(content.response) or run.plan.evaluation.margin_share is None:
        notes.append(
            "There is no sales list: it needs a measured effect (sources.contacts with a control arm) and "
            "evaluation.margin_share in plan.yml."
        )
    elif not counts["calls"].sum():
        notes.append("The sales list is empty: no approach is expected to bring more than activation.sales_cost.")
    share = run.plan.activation.holdout_share
    return (*notes, *said_of_strayed(counts, share))


def _uncarried(run: Run) -> list[str]:
    """Name the purposes that channels of the plan's offers need and that none of its destinations carries."""
    channels: list[str] = []
    for offer in run.plan.content.offers:
        variants = offer.trial.variants if offer.trial is not None else ()
        channels += [each.channel or offer.channel for each in variants] or [offer.channel]
    needed = {CHANNELS.get(channel, channel) for channel in channels}
    return sorted(needed - {form.purpose for form in formats(run)})
