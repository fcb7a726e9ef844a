"""Exports of systems that nobody has described: names that are put together, orders told twice, states in codes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seglib.core.errors import InputRefused
from seglib.init.names import rank
from seglib.init.propose import Proposal, propose

pytestmark = pytest.mark.wide

Look = Callable[[list[str]], Proposal]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return a function that writes lines as an export and looks at it."""

    def looked(lines: list[str]) -> Proposal:
        (tmp_path / "export.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return propose(tmp_path / "export.csv")

    return looked


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("order_id", ("Auftrags-ID", "orders_id", "Document Number", "Número de orden", "Numer faktury")),
        ("customer_id", ("customers_id", "Debiteurnr.", "Nabywca", "Nome de usuário (comprador)")),
        ("ordered_at", ("Data de criação do pedido", "Created Time", "createTime", "Fecha de creación")),
        ("unit_price", ("VK Netto", "Preis brutto", "products_price", "Precio del producto")),
        ("amount", ("Gesamt netto", "Deal - Value", "Bedrag excl. btw", "beløb inkl. moms")),
        ("quantity", ("Quantidade Comprada", "products_quantity", "Cantidad del producto")),
        ("status", ("Status do Pagamento", "Estado del pago")),
    ],
)
def test_names_put_together_are_read(field: str, names: tuple[str, ...]) -> None:
    """A word for order, customer, time or money is known beside a word for its number, its goods or its tax."""
    unread = [name for name in names if rank(name, field) is None]

    assert unread == []


def test_names_of_something_else_are_not_read() -> None:
    """A count of returns is no quantity, a change no date of the order, and tax no money of goods."""
    read = [("Returned quantity", "quantity"), ("updateTime", "ordered_at"), ("Tax Total", "amount")]

    assert [rank(name, field) for name, field in [*read, ("orderItemId", "order_id")]] == [None] * 4


PARTS = ["order_no,parent_order,customer,date,amount"]
PARTS += [f"{n}0,,K{n},2026-01-0{n},30.50" for n in range(1, 5)]
PARTS += [f"{n}{part},{n}0,K{n},2026-01-0{n},{money}" for n in range(1, 5) for part, money in ((1, 10.5), (2, 20))]


def test_a_parent_order_counts_and_its_parts_do_not(from_export: Callable[..., Any]) -> None:
    """Parts of the same day that come to the money of their order are that order again."""
    made, orders = from_export("\n".join([*PARTS, "90,77,K9,2026-01-09,5.00"]) + "\n")

    assert "8 rows of sub-orders of orders that stand in the file left out" in " ".join(made.understood)
    assert orders["amount_minor"].tolist() == [3050, 3050, 3050, 3050, 500]


def test_refunds_that_name_their_order_are_no_parts(look: Look) -> None:
    """What came later, or is called a refund, undoes an order."""
    later = [line.replace("2026-01-0", "2026-02-0") if line.split(",")[1] else line for line in PARTS]
    told = [f"{line},{'refund' if line.split(',')[1] else 'sale'}" for line in PARTS[1:]]

    assert not any("left out" in said for said in look(later).understood)
    assert not any("left out" in said for said in look([f"{PARTS[0]},type", *told]).understood)


@pytest.mark.wide
def test_parts_with_the_articles_count_as_their_order(from_export: Callable[..., Any]) -> None:
    """Where only sub-orders tell articles, they count, under the number of the whole order."""
    lines = ["order_no;main_order;customer;date;article;quantity;price;total"]
    lines += [f"M{n};;K{n};2026-01-0{n};;;;30.50" for n in range(1, 5)]
    parts = (("A", 3, "3.50", "10.50"), ("B", 1, "20.00", "20.00"))
    lines += [f"M{n}-{a};M{n};K{n};2026-01-0{n};{a};{q};{p};{t}" for n in range(1, 5) for a, q, p, t in parts]
    _, orders = from_export("\n".join(lines) + "\n")

    assert orders.groupby("order_id")["amount_minor"].sum().to_dict() == {f"M{n}": 3050 for n in range(1, 5)}


@pytest.mark.wide
def test_lines_repeated_for_each_payment_count_once(from_export: Callable[..., Any]) -> None:
    """An order of two lines that was paid in two parts has four rows and two lines."""
    lines = ["order_id,customer_id,order_date,line,sku,qty,price,payment_id,payment_value"]
    for n in range(1, 5):
        for line, sku, price in ((1, "A", 10.5), (2, "B", 20)):
            for part, paid in (("a", 5.5), ("b", 25)) if n < 4 else (("a", 30.5),):
                lines.append(f"{n},K{n},2026-01-0{n},{line},{sku},1,{price},P{n}{part},{paid}")
    made, orders = from_export("\n".join(lines) + "\n")

    assert any("each line of an order is repeated for each 'payment_id': 6 rows" in said for said in made.understood)
    assert orders.groupby("order_id")["amount_minor"].sum().tolist() == [3050] * 4


