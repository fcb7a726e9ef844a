"""Reading sources: every fault of a file is one sentence, every accepted oddity gives the same rows."""

import os
import sqlite3
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from other_workbooks import write
from pace import within

from seglib.core.contract import CUSTOMERS, ORDERS
from seglib.core.errors import InputRefused
from seglib.core.sections import Source
from seglib.core.sources import Staged, cellerrors, stage
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.readers import ParquetFile

HEADER = "customer_id,order_id,ordered_at,amount,country\n"
ROWS = "00123,A1,2026-01-02,10.50,NL\nNA,A2,2026-01-03,1e5,\n"
TEXT = HEADER + ROWS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty sources folder."""
    path = tmp_path / "sources"
    path.mkdir()
    return path


def put(folder: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    """Write a file byte by byte."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def staged(folder: Path, file: str = "orders.csv", **source: Any) -> Staged:
    """Stage an orders source."""
    plan = source if "query" in source else {"file": file, **source}
    return stage("orders", Source(**plan), ORDERS, folder, folder.parent / "orders.parquet")


def rows(result: Staged, *columns: str) -> list[tuple[Any, ...]]:
    """Read what was staged."""
    table = pq.read_table(result.path)
    return list(zip(*(table[c].to_pylist() for c in columns or table.column_names), strict=True))


def refusal(folder: Path, file: str = "orders.csv", **source: Any) -> str:
    """Return the whole text of a refusal, after checking that nothing was left behind."""
    with pytest.raises(InputRefused) as caught:
        staged(folder, file, **source)
    assert not (folder.parent / "orders.parquet").exists()
    return str(caught.value)


def test_F23_a_changed_page_of_a_parquet_file_is_found_where_it_has_checksums(tmp_path: Path) -> None:
    """A flipped digit in an uncompressed page reads as another amount; its checksum tells."""
    path = tmp_path / "orders.parquet"
    table = pa.table({"amount": ["12.50", "7.00"]})
    pq.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    content, cell = path.read_bytes(), b"\x05\x00\x00\x0012.50"
    path.write_bytes(content.replace(cell, cell.replace(b"1", b"9")))
    faults = Faults()
    read = [cells for (cells,), _ in ParquetFile.open(path, path.name).batches([0], faults)]

    assert pq.read_table(path)["amount"].to_pylist() == ["92.50", "7.00"]
    assert read == []
    assert [str(f)[:36] for f in faults.shown] == ["SEG-F23 Parquet file is damaged - or"]


def test_F23_a_query_finds_a_changed_page_too(folder: Path) -> None:
    """The engine itself reads the other amount; what the query sees is compared with the checksums first."""
    table = pa.table({"who": ["1"], "number": ["A"], "day": ["2026-01-02"], "money": ["12.50"]})
    pq.write_table(table, folder / "bills.parquet", compression="none", use_dictionary=False, write_page_checksum=True)
    query = "select who as customer_id, number as order_id, day as ordered_at, money as amount from bills"
    sound = rows(staged(folder, query=query), "amount")
    content = (folder / "bills.parquet").read_bytes()
    (folder / "bills.parquet").write_bytes(content.replace(b"\x05\x00\x00\x0012.50", b"\x05\x00\x00\x0092.50"))

    assert sound == [("12.50",)]
    assert "SEG-F23" in refusal(folder, query=query)


@pytest.mark.parametrize("plan", [{}, {"query": "select customer_id, order_id, ordered_at, amount from book"}])
def test_V09_errors_of_a_workbook_are_refused_with_their_cells(folder: Path, plan: dict[str, str]) -> None:
    """An id that is #N/A would be a customer of that name; a column that nobody reads may hold what it likes."""
    book = openpyxl.Workbook()
    for row in (["customer_id", "order_id", "ordered_at", "amount", "note"], ["1", "A", "2026-01-02", 5, ""]):
        book.active.append(row)
    book.active.append(["2", "B", "2026-01-03", 6, ""])
    for cell, error in (("A3", "#N/A"), ("D2", "#DIV/0!"), ("E2", "#REF!")):
        book.active[cell].value, book.active[cell].data_type = error, "e"
    book.save(folder / "book.xlsx")
    said = refusal(folder, "book.xlsx", **plan)
    what = "SEG-V09 an error of the spreadsheet, not a value - book.xlsx, line"

    assert f"{what} 2, column 'amount' - found: #DIV/0! - do: correct the cell" in said
    assert f"{what} 3, column 'customer_id' - found: #N/A" in said
    assert "#REF!" not in said


