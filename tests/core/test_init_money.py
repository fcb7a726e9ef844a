"""What `seglib init` finds out by arithmetic: price, quantity, totals, discounts, cost and cents."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seglib.init.propose import Proposal, propose

Look = Callable[..., Proposal]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return a function that writes rows below a header and looks at them."""

    def made(header: str, *rows: str, given: dict[str, str] | None = None) -> Proposal:
        (tmp_path / "export.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return propose(tmp_path / "export.csv", given)

    return made


def said(proposal: Proposal) -> str:
    """All sentences as one text."""
    return "\n".join([*proposal.understood, *proposal.unsure])


LINES = ("1,C7,2026-01-05,10.00,5,50.00", "1,C7,2026-01-05,20.00,2,40.00", "2,C8,2026-01-06,10.00,10,100.00")


@pytest.mark.parametrize(
    "names",
    [
        "Invoice No,Customer No,Invoice Date,Sales Price,Invoiced Quantity,Net Invoice Amount EUR",
        "Beleg,Kunde,Datum,Wert je Teil,Lieferumfang,Zeile ges.",
        "order_id,customer_id,date,f_17,f_18,f_19",
    ],
)
def test_price_times_quantity_is_found_whatever_the_names(look: Look, names: str) -> None:
    """The product of two columns is a third on every line: the two are price and quantity."""
    made = look(names, *LINES)
    price, quantity, total = names.split(",")[3:]

    assert (made.source.columns["unit_price"], made.source.columns["quantity"]) == (price, quantity)
    assert f"'{price}' times '{quantity}' is '{total}' on all of 3 rows: one and the same money" in said(made)


@pytest.mark.parametrize("order", [(3, 4, 5), (5, 3, 4), (4, 5, 3)])
def test_the_order_of_columns_does_not_matter(look: Look, order: tuple[int, ...]) -> None:
    """Whole numbers are the pieces, wherever they stand."""
    names = ["order_id", "customer_id", "date", "f_17", "f_18", "f_19"]
    made = look(
        ",".join([*names[:3], *(names[n] for n in order)]),
        *(",".join([*row.split(",")[:3], *(row.split(",")[n] for n in order)]) for row in LINES),
    )

    assert (made.source.columns["unit_price"], made.source.columns["quantity"]) == ("f_17", "f_18")


def test_without_a_column_of_pieces_that_is_said(look: Look) -> None:
    """Each line counts as one, and the analyst reads it."""
    made = look("order_id,customer_id,date,price", "1,7,2026-01-05,10.50", "2,8,2026-01-06,11.50")

    assert "no column says how many pieces: each line counts as one" in made.unsure


PRICED = "order_id,customer_id,date,sku,quantity,unit_price"


@pytest.mark.parametrize(
    ("more", "rows", "way"),
    [
        ("discount,line_total", ("5.00,15.00", "0,10.00", "3.00,57.00"), "line"),
        ("Rabatt,Summe", ("-5.00,15.00", "0,10.00", "-3.00,57.00"), "line"),
        ("discount,total", ("0.25,15.00", "0,10.00", "0.1,54.00"), "share"),
        ("remise,montant", ("5.00,20.00", "0,10.00", "3.00,60.00"), "line"),
    ],
)
def test_a_discount_of_the_line_is_proved_by_its_total(look: Look, more: str, rows: tuple[str, ...], way: str) -> None:
    """Of money, of either sign, and of a share; where the total does not hold it, it still comes off and is asked."""
    lines = ("A1,7,2026-01-05,M,2,10.00", "A2,8,2026-01-06,M,1,10.00", "A3,7,2026-02-07,C,3,20.00")
    made = look(f"{PRICED},{more}", *(f"{line},{row}" for line, row in zip(lines, rows, strict=True)))
    name, total = more.split(",")

    assert (made.source.columns["discount"], made.rules.discount) == (name, way)
    assert made.source.columns["unit_price"] == "unit_price" and "amount" not in made.source.columns
    assert ("less" in said(made)) is (total != "montant") and bool(made.questions) is (total == "montant")


ORDERS = ("A,7,2026-01-05,M,2,10.00", "A,7,2026-01-05,C,1,20.00", "B,8,2026-01-06,M,3,10.00", "B,8,2026-01-06,C,1,5.00")


@pytest.mark.parametrize(
    ("more", "rows", "way"),
    [
        ("Discount Amount,Subtotal", ("4.00,36.00", ",", "3.00,32.00", ","), "order"),
        ("Discount Amount,Subtotal", ("4.00,36.00", "4.00,36.00", "3.00,32.00", "3.00,32.00"), "order_repeated"),
        ("rabatt,warenwert", ("1.00,37.00", "2.00,37.00", "3.00,31.00", "1.00,31.00"), "line"),
        ("Discount Amount,Subtotal", ("4.00,40.00", ",", "3.00,35.00", ","), "included"),
        ("desconto,valor total", ("0.1,36.00", "0.1,36.00", "0.2,28.00", "0.2,28.00"), "share"),
    ],
)
def test_a_discount_of_the_order_is_proved_by_its_total(look: Look, more: str, rows: tuple[str, ...], way: str) -> None:
    """On the first line, repeated, of each line, in the prices already, as a share: what adds up is it."""
    made = look(f"{PRICED},{more}", *(f"{line},{row}" for line, row in zip(ORDERS, rows, strict=True)))
    name, total = more.split(",")

    assert (made.source.columns["discount"], made.rules.discount) == (name, way)
    assert f"meet '{total}' in all of 2 orders with a discount" in said(made)


def test_shipping_and_tax_of_a_total_are_no_goods(look: Look) -> None:
    """The lines less the discount, with shipping and tax, are the total: the lines count."""
    rows = ("4.00,5.00,3.00,44.00", ",,,", "3.00,6.00,1.00,39.00", ",,,")
    header = f"{PRICED},discount,shipping,tax,Total"
    made = look(header, *(f"{line},{row}" for line, row in zip(ORDERS, rows, strict=True)))

    assert made.rules.discount == "order" and "amount" not in made.source.columns
    assert "the lines less 'discount' and 'shipping' and 'tax' meet 'Total' in all of 2 orders" in said(made)


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_totals_the_goods_count(look: Look, reverse: bool) -> None:
    """One row per order: subtotal less discount, with shipping and tax, is the total; the subtotal is the goods."""
    rows = ("1,7,2026-01-05,40.00,4.00,5.00,3.00,44.00", "2,8,2026-01-06,35.00,3.00,6.00,1.00,39.00")
    rows += ("3,7,2026-02-06,20.00,0,6.00,0,26.00",)
    header = "order_id,customer_id,date,subtotal,discount,shipping,tax,total"
    made = look(header, *(rows[::-1] if reverse else rows))

    assert (made.source.columns["amount"], made.rules.discount) == ("subtotal", "line")


def test_a_coupon_repeated_on_each_line_counts_once(look: Look) -> None:
    """No total stands beside it: that it is the same on lines of different money shows it."""
    rows = (f"{line},{off}" for line, off in zip(ORDERS, ("2.00", "2.00", "3.00", "3.00"), strict=True))
    made = look(f"{PRICED},coupon_discount".replace("coupon_discount", "discount"), *rows)

    assert made.rules.discount == "order_repeated"
    assert [question.key for question in made.questions] == ["discount"]


@pytest.mark.parametrize(
    ("name", "costs", "way"),
    [
        ("unit_cost", ("6.00", "12.00", "6.00", "3.00"), "piece"),
        ("Kosten", ("12.00", "12.00", "18.00", "3.00"), "line"),
        ("Wareneinsatz", ("6.01", "12.00", "5.99", "3.00"), "piece"),
    ],
)
def test_whose_cost_it_is_shows_in_what_it_goes_with(look: Look, name: str, costs: tuple[str, ...], way: str) -> None:
    """A cost of a piece goes with the price, one of the line with its money, whatever its name."""
    made = look(f"{PRICED},{name}", *(f"{line},{cost}" for line, cost in zip(ORDERS, costs, strict=True)))

    assert (made.source.columns["cost"], made.rules.cost) == (name, way)


@pytest.mark.parametrize(
    ("header", "rows", "units"),
    [
        (
            "id,customer_id,created,amount,currency",
            ("ch_1,7,2026-01-05,900,eur", "ch_2,8,2026-01-06,4900,eur"),
            "minor",
        ),
        ("id,customer_id,created,amount_cents", ("1,7,2026-01-05,999", "2,8,2026-01-06,4900"), "minor"),
        ("id,customer_id,created,amount,main", ("1,7,2026-01-05,999,9.99", "2,8,2026-01-06,4900,49.00"), "minor"),
        ("id,customer_id,created,amount", ("1,7,2026-01-05,12", "2,8,2026-01-06,9"), "main"),
    ],
)
def test_cents_are_known_by_name_by_another_column_or_by_how_programs_write(
    look: Look, header: str, rows: tuple[str, ...], units: str
) -> None:
    """Small whole amounts are no cents."""
    assert look(header, *rows).rules.amounts == units


@pytest.mark.parametrize("name", ["Amount Refunded", "Erstattungsbetrag", "refunded_amount"])
def test_a_refunded_amount_is_read(look: Look, name: str) -> None:
    """What came back stands beside what was paid."""
    made = look(f"id,customer_id,date,amount,{name}", "1,7,2026-01-05,100.50,0.00", "2,8,2026-01-06,110.50,90.00")

    assert (made.source.columns["refunded"], made.source.columns["amount"]) == (name, "amount")


@pytest.mark.parametrize("name", ["Invoice ID", "Bestellnummer", "order_id"])
def test_a_column_with_gaps_is_no_order_number(look: Look, name: str) -> None:
    """Blank on half of the rows: the full id beside it numbers the payments."""
    rows = ("ch_1,2026-01-05,10.50,c7,in_1", "ch_2,2026-01-06,11.50,c8,", "ch_3,2026-02-07,12.50,c7,in_2")
    made = look(f"id,created,amount,customer_id,{name}", *rows, "ch_4,2026-02-08,13.50,c9,")

    assert made.source.columns["order_id"] == "id"


def test_what_the_user_says_is_not_doubted(look: Look) -> None:
    """The columns named on the command line stay, and the others are found around them."""
    rows = ("1,7,2026-01-05,2026-01-09,10.50", "2,8,2026-01-06,2026-01-09,11.50")
    made = look("no,who,asked,Close Date,sum", *rows, given={"ordered_at": "Close Date", "customer_id": "who"})

    assert (made.source.columns["ordered_at"], made.source.columns["customer_id"]) == ("Close Date", "who")
    assert not made.open


def test_a_column_that_says_how_was_paid_tells_no_kinds(tmp_path: Path) -> None:
    """A bank transfer and a credit card in a column called Type are ways to pay: all of these rows are sales."""
    rows = "".join(
        f"C{n % 4},{n},2026-01-{n + 1:02d},{10 + n}.50,{('Credit Card', 'Bank transfer', 'Cash')[n % 3]}\n"
        for n in range(12)
    )
    (tmp_path / "o.csv").write_text(f"customer,order no,date,amount,type\n{rows}")
    made = propose(tmp_path / "o.csv")

    assert "kind" not in made.source.columns
    assert not made.rules.kinds
