"""Eighty exports of 76 systems, invented after their documentation alone: each comes to its money, or says why not.

The files in blind/ were written, and what is right of them was added up from the records behind them, before any of
them was read by the program. In `32_shopify_orders.csv` a refund holds tax that was rounded twice: a cent.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from seglib.core.errors import InputRefused
from seglib.init.propose import propose
from seglib.init.trial import prove

FOLDER = Path(__file__).parent / "blind"
TRUTH: dict[str, dict[str, Any]] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
REFUSED = {
    "18_toast_items.csv": "these orders name no customer.*CheckDetails.csv",
    "55_bol_factuurspecificatie.xlsx": "no column says who bought",
    "64_sumup_transaktionen.csv": "no column says who bought",  # its addresses are those of the staff
    "70_datev_buchungsstapel.csv": "no header",
    "76_patreon_members.csv": "these are customers, not orders",
}
ROUNDED = {"32_shopify_orders.csv": Decimal("0.01")}
QUICK = ("05_shoptet_orders.csv", "10_adyen_payment_accounting.csv", "47_netsuite_transactions.csv")
NOT_SAID = "the currency is not in the file"


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.long) for n in TRUTH if n not in REFUSED]
)
def test_a_blind_export_comes_to_its_money(name: str) -> None:
    """Without an edit: money of each month, orders and customers; the currency as the file says it, or asked.

    Where a word can be read in two ways, `init` takes one of them and names the word.
    """
    made, right = propose(FOLDER / name), TRUTH[name]
    trial, told = prove(made), right.get("told", {"words": ""})
    right = {**right, **told}

    assert trial is not None and not trial.refused
    assert told["words"] in " ".join(made.unsure)
    unit = Decimal(10) ** trial.money_decimals
    months = {str(row.month): Decimal(int(str(row.money_minor))) / unit for row in trial.months.itertuples()}
    found = {month: money for month, money in months.items() if money}
    assert found.keys() == right["net"].keys()
    gaps = [abs(money - Decimal(right["net"][month])) for month, money in found.items()]
    assert max(gaps) <= ROUNDED.get(name, Decimal(0))
    assert (trial.orders, trial.customers) == (right["orders"], right["customers"])
    assert trial.currency == right["currency"] or any(NOT_SAID in doubt for doubt in made.unsure)


@pytest.mark.parametrize("name", REFUSED)
def test_a_blind_export_that_cannot_be_orders_says_why(name: str) -> None:
    """A refusal names what is missing."""
    with pytest.raises(InputRefused, match=REFUSED[name]):
        propose(FOLDER / name)


def test_eighty_exports_stand_there_with_their_values() -> None:
    """No file without what is right of it, and none the other way round."""
    assert {path.name for path in FOLDER.iterdir()} - {"truth.json"} == {*TRUTH}
    assert len(TRUTH) == 80
    assert len({name.split("_")[1] for name in TRUTH}) >= 74
