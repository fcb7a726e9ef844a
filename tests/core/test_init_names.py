"""Headers that `seglib init` reads: languages, alphabets, older encodings, abbreviations, titles above the names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from seglib.init.names import in_full, plain, rank
from seglib.init.propose import propose

pytestmark = pytest.mark.forms(1)

HEADERS = {
    "Portuguese": "Código do Cliente;Número do Pedido;Data do Pedido;Quantidade;Preço Unitário;Valor Total",
    "Italian": "Codice cliente;Numero ordine;Data ordine;Quantità;Prezzo unitario;Totale riga",
    "Polish": "Nr klienta;Nr zamówienia;Data zamówienia;Ilość;Cena jednostkowa;Wartość",
    "Swedish": "Kundnummer;Ordernummer;Orderdatum;Antal;Pris;Belopp",
    "SAP": "Kundennr.;Belegnr.;Belegdatum;Menge;Einzelpreis;Betrag",
    "Russian": "Код клиента;Номер заказа;Дата заказа;Количество;Цена;Сумма",
    "Japanese": "顧客ID;注文番号;注文日時;数量;単価;金額",
    "Chinese": "客户编号;订单号;下单时间;数量;单价;金额",
    "Korean": "고객번호;주문번호;주문일시;수량;단가;금액",
    "abbreviated": "CUST_NO;ORD_NBR;TXN_DT;QTY;UNIT_PRC;NET_AMT",
}
FIELDS = ("customer_id", "order_id", "ordered_at", "quantity", "unit_price", "amount")


@pytest.mark.parametrize("language", HEADERS)
def test_column_names_of_many_languages(language: str) -> None:
    """Customer, order, time, quantity, price and amount are known in each language."""
    names = HEADERS[language].split(";")

    assert [field for field, name in zip(FIELDS, names, strict=True) if rank(name, field) is None] == []


def test_abbreviations_are_written_in_full() -> None:
    """Capitals inside a name and signs between its parts end a word; other words stay."""
    assert (in_full("ORD_DT"), in_full("NetAmt"), in_full("colour")) == ("orderdate", "netamount", "colour")
    assert plain("orders.Kundennr.") == "kundennr"


ROWS = "K1;A1;2026-01-05;2;5,00;10,00\nK1;A2;2026-02-05;1;5,00;5,00\nK2;A3;2026-03-05;1;2,50;2,50\n"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [("Polish", "cp1250"), ("Russian", "cp1251"), ("Japanese", "cp932"), ("Chinese", "gb18030"), ("Korean", "euc_kr")],
)
def test_F17_the_encoding_is_the_one_in_which_names_are_known(
    from_export: Callable[..., Any], language: str, encoding: str
) -> None:
    """A file that is not UTF-8 is read in the encoding that makes sense of its header, and the doubt is said."""
    made, orders = from_export(f"{HEADERS[language]}\n{ROWS}".encode(encoding))

    assert made.source.csv.encoding == encoding
    assert any(f"the encoding is taken as {encoding}" in sentence for sentence in made.unsure)
    assert orders["amount_minor"].tolist() == [1000, 500, 250]


TITLED = "ACME Ltd\nSales, first quarter\n\ncustomer id,order id,order date,total\n"


@pytest.mark.wide
def test_a_title_above_the_names_is_left_out(from_export: Callable[..., Any]) -> None:
    """The line with the names is found, written into the plan, and only what stands below is read."""
    made, orders = from_export(f"{TITLED}7,A,2026-01-01,5.00\n7,B,2026-01-02,6.00\n8,C,2026-01-03,7.00\n")

    assert made.source.header == 4
    assert orders["amount_minor"].tolist() == [500, 600, 700]
    assert any(sentence.startswith("line 4 is taken as the line of column names") for sentence in made.unsure)


@pytest.mark.wide
def test_the_hint_of_a_spreadsheet_about_its_delimiter_is_no_header(from_export: Callable[..., Any]) -> None:
    """Excel writes sep=; above the names of some files."""
    made, orders = from_export(
        "sep=;\ncustomer id;order id;order date;total\n7;A;2026-01-01;5,50\n7;B;2026-01-02;6,00\n"
    )

    assert (made.source.header, made.source.csv.delimiter) == (2, ";")
    assert orders["amount_minor"].tolist() == [550, 600]


@pytest.mark.wide
def test_a_title_above_the_names_of_a_sheet(tmp_path: Path, from_export: Callable[..., Any]) -> None:
    """Excel reports carry a title; two sheets under the same title are read as one."""
    book = openpyxl.Workbook()
    for number, sheet in enumerate((book.active, book.create_sheet("2025")), 1):
        for row in (
            ["Sales"],
            [],
            ["Customer ID", "Order ID", "Order Date", "Total"],
            [7, number, f"2026-01-0{number}", number],
        ):
            sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    made, orders = from_export(tmp_path / "book.xlsx")

    assert (made.source.sheet, made.source.header) == ("*", 3)
    assert orders["amount_minor"].tolist() == [100, 200]


def test_lists_in_a_parquet_file_are_no_hindrance(tmp_path: Path) -> None:
    """A column without text that nobody needs is left out."""
    frame = pd.DataFrame(
        {
            "customer_id": [1, 1],
            "order_id": [1, 2],
            "date": ["2026-01-01"] * 2,
            "amount": [1.0, 2.0],
            "tags": [["a"]] * 2,
        }
    )
    frame.to_parquet(tmp_path / "orders.parquet")
    made = propose(tmp_path / "orders.parquet")

    assert made.source.columns["amount"] == "amount" and "tags" not in made.source.columns.values()
