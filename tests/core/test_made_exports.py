"""Exports that somebody else made after the documentation of 29 systems: each comes to its money, or says why not.

What is right was counted from the plan of orders behind each file (`tests/exports`), never from the file.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from exports.registry import ALL
from exports.second.__main__ import BY_KEY, PLACE, cents
from exports.truth import Export, counted

from seglib.core.errors import InputRefused
from seglib.init.propose import Proposal, propose
from seglib.init.trial import Trial, prove

NAMES_NOBODY = "these orders name no customer"
REFUSED = {  # rightly, with a sentence that says what to export instead
    "amazon_all_orders": NAMES_NOBODY,
    "amazon_settlement": NAMES_NOBODY,
    "amazon_vat": NAMES_NOBODY,
    "quickbooks_sales_by_customer": f"{NAMES_NOBODY}.*groups by nothing",
    "sap_journal": "these rows are no orders.*billing documents",
}
TOLD = {  # right in another reading, which init names
    "shopware5_orders": ("with the tax inside", "prices hold tax where net is 0"),
}
QUICK = ("ga4_parquet",)
BY_NAME = {export.key: export for export in ALL}


def looked_at(export: Export, folder: Path) -> Proposal:
    """Write an export and look at it, as `seglib init` does."""
    path = folder / export.file
    path.write_bytes(export.write(export.orders()))
    return propose(path)


def sums(trial: Trial) -> tuple[Any, ...]:
    """Charged, back, kept, orders and customers of a proof."""
    unit = Decimal(10) ** trial.money_decimals
    kept, back = (Decimal(int(minor)) / unit for minor in (trial.months["money_minor"].sum(), trial.back_minor))
    return kept + back, back, kept, trial.orders, trial.customers


def right(export: Export, reading: str = "") -> tuple[Any, ...]:
    """The same from the plan of orders."""
    found = counted(export.orders(), export.others[reading] if reading else export.view, export.customers)
    return (
        *(Decimal(found[name]) for name in ("gross", "refunded", "net")),
        found["orders_kept"],
        found["customers_kept"],
    )


@pytest.mark.parametrize(
    "key",
    [k if k in QUICK else pytest.param(k, marks=pytest.mark.long) for k in BY_NAME if k not in {*REFUSED, *TOLD}],
)
def test_another_makers_export_comes_to_its_money(key: str, tmp_path: Path) -> None:
    """Without an edit: what was charged, what came back, orders and customers, to the cent."""
    trial = prove(looked_at(BY_NAME[key], tmp_path))

    assert trial is not None and not trial.refused
    assert sums(trial) == right(BY_NAME[key])


@pytest.mark.long
@pytest.mark.parametrize("key", TOLD)
def test_another_reading_is_named(key: str, tmp_path: Path) -> None:
    """What the file cannot be brought to stands in the words of `init`."""
    reading, words = TOLD[key]
    made = looked_at(BY_NAME[key], tmp_path)
    trial = prove(made)

    assert trial is not None and sums(trial) == right(BY_NAME[key], reading)
    assert any(words in sentence for sentence in made.unsure)


@pytest.mark.parametrize("key", REFUSED)
def test_what_cannot_be_orders_says_what_to_export(key: str, tmp_path: Path) -> None:
    """A refusal has a way on."""
    with pytest.raises(InputRefused, match=REFUSED[key]):
        looked_at(BY_NAME[key], tmp_path)


@pytest.mark.long
def test_the_files_add_up_to_the_plan_of_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second calculation, from the bytes of each file and without the code that made them, gives the same."""
    monkeypatch.setitem(PLACE, "folder", tmp_path)
    wrong = []
    for export in ALL:
        (tmp_path / export.file).write_bytes(export.write(export.orders()))
        found, (gross, back, orders, customers) = counted(export.orders(), export.view), BY_KEY[export.key]()
        same = (gross, back, orders) == (cents(found["gross"]), cents(found["refunded"]), found["orders"])
        wrong += [] if same and (not export.customers or customers == found["customers"]) else [export.key]

    assert wrong == []
