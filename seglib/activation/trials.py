"""The trials of a quarter: variants drawn for the audience, with what they can answer, said before anything is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd

from seglib.activation.variants import drawn, foreseen, sentences
from seglib.core.consent import allowed

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table
    from seglib.core.run import Run


def with_variants(
    run: Run, members: pd.DataFrame, collection: Collection, before: Table | None
) -> tuple[pd.DataFrame, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Draw the variants of all offers that have some.

    Parameters
    ----------
    run : Run
        Its plan names the offers, its key draws.
    members : DataFrame
        customer, segment, name, offer, message, channel, arm; consent is applied already.
    collection : Collection
        Consents to further channels, and orders of the last days.
    before : Table or None
        Last quarter's members.

    Returns
    -------
    tuple of DataFrame and pair
        The members with trial and variant, and what `variants.foreseen` and `variants.sentences` give.
    """
    offers, as_of, floor = run.plan.content.offers, run.quarter.as_of, run.plan.privacy.floor

    def may(purpose: str) -> set[str]:
        words = allowed(collection.consent, run.tables.people, purpose)
        return set(run.engine.frame(words.filter(words.allowed).select("customer"))["customer"])

    earlier = None
    if before is not None and "variant" in before.columns:
        earlier = run.engine.frame(before.select("customer", "trial", "variant"))
    rows = drawn(members, offers, run.key, as_of, may, earlier)
    lately = collection.orders.ordered_at >= as_of - timedelta(days=run.plan.evaluation.outcome_days)
    recent = collection.orders.filter(lately & (collection.orders.ordered_at < as_of))
    ordered = set(run.engine.frame(recent.select("customer").distinct())["customer"]) if offers else set[str]()
    found = foreseen(rows, offers, as_of, ordered, floor)
    return rows, (found, sentences(found, offers, as_of, floor))
