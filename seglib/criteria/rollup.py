"""Companies: contacts rolled up to their accounts, so that nothing is counted twice and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from seglib.criteria.bins import blank
from seglib.methods.present import Head, amount, present, whole

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.run import Run
    from seglib.criteria.features import Features

UNKNOWN = "unknown"
NONE = "No customer names a company account. The column account_id of customers.csv would tell."


@dataclass(frozen=True)
class Accounts:
    """The accounts whose contacts bought in the window.

    Parameters
    ----------
    by_industry : DataFrame
        One row per industry, the one that pays most first: industry, accounts, contacts, paid_minor (what they paid
        us), earned_minor (annual revenue of the companies), disagree (accounts whose contacts name several industries).
    contacts, contact_paid_minor : int
        The same contacts and their money, counted one by one.
    currency : str
    minor_per_major : int
    floor : int
        Industries with fewer accounts are blank, and the smallest other one where only one is.
    """

    by_industry: pd.DataFrame
    contacts: int
    contact_paid_minor: int
    currency: str
    minor_per_major: int
    floor: int

    def table(self) -> pd.DataFrame | str:
        """Show the industries: what companies pay us stands apart from what they earn; why there are none."""
        if not self.contacts:
            return NONE
        few = blank(self.by_industry["accounts"].astype("int64"), self.floor).isna()
        columns = ["accounts", "contacts", "paid_minor", "earned_minor"]
        shown = self.by_industry.assign(
            **{name: self.by_industry[name].astype("float64").mask(few) for name in columns}
        )
        shown[columns[2:]] = shown[columns[2:]] / self.minor_per_major
        heads: dict[str, Head] = {
            "industry": "industry",
            "accounts": ("accounts", whole),
            "contacts": ("contacts", whole),
            "paid_minor": (f"paid to us ({self.currency})", amount),
            "earned_minor": (f"their annual revenue ({self.currency})", amount),
        }
        return present(shown, heads)

    def check(self) -> str:
        """Say whether the totals of the accounts are those of their contacts."""
        if not self.contacts:
            return "Without accounts there is nothing to add up."
        rows = self.by_industry
        same = int(rows["contacts"].sum()) == self.contacts and int(rows["paid_minor"].sum()) == self.contact_paid_minor
        money = f"{self.contact_paid_minor / self.minor_per_major:,.2f} {self.currency}"
        agree = "the accounts add up to the same" if same else "THE ACCOUNTS DO NOT ADD UP TO THIS"
        text = f"{self.contacts:,} contacts of {rows['accounts'].sum():,} accounts paid {money}; {agree}."
        wrong = int(rows["disagree"].sum())
        return text + (f" In {wrong:,} accounts the contacts name different industries." if wrong else "")


def rolled_up(features: Features, collection: Collection, run: Run) -> Accounts:
    """Roll contacts up to accounts; see ``seglib.criteria.accounts``."""
    money = (features.currency, features.minor_per_major, run.plan.privacy.floor)
    columns = ["industry", "accounts", "contacts", "paid_minor", "earned_minor", "disagree"]
    if not collection.has("customers", "account_id") or collection.customers is None:
        return Accounts(pd.DataFrame(columns=columns), 0, 0, *money)
    people = collection.customers.filter(collection.customers.account_id.notnull())
    bought = features.values.select("customer", paid_minor="monetary_minor")
    facts = people.select("customer", "account_id", "industry", "annual_revenue_minor").inner_join(bought, "customer")
    each = facts.group_by("account_id").aggregate(
        industry=facts.industry.min().fill_null(UNKNOWN),
        disagree=(facts.industry.nunique() > 1).cast("int64"),
        contacts=facts.count(),
        paid_minor=facts.paid_minor.sum(),
        earned_minor=facts.annual_revenue_minor.max(),
    )
    sums = {name: each[name].sum().cast("int64") for name in columns[2:]}
    frame: pd.DataFrame = each.group_by("industry").aggregate(accounts=each.count(), **sums).to_pandas()
    total = facts.aggregate(n=facts.count(), paid=facts.paid_minor.sum().fill_null(0).cast("int64")).to_pandas().iloc[0]
    ordered = frame.sort_values(["paid_minor", "industry"], ascending=[False, True], ignore_index=True)
    return Accounts(ordered[columns], int(total["n"]), int(total["paid"]), *money)
