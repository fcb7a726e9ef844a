"""Notebook 09, what lies ahead: lifetime values, the check of their model, and who orders next quarter."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import charts
from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.evaluation import Scorecard, hindsight, lifetime
from seglib.evaluation.hindsight import COLUMNS, checks, is_far_off
from seglib.evaluation.next_quarter import foresee
from seglib.evaluation.order_days import older, order_days, purchases
from seglib.evaluation.rivals import Trial, decide
from seglib.methods.pareto import ParetoNBD
from seglib.methods.purchases import BetaGeometric

QUARTER = Quarter("2026Q3")
PLAN = "study: a\nsources: {orders: {file: o.csv}}\nevaluation: {margin_share: 0.5}"
PEOPLE = [f"c{n:03d}" for n in range(60)]


def run(plan: str = PLAN) -> SimpleNamespace:
    """A run without files."""
    return SimpleNamespace(plan=Plan.parse(plan), quarter=QUARTER, engine=Engine.open(), seed=0)


def collection(rows: list[tuple[str, str, int]]) -> SimpleNamespace:
    """Order lines, of customer, day and amount, as a collection."""
    frame = pd.DataFrame(rows, columns=["customer", "ordered_at", "amount_minor"])
    times = pd.to_datetime(frame["ordered_at"], format="ISO8601")
    return SimpleNamespace(orders=ibis.memtable(frame.assign(ordered_at=times, ordered_on=times.dt.date)))


def segments(names: tuple[str, ...] = ("Often", "Rare")) -> SimpleNamespace:
    """Thirty customers in each of two segments."""
    labels = pd.DataFrame({"customer": PEOPLE, "segment": [1 + (n >= 30) for n in range(60)]})
    kinds = pd.DataFrame({"segment": [1, 2], "name": names, "identity": [1, 2], "customers": [30, 30]})
    return SimpleNamespace(labels=ibis.memtable(labels), segments=kinds)


def shop() -> list[tuple[str, str, int]]:
    """Thirty who order every second to fifth week, thirty who ordered once or twice; values differ."""
    draw, rows = np.random.default_rng(0), []
    for n, who in enumerate(PEOPLE):
        first = pd.Timestamp("2025-10-01") + pd.Timedelta(days=int(draw.integers(0, 60)))
        count, gap = (1 + n % 2, 60) if n >= 30 else (24, 14 + n % 22)
        days = [first + pd.Timedelta(days=gap * k + int(draw.integers(0, 9))) for k in range(count)]
        rows += [(who, str(day.date()), int(draw.integers(800, 1200) * (1 + n % 5))) for day in days]
    return [row for row in rows if row[1] < "2026-10-01"]


@pytest.fixture(scope="module")
def ahead() -> lifetime.Ahead:
    """What lies ahead of the shop."""
    return lifetime.per_segment(run(), collection(shop()), segments(), segments())


def made(rows: list[tuple[str, str, int]]) -> pd.DataFrame:
    """Order days as the models read them."""
    return order_days(run(), collection(rows))


def test_customers_older_than_the_data_are_named():
    """Half of a hundred first orders lie in the first week of a year; spread evenly over the year nothing is said."""
    early, even = pd.Series([52.0] * 50 + list(np.linspace(1, 51, 50))), pd.Series(np.linspace(1, 52, 100))

    assert older(early)[0].startswith("Many customers are older than the data: 5")
    assert "is known less well than the intervals say" in older(early)[0]
    assert older(even) == older(pd.Series(dtype=float)) == ()


def test_orders_of_one_day_are_one_order_day() -> None:
    """Two orders on the first day, one a fortnight later, one after the quarter, which is not read."""
    rows = [("a", "2026-01-01 09:00", 100), ("a", "2026-01-01 18:00", 50), ("a", "2026-01-15", 300)]
    days = made([*rows, ("a", "2026-10-01", 999)])

    assert days["amount_minor"].tolist() == [150, 300]
    assert purchases(days, datetime(2026, 1, 29)).loc["a"].tolist() == [1.0, 2.0, 4.0, 300.0]


def test_who_may_not_be_profiled_is_not_read() -> None:
    """Of two customers one objected to profiling."""
    both = collection([("a", "2026-01-01", 100), ("b", "2026-01-01", 100)])
    both.people = ibis.memtable(pd.DataFrame({"customer": ["a", "b"], "may_profile": [True, False]}))

    assert order_days(run(), both)["customer"].tolist() == ["a"]


def test_lifetime_value_without_repeat_orders_is_left_out_and_said() -> None:
    """Nobody ordered twice."""
    ahead = lifetime.per_segment(run(), collection([(who, "2026-07-01", 100) for who in PEOPLE]), segments())

    assert ahead.clv.empty
    assert ahead.notes == ("No lifetime value: no customer ordered twice.",)


def test_revenue_and_margin_are_two_columns_and_the_note_names_the_money(ahead: lifetime.Ahead) -> None:
    """The orders hold the money that counts, so nothing comes off a second time; the margin is a half."""
    often, rare = ahead.clv.to_dict("records")

    assert often["margin_minor"] == pytest.approx(often["revenue_minor"] / 2, abs=1)
    assert often["clv_minor"] == often["margin_minor"]
    assert often["revenue_minor"] > 3 * rare["revenue_minor"]
    assert ahead.notes[0].startswith("Lifetime value: discounted margin on revenue, net of what came back, of the next")


@pytest.mark.wide
def test_without_a_margin_the_value_is_revenue_and_the_note_says_what_is_missing() -> None:
    """No margin is invented."""
    bare = run("study: a\nsources: {orders: {file: o.csv}}")
    ahead = lifetime.per_segment(bare, collection(shop()), segments())

    assert ahead.clv["margin_minor"].isna().all()
    assert (ahead.clv["clv_minor"] == ahead.clv["revenue_minor"]).all()
    assert "evaluation.margin_share in plan.yml would allow the margin" in ahead.notes[0]


def test_the_interval_of_the_mean_lies_inside_that_of_single_customers(ahead: lifetime.Ahead) -> None:
    """A mean of thirty is surer than one customer."""
    row = ahead.clv.iloc[0]

    assert row["one_low_minor"] < row["low_minor"] < row["clv_minor"] < row["high_minor"] < row["one_high_minor"]


def test_a_segment_below_the_floor_shows_no_number() -> None:
    """With a floor of 31 both segments of thirty keep their names only."""
    strict = run(PLAN + "\nprivacy: {floor: 31}")
    ahead = lifetime.per_segment(strict, collection(shop()), segments())

    assert ahead.clv["name"].tolist() == ["Often", "Rare"]
    assert ahead.clv.drop(columns=["segment", "name", "identity", "customers"]).isna().all(axis=None)


def doubled() -> list[tuple[str, str, int]]:
    """The shop, whose first segment begins to order every week on 1 July."""
    weekly = pd.date_range("2026-07-01", "2026-09-30", freq="7D")
    return [row for row in shop() if row[1] < "2026-07-01"] + [
        (who, str(day.date()), 1000) for who in PEOPLE[:30] for day in weekly
    ]


def test_a_planted_change_is_called_far_off_and_its_segment_is_named() -> None:
    """Thirty customers begin to order every week: 420 order days come, far beyond the model's futures."""
    days = made(doubled())
    labels = pd.DataFrame({"customer": PEOPLE, "identity": [1] * 30 + [2] * 30, "name": ["Often"] * 30 + ["Rare"] * 30})
    table, notes = checks(run(), days, labels)
    total = table[(table["view"] == "quarter") & (table["label"] == "2026Q3")].iloc[0]

    assert total["came"] == 30 * 14
    assert total["high"] < total["came"]
    assert is_far_off(table, Quarter("2026Q3"))
    assert "far off, so do not budget on these values" in notes[0]
    assert notes[-1].startswith("The largest miss is in Often:")


