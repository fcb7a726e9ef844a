"""Shapes that forty exports, invented after documentation alone, have and others had not: each under several names."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from seglib.init.propose import Proposal, propose
from seglib.init.trial import prove

Take = Callable[..., Any]


def further(*values: Any) -> list[Any]:
    """One form of a thing for every run, the others for the wide one."""
    return [
        values[0],
        *(pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.wide) for one in values[1:]),
    ]


def text(header: str, rows: Sequence[str], *, backwards: bool = False) -> str:
    """Write rows below a header, the last one first if wanted."""
    return "\n".join([header, *(rows[::-1] if backwards else rows), ""])


def looked(path: Path, content: str | bytes) -> Proposal:
    """Write a file and look at it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return propose(path)


def doubts(made: Proposal) -> str:
    """What is to be checked, as one text."""
    return "\n".join(made.unsure)


PAID = [f"P{n},C{n % 4},2026-01-{n + 10:02d},{n}0.00,{'5.00' if n in (3, 6) else ''}" for n in range(1, 9)]


@pytest.mark.parametrize(
    "name",
    further(
        "Terugbetaald bedrag", "Erstatteter Betrag", "Montant des remboursements", "Importe devuelto", "İade Tutarı"
    ),
)
@pytest.mark.parametrize("backwards", further(False, True))
def test_what_was_given_back_is_read_in_many_languages(from_export: Take, name: str, backwards: bool) -> None:
    """Two payments of 8 gave back 5.00 each: 360.00 less 10.00."""
    made, orders = from_export(text(f"order id,customer id,date,amount,{name}", PAID, backwards=backwards))

    assert made.source.columns["refunded"] == name
    assert orders["amount_minor"].sum() == 35000


def with_two_discounts(names: str) -> list[str]:
    """Write orders of two lines, with a discount and a coupon of the order on each of them."""
    rows = [f"order,email,when,sku,pieces,price,{names}"]
    for n in range(1, 9):
        off, coupon = (100 if n % 2 else 0), (250 if n % 3 == 0 else 0)
        sub = 1000 * n + 550
        for sku, pieces, price in (("A", n, 1000), ("B", 1, 550)):
            told = ",".join(f"{value / 100:.2f}" for value in (sub, off, coupon, 490, sub - off - coupon + 490))
            rows.append(f"Q{n},{n % 3}@example.org,2026-01-{n + 9} 10:00:00,{sku},{pieces},{price / 100:.2f},{told}")
    return rows


@pytest.mark.parametrize(
    "names",
    further(
        "subtotal,discount,coupon_discount,shipping_cost,total",
        "Zwischensumme,Rabatt,Gutscheinrabatt,Versandkosten,Gesamtsumme",
    ),
)
@pytest.mark.parametrize("backwards", further(False, True))
def test_two_discounts_that_every_line_repeats_come_off_once(from_export: Take, names: str, backwards: bool) -> None:
    """36 pieces of 10.00 and 8 of 5.50, less 4 discounts of 1.00 and 2 coupons of 2.50."""
    header, *rows = with_two_discounts(names)
    made, orders = from_export(text(header, rows, backwards=backwards))

    assert made.rules.discount == "order_repeated"
    assert orders["amount_minor"].sum() == 36000 + 4400 - 400 - 500


def in_per_cent(names: str, tax: int = 13) -> list[str]:
    """Write invoice lines of which every third has ten per cent off, and tax on what is left."""
    rows = [f"Invoice #,Client Name,Date Issued,Rate,Quantity,{names},Currency"]
    for n in range(1, 13):
        sub, off = 1500 * n, 10 if n % 3 == 0 else 0
        left = sub * (100 - off) // 100
        told = f"{off},{sub / 100:.2f},{left * tax / 10000:.2f},{left * (100 + tax) / 10000:.2f}"
        rows.append(f"I{n},Firm {n % 4},01/{n + 9}/2026,15.00,{n},{told},USD")
    return rows


