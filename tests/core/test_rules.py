"""The waterfall: each line leaves once, and nothing is lost on the way."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seglib.core.engine import Engine, Table
from seglib.core.intake import rules
from seglib.core.intake.meanings import state
from seglib.core.intake.totals import totals
from seglib.core.intake.weeks import empty_weeks
from seglib.core.quarters import Quarter
from seglib.core.sections import Rules

AS_OF = datetime(2026, 10, 1)


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One engine for all tests of this file."""
    return Engine.open()


def orders(engine: Engine, *rows: dict[str, Any]) -> Table:
    """Typed order lines; each row says only what differs from a plain purchase."""
    plain = {
        "customer": "ann",
        "order_id": "O",
        "ordered_at": datetime(2026, 9, 1),
        "quantity": 1,
        "amount_minor": 100,
        "product_id": "P",
        "status": "completed",
    }
    whole = [plain | {"order_id": f"O{n}", "again": 0} | row for n, row in enumerate(rows)]
    whole = [{"sort": "sale", "state": state(row["status"] or "", Rules())[0]} | row for row in whole]
    frame = pd.DataFrame(whole).astype({"quantity": "float64", "customer": "str", "ordered_at": "datetime64[us]"})
    frame["amount_minor"] = pd.array([row["amount_minor"] for row in whole], dtype="Int64")
    return engine.memory(frame.assign(source_file="orders.csv", source_line=range(2, len(frame) + 2), overflow=False))


def left_at(engine: Engine, table: Table, **settings: Any) -> list[str]:
    """The rule of each line, in the order of the file."""
    crossed = rules.crossed_orders(table)
    lines = rules.judged(table, Rules(**settings), AS_OF, crossed)
    return engine.frame(lines.order_by("source_line"))["rule"].tolist()


def waterfall(engine: Engine, lines: Table) -> pd.DataFrame:
    """The waterfall of lines of which nothing comes off."""
    said = dict.fromkeys(("said_minor", "gross_minor"), lines.amount_minor)
    return rules.waterfall(engine, lines.mutate(**said))


CASES = {
    "kept": {},
    "missing_customer": {"customer": None},
    "test_orders": {"status": "test"},
    "superseded": {"again": 1},
    "ignored": {"sort": "ignore"},
    "discount_lines": {"product_id": " Coupon "},
    "not_paid": {"status": "awaiting payment"},
    "returns": {"quantity": -1, "amount_minor": -100},
    "cancelled": {"status": "storniert"},
    "free_lines": {"amount_minor": 0},
    "not_products": {"product_id": "Post"},
    "after_quarter": {"ordered_at": AS_OF},
    "before_history": {"ordered_at": datetime(2016, 9, 29)},
}


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_takes_its_lines(engine: Engine, rule: str) -> None:
    """A line leaves at the rule that it was made for."""
    assert left_at(engine, orders(engine, CASES[rule]), not_products=("POST",), discount_lines=("coupon",)) == [rule]


def test_the_first_rule_that_applies_takes_the_line(engine: Engine) -> None:
    """A nameless free return after the quarter is one line at one rule."""
    line = {"customer": None, "quantity": -1, "amount_minor": 0, "ordered_at": AS_OF}

    assert left_at(engine, orders(engine, line)) == ["missing_customer"]


def test_V17_a_return_after_the_quarter_is_no_return_of_the_quarter(engine: Engine) -> None:
    """What comes back later is not known yet."""
    line = {"quantity": -1, "amount_minor": -100, "ordered_at": AS_OF}

    assert left_at(engine, orders(engine, line)) == ["after_quarter"]


def test_cancelled_prefix(engine: Engine) -> None:
    """With the prefix of cancelled invoices a line is a return when it takes money back, else a cancelled order."""
    back = {"order_id": "C1", "quantity": -1, "amount_minor": -100}
    table = orders(engine, back, {"order_id": "C2"}, {"order_id": "5"})

    assert left_at(engine, table, cancelled_prefix="C") == ["returns", "cancelled", "kept"]
    assert left_at(engine, table) == ["returns", "kept", "kept"]