@pytest.mark.parametrize("ending", [".ods", ".xlsb", ".xls"])
def test_V09_errors_of_other_workbooks_are_refused_with_their_cells(folder: Path, ending: str) -> None:
    """Below an empty row and beside an empty column: #N/A in an id, #DIV/0! in an amount; without them it is read."""
    table = [[""] * 5, ["", *HEADER.strip().split(",")], ["", "1", "A", "2026-01-02", 5.5]]
    book = write(folder / f"book{ending}", [*table, ["", "#N/A", "B", "2026-01-03", 6], ["", "3", "C", "", "#DIV/0!"]])
    said = refusal(folder, book.name)
    write(book, table)

    assert f"SEG-V09 an error of the spreadsheet, not a value - {book.name}, line 4, column 'customer_id'" in said
    assert f"{book.name}, line 5, column 'amount' - found: #DIV/0! - do: correct the cell" in said
    assert rows(staged(folder, book.name), "customer_id", "amount", "source_line") == [("1", "5.5", 3)]


@pytest.mark.parametrize("ending", [".ods", ".xlsb", ".xlsx"])
def test_V09_a_sheet_that_cannot_be_searched_for_errors_is_refused(folder: Path, ending: str, monkeypatch) -> None:
    """It is too large to be looked through: an error could not be told from a blank cell, so it is not read."""
    if ending == ".xlsx":
        workbook(folder / "book.xlsx", "one")
    else:
        write(folder / f"book{ending}", [HEADER.strip().split(","), ["1", "A", "2026-01-02", 5.5]])
    monkeypatch.setattr(cellerrors, "MOST_BYTES", 100)

    assert "SEG-F23 errors of the spreadsheet cannot be told from blank cells" in refusal(folder, f"book{ending}")
    assert "do: save it as .xlsx or .csv" in refusal(folder, f"book{ending}")


def test_text_is_kept_and_lines_are_counted_with_the_header(folder: Path) -> None:
    """Ids stay text, empty text is null, and the first row is line 2."""
    put(folder, TEXT)
    result = staged(folder)

    assert rows(result) == [
        ("00123", "A1", "2026-01-02", "10.50", "NL", "orders.csv", 2),
        ("NA", "A2", "2026-01-03", "1e5", None, "orders.csv", 3),
    ]
    assert result.columns == ("customer_id", "order_id", "ordered_at", "amount", "country")
    assert result.files[0][0] == "orders.csv" and result.files[0][2] == len(TEXT)
    assert result.path.stat().st_mode & 0o077 == 0


def test_F01_nearest_file_name_is_suggested(folder: Path) -> None:
    """A misspelt file name is answered with the nearest one."""
    put(folder, TEXT, "order.csv")

    assert "SEG-F01 orders.csv not found in sources - found: did you mean 'order.csv'?" in refusal(folder)


def test_F01_pattern_without_files(folder: Path) -> None:
    """A pattern that matches nothing is refused."""
    assert "SEG-F01 no file matches the pattern - orders_*.csv" in refusal(folder, "orders_*.csv")


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_F02_empty_file(folder: Path, name: str) -> None:
    """A file of no bytes is refused."""
    put(folder, b"", name)

    assert f"SEG-F02 file is empty - {name}" in refusal(folder, name)


def test_F03_header_only(folder: Path) -> None:
    """A header without rows is refused."""
    put(folder, HEADER)

    assert "SEG-F03 no rows below the header - orders.csv" in refusal(folder)