@pytest.mark.parametrize(
    "names",
    further(
        "Discount Percentage,Line Subtotal,Tax Amount,Line Total", "Rabatt in Prozent,Zwischensumme,Umsatzsteuer,Summe"
    ),
)
@pytest.mark.parametrize("backwards", further(False, True))
def test_a_discount_in_per_cent_comes_off(from_export: Take, names: str, backwards: bool) -> None:
    """78 pieces of 15.00, of which those of the third, sixth, ninth and twelfth invoice cost a tenth less."""
    header, *rows = in_per_cent(names)
    made, orders = from_export(text(header, rows, backwards=backwards))

    assert made.rules.discount == "share"
    assert orders["amount_minor"].sum() == 78 * 1500 - (3 + 6 + 9 + 12) * 150


@pytest.mark.parametrize("name", further("Discount Percentage", "Rabatt in Prozent"))
@pytest.mark.parametrize(("money", "way"), further(("price", "comes off 'price'"), ("line total", "is not read")))
def test_a_discount_in_per_cent_that_nothing_proves_is_said(tmp_path: Path, name: str, money: str, way: str) -> None:
    """No total after it: it comes off a price and off no total, and how much it is about is said."""
    rows = [f"I{n},Firm {n % 4},2026-01-{n + 9},{n}5.00,{10 if n % 3 == 0 else 0}" for n in range(1, 10)]
    made = looked(tmp_path / "o.csv", text(f"invoice no,client,date,{money},{name}", rows))

    assert f"'{name}' is up to 10 per cent on 3 rows, 19.50 in all, and {way}" in doubts(made)
    assert made.rules.discount == ("share" if money == "price" else "line")


@pytest.mark.parametrize("name", further("Discount Percentage", "Rabatt in Prozent"))
def test_a_discount_in_per_cent_comes_off_a_total_where_the_analyst_says_so(tmp_path: Path, name: str) -> None:
    """495.00 in nine invoices, three of them with a tenth off: 195.00 less 19.50."""
    rows = [f"I{n},Firm {n % 4},2026-01-{n + 9},{n}5.00,{10 if n % 3 == 0 else 0}" for n in range(1, 10)]
    (tmp_path / "o.csv").write_text(text(f"invoice no,client,date,line total,{name}", rows))
    trial = prove(propose(tmp_path / "o.csv", given={"discount": name}))

    assert trial is not None
    assert trial.months["money_minor"].sum() == 49500 - 1950


def deposits(names: str) -> list[str]:
    """Write bookings of which every second has paid a fifth so far."""
    rows = [f"booking id,email,created at,{names}"]
    for n in range(1, 11):
        goods, tax = 5000 * n, 350 * n
        paid = (goods + tax) // 5 if n % 2 else goods + tax
        told = ",".join(f"{value / 100:.2f}" for value in (goods, tax, goods + tax, paid, goods + tax - paid))
        rows.append(f"B{n},{n % 4}@example.org,2026-01-{n + 9} 09:30:00,{told}")
    return rows


@pytest.mark.parametrize(
    "names",
    further(
        "Subtotal,Taxes & Fees,Total,Total Paid,Amount Due", "Nettobetrag,Steuer,Gesamtbetrag,Bezahlt,Offener Betrag"
    ),
)
@pytest.mark.parametrize("backwards", further(False, True))
def test_of_a_deposit_the_whole_price_counts(from_export: Take, names: str, backwards: bool) -> None:
    """What is due was charged as well: 55 x 50.00, without tax."""
    header, *rows = deposits(names)
    _, orders = from_export(text(header, rows, backwards=backwards))

    assert orders["amount_minor"].sum() == 55 * 5000


def taxed(on_shipping: bool) -> list[str]:
    """Write orders of one line with tax; one gave back a piece with its tax, one everything."""
    rows = ["order,email,created at,quantity,price,subtotal,shipping,tax,total,refunded amount"]
    for n in range(1, 11):
        goods = 1000 * n
        tax = (goods + (600 if on_shipping else 0)) * 10 // 100
        back = {2: 1100, 5: goods + 600 + tax}.get(n, 0)
        told = ",".join(f"{value / 100:.2f}" for value in (goods, 600, tax, goods + 600 + tax, back))
        rows.append(f"T{n},{n % 4}@example.org,2026-01-{n + 9} 09:30:00,{n},10.00,{told}")
    return rows


