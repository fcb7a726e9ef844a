"""What `seglib init` takes for goods where totals hold more, and what it says of money that nothing reads."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.init.beside import charged
from seglib.init.figures import discounts_of
from seglib.init.propose import Proposal, propose

Look = Callable[..., Proposal]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return a function that writes rows below a header and looks at them."""

    def made(header: str, *rows: str) -> Proposal:
        (tmp_path / "export.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return propose(tmp_path / "export.csv")

    return made


def said(proposal: Proposal) -> str:
    """All sentences as one text."""
    return "\n".join([*proposal.understood, *proposal.unsure])


UNSEEN = (  # the third order had a coupon that no column says
    "1,C7,2026-01-05,20.00,4.90,24.90",
    "2,C8,2026-01-06,30.00,0.00,30.00",
    "3,C7,2026-01-07,50.00,4.90,47.40",
    "4,C9,2026-01-08,10.00,4.90,14.90",
)


@pytest.mark.parametrize(
    "header",
    [
        "order_id,customer_id,date,Subtotal,Shipping,Grand Total",
        "Bestellnummer,Kunde,Datum,Zwischensumme,Versandkosten,Gesamtsumme",
        "id_order,client,date,Sous-total,Frais de livraison,Total",
    ],
)
def test_a_total_less_shipping_is_the_goods_where_no_column_says_the_discount(look: Look, header: str) -> None:
    """The subtotal is before the coupon: what was charged is the total less shipping, and the gap is said."""
    made = look(header, *UNSEEN)
    shipping, total = header.split(",")[4:]

    assert (made.source.columns["amount"], made.source.columns["amount_extras"]) == (total, shipping)
    assert "on 75.0% of 4 orders and less on the others, by 7.50 together: a discount that no column says" in said(made)


@pytest.mark.parametrize(
    "header",
    [
        "order_id,customer_id,date,sku,quantity,price,Order Total",
        "Bestellnummer,Kunde,Datum,Artikel,Menge,Preis,Umsatz",
    ],
)
def test_a_total_of_orders_below_their_lines_is_said_without_shipping_too(look: Look, header: str) -> None:
    """The lines count; one order of four was charged less than they come to, and no column says why."""
    made = look(
        header,
        *("1,C7,2026-01-05,A,2,10.00,35.00", "1,C7,2026-01-05,B,1,15.00,35.00", "2,C8,2026-01-06,A,1,10.00,10.00"),
        *("3,C7,2026-01-07,B,2,15.00,42.50", "3,C7,2026-01-07,A,2,10.00,42.50", "4,C9,2026-01-08,A,3,10.00,30.00"),
    )

    assert made.source.columns["unit_price"] == header.split(",")[5]
    assert "on 75.0% of 4 orders and less on the others, by 7.50 together: a discount that no column says" in said(made)


def test_of_totals_with_and_without_tax_the_goods_are_without() -> None:
    """Both views hold alike: tax is never goods."""
    rows = {"sub": [100.0, 50, 80], "sub_tax": [110.0, 55, 88], "post": [10.0, 0, 10], "post_tax": [11.0, 0, 11]}
    frame = pd.DataFrame({**rows, "all": [110.0, 50, 80], "all_tax": [121.0, 55, 88]})
    found = charged(frame, ["sub_tax", "all_tax", "sub", "all"], ["post_tax", "post"])

    assert found is not None
    assert (found.total, found.extras, found.gap) == ("all", ("post",), 10.0)


def test_a_total_that_is_less_for_no_reason_on_most_orders_is_no_such_total() -> None:
    """Half of the orders must show it, and none the contrary."""
    frame = pd.DataFrame({"sub": [20.0, 30, 50, 10], "post": [4.9, 1, 4.9, 4.9], "total": [24.9, 27, 51, 12]})

    assert charged(frame, ["sub", "total"], ["post"]) is None


@pytest.mark.parametrize(
    ("shipping", "tax", "taxed"), [((5, 0, 5, 5), (10, 5, 8, 3), None), ((5, 0, 10, 20), (10.5, 5, 9, 5), "Total")]
)
def test_refunds_with_tax_are_found_by_those_that_are_a_whole_total(
    look: Look, shipping: tuple[float, ...], tax: tuple[float, ...], taxed: str | None
) -> None:
    """What was given back comes to a total with tax: then its tax comes off every refund, and its share is said."""
    goods, back = (100, 50, 80, 30), (11, 55, "", "")
    rows = [
        f"{n},C{n % 3},2026-01-0{n + 1},{g}.00,{s:.2f},{t:.2f},{g + s + t:.2f},{b}"
        for n, (g, s, t, b) in enumerate(zip(goods, shipping, tax, back, strict=True))
    ]
    made = look("order_id,customer_id,date,Subtotal,Shipping,Tax,Total,Refunded Amount", *rows)
    columns = made.source.columns

    assert (columns["amount"], columns["refunded_tax"], columns.get("refunded_taxed")) == ("Subtotal", "Tax", taxed)
    assert "(on 1 order it is the whole 'Total')" in said(made)


def test_a_tax_inside_the_prices_comes_off_no_refund(look: Look) -> None:
    """The total is goods and shipping: the tax is in it already."""
    rows = [
        f"{n},C{n % 2},2026-01-0{n},{g}.00,5.00,{g / 10:.2f},{g + 5}.00,{g + 5}.00"
        for n, g in enumerate((90, 40, 70), 1)
    ]
    made = look("order_id,customer_id,date,Subtotal,Shipping,Tax,Total,Refunded Amount", *rows)

    assert made.source.columns["refunded"] == "Refunded Amount"
    assert "refunded_tax" not in made.source.columns


def test_a_subtotal_before_the_discount_does_not_say_that_it_is_in_the_prices(look: Look) -> None:
    """The lines meet the subtotal without it and the total only with it: it comes off."""
    made = look(
        "order_id,customer_id,date,price,quantity,Subtotal,Discount Amount,Shipping,Total",
        "1,C7,2026-01-05,10.00,2,20.00,3.00,4.90,21.90",
        "2,C8,2026-01-06,30.00,1,30.00,5.00,0.00,25.00",
        "3,C7,2026-01-07,10.00,5,50.00,0.00,4.90,54.90",
    )

    assert made.rules.discount == "line"
    assert "meet 'Total' in all of 2 orders with a discount" in said(made)


def test_discounts_of_the_line_and_of_the_order_come_off_together(look: Look) -> None:
    """Only both lead from the lines to the subtotal."""
    made = look(
        "order_id,customer_id,date,price,quantity,Line discount,Discount Amount,Subtotal",
        "1,C7,2026-01-05,10.00,2,2.00,3.00,25.00",
        "1,C7,2026-01-05,10.00,1,0.00,,",
        "2,C8,2026-01-06,30.00,1,1.00,5.00,24.00",
        "3,C7,2026-01-07,10.00,5,4.00,0.00,46.00",
    )

    assert {*made.source.columns["discount"]} == {"Line discount", "Discount Amount"}
    assert made.rules.discount == "order"


def test_a_discount_of_another_name_is_found_by_the_total_that_it_leads_to(look: Look) -> None:
    """Repeated on each line of its order, with a tax that is told line by line."""
    made = look(
        "order_id,customer_id,date,price,quantity,Entity Discount Amount,Item Tax Amount,SubTotal,Total",
        "1,C7,2026-01-05,10.00,2,6.00,1.60,30.00,26.40",
        "1,C7,2026-01-05,10.00,1,6.00,0.80,30.00,26.40",
        "2,C8,2026-01-06,30.00,1,5.00,2.50,110.00,115.50",
        "2,C8,2026-01-06,40.00,2,5.00,8.00,110.00,115.50",
        "3,C7,2026-01-07,10.00,5,0.00,5.00,50.00,55.00",
    )

    assert made.source.columns.get("discount") == "Entity Discount Amount"
    assert made.rules.discount == "order_repeated"


def test_money_that_nothing_reads_is_said_with_its_sum(look: Look) -> None:
    """A coupon that no total proves, and an adjusted total below the total."""
    made = look(
        "order_id,customer_id,date,Order Total,Adjusted Order Total,Coupon value",
        "1,C7,2026-01-05,20.00,15.00,2.00",
        "2,C8,2026-01-06,30.00,0.00,",
        "3,C7,2026-01-07,50.00,0.00,1.50",
    )

    assert "'Adjusted Order Total' is less than 'Order Total' on 1 rows, by 5.00 together" in said(made)
    assert "'Coupon value' holds 3.50 on 2 rows and is not read" in said(made)


def test_names_of_discounts_are_no_shares_and_no_shipping() -> None:
    """Words for a discount inside a longer name, but no per cent and no rebate on postage."""
    names = ["Discount", "Bestellrabatt", "Shipping discount", "Discount rate", "Remise commande", "Country"]

    assert discounts_of(names) == ["Discount", "Bestellrabatt", "Remise commande"]


def test_an_order_without_a_day_of_payment_is_not_paid(look: Look) -> None:
    """The column is blank on one order of ten, on both of its lines."""
    rows = [f"{n},C{n % 3},2026-01-0{n},10.00,2026-01-0{n}" for n in range(1, 10)]
    made = look(
        "order_id,customer_id,Sale Date,amount,Date Paid", *rows, "A,C1,2026-01-08,9.00,", "A,C1,2026-01-08,8.00,"
    )

    assert made.source.columns["status"] == "Date Paid"
    assert made.rules.states["not paid"] == "unpaid"
    assert "by 'Date Paid' 2 rows are unpaid (not paid)" in said(made)


def test_a_day_of_payment_on_the_first_line_only_is_no_state(look: Look) -> None:
    """The second lines are blank because what belongs to the order stands on the first."""
    rows = [f"{n},C{n % 3},2026-01-0{n},1{n}.00,2026-01-0{n}" for n in range(1, 6)]
    made = look("order_id,customer_id,Sale Date,amount,Date Paid", *rows, "5,C2,2026-01-05,8.00,")

    assert "status" not in made.source.columns


def test_a_few_guests_with_the_id_0_are_told_apart_by_their_addresses(look: Look) -> None:
    """Two addresses beside one id of nought are two people, however few."""
    rows = [f"{n},{n % 4 + 1},c{n % 4}@x.example,2026-01-{n:02},10.00" for n in range(1, 20)]
    guests = [f"9{n},0,guest{n}@x.example,2026-01-2{n},9.00" for n in range(2)]
    made = look("order_id,customer_id,email,date,amount", *rows, *guests)

    assert made.source.columns["customer_id"] == "email"


def test_delivery_with_a_code_before_it_is_no_goods(look: Look) -> None:
    """The code in brackets and words that only tell which delivery are no name of an article."""
    made = look(
        "order_id,customer_id,date,product_name,amount",
        "1,C7,2026-01-05,[M1] Tea for home,20.00",
        "1,C7,2026-01-05,[D_07] Standard delivery,4.90",
        "2,C8,2026-01-06,Express shipping costs,9.90",
        "2,C8,2026-01-06,Delivery of flowers,30.00",
    )

    assert {*made.rules.not_products} == {"[D_07] Standard delivery", "Express shipping costs"}


def test_a_subtotal_that_is_met_without_the_discount_decides_nothing_alone(look: Look) -> None:
    """No total shows whether the discount comes off after the subtotal: that is asked."""
    made = look(
        "order_id,customer_id,date,price,quantity,Subtotal,Discount Amount",
        "1,C7,2026-01-05,10.00,2,20.00,3.00",
        "2,C8,2026-01-06,30.00,2,110.00,5.00",
        "2,C8,2026-01-06,25.00,2,110.00,5.00",
        "3,C7,2026-01-07,10.00,5,50.00,0.00",
    )

    assert [question.key for question in made.questions] == ["discount"]
    assert "may be before the discount of the order" in made.questions[0].text


def test_an_export_that_may_name_nobody_takes_no_article_for_a_customer(look: Look) -> None:
    """HubSpot's line items have a Name, which is that of the article."""
    head = "Record ID,Name,SKU,Quantity,Unit price,Net price,Billing frequency,Term,Create Date,Associated Deal IDs"
    rows = [f"7{n},Mug,M-{n % 3},1,10.00,10.00,,,2026-01-0{n},18{n // 2}" for n in range(1, 7)]
    with pytest.raises(InputRefused, match="export the deals with their company and stage"):
        look(head, *rows)


EQUAL = [f"{order},K{order % 4},2026-0{order}-05,SKU{line},35.00" for order in range(1, 7) for line in range(2)]


@pytest.mark.parametrize("name", ["Order Total", "Grand Total", "Bestellwert", "Gesamtbetrag der Bestellung"])
def test_where_all_orders_cost_the_same_the_name_tells_the_total_of_an_order(look: Look, name: str) -> None:
    """Two lines each, and 35.00 on every one: six orders of 35.00."""
    made = look(f"order_id,customer_id,date,sku,{name}", *EQUAL)

    assert f"'{name}' is the same on every line of an order, so it is taken as the order's total" in said(made)
    assert "line_id" in made.source.columns or made.source.query


@pytest.mark.parametrize("name", ["Total", "Line Total", "Betrag"])
def test_where_all_orders_cost_the_same_and_no_name_tells_it_is_said(look: Look, name: str) -> None:
    """It counts on each line, and the file cannot say whether that is right."""
    made = look(f"order_id,customer_id,date,sku,{name}", *EQUAL)

    assert made.source.columns["product_id"] == "sku"
    assert f"'{name}' is the same on all lines of an order and on most orders" in said(made)
