"""What customers paid, counted once, whatever shape the export has."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.intake import desk as work
from seglib.core.intake.judge import Lines, judge_lines
from seglib.core.intake.match import matched
from seglib.core.intake.rules import INPUT, KEPT
from seglib.core.intake.spread import spread
from seglib.core.run import Run

pytestmark = pytest.mark.forms(1)


class Judged:
    """The order lines of one export after intake: what each customer kept, and what stands in notebook 02."""

    def __init__(self, run: Run, ids: pd.DataFrame, lines: Lines, notes: list[str]) -> None:
        frame = run.engine.frame(lines.table.filter(lines.table.rule == KEPT).order_by("ordered_at", "source_line"))
        names = ids.set_index("customer")["customer_id"]
        self.names = names
        self.orders = frame.assign(who=frame["customer"].map(names))
        self.returns = run.engine.frame(lines.returns.order_by("ordered_at", "order_id", "amount_minor"))
        self.waterfall = lines.waterfall.set_index("rule")
        self.words = lines.words.set_index("word")["taken_for"].to_dict()
        self.notes = notes

    def paid(self) -> dict[str, float]:
        """What each buyer kept, in main units."""
        return (self.orders.groupby("who")["amount_minor"].sum() / 100).to_dict()

    def spent(self) -> dict[str, tuple[int, int, int]]:
        """Orders that count, money spent on them and money that came back, of each customer."""
        engine = Engine.open()
        names = self.names.reset_index()
        tables = (engine.memory(frame.astype({"customer": "str"})) for frame in (self.orders, self.returns))
        known = engine.frame(work.with_spending(engine.memory(names), *tables))
        return {row[1]: (row[2], row[3], row[4]) for row in known.itertuples(index=False)}

    def left(self) -> dict[str, int]:
        """Lines that left, by rule."""
        rows = self.waterfall["rows"].drop(index=[INPUT, KEPT])
        return rows[rows > 0].to_dict()

    def adds_up(self) -> bool:
        """Whether the input is what left and what was kept, in rows and money."""
        table = self.waterfall[["rows", "money_minor"]]
        return bool((table.loc[INPUT] == table.drop(index=INPUT).sum()).all())


Judge = Callable[..., Judged]


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Return a function that takes files in under a plan, as far as the order lines; refused findings are raised."""

    def take(text: str | dict[str, str], columns: str = "", rules: str = "", more: str = "") -> Judged:
        folder = tmp_path / "data" / "acme"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        files = {"orders.csv": text} if isinstance(text, str) else text
        for name, body in files.items():
            (folder / "sources" / name).write_text(body, encoding="utf-8")
        source = f"{{file: '{next(iter(files)) if len(files) == 1 else '*.csv'}', columns: {{{columns}}}}}"
        plan = f"study: acme\nsynthetic: true\n{more}\nconsent: {{basis: contract}}\nsources: {{orders: {source}}}\n"
        (folder / "plan.yml").write_text(f"{plan}rules: {{{rules}}}\n", encoding="utf-8")
        monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
        run = Run.open("acme", "2026Q2")
        (tmp_path / "desk").mkdir(exist_ok=True)
        desk = work.Desk(run, tmp_path / "desk")
        texts = work.read_texts(desk, None)
        desk.stop_if_refused()
        ids = work.replace_ids(desk, texts)
        lines = judge_lines(desk, texts["orders"], ids)
        desk.stop_if_refused()
        assert lines is not None
        return Judged(run, run.engine.frame(ids), lines, [note.what for note in desk.notes])

    return take


HEAD = "customer_id,order_id,ordered_at,quantity,unit_price,product_id,product_name"
DISCOUNTS = {
    "line": ("5.00", "0.00", "3.00", "line"),
    "minus": ("-5.00", "0.00", "-3.00", "line"),
    "order": ("8.00", "", "", "order"),
    "order_repeated": ("8.00", "8.00", "8.00", "order_repeated"),
    "share": ("0.25", "0", "0.1", "share"),
    "percent": ("25", "0", "10", "share"),
    "included": ("5.00", "0.00", "3.00", "included"),
}