@pytest.mark.parametrize("on_shipping", further(False, True))
@pytest.mark.parametrize("backwards", further(False, True))
def test_tax_in_a_refund_is_of_what_it_was_charged_on(from_export: Take, on_shipping: bool, backwards: bool) -> None:
    """A piece of 10.00 that came back with a tenth of tax, whether shipping was taxed or not; and an order of 50.00."""
    header, *rows = taxed(on_shipping)
    _, orders = from_export(text(header, rows, backwards=backwards))

    assert orders["amount_minor"].sum() == 55 * 1000 - 1000 - 5000


def receipts(sold: str, back: str, ended: str = "Closed") -> list[str]:
    """Write receipts that list their goods, and the return of a part of one on a receipt of its own."""
    return [
        f"01/05/2026 10:00,R1,{sold},30.00,Ann,{ended},2 x Mug",
        f"01/09/2026 11:00,R2,{sold},45.00,Ann,Closed,1 x Lamp; 1 x Mug",
        f"01/12/2026 12:00,R3,{back},-15.00,Ann,Closed,1 x Mug",
        f"01/19/2026 12:00,R4,{sold},20.00,Bob,Closed,2 x Pot; 1 x Mug",
        f"01/23/2026 12:00,R5,{sold},25.00,Cem,Closed,3 x Pot",
    ]


@pytest.mark.parametrize(("sold", "back"), further(("Sale", "Refund"), ("Verkauf", "Retoure")))
@pytest.mark.parametrize("backwards", further(False, True))
def test_a_list_of_goods_is_no_article(from_export: Take, sold: str, back: str, backwards: bool) -> None:
    """The mug that came back belongs to the customer's last receipt, though no receipt is called so."""
    header = "date,receipt number,receipt type,net sales,customer name,status,description"
    made, orders = from_export(text(header, receipts(sold, back), backwards=backwards))

    assert "product_name" not in made.source.columns
    assert dict(zip(orders["order_id"], orders["amount_minor"], strict=True))["R2"] == 3000


@pytest.mark.parametrize("ended", further("Cancelled", "Storniert"))
@pytest.mark.parametrize("backwards", further(False, True))
def test_a_refund_undoes_the_latest_purchase_and_no_cancelled_one_before_it(
    from_export: Take, ended: str, backwards: bool
) -> None:
    """A receipt that was called off brought nothing: what comes back later is of the one that was kept."""
    rows = [
        f"2026-01-05 10:00:00,R1,Ann,MUG,1,15.00,{ended}",
        "2026-01-09 11:00:00,R2,Ann,MUG,1,15.00,Closed",
        "2026-01-09 11:00:00,R2,Ann,POT,1,30.00,Closed",
        "2026-01-12 12:00:00,R3,Ann,MUG,-1,-15.00,Closed",
        "2026-01-13 12:00:00,R4,Bob,POT,1,30.00,Closed",
    ]
    _, orders = from_export(text("date,receipt number,customer,sku,quantity,amount,status", rows, backwards=backwards))

    assert orders.groupby("order_id")["amount_minor"].sum().to_dict() == {"R2": 3000, "R4": 3000}


@pytest.mark.parametrize(
    ("header", "word", "meaning"),
    further(
        ("objednavka;zakaznik;datum;cena;stav", "Vyřízená", "done"),
        ("objednavka;zakaznik;datum;cena;stav", "Čeká na platbu, příští týden", "unpaid"),
        ("zamowienie;klient;data;kwota;status", "Wysłane, płatność przyjęta", "done"),
    ),
)
def test_letters_of_central_europe_are_told_from_western_ones(
    tmp_path: Path, header: str, word: str, meaning: str
) -> None:
    """Without an accent in the header: the words of the states decide in which encoding the file is."""
    rows = [f"{n};K{n % 3};2026-01-{n + 9};{n}5,00;{word if n < 6 else 'Storno'}" for n in range(1, 9)]
    made = looked(tmp_path / "o.csv", text(header, rows).encode("cp1250"))

    assert made.source.csv.encoding == "cp1250"
    assert made.rules.states[word] == meaning


