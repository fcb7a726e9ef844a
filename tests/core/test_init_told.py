"""What an export tells beside its columns: whose times they are, who is nobody, and what cannot be money."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seglib.core.errors import InputRefused
from seglib.init.propose import Proposal, propose

Look = Callable[[str], Proposal]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return a function that writes an export and looks at it."""

    def looked(content: str) -> Proposal:
        (tmp_path / "export.csv").write_text(content, encoding="utf-8")
        return propose(tmp_path / "export.csv")

    return looked


BOUGHT = (
    "{supplier},po_date,article,pieces,price\nNord Ltd,2026-01-05,Chain,4,9.50\nSouth Ltd,2026-01-06,Tyre,2,21.00\n"
)


@pytest.mark.parametrize("supplier", ["Lieferant", "vendor_name", "Proveedor", "Fornecedor"])
def test_purchases_from_suppliers_are_no_orders(look: Look, supplier: str) -> None:
    """Who delivers is not who buys, in any language."""
    with pytest.raises(InputRefused, match=f"'{supplier}' says from whom goods come"):
        look(BOUGHT.format(supplier=supplier))


def test_an_account_beside_a_vendor_is_no_customer(look: Look) -> None:
    """Checks to vendors name the bank account: it is refused, and a remedy says how to insist."""
    rows = [f"T{n},2026-01-0{n},V{n % 2},Bank {n % 2},{n}0.50" for n in range(1, 7)]

    with pytest.raises(InputRefused, match='no column says who bought.*--column customer_id="account"'):
        look("no,date,vendor_id,account,amount\n" + "\n".join(rows) + "\n")


def test_a_supplier_of_the_article_beside_a_customer_is_no_matter(look: Look) -> None:
    """Order lines may tell where the article came from."""
    rows = [f"{n},C{n % 3},2026-01-0{n},S{n % 2},{n}0.50" for n in range(1, 7)]
    made = look("order_id,customer_id,order_date,supplier_id,amount\n" + "\n".join(rows) + "\n")

    assert made.source.columns["customer_id"] == "customer_id"


@pytest.mark.parametrize(
    ("column", "values"),
    [("Billing Zip", ("10115", "20095")), ("Kartenart", ("Visa", "Maestro")), ("Sucursal", ("Norte", "Sur"))],
)
def test_what_names_nobody_is_not_offered(look: Look, column: str, values: tuple[str, str]) -> None:
    """A place, a kind of card and a branch are no answers to who bought."""
    rows = [f"{n},2026-01-0{n},{values[n % 2]},{n}0.50" for n in range(1, 8)]

    with pytest.raises(InputRefused, match="no column says who bought"):
        look(f"order_id,order_date,{column},amount\n" + "\n".join(rows) + "\n")


def test_how_many_is_no_money(look: Look) -> None:
    """The only column of numbers counts boxes: for how much, no column says."""
    rows = [f"2026-01-0{n},c{n}@example.org,{1 + n % 2}" for n in range(1, 8)]

    with pytest.raises(InputRefused, match="no column says for how much"):
        look("Timestamp,Email,How many boxes do you need?\n" + "\n".join(rows) + "\n")


def test_numbers_of_something_are_no_money(look: Look) -> None:
    """ORD-1038 is no sum of 1,038 below zero in a currency ORD, and montant_eur is an amount."""
    rows = [f"ORD-103{n},c{n % 3}@example.org,2026-01-0{n},{n}4.90" for n in range(1, 8)]
    made = look("numero,email,date_commande,montant_eur\n" + "\n".join(rows) + "\n")

    assert made.source.columns["amount"] == "montant_eur"


MARKET = "Order No,Buyer,Date,Order Value,Discount Amount,Shipping,Order Total\n"


def test_a_total_too_small_takes_the_discount_off(from_export: Callable[..., Any]) -> None:
    """Tax that no column says keeps the sum from holding; the discount comes off all the same."""
    rows = ["1,ann,2026-01-02,20.00,5.00,4.00,20.10", "2,bob,2026-01-03,40.00,10.00,0.00,31.60"]
    rows += ["3,cem,2026-01-04,10.00,2.50,3.00,10.50", "4,ann,2026-01-05,16.00,4.00,4.00,17.20"]
    made, orders = from_export(MARKET + "\n".join(rows) + "\n")

    assert orders["amount_minor"].sum() == 1500 + 3000 + 750 + 1200
    assert not any("takes it off" in said for said in made.unsure)