@pytest.mark.parametrize("shape", DISCOUNTS)
def test_e01_b26_discounts_come_off(judge: Judge, shape: str) -> None:
    """20.00, 30.00 and 30.00 of one order, less 8.00: of lines, of the order, as shares, or already off."""
    one, two, three, how = DISCOUNTS[shape]
    text = f"""{HEAD},discount
ann,A,2026-05-01,2,10.00,P1,Mug,{one}
ann,A,2026-05-01,1,30.00,P2,Cup,{two}
ann,A,2026-05-01,3,10.00,P3,Tea,{three}
"""
    found = judge(text, rules=f"discount: {how}")
    kept = {"order": [1800, 2700, 2700], "order_repeated": [1800, 2700, 2700], "included": [2000, 3000, 3000]}

    assert found.orders["amount_minor"].tolist() == kept.get(how, [1500, 3000, 2700])
    assert found.orders["discount_minor"].sum() == 800
    assert (found.orders["list_minor"] - found.orders["discount_minor"]).equals(found.orders["gross_minor"])
    assert found.adds_up()


def test_e01_a_line_that_is_free_after_its_discount_is_no_purchase(judge: Judge) -> None:
    """2 x 10.00 less 5.00, and 10.00: 25.00 in all; 20.00 less 20.00 was never charged."""
    text = """Bestellung,Kunde,Datum,Artikel,Menge,Preis,Rabatt
A1,7,2026-04-05,MUG,2,10.00,5.00
A2,8,2026-04-06,MUG,1,10.00,0.00
A3,7,2026-05-07,CUP,1,20.00,20.00
"""
    german = "order_id: Bestellung, customer_id: Kunde, ordered_at: Datum, product_id: Artikel, quantity: Menge, "
    found = judge(text, german + "unit_price: Preis, discount: Rabatt")

    assert found.paid() == {"7": 15.0, "8": 10.0}
    assert found.left() == {"nothing_charged": 1}
    assert found.adds_up()


def test_a_discount_larger_than_its_goods_is_cut_and_counted(judge: Judge) -> None:
    """15.00 off a line of 10.00 take 10.00; the second line of the order is paid."""
    text = f"{HEAD},discount\nann,A,2026-05-01,1,10.00,P1,Mug,15.00\nann,A,2026-05-01,1,4.00,P2,Cup,\n"
    found = judge(text)

    assert found.paid() == {"ann": 4.0}
    assert "orders with discounts larger than what they are of, cut to it" in found.notes


def test_b26_lines_that_name_different_discounts_of_their_order_are_refused(judge: Judge) -> None:
    """Where each line repeats the order's discount, two amounts in one order cannot both be it."""
    text = f"{HEAD},discount\nann,A,2026-05-01,1,10.00,P1,Mug,2.00\nann,A,2026-05-01,1,4.00,P2,Cup,1.00\n"

    with pytest.raises(
        InputRefused, match=r"V03 lines of one order with different amounts.* line 3, column 'discount'"
    ):
        judge(text, rules="discount: order_repeated")


@pytest.mark.parametrize(
    ("article", "name", "listed"), [("COUPON", "Coupon SPRING15", "coupon"), ("", "Gutschein", "gutschein")]
)
def test_b02_coupon_lines_are_discounts_of_their_order(judge: Judge, article: str, name: str, listed: str) -> None:
    """3.00 off 10.00 and 20.00 are 1.00 and 2.00: nothing was sent back, and the coupon is no article."""
    text = f"""{HEAD}
ann,A,2026-05-01,1,10.00,P1,Mug
ann,A,2026-05-01,1,-3.00,{article},{name}
ann,A,2026-05-01,1,20.00,P2,Lamp
bob,B,2026-05-02,2,5.00,P1,Mug
"""
    found = judge(text, rules=f"discount_lines: [{listed}]")

    assert found.orders["amount_minor"].tolist() == [900, 1800, 1000]
    assert (found.left(), len(found.returns)) == ({"discount_lines": 1}, 0)
    assert found.adds_up()


def test_b04_costs_per_piece(judge: Judge) -> None:
    """Ten pieces of 5.00 that cost 3.00 each leave 20.00."""
    text = f"{HEAD},Einstand\nkim,K,2026-06-10,10,5.00,P3,Tee,3.00\n"
    found = judge(text, "cost: Einstand", "cost: piece")

    assert (found.orders["amount_minor"] - found.orders["cost_minor"]).tolist() == [2000]


