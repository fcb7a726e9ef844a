"""Which contacts a trial of variants expects next quarter: who gets which, by the shop's own customer id."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from seglib.activation.consents import agreed, facts, judge, profiled
from seglib.activation.mailboxes import PERSONAL
from seglib.activation.variants import running
from seglib.core.errors import Finding, PrivacyRefused
from seglib.core.purposes import CHANNELS

if TYPE_CHECKING:
    from seglib.core.run import Run

FILE = "expected_contacts.csv"
COLUMNS = ["customer_id", "campaign", "arm", "channel", "cost", "sent_at"]  # of the table contacts


def expected(run: Run, members: pd.DataFrame, details: pd.DataFrame, later: pd.DataFrame | None) -> pd.DataFrame:
    """List the contacts of all trials in the shape of the table `contacts`, sent_at left blank.

    Parameters
    ----------
    run : Run
    members : DataFrame
        customer, trial, variant, arm, channel.
    details : DataFrame
        customer, customer_id.
    later : DataFrame or None
        The consents as `consents.latest` reads them.

    Returns
    -------
    DataFrame
        `COLUMNS`, by campaign and customer. Who is held out has the control arm, unless the company's own hold-out
        stands in contacts anyway. Nobody is listed who has not agreed to the channel.
    """
    rows = members[members["trial"].notna()]
    if run.plan.rules.holdout_arm:
        rows = rows[rows["variant"].notna()]
    purposes = rows["channel"].map(lambda channel: CHANNELS.get(channel, channel))
    parts = [rows.iloc[:0]]
    for purpose in sorted(purposes.unique()):
        judged = facts(run, details, purpose, later)
        may = judged.loc[judge(judged, shares=False) == PERSONAL, "customer"]
        parts.append(rows[(purposes == purpose) & rows["customer"].isin(may)])
    named = pd.concat(parts).merge(details[["customer", "customer_id"]], on="customer")
    costs = {
        (trial.campaign, variant.name): offer.cost if variant.cost is None else variant.cost
        for offer, trial in running(run.plan.content.offers, run.quarter.as_of)
        for variant in trial.variants
    }
    pairs = list(zip(named["trial"], named["variant"], strict=True))
    table = named.assign(
        campaign=named["trial"],
        arm=named["variant"].fillna(run.plan.evaluation.control_arm),
        cost=[f"{costs.get(pair, 0.0):.{run.plan.money_decimals}f}" if pd.notna(pair[1]) else "" for pair in pairs],
        sent_at="",
    )
    return table[COLUMNS].astype("str").sort_values(["campaign", "customer_id"], kind="stable", ignore_index=True)


def recheck_expected(run: Run, folder: Path, details: pd.DataFrame, later: pd.DataFrame | None) -> None:
    """Read the finished file again: everybody in it agreed to the channel and may be profiled.

    Raises
    ------
    PrivacyRefused
        R08, after deleting the file.
    """
    text = (folder / FILE).read_bytes().decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    ids, open_ = details.set_index("customer")["customer_id"].astype(str), profiled(run, later)
    wrong = 0
    for channel in sorted({row["channel"] for row in rows}):
        may = agreed(run, details, CHANNELS.get(channel, channel), shares=False, later=later) & open_
        allowed = set(ids[ids.index.isin(may)])
        wrong += sum(row["channel"] == channel and row["customer_id"] not in allowed for row in rows)
    if wrong:
        (folder / FILE).unlink()
        found, do = f"{wrong} of {len(rows)} persons", "run from notebook 02, so that the latest consents are read"
        raise PrivacyRefused(Finding("R08", "export held persons without consent", FILE, found=found, do=do))