def test_a_total_that_holds_the_value_leaves_it(from_export: Callable[..., Any]) -> None:
    """Where the total is value and shipping, the discount had come off before."""
    rows = ["1,ann,2026-01-02,20.00,5.00,4.00,24.00", "2,bob,2026-01-03,40.00,10.00,0.00,40.00"]
    rows += ["3,cem,2026-01-04,10.00,2.50,3.00,13.00", "4,ann,2026-01-05,16.00,4.00,4.00,20.00"]
    _, orders = from_export(MARKET + "\n".join(rows) + "\n")

    assert orders["amount_minor"].sum() == 8600


SHOP = "Name,Email,Financial Status,Accepts Marketing,Currency,Created at,Lineitem quantity,Lineitem name,"
SHOP += "Lineitem price,Lineitem requires shipping,Phone\n"


def test_who_gave_a_telephone_instead_of_an_address_counts(from_export: Callable[..., Any]) -> None:
    """Some buyers of a shop gave an address, others a telephone: both are customers."""
    rows = ["#1,ann@example.org,paid,yes,EUR,2026-01-02 10:00:00 +0100,1,Mug,10.00,true,"]
    rows += ["#2,,paid,no,EUR,2026-01-03 10:00:00 +0100,1,Mug,10.00,true,+4930901820"]
    rows += ["#3,bob@example.org,paid,yes,EUR,2026-01-04 10:00:00 +0100,2,Mug,10.00,true,"]
    rows += ["#4,,paid,no,EUR,2026-01-05 10:00:00 +0100,1,Mug,10.00,true,+4930901820"]
    made, orders = from_export(SHOP + "\n".join(rows) + "\n")

    assert (orders["amount_minor"].sum(), orders["customer"].nunique()) == (5000, 3)
    assert any("'Email', or where it is blank by 'Phone'" in said for said in made.understood)


def test_an_address_goes_before_a_name(look: Look) -> None:
    """Two people of one name are no customer who came back."""
    rows = [
        f"{n},2026-01-0{n} 09:00:00,{'Kim Lee' if n > 3 else f'P{n}'},p{n}@example.org,{n}0.50" for n in range(1, 8)
    ]
    made = look("id,submittedAt,name,email,price\n" + "\n".join(rows) + "\n")

    assert (made.source.columns["customer_id"], made.source.columns["ordered_at"]) == ("email", "submittedAt")


def test_credit_beside_cash_is_a_card(from_export: Callable[..., Any]) -> None:
    """A till that writes Cash and Credit says how it was paid, and took nothing back."""
    rows = [f"{n},K{n % 3},2026-01-0{n},{'Cash' if n % 2 else 'Credit (contactless)'},{n}.50" for n in range(1, 7)]
    made, orders = from_export("receipt no,customer,date,Transaction Type,amount\n" + "\n".join(rows) + "\n")

    assert orders["amount_minor"].sum() == 2400
    assert "status" not in made.source.columns


ZONED = "order_id,customer_id,ordered_at,amount\n1,A,2026-01-31 23:40:00 {winter},5.50\n2,B,{summer},7.25\n"


@pytest.mark.parametrize(
    ("winter", "summer", "zone"),
    [
        ("+0100", "2026-07-01 00:30:00 +0200", "Europe/Berlin"),
        ("-0500", "2026-07-01 00:30:00 -0400", "America/New_York"),
        ("+0300", "2026-07-01 00:30:00 +0300", "Europe/Istanbul"),
    ],
)
def test_the_distance_from_utc_tells_the_time_zone(look: Look, winter: str, summer: str, zone: str) -> None:
    """An order half an hour after midnight belongs to its own day, month and quarter."""
    made = look(ZONED.format(winter=winter, summer=summer))

    assert f"timezone: {zone} " in made.plan_text("acme")
    assert any(f"the time zone is set to {zone}" in said for said in made.unsure)


def test_times_of_several_zones_leave_utc(look: Look) -> None:
    """What fits no usual zone is not guessed."""
    made = look(ZONED.format(winter="+0100", summer="2026-07-01 00:30:00 -0700"))

    assert "timezone: UTC " in made.plan_text("acme")


def test_guests_whom_another_column_names_are_told(look: Look, from_export: Callable[..., Any]) -> None:
    """Who has no account stands with a name: the words say how the plan counts these, and they are right."""
    rows = [f"{n},{f'b{n % 3}' if n % 4 else ''},P{n},2026-01-0{n},{n}0.50" for n in range(1, 9)]
    content = "order_id,Buyer User ID,Full Name,order date,amount\n" + "\n".join(rows) + "\n"
    made = look(content)
    (said,) = [s for s in made.unsure if "names somebody" in s]
    line = said.partition(": ")[2].partition(" in the plan")[0]
    plan = made.plan_text("acme").replace('customer_id: "Buyer User ID"', line)
    _, orders = from_export(content, plan=plan)

    assert orders["amount_minor"].sum() == sum(n * 1000 + 50 for n in range(1, 9))