@pytest.mark.parametrize(("money", "amount", "cost"), [("net", 3000, 1201), ("gross", 4000, 1601)])
def test_the_cost_is_that_of_the_money_that_counts(judge: Judge, money: str, amount: int, cost: int) -> None:
    """Of 40.00 that cost 16.01 three quarters were kept: 12.0075, to the cent."""
    text = f"{HEAD},Einstand\nkim,K,2026-06-10,4,10.00,P3,Tee,16.01\nkim,K,2026-06-12,-1,10.00,P3,Tee,4.00\n"
    found = judge(text, "cost: Einstand", more=f"money: {money}")

    assert found.orders[["amount_minor", "cost_minor"]].to_numpy().tolist() == [[amount, cost]]


REFUNDS = {
    "negative rows": (
        "ann,A,2026-05-01,1,100.00,P,Rug,,\nann,B,2026-05-02,2,40.00,Q,Mug,,\n"
        "ann,A-R,2026-05-09,-1,100.00,P,Rug,,\nann,B-R,2026-05-10,-1,40.00,Q,Mug,,\n"
    ),
    "positive rows of a kind, by reference": (
        "ann,A,2026-05-01,1,100.00,P,Rug,Charge,\nann,B,2026-05-02,2,40.00,Q,Mug,charge,\n"
        "ann,C,2026-05-09,1,100.00,,,Refund,A\nann,D,2026-05-10,1,40.00,,,refund,B\n"
    ),
    "rows of the same order, before it in the file": (
        "ann,B,2026-05-10,-1,40.00,Q,Mug,,\nann,A,2026-05-09,1,-100.00,P,Rug,,\n"
        "ann,B,2026-05-02,2,40.00,Q,Mug,,\nann,A,2026-05-01,1,100.00,P,Rug,,\n"
    ),
    "credit notes in German": (
        "ann,A,2026-05-01,1,100.00,P,Rug,Rechnung,\nann,B,2026-05-02,2,40.00,Q,Mug,Rechnung,\n"
        "ann,G1,2026-05-09,1,100.00,P,Rug,Gutschrift,\nann,G2,2026-05-10,1,40.00,Q,Mug,Gutschrift,\n"
    ),
}


@pytest.mark.parametrize("shape", REFUNDS)
def test_refunds_in_every_shape_of_rows_give_one_net(judge: Judge, shape: str) -> None:
    """A came back whole and is no order; of B's 80.00 the half was kept."""
    found = judge(f"{HEAD},kind,refund_of\n{REFUNDS[shape]}")

    assert found.paid() == {"ann": 40.0}
    assert found.orders[["order_id", "gross_minor", "returned_minor"]].to_numpy().tolist() == [["B", 8000, 4000]]
    assert found.returns[["order_id", "amount_minor", "is_matched"]].to_numpy().tolist() == [
        ["A", -10000, True],
        ["B", -4000, True],
    ]
    assert found.adds_up()


@pytest.mark.parametrize(
    ("status", "amounts"),
    [
        (("paid", "paid"), ("100.00", "40.00")),
        (("refunded", "paid"), ("", "-40.00")),
        (("Remboursée", "partially_refunded"), ("100.00", "40.00")),
    ],
)
def test_b06_e10_refunds_in_columns_give_the_same_net(
    judge: Judge, status: tuple[str, str], amounts: tuple[str, str]
) -> None:
    """A refunded amount, a state, or both about one order count once."""
    text = f"""Client,No,Date,Total,Back,State
ann,A,2026-05-01,100.00,{amounts[0]},{status[0]}
ann,B,2026-05-02,80.00,{amounts[1]},{status[1]}
"""
    columns = "customer_id: Client, order_id: No, ordered_at: Date, amount: Total, refunded: Back, status: State"
    found = judge(text, columns)

    assert found.paid() == {"ann": 40.0}
    assert found.returns["amount_minor"].tolist() == [-10000, -4000]
    assert found.adds_up()


