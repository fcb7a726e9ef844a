"""Reading text as values: exact where it is right, one sentence with its line where it is not."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from seglib.core.contract import TABLES
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.intake import times, values
from seglib.core.intake.lines import order_lines
from seglib.core.intake.undress import undressed
from seglib.core.intake.values import Texts
from seglib.core.plan import Plan


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One engine for all tests of this file."""
    return Engine.open()


PLAIN = {
    "customer_id": ["00123", "NA", "1e5"],
    "order_id": ["A1", "A2", "A3"],
    "ordered_at": ["2026-01-02", "2026-01-02T10:30", "2026-01-02 10:30:05"],
    "quantity": ["2", "1", "-1"],
    "unit_price": ["2.55", "0.10", "3"],
}


def texts(engine: Engine, tmp_path: Path, plan: str = "", source: str = "", **columns: list[str | None]) -> Texts:
    """Orders of three lines, of which some columns are replaced."""
    data = {**PLAIN, **columns}
    data = {name: column for name, column in data.items() if column}
    size = len(next(iter(columns.values()))) if columns else 3
    data = {name: column[:size] for name, column in data.items()}
    frame = pd.DataFrame(data, dtype="str").assign(source_file="orders.csv", source_line=range(2, size + 2))
    rules = Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv{source}}}}}\n{plan}")
    names = tuple(data)
    raw = Texts(TABLES["orders"], engine.memory(frame), names, rules.sources["orders"], rules)
    return raw.localised(engine, tmp_path)


def codes(found: list[Any]) -> list[tuple[str, int, str]]:
    """Code, line and column of findings."""
    return [(finding.code, finding.line, finding.column) for finding in found]


def lines(engine: Engine, text: Texts) -> pd.DataFrame:
    """Typed order lines in the order of the file."""
    return engine.frame(order_lines(text).order_by("source_line"))


def test_sound_lines_have_no_finding(engine: Engine, tmp_path: Path) -> None:
    """Three plain lines are accepted."""
    text = texts(engine, tmp_path)

    assert text.check(engine) == []


def test_amounts_are_exact(engine: Engine, tmp_path: Path) -> None:
    """Quantity times unit price is computed in decimals and kept as integer minor units."""
    frame = lines(engine, texts(engine, tmp_path))

    assert frame["amount_minor"].tolist() == [510, 10, -300]
    assert not frame["rounded"].any()


def test_halves_are_rounded_up_and_counted(engine: Engine, tmp_path: Path) -> None:
    """Half a penny goes up, away from zero, and the line says that it was rounded."""
    text = texts(engine, tmp_path, quantity=["0.5", "-0.5", "3"], unit_price=["0.01", "0.01", "0.01"])
    frame = lines(engine, text)

    assert frame["amount_minor"].tolist() == [1, -1, 3]
    assert frame["rounded"].tolist() == [True, True, False]


def test_totals_without_price_and_quantity(engine: Engine, tmp_path: Path) -> None:
    """An export of totals has one unit per line, minus one on a return."""
    columns: dict[str, Any] = {"amount": ["10.50", "-2.00"], "quantity": [], "unit_price": []}
    text = texts(engine, tmp_path, **columns)
    frame = lines(engine, text)

    assert frame["amount_minor"].tolist() == [1050, -200]
    assert [int(value) for value in frame["quantity"]] == [1, -1]


def test_unit_prices_with_many_decimals_are_exact(engine: Engine, tmp_path: Path) -> None:
    """A unit price that a division made is read to the ninth decimal, and only the line is rounded."""
    text = texts(engine, tmp_path, quantity=["3000"], unit_price=["0.333333333"])

    assert text.check(engine) == []
    assert lines(engine, text)["amount_minor"].tolist() == [100_000]


def test_V11_more_decimals_than_the_currency(engine: Engine, tmp_path: Path) -> None:
    """Three decimals in a currency of two are refused, with the setting that accepts them."""
    found = texts(engine, tmp_path, unit_price=["2.550", "0.001", "3"]).check(engine)

    assert [str(f) for f in found] == [
        "SEG-V11 money with more than 2 decimals - orders.csv, line 3, column 'unit_price' - do: set money_decimals: 3"
    ]