def test_R17_of_few_order_days_that_came_only_the_bound_is_told() -> None:
    """Sixty customers, of whom four order once in the quarter: no table and no sentence tells the four."""
    days = made([*(row for row in shop() if row[1] < "2026-07-01"), *((who, "2026-08-01", 900) for who in PEOPLE[:4])])
    table, notes = checks(run(), days, None)
    now = table[(table["view"] != "quarter") | (table["label"] == "2026Q3")]

    assert now["came"].isna().all()
    assert "; fewer than 10 came." in notes[0] and "ratio" not in notes[0]
    assert not is_far_off(table, Quarter("2026Q3"))


def test_R17_what_gives_a_few_order_days_away_is_kept_back_with_them() -> None:
    """Of three groups one has four order days: with the total, the two others would tell it."""
    rows = [("frequency", str(n), came) for n, came in enumerate((4.0, 30.0, 60.0))] + [("quarter", "2026Q3", 94.0)]
    table = hindsight.kept_back(pd.DataFrame(rows, columns=["view", "label", "came"]), QUARTER, 10)

    assert table["came"].isna().tolist() == [True, True, False, False]


def test_the_views_of_a_check_add_up() -> None:
    """The segments have the total's order days (six digits); those by repeats lack the groups below the floor of 10."""
    days = made(shop())
    labels = pd.DataFrame({"customer": PEOPLE, "identity": [1] * 30 + [2] * 30, "name": ["Often"] * 30 + ["Rare"] * 30})
    table, _ = checks(run(), days, labels)
    sums = table.groupby("view")[["expected", "came"]].sum()
    total = table[(table["view"] == "quarter") & (table["label"] == "2026Q3")].iloc[0]

    assert list(table.columns) == COLUMNS
    assert sums.loc["segment"].tolist() == pytest.approx([total["expected"], total["came"]], rel=1e-5)
    assert (table["customers"] >= 10).all()
    assert (sums.loc["frequency"] <= sums.loc["segment"]).all()
    assert table[table["view"] == "week"]["came"].is_monotonic_increasing