@pytest.mark.parametrize("how", ["order", "order_repeated"])
def test_b08_refunds_of_orders_are_spread_over_their_lines(judge: Judge, how: str) -> None:
    """30.00 back of 100.00 and 20.00 are 25.00 and 5.00, with the discount of the first line taken off both before."""
    again = "30.00" if how == "order_repeated" else ""
    rows = f"ann,A,2026-05-01,1,110.00,P,Rug,12.00,30.00\nann,A,2026-05-01,2,11.00,Q,Mug,,{again}\n"
    text = f"{HEAD},discount,refunded\n{rows}"
    found = judge(text, rules=f"discount: order, refunded: {how}")

    assert found.orders[["gross_minor", "returned_minor", "amount_minor"]].to_numpy().tolist() == [
        [10000, 2500, 7500],
        [2000, 500, 1500],
    ]


def test_b05_status_and_row_together_count_once(judge: Judge) -> None:
    """100.00 marked and sent back; of 100.00 and 60.00 the second marked and sent back; 30.00 of 80.00 sent back."""
    text = f"""{HEAD},status
r1,A-1,2026-05-04,1,100.00,P4,Rug,refunded
r2,A-4,2026-05-03,1,60.00,P4,Rug,refunded
r2,A-3,2026-05-06,1,100.00,P4,Rug,completed
r3,A-6,2026-05-04,1,80.00,P4,Rug,completed
r1,A-2,2026-05-20,1,-100.00,P4,Rug,completed
r2,A-5,2026-05-20,1,-60.00,P4,Rug,completed
r3,A-7,2026-05-21,1,-30.00,P4,Rug,completed
"""
    found = judge(text)

    assert found.paid() == {"r2": 100.0, "r3": 50.0}
    assert found.returns["order_id"].tolist() == ["A-1", "A-4", "A-6"]
    assert found.adds_up()


def test_b05_a_cancelled_order_and_the_row_that_reverses_it_count_once(judge: Judge) -> None:
    """The row belongs to the cancelled order, and takes nothing from an earlier one of the same article."""
    text = f"""{HEAD},status
ann,A,2026-05-01,1,50.00,P,Rug,versandt
ann,B,2026-05-02,1,50.00,P,Rug,storniert
ann,C,2026-05-03,-1,50.00,P,Rug,
"""
    found = judge(text)

    assert found.paid() == {"ann": 50.0}
    assert found.left() == {"returns": 1, "cancelled": 1}


@pytest.mark.parametrize("shape", ["rows", "status", "column"])
def test_b13_who_sends_everything_back_spent_nothing(judge: Judge, shape: str) -> None:
    """Two orders of 800.00 that came back leave no order, two returned orders and a known customer, in every shape."""
    status, back = ("refunded" if shape == "status" else "ok"), ("800.00" if shape == "column" else "")
    rows = [f"t,T{n},2026-0{n}-05,1,800.00,P,Rug,{status},{back}" for n in (4, 5)]
    rows += [f"t,T{n}-R,2026-0{n}-11,-1,800.00,P,Rug,ok," for n in (4, 5) if shape == "rows"]
    found = judge(f"{HEAD},status,refunded\n" + "\n".join([*rows, "u,U,2026-05-01,1,5.00,P,Rug,ok,\n"]))

    assert found.paid() == {"u": 5.0}
    assert found.returns[["order_id", "amount_minor"]].to_numpy().tolist() == [["T4", -80000], ["T5", -80000]]
    assert found.returns["bought_at"].dt.day.tolist() == [5, 5]
    assert found.left()["nothing_kept"] == 2
    assert found.spent() == {"t": (0, 0, 160000), "u": (1, 500, 0)}


def test_gross_counts_what_was_charged(judge: Judge) -> None:
    """With money: gross a refunded order is an order, and what came back stands beside it."""
    text = (
        f"{HEAD},status,discount\nann,A,2026-05-01,1,100.00,P,Rug,refunded,10.00\nann,B,2026-05-02,1,5.00,Q,Mug,paid,\n"
    )
    found = judge(text, more="money: gross")

    assert found.orders[["amount_minor", "returned_minor"]].to_numpy().tolist() == [[9000, 9000], [500, 0]]
    assert found.adds_up()