def test_V02_duplicates_kept_or_removed(engine: Engine) -> None:
    """Two equal lines are two purchases unless the plan says that the export repeats lines."""
    table = orders(engine, {"order_id": "O"}, {"order_id": "O"}, {"order_id": "O", "quantity": 2})

    assert left_at(engine, table) == ["kept", "kept", "kept"]
    assert left_at(engine, table, duplicates="remove") == ["kept", "duplicates", "kept"]


def test_V03_few_contradictory_orders_are_set_aside(engine: Engine) -> None:
    """One order of two customers among two hundred leaves with all its lines; the rest goes on."""
    rows = [{"order_id": "X"}, {"order_id": "X", "customer": "bob"}, *({} for _ in range(200))]
    table = orders(engine, *rows)
    found, present = rules.contradictions(engine, table, rules.crossed_orders(table))

    assert (found, present) == ([], True)
    assert left_at(engine, table)[:3] == ["contradictory", "contradictory", "kept"]


def test_V03_many_contradictory_orders_are_refused(engine: Engine) -> None:
    """When more than one order in a hundred names several customers, the lines are refused."""
    table = orders(engine, {"order_id": "X"}, {"order_id": "X", "customer": "bob"}, {})
    found, _ = rules.contradictions(engine, table, rules.crossed_orders(table))

    assert [(f.code, f.line) for f in found] == [("V03", 2), ("V03", 3)]


def test_V06_returns_refused_by_the_plan(engine: Engine) -> None:
    """A plan without returns refuses with the lines."""
    table = orders(engine, {}, {"quantity": -1, "amount_minor": -100})
    lines = rules.judged(table, Rules(), AS_OF)
    found = rules.refusals(engine, lines, waterfall(engine, lines), Rules(returns="refuse"))

    assert [(f.code, f.line) for f in found] == [("V06", 3)]


def test_V07_free_lines(engine: Engine) -> None:
    """Zero quantity, zero price and a blank price are no purchases; a plan may refuse them."""
    table = orders(engine, {"quantity": 0}, {"amount_minor": 0}, {"amount_minor": None}, {})
    lines = rules.judged(table, Rules(), AS_OF)
    found = rules.refusals(engine, lines, waterfall(engine, lines), Rules(free_lines="refuse"))

    assert left_at(engine, table) == ["free_lines", "free_lines", "free_lines", "kept"]
    assert [(f.code, f.line) for f in found] == [("V07", 2), ("V07", 3), ("V07", 4)]


def test_V08_negative_price(engine: Engine) -> None:
    """A negative price is a refund, however large."""
    assert left_at(engine, orders(engine, {"amount_minor": -1_000_000})) == ["returns"]


def test_V10_amount_above_the_limit(engine: Engine) -> None:
    """Lines above rules.amount_max_minor are refused, the limit itself is not."""
    table = orders(engine, {"amount_minor": 1_000}, {"amount_minor": -1_001})
    found = rules.too_large(engine, table, 1_000)

    assert [(f.code, f.line) for f in found] == [("V10", 3)]


def test_V17_the_quarter_ends_before_as_of(engine: Engine) -> None:
    """The last microsecond belongs to the quarter, as_of does not."""
    last = datetime(2026, 9, 30, 23, 59, 59, 999_999)

    assert left_at(engine, orders(engine, {"ordered_at": last}, {"ordered_at": AS_OF})) == ["kept", "after_quarter"]


