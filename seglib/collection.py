"""Notebook 02: the study's tables, checked, counted, consented and pseudonymised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from seglib.core.intake import Intake

if TYPE_CHECKING:
    from seglib.core.engine import Table


@dataclass(frozen=True)
class Collection:
    """The tables of the contract, for customers who may be profiled, with the account of how they came about.

    Parameters
    ----------
    orders, returns : Table
        Purchases and returned lines.
    customers, events, contacts, feedback, consent : Table or None
        The optional tables.
    present : dict
        Per table, the columns that the source really has.
    findings, waterfall, consents, freshness : DataFrame
        Quality, rows and money, consent and age of the data.
    missing : tuple of str
        One sentence for each thing that this study cannot compute, and the file that would allow it.
    """

    STEP: ClassVar[str] = "02_data_collection"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = Intake.KEYS

    orders: Table
    returns: Table
    customers: Table | None
    events: Table | None
    contacts: Table | None
    feedback: Table | None
    consent: Table | None
    present: dict[str, tuple[str, ...]]
    findings: pd.DataFrame
    waterfall: pd.DataFrame
    consents: pd.DataFrame
    freshness: pd.DataFrame
    missing: tuple[str, ...]

    def has(self, table: str, column: str) -> bool:
        """Whether the study's source of a table really carries a column."""
        return column in self.present.get(table, ())