def test_two_shipments_with_their_own_lines_stay(look: Look) -> None:
    """Lines that went out in two parcels are told once each."""
    lines = ["order_id,customer_id,order_date,sku,qty,price,shipment_id"]
    lines += [f"{n},K{n},2026-01-0{n},{sku},1,7.50,S{n}{sku}" for n in range(1, 6) for sku in "AB"]

    assert not any("left out" in said for said in look(lines).understood)


def documents(second: str, money: Callable[[int], str]) -> list[str]:
    """Return twelve documents of one kind, and twelve of another."""
    lines = ["document type,document no.,customer no.,date,amount"]
    for n in range(10, 22):
        lines.append(f"{second},A{n},K{n % 5},2026-01-{n},{money(n)}")
        lines.append(f"Invoice,R{n},K{n % 5},2026-01-{n},{n}.50")
    return lines


def test_orders_beside_their_invoices_count_once(look: Look) -> None:
    """The invoice is what was charged; the order of the same customer and money is the same sale."""
    made = look(documents("Sales Order", lambda n: f"{n}.50"))

    assert made.rules.kinds == {"Sales Order": "ignore", "Invoice": "sale"}
    assert any("tell the sales of the rows 'Invoice' again" in said for said in made.understood)


def test_documents_of_other_money_are_sales_of_their_own(look: Look) -> None:
    """Kinds that only share customers are not the same sales."""
    made = look(documents("Sales Order", lambda n: f"{n + 40}.25"))

    assert not any("again" in said for said in made.understood)


def test_a_renewal_of_the_same_money_is_a_sale_of_its_own(look: Look) -> None:
    """Only an order, its invoice and its payment can be one sale."""
    made = look([line.replace("Invoice", "Renewal") for line in documents("New", lambda n: f"{n}.50")])

    assert not any("again" in said for said in made.understood)


def test_states_in_codes_are_named_with_their_rows(look: Look) -> None:
    """Nobody can know what 5 and 7 mean: they count, and init says how to say otherwise."""
    lines = ["order_id,customer_id,date_added,total,order_status_id"]
    made = look([*lines, "1,K1,2026-01-01,5.00,5", "2,K2,2026-01-02,6.00,5", "3,K1,2026-01-03,7.00,7"])
    said = " ".join(made.unsure)

    assert made.source.columns["status"] == "order_status_id"
    assert "count as purchases: 5 (2 rows), 7 (1 row); where one is none, write it into rules.states" in said
    assert "whether 'total' holds shipping and tax the file does not tell" in said


def test_the_state_of_payment_counts_beside_that_of_the_order(from_export: Callable[..., Any]) -> None:
    """An order that is open and whose payment was refused was not paid."""
    lines = ["Número do Pedido;Cliente;Data;Status do Pedido;Status do Pagamento;Valor"]
    states = ("Aberto;Confirmado", "Aberto;Recusado", "Aberto;Pendente", "Cancelado;Confirmado", "Aberto;Confirmado")
    lines += [f"{n};K{n};0{n}/01/2026;{state};{n}0,00" for n, state in enumerate(states, 1)]
    _, orders = from_export("\n".join(lines) + "\n")

    assert orders["amount_minor"].tolist() == [1000, 5000]


def test_a_pending_order_that_was_paid_counts(from_export: Callable[..., Any]) -> None:
    """Where most orders that are called pending are paid, the state of payment tells; what was called off stays so."""
    lines = ["order_id,customer_id,date,amount,status,payment_status"]
    states = ("pending,captured", "pending,captured", "pending,requires_action", "canceled,captured")
    lines += [f"{n},K{n},2026-01-0{n},{n}0.00,{state}" for n, state in enumerate(states, 1)]
    _, orders = from_export("\n".join(lines) + "\n")

    assert orders["amount_minor"].tolist() == [1000, 2000]


def test_open_is_unpaid_where_others_are_paid(look: Look) -> None:
    """Beside `paid`, what is open is not; beside `closed` it may be an order that is on its way."""
    lines = ["order_id,customer_id,date,amount,status", "1,K1,2026-01-01,5.00,open"]

    assert look([*lines, "2,K2,2026-01-02,5.00,paid"]).rules.states["open"] == "unpaid"
    assert "open" not in look([*lines, "2,K2,2026-01-02,5.00,closed"]).rules.states