def test_V11_binary_fractions_are_what_they_were(engine: Engine, tmp_path: Path) -> None:
    """0.1 + 0.2 as a binary number is thirty pence."""
    text = texts(engine, tmp_path, unit_price=["0.30000000000000004", "1.1", "2"])

    assert text.check(engine) == []
    assert lines(engine, text)["amount_minor"].tolist() == [60, 110, -200]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("1,5", "decimal comma"),
        ("1,234.50", "thousands separator"),
        ("1 234.50", "thousands separator"),
        ("1_000", "underscore in a number"),
        ("0x1F", "hexadecimal number"),
        ("1e5", "number with an exponent"),
        ("abc", "not a number"),
        ("12-34", "not a number"),
        ("(12.50)", "amount below zero in brackets"),
        ("12.50-", "minus after the number"),
        ("€12.50", "number with a sign or a word beside it"),
        ("-12 EUR", "number with a sign or a word beside it"),
    ],
)
def test_F15_numbers_written_otherwise(engine: Engine, tmp_path: Path, value: str, what: str) -> None:
    """Each way of writing a number that two readers could read differently is refused with its line."""
    found = texts(engine, tmp_path, quantity=["1", value, "1"]).check(engine)

    assert codes(found) == [("F15", 3, "quantity")]
    assert found[0].what == what


@pytest.mark.parametrize(
    ("value", "setting"),
    [
        ("1,234.50", "csv: {thousands: ','}"),
        ("(1.50)", "csv: {negative: brackets}"),
        ("1.50-", "csv: {negative: after}"),
        ("€1.50", "csv: {signs: ['€']}"),
        ("1.50 EUR", "csv: {signs: [EUR]}"),
    ],
)
def test_F15_the_setting_that_a_message_names_reads_the_number(
    engine: Engine, tmp_path: Path, value: str, setting: str
) -> None:
    """What is refused says which setting of the source would read it, and with that it is read."""
    found = texts(engine, tmp_path, unit_price=["1", value, "1"]).check(engine)
    given = texts(engine, tmp_path, unit_price=["1", value, "1"], source=f", {setting}")
    key = setting.partition("{")[2].partition(":")[0]
    read = undressed(given.table, ["unit_price"], given.source.csv)

    assert f"set csv.{key} of this source" in found[0].do
    assert replace(given, table=read).check(engine) == []


def test_F15_a_small_zero_of_a_database_is_a_number(engine: Engine, tmp_path: Path) -> None:
    """0E-8 is how a zero with eight decimals is written; 1E-8 could be anything."""
    text = texts(engine, tmp_path, unit_price=["0E-8", "-0.0e+2", "3"])

    assert text.check(engine) == []
    assert lines(engine, text)["amount_minor"].tolist() == [0, 0, -300]
    assert codes(texts(engine, tmp_path, unit_price=["1E-8", "1", "1"]).check(engine)) == [("F15", 2, "unit_price")]


def test_F15_decimal_comma_that_the_plan_declares(engine: Engine, tmp_path: Path) -> None:
    """With csv.decimal set, a comma is the decimal mark and a point is refused."""
    source = ", csv: {decimal: ','}"
    text = texts(engine, tmp_path, source=source, unit_price=["2,55", "0,1", "3"])
    wrong = texts(engine, tmp_path, source=source, unit_price=["2,55", "0.1", "3"])

    assert lines(engine, text)["amount_minor"].tolist() == [510, 10, -300]
    assert codes(wrong.check(engine)) == [("F15", 3, "unit_price")]


@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "1e999"])
def test_V09_not_finite(engine: Engine, tmp_path: Path, value: str) -> None:
    """What is no finite number is no amount."""
    found = texts(engine, tmp_path, unit_price=["1", "1", value]).check(engine)

    assert codes(found) == [("V09", 4, "unit_price")]


@pytest.mark.parametrize("value", ["1e308", "123456789012345678901234567890"])
def test_V10_beyond_any_amount(engine: Engine, tmp_path: Path, value: str) -> None:
    """A number that no amount can be is refused before anything overflows."""
    found = texts(engine, tmp_path, unit_price=["1", "1", value]).check(engine)

    assert codes(found) == [("V10", 4, "unit_price")]


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("1000", "1250000", 125_000_000_000),  # a wholesale line in rupiah
        ("123456789", "98765432.10", 1_219_326_311_126_352_690),
        ("0.123456789", "9999999999999", 123_456_788_999_988),
        ("123456789.123456789", "9999999999999.99", None),
    ],
)
def test_V10_large_amounts_are_exact_or_said_to_overflow(
    engine: Engine, tmp_path: Path, quantity: str, price: str, amount: int | None
) -> None:
    """The product of two exact numbers has room for every amount that 64 bits hold; beyond, the line is marked."""
    frame = lines(engine, texts(engine, tmp_path, quantity=["1", quantity, "1"], unit_price=["1", price, "3"]))

    assert frame["overflow"].tolist() == [False, amount is None, False]
    assert amount is None or frame["amount_minor"].tolist()[1] == amount