@pytest.mark.parametrize(
    ("form", "zone"), further(("01/{:02d}/2026 03:05:00 PM", "PST"), ("{:02d}.01.2026 15:05", "MEZ"))
)
def test_times_with_the_letters_of_a_zone_are_those_of_the_clock(from_export: Take, form: str, zone: str) -> None:
    """Five past three in the afternoon, and it is said that the zone is not read."""
    rows = [f"{n},C{n % 3},{form.format(n + 9)} {zone},{n}0.00" for n in range(1, 9)]
    made, orders = from_export(text("order id,customer id,date,amount", rows))

    assert set(orders["ordered_at"].dt.strftime("%H:%M")) == {"15:05"}
    assert "the zone behind the times" in doubts(made)


@pytest.mark.parametrize("name", further("currency_rate", "Exchange Rate", "Wechselkurs"))
def test_a_rate_of_exchange_is_no_price(from_export: Take, name: str) -> None:
    """Amount times rate is the amount in the shop's own money: that makes it neither price nor pieces."""
    rows = [f"{n},C{n % 3},2026-01-{n + 9},{n}0.00,1.25,{n * 12.5:.2f}" for n in range(1, 9)]
    made, orders = from_export(text(f"order id,customer id,date,total,{name},in usd", rows))

    assert "unit_price" not in made.source.columns
    assert orders["amount_minor"].sum() == 36000


@pytest.mark.parametrize(
    "names", further("Montant HT,Montant TVA,Montant TTC", "Nettobetrag,Steuerbetrag,Bruttobetrag")
)
def test_an_amount_of_tax_is_no_total_of_goods(from_export: Take, names: str) -> None:
    """A name that says both amount and tax ended in an error: the amount before tax counts."""
    rows = [f"F{n},C{n % 3},2026-01-{n + 9},{n}0.00,{n * 2}.00,{n * 12}.00" for n in range(1, 9)]
    made, orders = from_export(text(f"invoice no,client,date,{names}", rows))

    assert made.source.columns["amount"] == names.split(",")[0]
    assert orders["amount_minor"].sum() == 36000


@pytest.mark.parametrize(
    ("name", "yes"), further(("Disputed?", "1"), ("is_chargeback", "true"), ("Charge back", "Yes"))
)
def test_money_that_was_charged_back_and_is_not_read_is_said(tmp_path: Path, name: str, yes: str) -> None:
    """Which disputes were lost no column says, so that nothing comes off: on how many rows is named."""
    no = {"1": "0", "true": "false", "Yes": "No"}[yes]
    rows = [f"{n},C{n % 3},2026-01-{n + 9},{n}0.00,{yes if n in (2, 5) else no}" for n in range(1, 9)]
    made = looked(tmp_path / "o.csv", text(f"order id,customer id,date,amount,{name}", rows))

    assert f"'{name}' is yes on 2 rows and is not read: money that was charged back was not kept" in doubts(made)


TURKISH = (
    "Sipariş Numarası,E-Posta,Sipariş Tarihi,Ürün Adı,Adet,Birim Fiyatı,İndirim Tutarı,Satış Tutarı,Sipariş Statüsü"
)


@pytest.mark.parametrize("backwards", further(False, True))
def test_an_export_in_turkish_is_read(from_export: Take, backwards: bool) -> None:
    """36 pieces of 10.00 less 3 x 1.00; the second was called off (20.00) and the fifth came back (49.00)."""
    states = {2: "İptal Edildi", 5: "İade Edildi", 7: "Kargoda"}
    rows = [
        f"S{n},{n % 4}@example.org,{n + 9:02d}.01.2026 12:00,Bardak,{n},10.00,{1 if n in (3, 5, 8) else 0}.00,"
        f"{n * 10}.00,{states.get(n, 'Teslim Edildi')}"
        for n in range(1, 9)
    ]
    _, orders = from_export(text(TURKISH, rows, backwards=backwards))

    assert orders["amount_minor"].sum() == 36000 - 300 - 2000 - 4900