@pytest.mark.wide
def test_refunds_without_a_purchase_and_above_their_order_are_counted(judge: Judge) -> None:
    """Nobody bought Z; 105.00 back of an order of 100.00 are the order and 5.00 of shipping."""
    text = f"""{HEAD},refund_of
ann,A,2026-05-01,1,100.00,P,Rug,
ann,R,2026-05-02,1,-105.00,,,A
bob,B,2026-05-03,1,7.00,Q,Mug,
bob,S,2026-05-04,-1,9.00,Z,Vase,
"""
    found = judge(text)

    assert found.paid() == {"bob": 7.0}
    assert found.returns[["order_id", "is_matched"]].to_numpy().tolist() == [["A", True], ["S", False]]
    assert "refunds without a purchase that they could undo, over 9.00 EUR" in found.notes
    assert "refunds above what their order had brought, by 5.00 EUR in all" in found.notes


LOG = """who,no,made,changed,sum,state
w,W1,2026-05-04 01:00,2026-05-04 01:30,50.00,paid
w,W1,2026-05-04 01:00,2026-05-07 01:30,50.00,{}
v,V1,2026-06-30 09:00,2026-06-30 09:10,70.00,processing
v,V1,2026-06-30 09:00,2026-07-02 09:00,70.00,cancelled
u,U1,2026-06-29 09:00,2026-07-03 09:00,20.00,shipped
"""
LOG_COLUMNS = (
    "customer_id: who, order_id: no, ordered_at: made, amount: sum, status: state, line_id: no, updated_at: changed"
)


@pytest.mark.parametrize(("state", "rule"), [("refunded", "nothing_kept"), ("zrušeno", "cancelled")])
@pytest.mark.parametrize("upside_down", [False, True])
def test_b10_of_a_log_of_changes_the_state_at_the_quarters_end_counts(
    judge: Judge, state: str, rule: str, upside_down: bool
) -> None:
    """W1 is undone, V1 is cancelled only after the quarter, and U1 is known by a later row only."""
    head, *rows = LOG.format(state).strip().split("\n")
    found = judge("\n".join([head, *(reversed(rows) if upside_down else rows), ""]), LOG_COLUMNS)

    assert found.paid() == {"u": 20.0, "v": 70.0}
    assert found.left() == {"superseded": 2, rule: 1}
    assert found.adds_up()


def test_b10_rows_of_one_key_that_disagree_are_refused(judge: Judge) -> None:
    """Without a time of change nothing says which of two states is later; equal rows count once."""
    rows = "w,W1,2026-05-04,50.00,paid\nw,W1,2026-05-04,50.00,{}\n"
    columns = "customer_id: who, order_id: no, ordered_at: made, amount: sum, status: state, line_id: no"
    text = f"who,no,made,sum,state\n{rows}"

    assert judge(text.format("paid"), columns).paid() == {"w": 50.0}
    with pytest.raises(InputRefused, match=r"V02 rows of one line_id disagree.* line 2, column 'line_id'"):
        judge(text.format("refunded"), columns)


@pytest.mark.parametrize(("old", "new", "state"), [("05", "06", "cancelled"), ("a", "b", "annulée")])
def test_b23_of_overlapping_files_the_later_counts(judge: Judge, old: str, new: str, state: str) -> None:
    """Y1 and Y2 stand in both files, Y2 cancelled in the later one; a refund in the later file takes nothing away."""
    head = f"{HEAD},status\n"
    first = "y1,Y1,2026-05-27,1,100.00,P,Rug,processing\ny2,Y2,2026-05-28,1,100.00,P,Rug,processing\n"
    first += "".join(f"x,X{n},2026-05-0{n},1,10.00,P,Rug,completed\n" for n in range(1, 8))
    later = f"y1,Y1,2026-05-27,1,100.00,P,Rug,completed\ny2,Y2,2026-05-28,1,100.00,P,Rug,{state}\n"
    later += "x,X7,2026-06-03,-1,10.00,P,Rug,completed\n" + "".join(
        f"z,Z{n},2026-06-0{n},1,1.00,Q,Mug,completed\n" for n in range(1, 8)
    )
    found = judge({f"orders_{old}.csv": head + first, f"orders_{new}.csv": head + later})

    assert found.paid() == {"x": 60.0, "y1": 100.0, "z": 7.0}
    assert found.left() == {"superseded": 2, "returns": 1, "cancelled": 1, "nothing_kept": 1}
    assert found.adds_up()