def test_F04_no_header(folder: Path) -> None:
    """A first line that looks like data is called so, without showing it."""
    put(folder, ROWS)
    text = refusal(folder)

    assert "SEG-F04 no header: the first line looks like data - orders.csv, line 1" in text
    assert "expected customer_id,order_id,ordered_at,amount" in text and "00123" not in text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_F04_names_on_another_line_are_found_and_the_setting_is_named(folder: Path, suffix: str) -> None:
    """A title above the names is the most common surprise; with the setting that the message names, it is read."""
    lines = ["Orders of the shop", "printed on Monday", *TEXT.splitlines()]
    put(folder, "\n".join(lines))
    if suffix == "xlsx":
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line.split(","))
        book.save(folder / "orders.xlsx")
    text = refusal(folder, f"orders.{suffix}")

    assert text == (
        f"SEG-F04 the names of the columns stand on another line - orders.{suffix}, line 3"
        " - do: set sources.orders.header: 3 in plan.yml"
    )
    assert staged(folder, f"orders.{suffix}", header=3).rows == 2


def test_F05_duplicate_header_name(folder: Path) -> None:
    """A name that stands twice is refused with both positions."""
    put(folder, "customer_id,order_id,ordered_at,amount,amount\n1,2,2026-01-01,3,4\n")

    assert "SEG-F05 column name twice - orders.csv, line 1, column 'amount' - found: columns 4 and 5" in refusal(folder)


def test_F06_unknown_column_changes_nothing(folder: Path) -> None:
    """A column outside the contract is ignored and named in a notice."""
    put(folder, TEXT)
    clean = rows(staged(folder))
    put(folder, "shoe_size," + HEADER + "".join(f"43,{line}\n" for line in ROWS.splitlines()))
    result = staged(folder)

    assert rows(result) == clean
    assert [str(f) for f in result.findings] == [
        "SEG-F06 columns not in the contract, ignored - orders.csv, line 1 - found: shoe_size"
    ]


@pytest.mark.parametrize("column", ["customer_id", "order_id", "ordered_at", "amount"])
def test_F07_required_column_renamed(folder: Path, column: str) -> None:
    """Each required column that is missing is named, with the nearest spelling and where to map it."""
    put(folder, TEXT.replace(column, column[:-1] + "_"))
    text = refusal(folder)

    assert "SEG-F07 required column missing: " in text and column in text
    assert f"did you mean '{column[:-1]}_'? in plan.yml: sources.orders.columns.{column}" in text


def test_F07_price_stands_in_for_amount(folder: Path) -> None:
    """Orders need an amount or a unit price, not both."""
    put(folder, TEXT.replace("amount", "unit_price"))

    assert "unit_price" in staged(folder).columns


def test_F08_row_too_short_and_F09_row_too_long(folder: Path) -> None:
    """Rows of another width are all reported, each with its line."""
    put(folder, TEXT + "1,2,3\n1,2,3,4,5,6\n")
    text = refusal(folder)

    assert "SEG-F08 row too short - orders.csv, line 4 - found: 3 fields, not 5 - do: " in text
    assert "SEG-F09 row too long - orders.csv, line 5 - found: 6 fields, not 5 - do: " in text


def test_F08_twenty_examples_and_the_total(folder: Path) -> None:
    """Of many bad rows twenty are shown and all are counted."""
    put(folder, TEXT + "1,2\n" * 30)
    lines = refusal(folder).splitlines()

    assert len(lines) == 21
    assert lines[-1] == "SEG-F08 row too short, in total - orders.csv - found: 30 times"


def test_F10_every_row_too_long(folder: Path) -> None:
    """When all rows are too long, one sentence says so."""
    put(folder, HEADER + ROWS.replace("\n", ",x\n"))

    assert refusal(folder).startswith("SEG-F10 every row too long - orders.csv - found: 5 names in the header")


def test_F11_trailing_comma(folder: Path) -> None:
    """A trailing comma everywhere gives the same rows and a notice."""
    put(folder, TEXT)
    clean = rows(staged(folder))
    put(folder, TEXT.replace("\n", ",\n"))
    result = staged(folder)

    assert rows(result) == clean
    assert [f.code for f in result.findings] == ["F11"]