def test_F28_too_many_lines_without_customer(engine: Engine) -> None:
    """Nameless lines are set aside up to the plan's share, and refused above it."""
    table = orders(engine, {}, {"customer": None}, {"customer": None})
    lines = rules.judged(table, Rules(), AS_OF)
    found = rules.refusals(engine, lines, waterfall(engine, lines), Rules())

    assert [(f.code, f.what) for f in found] == [("F28", "no customer on 67% of the lines")]
    assert rules.refusals(engine, lines, waterfall(engine, lines), Rules(missing_customer_max_share=0.7)) == []


@pytest.mark.parametrize(("name", "code"), [("orders_2026Q3.csv", "F27"), ("orders.csv", "V31")])
def test_F27_V31_no_line_in_the_quarter(engine: Engine, name: str, code: str) -> None:
    """A file without a line in the quarter is refused with the dates that it holds."""
    early = {"ordered_at": datetime(2026, 5, 1)}
    table = orders(engine, early, {"ordered_at": datetime(2026, 6, 28)}).mutate(source_file=engine_text(name))
    found = rules.not_this_quarter(engine, table, Quarter("2026Q3"))

    assert [f.code for f in found] == [code]
    assert found[0].found == "orders from 2026-05-01 to 2026-06-28"


@pytest.mark.parametrize(("old", "refused"), [(2, []), (3, ["V19"])])
def test_V19_lines_older_than_the_history_are_counted_and_refused_when_they_are_most(
    engine: Engine, old: int, refused: list[str]
) -> None:
    """Two of four lines are older than ten years and leave at their rule; three of five are another shop's file."""
    early, now = {"ordered_at": datetime(2016, 9, 29)}, {"ordered_at": datetime(2016, 9, 30)}
    lines = rules.judged(orders(engine, *[early] * old, now, now), Rules(), AS_OF)
    table = waterfall(engine, lines)

    assert table.set_index("rule").loc[["before_history", "kept"], "rows"].tolist() == [old, 2]
    assert [f.code for f in rules.refusals(engine, lines, table, Rules())] == refused
    assert rules.refusals(engine, lines, table, Rules(old_max_share=0.6)) == []


def test_V19_five_years_of_orders_are_no_old_data(engine: Engine) -> None:
    """A long history is kept whole; a plan without a limit keeps any."""
    years = [{"ordered_at": datetime(year, 9, 1)} for year in (2003, 2021, 2022, 2023, 2024, 2025, 2026)]
    table = orders(engine, *years)

    assert left_at(engine, table) == ["before_history", *["kept"] * 6]
    assert left_at(engine, table, history_days=None) == ["kept"] * 7


def weekly(engine: Engine, missing: set[int], per_week: int = 8) -> Table:
    """Orders in each of the thirteen weeks of 2026Q3 but some."""
    days = [datetime(2026, 7, 1) + timedelta(days=7 * week + 6) for week in range(13) if week not in missing]
    table = orders(engine, *({"ordered_at": day} for day in days for _ in range(per_week)))
    return table.mutate(ordered_on=table.ordered_at.date())


def test_V20_weeks_without_an_order_are_noted_with_their_dates(engine: Engine) -> None:
    """Three of thirteen weeks are 23 %, two of them in a row; a shop without a gap hears nothing."""
    found, noted = empty_weeks(engine, weekly(engine, {1, 5, 6}), Quarter("2026Q3"), 0.25)

    assert found == []
    assert [(note.code, note.count) for note in noted] == [("V20", 3)]
    assert noted[0].what.endswith("no order from 2026-07-08 to 2026-07-14, 2026-08-05 to 2026-08-18")
    assert empty_weeks(engine, weekly(engine, set()), Quarter("2026Q3"), 0.25) == ([], [])


