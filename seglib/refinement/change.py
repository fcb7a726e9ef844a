"""Whether the data, the customers, or only the mix of them changed since last quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.criteria.names import plain
from seglib.methods.drift import WATCH_PSI, drift_table, mix_and_within
from seglib.methods.present import percent, whole
from seglib.refinement.frozen import applicable
from seglib.refinement.moves import names_of, people

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

DRIFT_ROWS = 20_000
DRIFT = ["criterion", "segment", "name", "n_previous", "n_current", "psi", "psi_noise", "ks", "p_adjusted", "verdict"]
SEASON = "psi_year"
MIX = ["criterion", "unit", "name", "before", "now", "mix", "within"]
KIND = ["criterion", "what", "before", "now", "serious"]
EVERYONE = "Everyone"
ROWS_CHANGED = 0.5  # half as many customers more or less
FACTOR = 50.0  # a median so many times as large: another unit, not another behaviour
UNKNOWN_GREW = 0.1


def drift(
    now: Segmentation,
    before: Segmentation,
    features: Features,
    features_before: Features,
    a_year_ago: Features | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the criteria of two quarters, in everyone and inside each segment of last quarter's frozen rules.

    Returns
    -------
    two DataFrames
        Drift and mix, as in `Refinement`.
    """
    ruled = before if applicable(before, features) else now
    wanted = [
        name for name in dict.fromkeys([*features.use, "monetary_minor"]) if name in features_before.values.columns
    ]
    old = people(before.labels, names_of(before), features_before, *wanted, rows=DRIFT_ROWS)
    new = people(ruled.relabel(features), names_of(ruled), features, *wanted, rows=DRIFT_ROWS)
    first, second = old.drop(columns="name"), new.drop(columns="name")
    table = drift_table(first, second, old["name"], new["name"]).rename(
        columns={"column": "criterion", "segment": "name"}
    )
    number = before.segments.set_index("name")["segment"]
    table["segment"] = table["name"].map(number).fillna(0).astype("int64")
    table = table.assign(name=table["name"].replace("all", EVERYONE))[DRIFT]
    units = features.catalogue.set_index("name")["unit"]
    mix = mix_and_within(first, second, old["name"], new["name"]).rename(
        columns={"column": "criterion", "segment": "name"}
    )
    return _seasoned(table, new, a_year_ago), mix.assign(unit=mix["criterion"].map(units).fillna(""))[MIX]


def _seasoned(table: pd.DataFrame, now: pd.DataFrame, a_year_ago: Features | None) -> pd.DataFrame:
    """Put the stability index against the same quarter a year ago beside it, for everyone."""
    if a_year_ago is None:
        return table.assign(**{SEASON: np.nan})
    values = a_year_ago.values
    wanted = [name for name in now.columns if name != "name" and name in values.columns]
    chosen = values.order_by(values.customer.hexdigest("sha256"), values.customer).limit(DRIFT_ROWS)
    past = chosen.select(*wanted).to_pandas()
    index = drift_table(past, now[wanted]).set_index("column")["psi"]
    return table.assign(**{SEASON: table["criterion"].map(index).where(table["segment"] == 0)})


def season(drift: pd.DataFrame, quarter: str, command: str) -> str:
    """Say what may be the season: changed since last quarter, and not since the same quarter a year ago.

    Parameters
    ----------
    drift : DataFrame
        From `drift`.
    quarter : str
        The quarter a year ago.
    command : str
        What makes its run.
    """
    rows = drift[(drift["segment"] == 0) & (drift["criterion"] != "segment")]
    if rows[SEASON].isna().all():
        return (
            f"There is no run of {quarter}, so the season cannot be told from a change. If data reach back: {command}"
        )
    back = rows[(rows["verdict"] != "none") & (rows[SEASON] < WATCH_PSI)]["criterion"]
    if back.empty:
        return f"Nothing that changed since last quarter is as it was in {quarter}, so it is hardly the season."
    return (
        f"Changed since last quarter, but as it was in {quarter}, so perhaps the season: {', '.join(map(plain, back))}."
    )


def data_changes(before: Features, now: Features, in_both_count: int) -> pd.DataFrame:
    """List what changed about the data themselves, so that nobody takes it for a change of customers.

    Parameters
    ----------
    before, now : Features
    in_both_count : int
        Customers known in both quarters.

    Returns
    -------
    DataFrame
        criterion ("" for all), what, before, now (text), serious: whether a comparison of the quarters is void.
    """
    rows = [(*row, True) for row in _whole_changes(before, now, in_both_count)]
    if not 1 - ROWS_CHANGED <= now.customers / max(before.customers, 1) <= 1 + ROWS_CHANGED:
        rows.append(("", "number of customers", whole(before.customers), whole(now.customers), False))
    old, new = (side.catalogue.set_index("name") for side in (before, now))
    rows += [
        (plain(name), "criterion is not there any more", "yes", "no", False) for name in old.index.difference(new.index)
    ]
    rows += [(plain(name), "criterion is new", "no", "yes", False) for name in new.index.difference(old.index)]
    for name in old.index.intersection(new.index):
        rows += [(plain(str(name)), *row) for row in _one_changed(old.loc[name], new.loc[name])]
    return pd.DataFrame(rows, columns=KIND)


def _whole_changes(before: Features, now: Features, in_both_count: int) -> list[tuple[str, str, str, str]]:
    found = []
    if before.currency != now.currency:
        found.append(("", "currency", before.currency, now.currency))
    if before.minor_per_major != now.minor_per_major:
        found.append(("", "minor units in one main unit", str(before.minor_per_major), str(now.minor_per_major)))
    if not in_both_count:
        found.append(("", "customer ids: none is in both quarters", whole(before.customers), whole(now.customers)))
    return found


def _one_changed(old: pd.Series[Any], new: pd.Series[Any]) -> list[tuple[str, str, str, bool]]:
    found = []
    if old["unit"] != new["unit"]:
        found.append(("unit", str(old["unit"]), str(new["unit"]), True))
    if new["missing_share"] - old["missing_share"] >= UNKNOWN_GREW:
        found.append(("share not known", percent(old["missing_share"]), percent(new["missing_share"]), False))
    first, second = float(old["median"]), float(new["median"])
    if first * second > 0 and not 1 / FACTOR <= abs(second / first) <= FACTOR:
        found.append(("size of the numbers (median)", f"{first:,.6g}", f"{second:,.6g}", True))
    return found