@pytest.mark.parametrize("rest", ['9,"A3,2026-01-04,5,NL\n1,A4,2026-01-04,5,NL\n', '9,"A3,x\n1,"A4",2026-01-04,5,NL\n'])
def test_F12_unclosed_quote(folder: Path, rest: str) -> None:
    """An unclosed quote is refused at the line on which it opens, even when a later quote seems to close it."""
    put(folder, TEXT + rest)

    assert "SEG-F12 quote opened here is not closed - orders.csv, line 4" in refusal(folder)


def test_F13_quote_and_newline_inside_a_field(folder: Path) -> None:
    """Quotes, delimiters and line ends inside a quoted field are kept exactly, and lines are still counted right."""
    put(folder, HEADER + '1,"a ""b"", c\r\nd",2026-01-01,5,NL\n2,5" nail,2026-01-01,5,NL\n')

    assert rows(staged(folder), "order_id", "source_line") == [('a "b", c\r\nd', 2), ('5" nail', 4)]


@pytest.mark.parametrize(("delimiter", "spelled"), [(";", "';'"), ("\t", "tab"), ("|", "'|'")])
def test_F14_wrong_delimiter(folder: Path, delimiter: str, spelled: str) -> None:
    """The delimiter seen is named; with it declared the file is read."""
    put(folder, TEXT.replace(",", delimiter))
    text = refusal(folder)

    assert text.startswith(f"SEG-F14 file uses {spelled}, not ',' - orders.csv, line 1 - do: set csv.delimiter: ")
    assert staged(folder, csv={"delimiter": delimiter}).rows == 2


def test_F16_byte_order_mark(folder: Path) -> None:
    """A byte order mark is skipped with a notice."""
    put(folder, b"\xef\xbb\xbf" + TEXT.encode())
    result = staged(folder)

    assert result.rows == 2 and result.columns[0] == "customer_id"
    assert [f.code for f in result.findings] == ["F16"]


def test_F17_latin_1_is_located_and_readable_when_declared(folder: Path) -> None:
    """A byte that is not UTF-8 is named by line and position, and never shown."""
    put(folder, HEADER.encode() + b"1,A1,2026-01-01,5,NL\n2,A2,2026-01-01,5,C\xf4te\n")
    text = refusal(folder)

    assert "SEG-F17 byte 20 is not UTF-8 - orders.csv, line 3 - do: re-export as UTF-8, or set csv.encoding" in text
    assert rows(staged(folder, csv={"encoding": "cp1252"}), "country")[1] == ("Côte",)


def test_F17_byte_is_found_behind_the_first_block(folder: Path) -> None:
    """A split multi-byte character at a block's border is sound; a bad byte far behind is located."""
    filler = "é" * 60 + "\n"
    lines = ("1,A1,2026-01-01,5," + filler) * 9_000
    put(folder, HEADER.encode() + lines.encode() + b"2,A2,2026-01-01,5,\xff\n")

    assert "SEG-F17 byte 19 is not UTF-8 - orders.csv, line 9002" in refusal(folder)


def test_F17_utf_16(folder: Path) -> None:
    """UTF-16 is recognised, and read when declared."""
    put(folder, TEXT.encode("utf-16"))

    assert "found: UTF-16" in refusal(folder)
    assert staged(folder, csv={"encoding": "utf-16"}).rows == 2


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b"])
def test_F18_control_character(folder: Path, character: str) -> None:
    """Control characters are refused with line and position."""
    put(folder, TEXT + f"3,A{character}3,2026-01-01,5,NL\n")

    assert "SEG-F18 control character - orders.csv, line 4 - found: character 0x" in refusal(folder)