def test_b15_lines_that_are_no_goods_are_named_by_article_or_name(judge: Judge) -> None:
    """Shipping and a gift card leave by their names, refunded shipping is no return, a word without a line says so."""
    text = f"""{HEAD}
ann,A,2026-05-01,1,10.00,P1,Mug
ann,A,2026-05-01,1,4.90,,Shipping
ann,A,2026-05-09,1,-4.90,,shipping
bob,B,2026-05-02,1,100.00,GC,Geschenkkarte
"""
    found = judge(text, rules="not_products: [SHIPPING, gc, Trinkgeld]")

    assert found.paid() == {"ann": 10.0}
    assert (found.left(), len(found.returns)) == ({"not_products": 3}, 0)
    assert "rules.not_products meets no line: Trinkgeld" in found.notes


def test_rules_that_meet_nothing_say_so(judge: Judge) -> None:
    """Words of states and kinds, a prefix and ids of nobody; ids are counted, not shown."""
    text = f"{HEAD},status\nann,A,2026-05-01,1,10.00,P1,Mug,paid\n"
    given = "cancelled_status: [anuled], states: {gone: cancelled}, kinds: {moved: ignore}, "
    found = judge(text, rules=f"{given} cancelled_prefix: X, not_customers: [till, '0'], discount_lines: [coupon]")

    assert sorted(note for note in found.notes if note.startswith("rules.")) == [
        "rules.cancelled_prefix meets no line: X",
        "rules.cancelled_status meets no line: anuled",
        "rules.discount_lines meets no line: coupon",
        "rules.kinds meets no line: moved",
        "rules.not_customers: 2 of 2 ids stand in no table",
        "rules.states meets no line: gone",
    ]


def test_e04_amounts_in_the_smallest_unit(judge: Judge) -> None:
    """1999 is 19.99 where the plan says so, and the currency may stand in small letters."""
    text = "id,created,amount,currency,customer_id\nch_1,2026-05-01,1999,eur,a\nch_2,2026-05-02,900,eur,b\n"
    found = judge(text, "order_id: id, ordered_at: created", "amounts: minor")

    assert found.paid() == {"a": 19.99, "b": 9.0}


def test_e04_decimals_where_amounts_are_the_smallest_unit_are_refused(judge: Judge) -> None:
    """Half a cent is no amount: the sentence says which key to change."""
    text = "id,created,amount,customer_id\nch_1,2026-05-01,19.99,a\n"

    with pytest.raises(InputRefused, match=r"V11 money with more than 0 decimals.* set rules\.amounts: main"):
        judge(text, "order_id: id, ordered_at: created", "amounts: minor")


@pytest.mark.parametrize(
    "states",
    [
        ("pending_payment", "Awaiting Payment", "not paid", "Payment Error", "requires_payment_method", "cancelled"),
        ("offen", "Warten auf Zahlung", "nicht bezahlt", "Zahlung fehlgeschlagen", "Entwurf", "storniert"),
        ("待付款", "未付款", "не оплачен", "支付失败", "devis", "annulée"),
    ],
)
def test_e05_what_is_not_paid_is_no_purchase(judge: Judge, states: tuple[str, ...]) -> None:
    """Of seven orders one was paid."""
    rows = "".join(f"{n},7,2026-05-0{n},1000.00,{state}\n" for n, state in enumerate(states, 2))
    columns = "customer_id: client, ordered_at: date, amount: total, status: state"
    found = judge(f"order_id,client,date,total,state\n1,7,2026-05-01,10.00,completed\n{rows}", columns)

    assert found.paid() == {"7": 10.0}
    assert found.left() == {"not_paid": 5, "cancelled": 1}


def test_states_and_flags_of_several_columns_count_together(judge: Judge) -> None:
    """Paid and cancelled is cancelled, and what the plan says of a word comes before the vocabulary."""
    text = """customer_id,order_id,ordered_at,amount,pay,is_cancelled,Refunded at
a,1,2026-05-01,1.00,paid,,
b,2,2026-05-01,2.00,paid,X,
c,3,2026-05-01,4.00,paid,0,2026-05-03 10:00
d,4,2026-05-01,8.00,blue,,
"""
    columns = "status: [pay, is_cancelled, Refunded at]"
    found = judge(text, columns)

    assert found.paid() == {"a": 1.0, "d": 8.0}
    assert found.words == {
        "paid": "done",
        "paid + cancelled": "cancelled",
        "paid + refunded": "refunded",
        "blue": "done",
    }
    assert "words in status that are not known, taken for done: 1" in found.notes
    assert judge(text, columns, "states: {blue: unpaid}").paid() == {"a": 1.0}


