"""From source files to checked, typed, pseudonymous tables: the one way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

if TYPE_CHECKING:
    from seglib.core.engine import Table


@dataclass(frozen=True)
class Intake:
    """The tables of the contract after every check and rule, and the account of what left on the way.

    Parameters
    ----------
    orders : Table
        Purchases: known customer, positive quantity and amount, before as_of.
    returns : Table
        Lines set aside as returns or cancellations; same columns as `orders`, quantity and amount negative.
    customers, events, contacts, feedback, consent : Table or None
        The optional tables; None when the study has none.
    people : Table
        Every customer of any table: `may_profile` and the reason.
    present : dict
        Per table, the columns that the source really has.
    findings, waterfall, consents, freshness : DataFrame
        What notebook 02 shows.
    """

    STEP: ClassVar[str] = "00_intake"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {
        "orders": ("customer", "ordered_at", "order_id", "product_id", "quantity", "amount_minor"),
        "returns": ("customer", "ordered_at", "order_id", "product_id", "quantity", "amount_minor"),
        "events": ("customer", "event_at", "event", "channel", "session_id"),
        "contacts": ("customer", "sent_at", "campaign", "arm", "channel", "cost_minor"),
        "feedback": ("customer", "answered_at", "item", "answer"),
        "consent": ("customer", "purpose"),
    }

    orders: Table
    returns: Table
    customers: Table | None
    events: Table | None
    contacts: Table | None
    feedback: Table | None
    consent: Table | None
    people: Table
    present: dict[str, tuple[str, ...]]
    findings: pd.DataFrame
    waterfall: pd.DataFrame
    consents: pd.DataFrame
    freshness: pd.DataFrame