@pytest.mark.parametrize("end", ["\r", "\r\n", "mixed"])
def test_F19_line_ends(folder: Path, end: str) -> None:
    """CR, CRLF and mixed line ends give the same rows and line numbers."""
    put(folder, TEXT)
    clean = rows(staged(folder))
    one, two, three = TEXT.splitlines()
    put(folder, f"{one}\r\n{two}\r{three}\n" if end == "mixed" else TEXT.replace("\n", end))

    assert rows(staged(folder)) == clean


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04....[Content_Types].xml", "an Excel file"),
        (b"PK\x03\x04....readme.txt", "a zip file"),
        (b"\x1f\x8b\x08\x00", "a gzip file"),
        (b"PAR1....", "a Parquet file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file"),
        (b"SQLite format 3\x00", "an SQLite database"),
    ],
)
def test_F20_renamed_to_csv(folder: Path, head: bytes, kind: str) -> None:
    """A file of another kind is recognised by its first bytes."""
    put(folder, head + b"\x00" * 50)

    assert kind in refusal(folder) and "SEG-F20" in refusal(folder)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (HEADER + f'1,"{"x" * 70_000}",2026-01-01,5,NL\n', "field longer than 64 KB"),
        (HEADER + "1" * 20_000_000, "line longer than 1 MB"),
        (",".join(f"c{n}" for n in range(20_000)) + "\n", "too many columns"),
    ],
    ids=["field", "line", "columns"],
)
def test_F21_limits(folder: Path, content: str, what: str) -> None:
    """Fields, lines and headers beyond the limits are refused at once."""
    put(folder, content)

    with within(2, time.perf_counter):
        assert f"SEG-F21 {what} - orders.csv" in refusal(folder)


@pytest.mark.parametrize("cut", [10, 60, -20])
def test_F23_damaged_parquet(folder: Path, cut: int) -> None:
    """A cut Parquet file is one sentence."""
    pq.write_table(pa.table({"customer_id": ["1"]}), folder / "orders.parquet")
    put(folder, (folder / "orders.parquet").read_bytes()[:cut], "orders.parquet")

    assert "SEG-F23 not a readable Parquet file - orders.parquet" in refusal(folder, "orders.parquet")