def test_the_time_of_an_order_may_stand_on_its_first_line(from_export: Callable[..., Any]) -> None:
    """The rows below have the order's number, and take its time and state from above."""
    lines = ["order_no;email;date;status;product;price;quantity", "1;a@x.org;2026-01-01;paid;Mug;5.00;1"]
    lines += ["1;a@x.org;;;Cup;2.50;2", "2;b@x.org;2026-01-02;cancelled;Mug;5.00;1", "2;b@x.org;;;Cup;2.50;1"]
    _, orders = from_export("\n".join([*lines, "3;b@x.org;2026-01-03;paid;Mug;5.00;1"]) + "\n")

    assert orders[["order_id", "amount_minor"]].to_numpy().tolist() == [["1", 500], ["1", 500], ["3", 500]]


def test_returned_pieces_take_their_part_of_the_line(from_export: Callable[..., Any]) -> None:
    """One of two pieces of 2 x 5.00 less 1.00 came back: 4.50."""
    lines = ["order_id,customer_id,date,sku,quantity,unit price,line discount,line total,returned quantity"]
    lines += ["1,K1,2026-01-01,A,2,5.00,1.00,9.00,1", "2,K2,2026-01-02,B,1,7.00,0.00,7.00,0"]
    lines += ["3,K1,2026-01-03,A,3,5.00,0.00,15.00,3", "4,K3,2026-01-04,A,2,5.00,2.00,8.00,0"]
    made, orders = from_export("\n".join(lines) + "\n")

    assert any("says that 4 pieces came back, on 2 rows" in said for said in made.understood)
    assert orders["amount_minor"].tolist() == [450, 700, 800]


@pytest.mark.wide
def test_returned_pieces_with_a_decimal_comma(from_export: Callable[..., Any]) -> None:
    """The column that the query makes is written as the file writes its money."""
    lines = ["Bestelnummer;Klantnaam;Besteldatum;Aantal;Verkoopprijs incl. btw;Retour aantal"]
    lines += ["1;An;01-01-2026;2;105,50;1", "2;Bo;02-01-2026;1;7,00;0", "3;An;13-01-2026;3;5,00;3"]
    _, orders = from_export("\n".join(lines) + "\n")

    assert orders["amount_minor"].tolist() == [10550, 700]


def test_what_may_be_in_a_total_can_be_taken_off(look: Look) -> None:
    """A doubt says which words of the command line answer it."""
    made = look(
        ["order_id,customer_id,date,grand total,shipping", "1,K1,2026-01-01,15.00,4.90", "2,K2,2026-01-02,9.00,0"]
    )

    assert any('--column amount_extras="shipping" takes it off' in said for said in made.unsure)


def test_lines_without_a_buyer_are_refused_with_a_way_on(look: Look) -> None:
    """An article or a yes and no of each line is no customer, and is not proposed as one."""
    lines = ["Order Id,Order Date,Menu Item,Net Price,Qty,Void?"]
    lines += [f"{n},2026-01-0{n},{item},{n}.50,1,false" for n in range(1, 6) for item in ("Wings", "Tea")]

    with pytest.raises(InputRefused, match="no column says who bought.*export order lines with customer"):
        look(lines)


def test_a_report_in_groups_is_refused_with_how_to_export_it(look: Look) -> None:
    """A customer on a line of its own cannot be told for sure from the rows: the export can write it on each."""
    lines = ["Customer,Date,Type,Num,Qty,Price,Amount"]
    for who in "ABC":
        lines += [f"Shop {who},,,,,,", *[f",2026-01-0{n},Invoice,{who}{n},1,5.00,5.00" for n in range(1, 5)]]
        lines.append(f"Total for Shop {who},,,,,,20.00")

    with pytest.raises(
        InputRefused, match="a report in groups: 'Customer'.*with 'Customer' on each row.*group by none"
    ):
        look(lines)


def test_of_prices_with_and_without_tax_that_without_counts(look: Look) -> None:
    """Tax is never goods: both prices times the pieces are a total, and the net one is taken."""
    lines = [
        "Nr.;KdNr;RgNr;RgDatum;Artikel;Stück;Preis inkl. MwSt;Preis exkl. MwSt;Gesamt inkl. MwSt;Gesamt exkl. MwSt"
    ]
    lines += [f"{n};K{n};R{n};0{n}.01.2026;Mug;{n};12,00;10,00;{n * 12},00;{n * 10},00" for n in range(1, 6)]
    columns = look(lines).source.columns

    assert (columns["unit_price"], columns["quantity"]) == ("Preis exkl. MwSt", "Stück")
    assert "amount" not in columns