def calendar(count: int, every_days: int, seed: int) -> list[tuple[str, str, int]]:
    """Customers who order at nearly fixed intervals; half of them stop for good at a random time."""
    draw, rows = np.random.default_rng(seed), []
    for n in range(count):
        day, stop = int(draw.integers(0, 90)), int(draw.integers(200, 800)) if n % 2 else 9999
        while day < min(stop, 730):
            rows.append((f"p{n:04d}", str((pd.Timestamp("2024-10-01") + pd.Timedelta(days=day)).date()), 1000))
            day += int(draw.integers(every_days - 5, every_days + 6))
    return rows


@pytest.mark.wide
def test_the_classifier_is_used_where_it_foresees_better() -> None:
    """Orders like clockwork: the trees see who is late, the Poisson model cannot."""
    chances, trials, notes = foresee(run(), made(calendar(400, 45, seed=1)))
    latest = trials[trials["quarter"] == "2026Q3"].set_index("model")

    assert latest.loc["classifier", "brier"] < latest.loc["MBG/NBD", "brier"]
    assert "so the classifier is used" in notes[0]
    assert chances.between(0, 1).all() and len(chances) == 400


@pytest.mark.wide
def test_the_purchase_model_stays_where_orders_come_at_random(poisson_days: pd.DataFrame) -> None:
    """Orders that follow the model: the classifier is not better beyond chance, so MBG/NBD is used."""
    _, trials, notes = foresee(run(), poisson_days)

    assert set(trials["model"]) == {"MBG/NBD", "BG/BB on quarters", "classifier"}
    assert "so MBG/NBD is used" in notes[0]


@pytest.fixture(scope="module")
def poisson_days() -> pd.DataFrame:
    """Order days of 400 customers with gamma rates who stop with a beta chance after each order."""
    draw, rows = np.random.default_rng(2), []
    for n in range(400):
        rate, stop, day = draw.gamma(1.0, 0.03), draw.beta(1, 4), draw.uniform(0, 500)
        while day < 730:
            rows.append((f"p{n:04d}", str((pd.Timestamp("2024-10-01") + pd.Timedelta(days=int(day))).date()), 1000))
            day = day + draw.exponential(1 / rate) if draw.random() > stop else 999
    return made(rows)