def test_F24_only_regular_files_inside_the_folder(folder: Path) -> None:
    """Folders, pipes, links that lead out, and paths that lead out are refused; nothing hangs."""
    (folder / "dir.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    put(folder.parent, TEXT, "secret.csv")
    (folder / "link.csv").symlink_to(folder.parent / "secret.csv")

    assert "SEG-F24 not a regular file - dir.csv - found: a folder" in refusal(folder, "dir.csv")
    assert "SEG-F24 not a regular file - pipe.csv" in refusal(folder, "pipe.csv")
    assert "SEG-F24 not inside the sources folder - link.csv" in refusal(folder, "link.csv")
    assert "SEG-F24 not inside the sources folder" in refusal(folder, "../secret.csv")
    assert "SEG-F24 not inside the sources folder" in refusal(folder, str(folder.parent / "secret.csv"))


@pytest.mark.parametrize("name", ["~$orders.xlsx", ".~lock.orders.xlsx#"])
def test_F24_the_lock_of_an_open_workbook_is_named_as_that(folder: Path, name: str) -> None:
    """A pattern finds the file that a spreadsheet program lays beside a workbook while it is open."""
    put(folder, "x", name)

    assert f"SEG-F24 not a workbook but the lock of one that is open - {name} - do: close" in refusal(
        folder, "*orders*"
    )


def test_F25_file_changes_while_it_is_read(folder: Path) -> None:
    """A file that grows during reading is refused."""
    path = put(folder, TEXT)

    def grow(_: int) -> None:
        path.write_text(TEXT + ROWS)

    with pytest.raises(InputRefused, match="SEG-F25 file changed while it was read"):
        stage("orders", Source(file="orders.csv"), ORDERS, folder, folder.parent / "o.parquet", grow)


def test_F26_two_files_hold_the_same_orders(folder: Path) -> None:
    """A delivery that lies there twice is refused with the share of orders."""
    put(folder, TEXT, "orders.csv")
    put(folder, TEXT, "orders (1).csv")

    assert refusal(folder, "orders*.csv").startswith("SEG-F26 orders (1).csv and orders.csv share 100% of order ids")


def test_X33_a_file_split_in_two_gives_the_same_rows(folder: Path) -> None:
    """Splitting a file changes nothing but where a row comes from."""
    put(folder, TEXT)
    whole = rows(staged(folder), *HEADER.strip().split(","))
    first, second = ROWS.splitlines()
    put(folder, f"{HEADER}{first}\n", "orders_1.csv")
    put(folder, f"{HEADER}{second}\n", "orders_2.csv")
    result = staged(folder, "orders_*.csv")

    assert rows(result, *HEADER.strip().split(",")) == whole
    assert rows(result, "source_file", "source_line") == [("orders_1.csv", 2), ("orders_2.csv", 2)]


def test_findings_of_all_files_come_together(folder: Path) -> None:
    """Several faults in several files are one refusal."""
    put(folder, HEADER + "1,2\n", "orders_1.csv")
    put(folder, TEXT.replace("order_id", "ord"), "orders_2.csv")
    text = refusal(folder, "orders_*.csv")

    assert "SEG-F08" in text and "SEG-F07" in text


def test_columns_are_renamed_by_the_plan(folder: Path) -> None:
    """The plan says which column of the file is which column of the contract."""
    put(folder, "Customer ID, Invoice ,When,Total\n1,2,3,4\n")
    names = {"customer_id": "Customer ID", "order_id": "Invoice", "ordered_at": "When", "amount": "Total"}

    assert rows(staged(folder, columns=names), *names) == [("1", "2", "3", "4")]


def test_P05_plan_names_an_unknown_column(folder: Path) -> None:
    """A key that is no column of the contract is answered with the nearest one."""
    put(folder, TEXT)

    assert "SEG-P05 orders has no column 'contry'" in refusal(folder, columns={"contry": "country"})


def test_orders_without_numbers_are_joined(folder: Path) -> None:
    """Without an order number, equal customer and time are one order, in any order of rows, and of nobody too."""
    put(folder, "customer_id,ordered_at,amount\nb,2026-01-01,1\na,2026-01-01,2\nb,2026-01-01,3\n,2026-01-01,3\n")
    result = staged(folder, columns={"order_id": "customer_id + ordered_at"})

    assert rows(result, "order_id", "amount") == [("3", "1"), ("2", "2"), ("3", "3"), ("1", "3")]


def test_parquet_values_become_canonical_text(folder: Path) -> None:
    """Typed columns are written as text: ids without decimals, no exponents, ISO times, nulls."""
    table = {
        "customer_id": pa.array([17850.0, None]),
        "order_id": pa.array([7, 8]),
        "ordered_at": pa.array([datetime(2010, 12, 1, 8, 26), datetime(2010, 12, 1, 8, 26, 1, 500_000)]),
        "amount": pa.array([2.55, 1e10]),
        "country": pa.array(["NL", ""]).dictionary_encode(),
    }
    pq.write_table(pa.table(table), folder / "orders.parquet")

    assert rows(staged(folder, "orders.parquet"), *table, "source_line") == [
        ("17850", "7", "2010-12-01T08:26:00", "2.55", "NL", 2),
        (None, "8", "2010-12-01T08:26:01.500000", "10000000000", None, 3),
    ]


def workbook(path: Path, *titles: str) -> None:
    """Write a workbook with one order per sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, title in enumerate(titles, 1):
        sheet = book.create_sheet(title)
        sheet.append(HEADER.strip().split(","))
        sheet.append([float(number), f"A{number}", datetime(2026, 1, number), 10.1 + 0.2, None])
    book.save(path)


def test_excel_sheet_is_read(folder: Path) -> None:
    """Numbers and dates of a spreadsheet become text as a person reads them."""
    workbook(folder / "orders.xlsx", "only")

    assert rows(staged(folder, "orders.xlsx")) == [("1", "A1", "2026-01-01", "10.3", None, "orders.xlsx", 2)]


def test_excel_with_several_sheets_asks_which(folder: Path) -> None:
    """Several sheets need a decision: one of them, or all."""
    workbook(folder / "orders.xlsx", "2025", "2026")

    assert "SEG-F01 several sheets - orders.xlsx - found: 2025, 2026" in refusal(folder, "orders.xlsx")
    assert "did you mean '2026'?" in refusal(folder, "orders.xlsx", sheet="2o26")
    assert rows(staged(folder, "orders.xlsx", sheet="2026"), "order_id") == [("A2",)]
    assert rows(staged(folder, "orders.xlsx", sheet="*"), "order_id", "source_file") == [
        ("A1", "orders.xlsx[2025]"),
        ("A2", "orders.xlsx[2026]"),
    ]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_query_against_a_database_file(folder: Path, kind: str) -> None:
    """A query gives the same text as a file would, and cannot write."""
    sql = "create table o(customer_id bigint, order_id varchar, ordered_at varchar, amount double)"
    insert = "insert into o values (7, 'A1', '2026-01-02', 10.5), (8, null, '2026-01-03', 2)"
    connection: Any = duckdb.connect(folder / "shop.db") if kind == "duckdb" else sqlite3.connect(folder / "shop.db")
    connection.execute(sql)
    connection.execute(insert)
    connection.commit()
    connection.close()
    result = staged(folder, database="shop.db", query="select * from o order by customer_id")

    assert rows(result, "customer_id", "order_id", "amount", "source_line") == [
        ("7", "A1", "10.5", 2),
        ("8", None, "2", 3),
    ]
    assert "SEG-F23 query cannot be answered" in refusal(folder, database="shop.db", query="select * from nothing")
    assert "SEG-F23" in refusal(folder, database="shop.db", query="drop table o")
    assert "SEG-F23" in refusal(folder, database="shop.db", query="attach 'new.db' as n")
    assert not Path("new.db").exists()


def test_query_cannot_read_other_files(folder: Path) -> None:
    """A query sees the database file and nothing else."""
    duckdb.connect(folder / "shop.duckdb").close()
    secret = put(folder.parent, TEXT, "secret.csv")

    assert "SEG-F23" in refusal(folder, database="shop.duckdb", query=f"select * from read_csv('{secret}')")


def test_personal_values_are_never_in_a_refusal(folder: Path) -> None:
    """Faults of a file full of addresses name lines and columns only."""
    put(folder, 'customer_id,email\nanna@example.com,anna@example.com\n"anna@exa,mple.com\n', "customers.csv")
    with pytest.raises(InputRefused) as caught:
        stage("customers", Source(file="customers.csv"), CUSTOMERS, folder, folder.parent / "c.parquet")

    assert "SEG-F12" in str(caught.value) and "anna" not in str(caught.value)


def test_batches_of_any_size_give_the_same_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than one batch holds arrive complete and in order."""
    many = "".join(f"{n},A{n},2026-01-01,1,NL\n" for n in range(5_000))
    put(folder, HEADER + many)
    monkeypatch.setattr("seglib.core.sources.csvfile.CELLS_PER_BATCH", 1)
    seen: list[int] = []
    result = stage("orders", Source(file="orders.csv"), ORDERS, folder, folder.parent / "o.parquet", seen.append)

    assert seen == [1_000] * 5
    assert rows(result, "customer_id", "source_line") == [(str(n), n + 2) for n in range(5_000)]


def test_real_parquet_is_staged_completely(folder: Path, shared_data: Any) -> None:
    """All 541,909 lines of the online shop arrive, with 135,080 of them without a customer."""
    path = folder / "online_retail.parquet"
    path.write_bytes(shared_data("online_retail/online_retail.parquet").read_bytes())
    names = {
        "customer_id": "CustomerID",
        "order_id": "InvoiceNo",
        "ordered_at": "InvoiceDate",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
    }
    result = stage("orders", Source(file=path.name, columns=names), ORDERS, folder, folder.parent / "o.parquet")
    table = pq.read_table(result.path)

    assert result.rows == 541_909
    assert table["customer_id"].null_count == 135_080
    assert len(table["customer_id"].unique()) - 1 == 4_372


ARTICLES = "article,kind\nT1,tea\nC1,coffee\n"
JOIN = "select o.*, a.kind as category from orders o left join articles a using (article) order by customer_id"


def joined(folder: Path) -> None:
    """Put orders as CSV and articles as Parquet into a folder."""
    put(folder, "customer_id,order_id,ordered_at,amount,article\n007,A1,2026-01-02,10.50,T1\n008,A2,2026-01-03,1e5,X\n")
    table = pa.table({"article": ["T1", "C1"], "kind": ["tea", "coffee"]})
    pq.write_table(table, folder / "articles.parquet")
    put(folder, ARTICLES, "unused.csv")


def test_query_joins_files_of_the_study(folder: Path) -> None:
    """Text stays text, Parquet joins CSV, and only the files that the query names are read and hashed."""
    joined(folder)
    result = staged(folder, query=JOIN)

    assert rows(result, "customer_id", "amount", "category", "source_file", "source_line") == [
        ("007", "10.50", "tea", "query of orders", 2),
        ("008", "1e5", None, "query of orders", 3),
    ]
    assert [name for name, _, _ in result.files] == ["articles.parquet", "orders.csv"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("select * from orders join articels using (article)", "SEG-F01 no file called 'articels' in sources"),
        ("select * from sales", "SEG-F01 the query names no file of sources"),
        (
            "select nothing from orders",
            "SEG-F23 query cannot be answered - plan.yml, sources.orders.query - found: Bin",
        ),
        ("selec * from orders", "SEG-F23 query cannot be answered"),
        ("drop view orders", "DROP is not one SELECT statement"),
        ("create table t as select * from orders", "CREATE is not one SELECT statement"),
        ("insert into orders values (1)", "INSERT is not one SELECT statement"),
        ("copy orders to 'out.csv'", "COPY is not one SELECT statement"),
        ("select * from orders; select 1", "SELECT and SELECT is not one SELECT statement"),
        ("set threads = 2 -- orders", "SET is not one SELECT statement"),
        ("select * from orders, 'SOURCES/unused.csv'", "SEG-F24 a query sees the files of the sources folder only"),
        ("select * from orders, read_csv('SOURCES/../secret.csv')", "SEG-F24 a query sees the files"),
        ("select * from orders, glob('/*')", "SEG-F24 a query sees the files"),
    ],
)
def test_query_over_files_is_refused_in_one_sentence(folder: Path, query: str, sentence: str) -> None:
    """A wrong name, a wrong column, a statement that writes and a look outside are each named, with a remedy."""
    joined(folder)
    put(folder.parent, TEXT, "secret.csv")
    said = refusal(folder, query=query.replace("SOURCES", str(folder)))

    assert sentence in said and " - do: " in said and "\n" not in said
    assert sorted(path.name for path in folder.iterdir()) == ["articles.parquet", "orders.csv", "unused.csv"]


