"""How a message reads for a segment: texts of the plan, filled in from a short list of words."""

from __future__ import annotations

from string import Template
from typing import Any

import pandas as pd

from seglib.content.playbook import NONE
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.plan import Plan
from seglib.core.sections import Content, Message

WORDS = ("shop", "offer", "product", "first_name")
PARTS = {"subject": "subject", "body": "text", "page": "landing page", "advertisement": "advertisement"}
NAME_LATER = "[first name]"  # the sending system fills it in; nothing here knows names


def check(content: Content) -> None:
    """Refuse a message that asks for a word which does not exist, and an offer whose message does not exist.

    Raises
    ------
    InputRefused
        P05, with one finding for each; offers are looked at only where the plan has messages at all.
    """
    findings = []
    for key, message in content.messages.items():
        for part in PARTS:
            place, template = f"plan.yml, content.messages.{key}.{part}", Template(getattr(message, part))
            wrong = [name for name in template.get_identifiers() if name not in WORDS]
            findings += [Finding("P05", f"no word called '${name}'", place, do=nearest(name, WORDS)) for name in wrong]
            if not template.is_valid():
                findings.append(Finding("P05", "a single $ in a text", place, do="write $$ for a dollar sign"))
    if content.messages:
        missing = [o for o in content.offers if o.message not in content.messages]
        what = "offer without a text"
        for offer in missing:
            remedy = nearest(offer.message, content.messages)
            findings.append(Finding("P05", what, "plan.yml, content.messages", found=offer.message[:40], do=remedy))
    if findings:
        raise InputRefused(findings)


def _render(message: Message, words: dict[str, str]) -> dict[str, str]:
    """Fill in a message; nothing in a text is run, and a word's own $ stays a $.

    Examples
    --------
    >>> _render(Message(subject="Hello from $shop", body="$product"), {"shop": "Tea $hop", "product": "Pot"})
    {'subject': 'Hello from Tea $hop', 'body': 'Pot', 'page': '', 'advertisement': ''}
    """
    return {part: Template(getattr(message, part)).substitute(words) for part in PARTS}


def preview(actions: pd.DataFrame, next_best: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Show how the message of each segment's largest group reads.

    Returns
    -------
    DataFrame
        segment, name, stage, offer, message, and the four parts; one row per segment whose offer has a text, or per
        variant of it.
    """
    columns = ["segment", "name", "stage", "offer", "message", *PARTS]
    first: Any = next_best[next_best["rank"] == 1].set_index("segment")["category"] if len(next_best) else {}
    offered = actions[(actions["offer"] != NONE) & actions["message"].isin(list(plan.content.messages))]
    rows = []
    for row in (
        offered.sort_values(["segment", "customers"], ascending=[True, False])
        .drop_duplicates("segment")
        .to_dict("records")
    ):
        words = {"shop": plan.title or plan.study, "offer": row["offer"], "first_name": NAME_LATER}
        words["product"] = str(first.get(row["segment"], "our bestsellers"))
        for variant, message in _variants(row, plan.content):
            about = {name: row[name] for name in columns[:5]} | {"message": message}
            about["offer"] += f" ({variant})" if variant else ""
            rows.append(about | _render(plan.content.messages[message], words))
    return pd.DataFrame(rows, columns=columns)


def _variants(row: dict[Any, Any], content: Content) -> list[tuple[str, str]]:
    """Name the variants of an offer with their messages; the offer's own where it has none."""
    trial = next((offer.trial for offer in content.offers if offer.name == row["offer"]), None)
    if trial is None:
        return [("", row["message"])]
    named = [(variant.name, variant.message or row["message"]) for variant in trial.variants]
    return list({message: (name, message) for name, message in reversed(named)}.values())[::-1]