def test_V30_marks_that_turn_the_direction_leave_names(engine: Engine, tmp_path: Path) -> None:
    """A name cannot make the text beside it read backwards; letters of any script stay."""
    names = ["\u202egnp.\u202cmug", "عملاء", "常连 🎉"]
    found = lines(engine, texts(engine, tmp_path, product_name=names))["product_name"]

    assert found.tolist() == ["gnp.mug", "عملاء", "常连 🎉"]


def test_V04_ids_are_text(engine: Engine, tmp_path: Path) -> None:
    """Ids stay as they were delivered: zeros, NA and 1e5 included."""
    frame = lines(engine, texts(engine, tmp_path))

    assert frame["customer_id"].tolist() == ["00123", "NA", "1e5"]


def test_V04_blank_order_id(engine: Engine, tmp_path: Path) -> None:
    """A line without an order id is refused."""
    found = texts(engine, tmp_path, order_id=["A1", None, " "]).check(engine)

    assert codes(found) == [("V04", 3, "order_id"), ("V04", 4, "order_id")]


@pytest.mark.parametrize("value", ["03/04/2025", "3.4.25 10:00", "03-04-2025"])
def test_V14_ambiguous_date(engine: Engine, tmp_path: Path, value: str) -> None:
    """A date whose day and month could be exchanged is refused unless the plan declares the format."""
    found = texts(engine, tmp_path, ordered_at=["2025-04-03", value]).check(engine)

    assert codes(found) == [("V14", 3, "ordered_at")]
    assert found[0].what == "ambiguous date"
    assert found[0].do == "set date_format of this source, for example '%d/%m/%Y %H:%M'"


def test_V14_declared_format(engine: Engine, tmp_path: Path) -> None:
    """With date_format, days and months are read as declared; ISO stays ISO."""
    text = texts(engine, tmp_path, source=", date_format: '%d/%m/%Y'", ordered_at=["03/04/2025", "2025-04-05"])

    assert text.check(engine) == []
    assert lines(engine, text)["ordered_on"].astype("str").tolist() == ["2025-04-03", "2025-04-05"]


@pytest.mark.parametrize("value", ["2025-02-30", "2025-13-01", "yesterday", "20250304", None])
def test_V14_no_date(engine: Engine, tmp_path: Path, value: str | None) -> None:
    """Days that do not exist, words and blanks are refused."""
    found = texts(engine, tmp_path, ordered_at=["2025-04-03", value]).check(engine)

    assert codes(found) == [("V14", 3, "ordered_at")]


def test_V15_offsets_become_local_times(engine: Engine, tmp_path: Path) -> None:
    """30 September 23:30 at -05:00 is 1 October in Amsterdam, and so belongs to the next quarter."""
    stamps: list[str | None] = ["2025-09-30T23:30:00-05:00", "2025-12-31T23:30:00Z", "2025-06-01 12:00:00+02:00"]
    text = texts(engine, tmp_path, plan="timezone: Europe/Amsterdam", ordered_at=stamps)

    assert text.check(engine) == []
    assert lines(engine, text)["ordered_at"].astype("str").tolist() == [
        "2025-10-01 06:30:00",
        "2026-01-01 00:30:00",
        "2025-06-01 12:00:00",
    ]


def test_V15_mixed_times_are_refused(engine: Engine, tmp_path: Path) -> None:
    """Nobody knows what a time without offset means among times with one."""
    found = texts(engine, tmp_path, ordered_at=["2025-09-30T23:30:00Z", "2025-09-30T23:30:00"]).check(engine)

    assert codes(found) == [("V15", 2, "ordered_at")]


@pytest.mark.parametrize("value", ["0000-00-00", "9999-12-31", "1900-01-01 00:00:00"])
def test_V18_placeholder(engine: Engine, tmp_path: Path, value: str) -> None:
    """Dates that stand for no date are refused."""
    found = texts(engine, tmp_path, ordered_at=["2025-04-03", value]).check(engine)

    assert codes(found) == [("V18", 3, "ordered_at")]


def test_V12_V13_currency(engine: Engine, tmp_path: Path) -> None:
    """Another currency and a word that is no currency are refused, each with its line."""
    found = texts(engine, tmp_path, currency=["EUR", "usd", "euro"]).check(engine)

    assert codes(found) == [("V12", 3, "currency"), ("V13", 4, "currency")]