def test_query_over_files_checks_each_file_first(folder: Path) -> None:
    """A faulty line of a joined file is named with its line; two files of one name and a link outwards are refused."""
    joined(folder)
    put(folder, ARTICLES + "only one\n", "articles.csv")

    assert "SEG-F01 two files are called 'articles'" in refusal(folder, query=JOIN)

    (folder / "articles.parquet").unlink()

    assert "SEG-F08" in refusal(folder, query=JOIN) and "articles.csv, line 4" in refusal(folder, query=JOIN)

    (folder / "articles.csv").unlink()
    (folder / "articles.csv").symlink_to(put(folder.parent, ARTICLES, "secret.csv"))

    assert "SEG-F01 no file called 'articles' in sources" in refusal(folder, query=JOIN)
    with pytest.raises(InputRefused, match="SEG-F01 both file and query"):
        stage("orders", Source(file="orders.csv", query=JOIN), ORDERS, folder, folder.parent / "orders.parquet")


@given(name=st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_P07_file_names_stay_names(name: str) -> None:
    """A file whose name is written like a statement is a table with that name, and nothing runs."""
    stem = name.replace("/", "").strip(" .") or "x"
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "sources").mkdir()
        put(Path(home) / "sources", TEXT, f"{stem}.csv")
        quoted = stem.replace('"', '""')
        result = staged(Path(home) / "sources", query=f'select * from "{quoted}"')

    assert result.rows == 2