def test_bills_and_transfers_are_no_sales(judge: Judge) -> None:
    """Sales invoices count, their credit notes come off, bills of suppliers and transfers are no sales."""
    text = """customer_id,order_id,ordered_at,amount,Type,ref
a,1,2026-05-01,10.00,ACCREC,
a,2,2026-05-02,4.00,ACCRECCREDIT,1
b,3,2026-05-03,99.00,ACCPAY,
b,4,2026-05-04,50.00,transfer,
"""
    found = judge(text, "kind: Type, refund_of: ref")

    assert found.paid() == {"a": 6.0}
    assert found.left() == {"ignored": 2, "returns": 1}


def test_one_customer_in_two_spellings_of_a_number(judge: Judge) -> None:
    """17850 of one month and 17850.0 of another are one customer; the e-mail stands in where there is no number."""
    head = "number,mail,order_id,ordered_at,amount\n"
    april = "17850.0,,1.0,2026-04-01,1.00\n,ann@example.com,2.0,2026-04-02,2.00\n"
    files = {"04.csv": head + april, "05.csv": head + "17850,,3,2026-05-01,4.00\n"}
    found = judge(files, "customer_id: [number, mail, phone]")

    assert found.paid() == {"17850": 5.0, "ann@example.com": 2.0}
    assert "column 'phone' stands in no file" in found.notes


def by_hand(total: int, weights: list[int]) -> list[int]:
    """Largest remainders with fractions; of equal ones the heavier line first, then the earlier one."""
    whole = sum(weights)
    quotas = [Fraction(min(total, whole) * weight, whole) if whole else Fraction(0) for weight in weights]
    parts = [int(quota) for quota in quotas]
    order = sorted(range(len(weights)), key=lambda n: (parts[n] - quotas[n], -weights[n], n))
    for n in order[: min(total, whole) - sum(parts)]:
        parts[n] += 1
    return parts


def test_spread_equals_largest_remainders_in_fractions() -> None:
    """Hundreds of orders, small and enormous: the engine gives what exact fractions give, and loses no cent."""
    rng, rows, wanted = np.random.default_rng(3), [], []
    for order in range(300):
        top = int(rng.choice([5, 1000, 10**12]))
        weights = [int(weight) for weight in rng.integers(0, top, rng.integers(1, 7))]
        total = int(rng.integers(0, max(2, sum(weights) + 3)))
        rows += [("ann", f"O{order}", n, weight, total) for n, weight in enumerate(weights)]
        wanted += by_hand(total, weights)
    frame = pd.DataFrame(rows, columns=["customer", "order_id", "source_line", "weight", "total"])
    engine = Engine.open()
    table = engine.memory(frame.assign(product_id="P", product_name="P", source_file="o.csv"))
    found = engine.frame(spread(table, table.total, table.weight, "part").order_by(ibis._.order_id, "source_line"))
    expected = frame.assign(part=wanted).sort_values(["order_id", "source_line"])["part"].tolist()

    assert found["part"].tolist() == expected


