"""Segment and service tier for the house's own systems: by the shop's customer id, under a purpose of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from seglib.clustering.segmentation import Segmentation
from seglib.core.consent import TOO_YOUNG
from seglib.core.errors import Finding, PrivacyRefused
from seglib.core.forgotten import among
from seglib.core.privacy import private_file
from seglib.core.purposes import SERVICE

if TYPE_CHECKING:
    from seglib.core.run import Run

CSV, PARQUET = "house_segments.csv", "house_segments.parquet"
SYSTEMS = "the house's own systems and any table that write-back filled"
COLUMNS = ("customer_id", "segment", "segment_since", "tier", "tier_since")


def segments_of_house(
    run: Run, members: pd.DataFrame, details: pd.DataFrame, may: set[str], before: pd.DataFrame | None
) -> pd.DataFrame:
    """Give segment and tier of everybody who may be profiled, and the quarter since which each has them.

    Parameters
    ----------
    run : Run
    members : DataFrame
        customer, audience (code of the segment), tier; without segments that may not be used.
    details : DataFrame
        customer, customer_id.
    may : set of str
        Customers who may be profiled and have not objected to service.
    before : DataFrame or None
        The last quarter's table.

    Returns
    -------
    DataFrame
        customer_id, segment, segment_since, tier, tier_since; by customer_id.
    """
    rows = members[members["customer"].isin(may)].merge(details[["customer", "customer_id"]], on="customer")
    rows = rows[["customer_id", "audience", "tier"]].rename(columns={"audience": "segment"}).astype("str")
    quarter = run.quarter.text
    rows = rows.assign(segment_since=quarter, tier_since=quarter)
    if before is not None:
        then = rows[["customer_id"]].merge(before, on="customer_id", how="left")
        for name in ("segment", "tier"):
            same = (rows[name].to_numpy() == then[name].to_numpy()) & then[name].notna().to_numpy()
            rows[f"{name}_since"] = rows[f"{name}_since"].where(~same, then[f"{name}_since"].to_numpy())
    return rows[list(COLUMNS)].sort_values("customer_id", kind="stable", ignore_index=True)


def write_house(rows: pd.DataFrame, folder: Path) -> None:
    """Write the table as CSV and as Parquet, readable by the owner only."""
    for name in (CSV, PARQUET):
        (folder / name).touch(mode=0o600)
        private_file(folder / name)
    rows.to_csv(folder / CSV, index=False, lineterminator="\n")
    rows.to_parquet(folder / PARQUET, index=False)


def read_house(run: Run, step: str) -> pd.DataFrame | None:
    """Read last quarter's table, or where that is gone, the one of this quarter that is made again; None without both.

    Segments are the same as in this quarter's own table only where last quarter's segmentation is still there.
    """
    before = run.data / "runs" / run.quarter.previous.text
    own = run.data / "runs" / run.quarter.text / step / PARQUET
    paths = [before / step / PARQUET, *([own] if (before / Segmentation.STEP).is_dir() else [])]
    return next((pd.read_parquet(path) for path in paths if path.is_file()), None)


def recheck_house(run: Run, folder: Path, details: pd.DataFrame, later: pd.DataFrame | None) -> None:
    """Read the finished files again: nobody who may not be profiled, objected to service, is too young or forgotten.

    It stands on sets of its own and shares no rule with what made the table.

    Raises
    ------
    PrivacyRefused
        R08, after deleting both files.
    """
    ids = allowed_ids(run, details, later)
    parts = (pd.read_parquet(folder / PARQUET), pd.read_csv(folder / CSV, dtype="str", keep_default_na=False))
    wrong = max(int((~part["customer_id"].astype(str).isin(ids)).sum()) for part in parts)
    if not wrong and len(parts[0]) == len(parts[1]):
        return
    for name in (CSV, PARQUET):
        (folder / name).unlink(missing_ok=True)
    what, do = "table for the house held people who may not be in it", "run from notebook 02 again"
    raise PrivacyRefused(Finding("R08", what, CSV, found=f"{wrong} of {len(parts[0])} persons", do=do))


def allowed_ids(run: Run, details: pd.DataFrame, later: pd.DataFrame | None) -> set[str]:
    """Name the customer ids that may be in the table, by sets alone.

    Parameters
    ----------
    run : Run
    details : DataFrame
        customer, customer_id.
    later : DataFrame or None
        The consents as `consents.latest` reads them.
    """
    people = run.engine.frame(run.tables.people)
    yes = set(people.loc[people["may_profile"].eq(True) & ~people["reason"].isin(TOO_YOUNG), "customer"])
    tables = [run.engine.frame(run.tables.consent)] if run.tables.consent is not None else []
    for table in [*tables, *([later] if later is not None else [])]:
        against = table["purpose"].isin(["profiling", SERVICE]) & ~table["granted"].eq(True)
        yes -= set(table.loc[against, "customer"])
    yes -= set(among(sorted(yes), run.data / "private", run.key))
    return set(details.loc[details["customer"].isin(yes), "customer_id"].astype(str))
