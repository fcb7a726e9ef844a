"""Which customers are companies, and of what size and trade."""

from __future__ import annotations

from seglib.criteria.criterion import Criterion

CRITERIA = (
    Criterion(
        "company_flag",
        "firmographic",
        "1 is yes",
        "Buys for a company account.",
        "customers",
        lambda t, _: t.account_id.notnull().cast("int64"),
        needs=("customers.account_id",),
        role="descriptor",
        whole=True,
        absent=0,
    ),
    Criterion(
        "company_size",
        "firmographic",
        "employees",
        "Employees of the company.",
        "customers",
        lambda t, _: t.company_size,
        needs=("customers.company_size",),
        role="descriptor",
    ),
    Criterion(
        "industry",
        "firmographic",
        "word",
        "Industry of the company.",
        "customers",
        lambda t, _: t.industry,
        needs=("customers.industry",),
        role="descriptor",
        kind="category",
    ),
    Criterion(
        "company_revenue_minor",
        "firmographic",
        "money",
        "Annual revenue of the company, as recorded: what it earns, not what it pays us.",
        "customers",
        lambda t, _: t.annual_revenue_minor,
        needs=("customers.annual_revenue",),
        role="descriptor",
        whole=True,
    ),
    Criterion(
        "account_contact_count",
        "firmographic",
        "contacts",
        "Contacts of the same account who bought in the window, this one included.",
        "accounts",
        lambda t, _: t.contacts,
        needs=("customers.account_id",),
        role="descriptor",
        whole=True,
    ),
    Criterion(
        "account_paid_minor",
        "firmographic",
        "money",
        "Paid in the window by all contacts of the account together, {money}.",
        "accounts",
        lambda t, _: t.paid_minor,
        needs=("customers.account_id",),
        role="descriptor",
        whole=True,
    ),
)