def test_both_charts_draw_and_say_what_they_show(ahead: lifetime.Ahead) -> None:
    """Order days in the alternative text; an empty scorecard says what is missing."""
    full = SimpleNamespace(clv=ahead.clv, clv_checks=ahead.checks, minor_per_major=100, currency="EUR")
    empty = SimpleNamespace(clv=ahead.clv.head(0), clv_checks=ahead.checks.head(0), minor_per_major=100, currency="EUR")

    assert "2026Q3:" in charts.forecast(full).alt and "came" in charts.forecast(full).alt
    assert "by repeat order days before" in charts.forecast(full).alt
    assert "Often" in charts.worth(full).alt
    assert charts.forecast(empty).alt.startswith("No forecast could be checked")
    assert charts.worth(empty).alt.startswith("No lifetime value")


def test_tables_have_readable_heads(ahead: lifetime.Ahead) -> None:
    """Money in main units with its interval, the last forecast in words, scores with four digits."""
    fields = ("goals", "kpis", "effects", "experiments", "decomposition")
    card = Scorecard(
        **{name: pd.DataFrame() for name in fields}, clv=ahead.clv, basis="", currency="EUR",
        clv_checks=ahead.checks, clv_trials=ahead.trials,
    )  # fmt: skip
    said = card.outlook()["last forecast: expected / came"]

    assert list(card.lifetime()) == ["segment", "customers", "revenue (EUR)", "margin", "95% interval"]
    assert said.str.contains(r"^\d+\.\d\d \((?:close|far off)\)$").all()
    assert card.forecast_models()["model"].tolist() == [
        *("BG/NBD", "MBG/NBD", "Pareto/NBD", "same as the quarter before")
    ]
    assert card.forecast_check()["repeat order days before"].iloc[-1] == "all, 2026Q3"
    assert all("order days that came" in made for made in (card.forecast_check(), card.forecast_models()))


def trial(usual: float, rival: float) -> Trial:
    """A quarter in which forty customers, of whom every second ordered twice, were foreseen by two models."""
    came = pd.Series(np.arange(40) % 2 * 2.0)
    models = {"MBG/NBD": BetaGeometric(0.5, 6.0, 0.9, 1.8), "Pareto/NBD": ParetoNBD(0.55, 10.6, 0.61, 11.7)}
    foreseen = pd.DataFrame({name: came * share + 0.3 for name, share in zip(models, (usual, rival), strict=True)})
    return Trial(13.0, models, pd.DataFrame(index=came.index), foreseen, came)


def test_the_model_of_orders_is_the_one_that_foresaw_what_was_held_out() -> None:
    """Pareto/NBD nearer to every customer is used, and said; where it is farther, or nothing was tried, MBG/NBD is."""
    near, far = trial(0.2, 0.8), trial(0.8, 0.2)
    name, notes = decide([near, near], near.models, seed=0)

    assert name == "Pareto/NBD"
    assert "tried on the 2 quarters that are over" in notes[0]
    usual, rival, difference = map(
        float, re.search(r"is (\S+) with MBG/NBD, Pareto/NBD (\S+) \((\S+),", notes[0]).groups()
    )
    assert rival - usual == pytest.approx(difference, abs=0.0011)
    assert notes[0].endswith("Pareto/NBD foresaw them better beyond chance, so it is used.")
    assert decide([far], far.models, seed=0)[0] == "MBG/NBD"
    assert decide([None, None], near.models, seed=0) == ("MBG/NBD", ())


def test_a_model_for_which_nobody_ever_stops_is_not_chosen() -> None:
    """It foresaw better, and today's fit says that nobody stops."""
    near = trial(0.2, 0.8)
    endless = replace(near.models["Pareto/NBD"], limits=("nobody stops",))

    assert decide([near], {**near.models, "Pareto/NBD": endless}, seed=0)[0] == "MBG/NBD"


@pytest.mark.wide
def test_the_lifetime_value_names_the_model_that_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chosen by the quarters held out: the lead, the checks and the values are that model's."""
    monkeypatch.setattr(lifetime, "decide", lambda *_: ("Pareto/NBD", ("Pareto/NBD foresaw them better.",)))
    found = lifetime.per_segment(run(), collection(shop()), segments(), segments())
    models = found.checks[found.checks["view"] == "model"].set_index("label")["expected"]
    total = found.checks[(found.checks["view"] == "quarter") & (found.checks["label"] == "2026Q3")]["expected"]

    assert "(Pareto/NBD, Gamma-Gamma)" in found.notes[0]
    assert "Pareto/NBD foresaw them better." in found.notes
    assert total.tolist() == [models["Pareto/NBD"]]
    assert models["Pareto/NBD"] != models["MBG/NBD"]