def test_V12_each_other_currency_is_named_once(engine: Engine, tmp_path: Path) -> None:
    """Thirty rows in dollars and two in francs: two sentences, each with its rows and the first of them."""
    many = {name: column * 11 for name, column in PLAIN.items()}
    codes_of = ["EUR", *["usd"] * 15, "CHF", *["USD"] * 15, "CHF"]
    found = texts(engine, tmp_path, **{**many, "currency": codes_of}).check(engine)

    assert [(f.what, f.line, f.found) for f in found] == [
        ("amounts in USD, not in EUR", 3, "30 rows"),
        ("amounts in CHF, not in EUR", 18, "2 rows"),
    ]


def test_V12_currencies_in_small_letters_are_currencies(engine: Engine, tmp_path: Path) -> None:
    """A code is the same in any case."""
    assert texts(engine, tmp_path, currency=["EUR", "eur", "Eur"]).check(engine) == []


def test_V13_blank_currency(engine: Engine, tmp_path: Path) -> None:
    """A blank currency is refused where there is money, and not on a cancelled line without a price."""
    text = texts(engine, tmp_path, currency=["EUR", None, None], unit_price=["1", "", "2"])

    assert codes(text.check(engine)) == [("V13", 4, "currency")]


def test_R09_findings_show_no_value(engine: Engine, tmp_path: Path) -> None:
    """A finding names line and kind, never what stood there."""
    found = texts(engine, tmp_path, quantity=["1", "anna@example.com", "1"]).check(engine)

    assert found
    assert not any("anna" in str(finding) for finding in found)


def test_twenty_examples_and_the_total(engine: Engine, tmp_path: Path) -> None:
    """Of thirty faulty lines twenty are shown, and the total."""
    data: dict[str, Any] = {name: column[:1] * 30 for name, column in PLAIN.items()}
    found = texts(engine, tmp_path, **data | {"quantity": ["x"] * 30}).check(engine)

    assert len(found) == 21
    assert found[-1].found == "30 rows"


def test_words_are_lowered_and_blank_columns_noted(engine: Engine, tmp_path: Path) -> None:
    """Words lose case and surrounding spaces; a column without any value counts as absent."""
    text = texts(engine, tmp_path, channel=[" Web", "SHOP", None], region=[None, None, None])
    filled, notes = text.filled(engine)

    assert lines(engine, text)["channel"].tolist()[:2] == ["web", "shop"]
    assert "channel" in filled
    assert "region" not in filled
    assert [note.what for note in notes] == ["column region is all blank"]


def test_no_such_zone_and_no_such_format(engine: Engine, tmp_path: Path) -> None:
    """A time zone or a date format that does not exist is the plan's fault, and says so."""
    with pytest.raises(InputRefused, match=r"plan\.yml, timezone"):
        times.zone_of("Europe/Atlantis")
    with pytest.raises(InputRefused, match=r"plan\.yml, sources\.orders\.date_format"):
        texts(engine, tmp_path, source=", date_format: '%Q'", ordered_at=["03/04/2025"])


def test_every_kind_of_fault_is_described() -> None:
    """Each class that the expressions can give has its code, sentence and remedy."""
    kinds = values.KINDS | times.KINDS

    assert all(kind.code and kind.what and kind.do for kind in kinds.values())
    assert len({kind.what for kind in kinds.values()}) == len(kinds)


def test_V16_local_times_of_the_lost_and_the_doubled_hour() -> None:
    """Instants around a change of clocks become the local times that a clock on the wall shows."""
    clock = times.Clock(ZoneInfo("Europe/Amsterdam"))
    found = clock.local(pd.Series(["2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z", "2025-03-30T01:30:00Z"]))

    assert found.astype("str").tolist() == ["2025-10-26 02:30:00", "2025-10-26 02:30:00", "2025-03-30 03:30:00"]


def test_V16_times_of_the_lost_and_the_doubled_hour_are_kept_and_counted(engine: Engine, tmp_path: Path) -> None:
    """London skips 01:00 to 02:00 in March and shows it twice in October; its neighbours and days are clear."""
    at = ["2026-03-29 01:30", "2026-10-25 01:00", "2026-03-29 02:00"]
    read = texts(engine, tmp_path, "timezone: Europe/London", ordered_at=at)
    sure = texts(engine, tmp_path, "timezone: Europe/London", ordered_at=["2026-10-25T01:30:00Z"])
    notes = read.at_clock_changes(engine, 2026)

    assert [(note.code, note.count, note.example_line) for note in notes] == [("V16", 2, 2)]
    assert str(engine.scalar(read.table.mutate(at=read.values()["ordered_at"]).at.min())) == "2026-03-29 01:30:00"
    assert sure.at_clock_changes(engine, 2026) == []
