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
)