def refunds(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    """Rows of order, day, article and money, of one customer."""
    frame = pd.DataFrame(rows, columns=["order_id", "ordered_at", "product", "money_minor"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"])
    facts = {"customer": "ann", "source_file": "o.csv", "source_line": range(2, len(frame) + 2), "reference": None}
    return frame.assign(**facts, units=1, is_undone=False, is_kept=True)


BOUGHT = refunds(("A", "2026-05-01", "P", 500), ("B", "2026-05-02", "P", 300), ("C", "2026-05-20", "P", 900))


@pytest.mark.parametrize(
    ("refund", "pieces"),
    [
        (("R", "2026-05-09", "P", 300), [[3, 300]]),
        (("R", "2026-05-09", "P", 400), [[2, 400]]),
        (("R", "2026-05-09", "P", 700), [[3, 300], [2, 400]]),
        (("R", "2026-04-30", "P", 100), []),
        (("R", "2026-05-09", "P", 500), [[2, 500]]),
        (("R", "2026-05-30", "P", 300), [[3, 300]]),
        (("R", "2026-05-30", "", 500), [[2, 500]]),
        (("R", "2026-05-30", "refund", 250), [[4, 250]]),
    ],
)
def test_a_refund_belongs_to_the_latest_earlier_purchase_of_that_amount_or_with_enough_left(
    refund: tuple[str, str, str, int], pieces: list[list[int]]
) -> None:
    """The same amount; else the latest with enough left; else several; none before; without an article the amount."""
    found = matched(refunds(refund).assign(source_line=99), BOUGHT)

    assert found.pieces[["source_line", "money_minor"]].to_numpy().tolist() == pieces
    assert found.alone["rest_minor"].sum() == (0 if pieces else refund[3])


def test_a_refund_of_some_pieces_belongs_to_the_purchase_at_their_price() -> None:
    """One piece of 1.50 comes from the two of 3.00, not from the later three of 6.00 at 2.00."""
    bought = refunds(("A", "2026-05-01", "P", 300), ("B", "2026-05-02", "P", 600)).assign(units=[2, 3])
    found = matched(refunds(("R", "2026-05-09", "P", 150)).assign(source_line=99), bought)

    assert found.pieces[["source_line", "money_minor"]].to_numpy().tolist() == [[2, 150]]


@pytest.mark.parametrize("shape", ["minus", "reference", "kind"])
def test_a_refund_without_a_customer_takes_that_of_its_order(judge: Judge, shape: str) -> None:
    """A came back by a row without a customer; number 7 was sold to two people, so nobody knows whose came back."""
    number, amount, kind, of = {
        "minus": ("A", "-30.00", "", ""),
        "reference": ("X", "-30.00", "", "A"),
        "kind": ("A", "30.00", "Refund", ""),
    }[shape]
    text = f"""customer_id,order_id,ordered_at,amount,kind,refund_of
ann,A,2026-05-01,30.00,Sale,
ann,B,2026-05-02,5.00,Sale,
bob,7,2026-05-03,8.00,Sale,
,7,2026-05-04,8.00,Sale,
,{number},2026-05-09,{amount},{kind},{of}
,7,2026-05-10,-8.00,Sale,
"""
    found = judge(text)

    assert found.paid() == {"ann": 5.0, "bob": 8.0}
    assert found.left()["missing_customer"] == 2


def test_shipping_and_tax_come_off_the_amount_that_holds_them(judge: Judge) -> None:
    """Several columns add up, on a refund with the amount's sign, and an order is never less than nothing."""
    rows = (
        'ann,A,2026-05-01,"$1,119.90",$4.90,$15.00',
        "bob,B,2026-05-02,-$11.90,$1.90,",
        "cid,C,2026-05-03,$4.00,$4.90,",
    )
    text = "\n".join(["who,No,Date,Total,Post,Tax", "bob,Z,2026-05-01,$50.00,,", *rows, ""])
    columns = "customer_id: who, order_id: No, ordered_at: Date, amount: Total, amount_extras: [Post, Tax]"
    found = judge(text, columns + '}, csv: {signs: ["$"], thousands: ","')

    assert found.paid() == {"ann": 1100.0, "bob": 40.0}
    assert found.left() == {"returns": 1, "free_lines": 1}


@pytest.mark.parametrize(
    ("taxed", "kept"),
    [
        ("", {"ann": 50.0, "bob": 70.27}),  # 33.00 x 80 / 88, and 33.00 x 100 / 111
        ("refunded_taxed: Of, ", {"ann": 50.0, "bob": 70.0}),
    ],
)
def test_a_refund_with_tax_is_brought_to_its_goods(judge: Judge, taxed: str, kept: dict[str, float]) -> None:
    """The part of the tax comes off what was given back; a whole refund with shipping is the goods."""
    text = (
        "who,No,Date,Total,Back,Tax,Of\nann,A,2026-05-01,80.00,33.00,8.00,88.00\nbob,B,2026-05-02,100.00,33.00,11.00,121.00\n"
        "cid,C,2026-05-03,100.00,120.90,11.00,121.00\ncid,D,2026-05-03,1.00,,0.10,1.10\n"
    )
    columns = "customer_id: who, order_id: No, ordered_at: Date, amount: Total, refunded: Back, refunded_tax: Tax"
    found = judge(text, f"{columns}, {taxed}".rstrip(", "), "refunded: order")

    assert found.paid() == {**kept, "cid": 1.0}