def test_V20_more_empty_weeks_than_the_plan_allows_are_refused(engine: Engine) -> None:
    """Four of thirteen weeks are 31 %: a delivery is late, unless the shop has few orders in any week."""
    late, quarter = {9, 10, 11, 12}, Quarter("2026Q3")
    found, _ = empty_weeks(engine, weekly(engine, late), quarter, 0.25)
    few, noted = empty_weeks(engine, weekly(engine, late, per_week=7), quarter, 0.25)

    assert [f.code for f in found] == ["V20"]
    assert found[0].what == "4 of the quarter's 13 weeks without an order"
    assert "2026-09-02 to 2026-09-29" in found[0].found
    assert (few, noted[0].count) == ([], 4)
    assert empty_weeks(engine, weekly(engine, late), quarter, 0.31)[0] == []


def test_V20_weeks_before_the_first_order_are_no_gap(engine: Engine) -> None:
    """A shop that opened in the fifth week of the quarter misses no delivery."""
    assert empty_weeks(engine, weekly(engine, {0, 1, 2, 3}), Quarter("2026Q3"), 0.25) == ([], [])


def engine_text(value: str) -> Any:
    """A literal of the engine."""
    import ibis

    return ibis.literal(value)


@pytest.mark.parametrize("seed", range(5))
def test_rows_and_money_add_up_to_the_unit(engine: Engine, seed: int) -> None:
    """Whatever comes in, the input equals the sum of what left at the rules and what was kept."""
    rng = np.random.default_rng(seed)
    size = 400
    rows = [
        {
            "customer": rng.choice(["ann", "bob", None]),
            "order_id": rng.choice(["C1", "O1", "O2", "O3"]),
            "quantity": int(rng.integers(-2, 3)),
            "amount_minor": rng.choice([None, 0, int(rng.integers(-(10**12), 10**12)), 9_007_199_254_740_993]),
            "status": rng.choice(["test", "completed", "cancelled", None]),
            "product_id": rng.choice(["P", "POST", None]),
            "ordered_at": datetime(2026, int(rng.integers(1, 13)), 1),
        }
        for _ in range(size)
    ]
    settings = {"cancelled_prefix": "C", "not_products": ("post",), "duplicates": rng.choice(["keep", "remove"])}
    table = orders(engine, *rows)
    crossed = None if rng.integers(2) else rules.crossed_orders(table)
    found = waterfall(engine, rules.judged(table, Rules(**settings), AS_OF, crossed)).set_index("rule")
    parts = found.drop(index=rules.INPUT)
    money = sum(row["amount_minor"] or 0 for row in rows)

    assert found.loc[rules.INPUT, "rows"] == parts["rows"].sum() == size
    assert found.loc[rules.INPUT, "money_minor"] == parts["money_minor"].sum() == money


def test_every_rule_is_one_row_of_the_waterfall(engine: Engine) -> None:
    """The frame has the input first, each rule once in order, and what was kept last."""
    found = waterfall(engine, rules.judged(orders(engine, {}), Rules(), AS_OF))
    names = [*(rule.name for rule in (*rules.RULES, *rules.LATER)), *rules.OFF]

    assert found["rule"].tolist() == [rules.INPUT, *names, rules.KEPT]
    assert len({*names}) == len(names)


@pytest.mark.parametrize(
    ("last", "refused", "noted"),
    [
        ({"amount_minor": 3_000}, ["SEG-V27 a row is the total of all others - orders.csv, line 32"], []),
        ({"amount_minor": 9_000}, [], ["one line holds 75% of the money of its file"]),
        ({"amount_minor": 3_000, "state": "test"}, [], []),
        ({"amount_minor": 100}, [], []),
    ],
    ids=["their sum", "most of the money", "not kept", "one like the others"],
)
def test_V27_a_totals_row_with_id_and_date_is_found(engine: Engine, last, refused, noted) -> None:
    """Of thirty lines of 1.00 each and one more; the row has a customer, a number and a day like any other."""
    lines = rules.judged(orders(engine, *({} for _ in range(30)), last), Rules(), AS_OF)
    found, said = totals(engine, lines.mutate(said_minor=lines.amount_minor))

    assert [str(each).partition(" - do: ")[0] for each in found] == refused
    assert [each.what for each in said] == noted