@pytest.mark.long
def test_another_processor_gives_the_same_values() -> None:
    """numpy's loops for older processors, chosen before Python starts: every row and note alike, to the last digit."""
    work = "import sys; sys.path.insert(0, 'tests'); import test_lifetime as t; print(t.everything_ahead())"
    texts = []
    for without in ("", "X86_V4 X86_V3"):
        surroundings = os.environ | {"NPY_DISABLE_CPU_FEATURES": without}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", work], capture_output=True, text=True, env=surroundings, check=True
        )
        texts.append(done.stdout)

    assert "Often" in texts[0]
    assert texts[0] == texts[1]


def everything_ahead() -> str:
    """What lies ahead of the shop, as one text with all digits."""
    found = lifetime.per_segment(run(), collection(shop()), segments(), segments())
    tables = [table.to_csv(index=False) for table in (found.clv, found.checks, found.trials)]
    return "\n".join([*tables, *found.notes])


def test_without_a_mean_order_value_what_does_not_need_it_is_still_there() -> None:
    """Order values of a Pareto tail: no money, a true reason, but who orders next and how the last forecast went."""
    draw = np.random.default_rng(1)
    wild = {who: 100 / draw.random() ** 2 for who in PEOPLE}
    rows = [(who, day, round(wild[who] * draw.uniform(0.5, 2))) for who, day, _ in shop()]
    ahead = lifetime.per_segment(run(), collection(rows), segments(), segments())

    assert ahead.clv["clv_minor"].isna().all()
    assert ahead.clv["next_quarter_share"].notna().all() and ahead.clv["check_ratio"].notna().all()
    assert "the data cannot tell, as order values scatter too far (Gamma-Gamma: q = 0." in ahead.notes[0]
    assert ahead.doubts[0] == ahead.notes[0]
    assert charts.worth(SimpleNamespace(clv=ahead.clv)).alt.startswith("No lifetime value")


def test_a_limit_of_the_model_is_said_in_words(ahead: lifetime.Ahead) -> None:
    """Orders like clockwork at one price a customer, of whom nobody stops: each ridge has its sentence."""
    days = [str(day.date()) for day in pd.date_range("2025-10-01", "2026-09-28", freq="21D")]
    rows = [(who, day, 1000 + 100 * n) for n, who in enumerate(PEOPLE) for day in days]
    found = lifetime.per_segment(run(), collection(rows), segments(), segments())

    assert any(note.startswith("Nobody seems to stop for good, and the data cannot tell") for note in found.doubts)
    assert {*found.doubts} <= {*found.notes}
    assert found.clv["clv_minor"].notna().all()


def test_near_and_outside_the_interval_is_not_called_close() -> None:
    """CDNOW: 5,989 expected (5,795 to 6,198), 6,602 came: within a tenth, and the model's futures did not hold it."""
    row = {"view": "quarter", "expected": 5_989.0, "low": 5_795.0, "high": 6_198.0, "came": 6_602.0}
    ratio = row["expected"] / row["came"]

    assert hindsight.word(ratio, row["low"] <= row["came"] <= row["high"]) == "near, but outside"
    assert 5_989 + hindsight.strain(pd.DataFrame([row])) * (6_198 - 5_989) == pytest.approx(6_602)


def test_a_miss_widens_the_intervals_that_come_after_it() -> None:
    """Thirty customers order every week from April to June only: the next interval is as wide as that miss."""
    weekly = pd.date_range("2026-04-01", "2026-06-30", freq="7D")
    burst = [(who, str(day.date()), 1000) for who in PEOPLE[:30] for day in weekly]
    table, notes = checks(run(), made([*shop(), *burst]), None)
    rows = table[table["view"] == "quarter"].set_index("label", drop=False)
    times = hindsight.strain(rows.loc[["2026Q2"]])

    assert times > 2
    assert f"made {times:.1f} times as wide by the miss of 2026Q2" in notes[0]
