"""The demo shop: the committed files are what the generator makes, and the planted truth can be found in them."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import adjusted_rand_score

from seglib import demo_shop
from seglib.core.contract import TABLES
from seglib.core.plan import Plan
from seglib.demo_shop import process, truth
from seglib.methods.clusterers import kmeans
from seglib.methods.order_values import fit_gamma_gamma, value_log_likelihood
from seglib.methods.purchase_likelihood import log_likelihood
from seglib.methods.purchases import expected_orders, fit_mbgnbd
from seglib.methods.quality import quality
from seglib.methods.rates import FloatArray
from seglib.methods.scaling import Scaling

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
SIZE_LIMIT_BYTES = 4_000_000
AS_OF = {"2026Q2": pd.Timestamp("2026-07-01"), "2026Q3": pd.Timestamp("2026-10-01")}


def table(name: str) -> pd.DataFrame:
    """Read a committed table, blank cells as missing."""
    return pd.read_csv(DEMO / f"{name}.csv", dtype={"customer_id": str})


def truth_of(customers: pd.Index, quarter: str) -> pd.Series:
    """Look up the true segment of each customer."""
    return table("truth/segments").set_index("customer_id")[f"segment_{quarter}"].reindex(customers)


@pytest.fixture(scope="module")
def purchases() -> pd.DataFrame:
    """Lines that are purchases of a known customer, with what was paid."""
    lines = table("sources/orders").drop_duplicates()
    lines["ordered_at"] = pd.to_datetime(lines["ordered_at"])
    plain = lines[(lines.status == "completed") & (lines.unit_price > 0) & lines.customer_id.notna()]
    return plain.assign(paid=plain.quantity * plain.unit_price - plain.discount)


def behaviour(purchases: pd.DataFrame, quarter: str) -> pd.DataFrame:
    """Describe each customer with an order in the year before the end of the quarter."""
    as_of = AS_OF[quarter]
    past = purchases[purchases.ordered_at < as_of]
    year = past[past.ordered_at >= as_of - pd.Timedelta(days=365)]
    each = year.groupby("customer_id")
    reduced = (year.groupby(["customer_id", "order_id"]).discount.sum() > 0).groupby("customer_id").mean()
    orders = each.order_id.nunique()
    return pd.DataFrame(
        {
            "recency_days": (as_of - each.ordered_at.max()).dt.days,
            "order_count": orders,
            "order_value": each.paid.sum() / orders,
            "tenure_days": (as_of - past.groupby("customer_id").ordered_at.min().reindex(orders.index)).dt.days,
            "breadth_count": each.category.nunique(),
            "discount_share": reduced,
        }
    )


def test_generator_makes_the_committed_files(tmp_path: Path) -> None:
    """The same seed gives the same bytes, file by file."""
    demo_shop.write(tmp_path)
    made = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.csv")}
    committed = {path.relative_to(DEMO).as_posix(): path.read_bytes() for path in DEMO.glob("[st]*/*.csv")}

    assert made.keys() == committed.keys()
    assert [name for name in made if made[name] != committed[name]] == []


@pytest.mark.wide
def test_another_seed_makes_another_shop() -> None:
    """The seed is used."""
    rows = demo_shop.tables(seed=1)["sources/orders"]

    assert [row["ordered_at"] for row in rows[:50]] != table("sources/orders").ordered_at[:50].tolist()


def test_files_are_small() -> None:
    """Sources and truth together stay under 4 MB."""
    total = sum(path.stat().st_size for path in DEMO.glob("[st]*/*"))

    assert total < SIZE_LIMIT_BYTES


def test_plan_reads_and_names_all_six_tables() -> None:
    """The committed plan is valid."""
    plan = Plan.load(DEMO / "plan.yml")

    assert plan.synthetic
    assert plan.sources.keys() == TABLES.keys()
    assert [objective.metric for objective in plan.objectives] == [
        "retention_share",
        "repeat_share",
        "order_value",
        "nps",
    ]


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_contract(name: str) -> None:
    """Every column is known, every required column is there."""
    columns = set(table(f"sources/{name}").columns)

    assert columns <= set(TABLES[name].names)
    assert columns >= set(TABLES[name].required)


@pytest.mark.parametrize(("quarter", "k"), [("2026Q2", 5), ("2026Q3", 6)])
def test_planted_segments_are_found(purchases: pd.DataFrame, quarter: str, k: int) -> None:
    """k-means finds the planted segments, and their number has the best silhouette."""
    people = behaviour(purchases, quarter)
    x = Scaling.fit(people).apply(people)
    fits = {count: kmeans(x, count, seed=0) for count in range(2, 9)}
    widths = {count: quality(x, fit, seed=0, sample_rows=1_000).silhouette for count, fit in fits.items()}

    assert adjusted_rand_score(truth_of(people.index, quarter), fits[k].labels) > 0.9
    assert max(widths, key=widths.__getitem__) == k


def test_one_segment_splits_between_the_quarters() -> None:
    """Subscribers of 2026Q3 were loyal regulars one quarter before, but for a few who came back from sleep."""
    segments = table("truth/segments")
    before = segments[segments.segment_2026Q3 == "subscribers"].segment_2026Q2

    assert "subscribers" not in set(segments.segment_2026Q2)
    assert set(before) <= {"loyal_regulars", "sleeping"}
    assert len(before) > 120
    assert (before == "loyal_regulars").mean() > 0.95


@pytest.mark.parametrize("name", truth.SEGMENTS)
def test_order_values_are_as_planted(purchases: pd.DataFrame, name: str) -> None:
    """The mean paid per order of a segment's customers is within four standard errors of its parameter."""
    quarter = "2026Q3" if name == "subscribers" else "2026Q2"
    start, stop = (AS_OF["2026Q2"], AS_OF["2026Q3"]) if name == "subscribers" else (pd.Timestamp(0), AS_OF["2026Q2"])
    mine = purchases[truth_of(pd.Index(purchases.customer_id), quarter).eq(name).to_numpy()]
    orders = mine[mine.ordered_at.between(start, stop)].groupby(["customer_id", "order_id"]).paid.sum()
    means = orders.groupby("customer_id").mean()

    assert len(means) > 100
    assert abs(means.mean() - truth.SEGMENTS[name].order_value) < 4 * means.std() / np.sqrt(len(means))


def test_order_values_follow_from_the_process() -> None:
    """The mean of a gamma-gamma day between two bounds: the planted p v / (q - 1), times a ratio of gamma shares."""
    planted = process.PROCESS
    bounds = {"bargain_hunters": (0, process.SMALL), "loyal_regulars": (process.SMALL, process.LARGE)}
    bounds |= {"companies": (process.LARGE, np.inf), "newcomers": (0, np.inf), "sleeping": (0, np.inf)}
    means = {}
    for name, (low, high) in bounds.items():
        rates = planted.p / high, (planted.p / low if low else np.inf)
        few, all_ = (
            np.diff(stats.gamma(shape, scale=1 / planted.v).cdf(rates))[0] for shape in (planted.q - 1, planted.q)
        )
        means[name] = planted.p * planted.v / (planted.q - 1) * few / all_
    means["subscribers"] = means["loyal_regulars"] / truth.STANDING_COUNT

    assert {name: truth.SEGMENTS[name].order_value for name in means} == pytest.approx(means, rel=0.002)


@pytest.fixture(scope="module")
def day_sums(purchases: pd.DataFrame) -> pd.DataFrame:
    """What each customer paid on each day."""
    days = purchases.assign(ordered_on=purchases.ordered_at.dt.normalize(), amount_minor=purchases.paid * 100)
    return days.groupby(["customer_id", "ordered_on"], as_index=False).amount_minor.sum()


def histories(day_sums: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Repeat orders, time of the last one, age and mean repeat value of each customer."""
    each = day_sums[day_sums.ordered_on < until].groupby("customer_id")
    first, last, repeats = each.ordered_on.min(), each.ordered_on.max(), each.size() - 1
    spent = each.amount_minor.sum() - each.amount_minor.first()
    return pd.DataFrame(
        {
            "repeat_count": repeats,
            "last_purchase_weeks": (last - first).dt.days / 7,
            "age_weeks": (until - first).dt.days / 7,
            "mean_repeat_value_minor": (spent / repeats.where(repeats > 0)).fillna(0.0),
        }
    )


def log_intervals(value: Callable[[FloatArray], float], at: list[float]) -> list[tuple[float, float]]:
    """95 % intervals of positive parameters by the curvature of the log-likelihood over their logarithms."""
    k, step = len(at), 1e-3

    def shifted(*moves: tuple[int, int]) -> float:
        logs = np.log(at)
        for place, sign in moves:
            logs[place] += sign * step
        return value(logs)

    pairs = itertools.product(range(k), range(k))
    turns = [
        sum(s * t * shifted((i, s), (j, t)) for s in (1, -1) for t in (1, -1)) / (4 * step * step) for i, j in pairs
    ]
    errors = np.sqrt(np.diag(np.linalg.inv(-np.reshape(turns, (k, k)))))
    return [
        (theta * np.exp(-1.96 * error), theta * np.exp(1.96 * error)) for theta, error in zip(at, errors, strict=True)
    ]


@pytest.mark.parametrize("quarter", AS_OF)
def test_the_planted_purchase_process_is_recovered(day_sums: pd.DataFrame, quarter: str) -> None:
    """r, alpha, a and b lie in the 95 % intervals of the MBG/NBD fit of each quarter."""
    seen = histories(day_sums, AS_OF[quarter])
    found = fit_mbgnbd(seen)
    counts = seen[["repeat_count", "last_purchase_weeks", "age_weeks"]].to_numpy().T
    at = [found.r, found.alpha_weeks, found.a, found.b]
    ends = log_intervals(lambda logs: float(log_likelihood(logs, *counts, True)[0].sum()), at)
    planted = process.PROCESS.r, process.PROCESS.alpha_weeks, process.PROCESS.a, process.PROCESS.b

    assert [low < value < high for value, (low, high) in zip(planted, ends, strict=True)] == [True] * 4
    assert all(high < 3 * low for low, high in ends)


@pytest.mark.parametrize("quarter", AS_OF)
def test_the_planted_order_values_are_recovered(day_sums: pd.DataFrame, quarter: str) -> None:
    """p, q and v lie in the 95 % intervals of the Gamma-Gamma fit of each quarter."""
    seen = histories(day_sums, AS_OF[quarter])
    again = seen[seen.repeat_count > 0]
    x, mean = again.repeat_count.to_numpy(float), again.mean_repeat_value_minor.to_numpy()
    found = fit_gamma_gamma(seen)
    ends = log_intervals(
        lambda logs: float(value_log_likelihood(logs, x, mean)[0].sum()), [found.p, found.q, found.v_minor]
    )
    planted = process.PROCESS.p, process.PROCESS.q, process.PROCESS.v * 100

    assert [low < value < high for value, (low, high) in zip(planted, ends, strict=True)] == [True] * 3


@pytest.mark.parametrize("quarter", AS_OF)
def test_a_quarter_is_foreseen(day_sums: pd.DataFrame, quarter: str) -> None:
    """Fitted on what was known before it, MBG/NBD expects within 7 % the order days that came."""
    end = AS_OF[quarter]
    start = end - pd.DateOffset(months=3)
    known = histories(day_sums, start)
    expected = expected_orders(fit_mbgnbd(known), known, (end - start).days / 7).sum()
    inside = day_sums[day_sums.ordered_on.between(start, end, inclusive="left")]
    came = inside.customer_id.isin(known.index).sum()

    assert came > 2_000
    assert expected / came == pytest.approx(1, abs=0.07)


def test_order_value_of_companies_drifts(purchases: pd.DataFrame) -> None:
    """Against what the same customers paid before, it is about a quarter higher from 2026-07-01 on; else it is not."""
    label = truth_of(pd.Index(purchases.customer_id), "2026Q2").to_numpy()
    orders = purchases.assign(late=purchases.ordered_at >= AS_OF["2026Q2"], segment=label)
    sums = orders.groupby(["segment", "customer_id", "late", "order_id"]).paid.sum()
    paid = sums.groupby(["segment", "customer_id", "late"]).agg(["mean", "size"]).unstack().dropna()
    count = paid["size"][True]
    late, early = ((paid["mean"][when] * count).groupby("segment").sum() for when in (True, False))
    ratio = late / early

    assert ratio["companies"] == pytest.approx(1.25, abs=0.1)
    assert ratio["bargain_hunters"] == pytest.approx(1, abs=0.05)


def test_effects_are_really_in_the_orders(purchases: pd.DataFrame) -> None:
    """Offers bring bargain hunters to buy within 30 days, as many as planted; news bring nobody."""
    sends = table("sources/contacts")
    sends = sends[truth_of(pd.Index(sends.customer_id), "2026Q2").eq("bargain_hunters").to_numpy()]
    sent = pd.to_datetime(sends.sent_at)
    first, last = sent.to_numpy(), (sent + pd.Timedelta(days=truth.OUTCOME_DAYS)).to_numpy()
    times = purchases.groupby("customer_id").ordered_at.apply(np.array)
    bought = [
        bool(((times[who] >= start) & (times[who] < stop)).any())
        for who, start, stop in zip(sends.customer_id, first, last, strict=True)
    ]
    shares = sends.assign(bought=bought).groupby([sends.campaign.str.endswith("offer"), sends.arm == "control"])
    rise = shares.bought.mean().unstack()

    assert rise.loc[True, False] - rise.loc[True, True] == pytest.approx(0.20, abs=0.06)
    assert rise.loc[False, False] - rise.loc[False, True] == pytest.approx(0, abs=0.06)


def test_every_planted_effect_was_realised() -> None:
    """Orders added are the planted share of those contacted, rounded."""
    effects = table("truth/effects")

    assert (effects.caused_order_count - effects.effect_share * effects.contacted_count).abs().max() <= 0.5
    assert effects.caused_order_count.sum() > 0


def test_sessions_follow_the_planted_transitions() -> None:
    """Observed transitions lie within four standard errors of the matrix of the segment."""
    events = table("sources/events").sort_values(["session_id", "event_at"], kind="stable")
    late = (pd.to_datetime(events.event_at) >= AS_OF["2026Q2"]).to_numpy()
    who = pd.Index(events.customer_id)
    segment = np.where(late, truth_of(who, "2026Q3"), truth_of(who, "2026Q2"))
    after = events.groupby("session_id").event.shift(-1).fillna("exit")
    seen = pd.crosstab([segment, events.event], after).stack()
    share = table("truth/transitions").set_index(["segment", "from_event", "to_event"]).share
    n = seen.groupby(level=[0, 1]).sum()
    expected = share.reindex(seen.index).fillna(0)
    tried = n.loc[pd.MultiIndex.from_arrays([seen.index.get_level_values(i) for i in (0, 1)])].to_numpy()
    error = np.sqrt(expected * (1 - expected) / tried)

    assert ((seen / tried - expected).abs() <= 4 * error + 1e-4).all()


def test_purchase_events_are_real_orders() -> None:
    """Each purchase in the web log is an order placed on the web at that minute."""
    events, orders = table("sources/events"), table("sources/orders")
    placed = set(zip(orders.customer_id, orders.ordered_at, strict=True))
    bought = events[events.event == "purchase"]

    assert len(bought) > 500
    assert set(zip(bought.customer_id, bought.event_at, strict=True)) <= placed


def test_planted_defects_are_counted() -> None:
    """Returns, duplicates, gifts, tests and nameless lines are as many as planted."""
    lines = table("sources/orders")

    assert (lines.quantity < 0).mean() == pytest.approx(truth.RETURN_SHARE, abs=0.005)
    assert lines.duplicated().mean() == pytest.approx(truth.DUPLICATE_SHARE, abs=0.001)
    assert (lines.unit_price == 0).sum() == truth.GIFT_COUNT
    assert (lines.status == "test").sum() == truth.TEST_COUNT
    assert lines.customer_id.isna().sum() == truth.NAMELESS_COUNT


@pytest.mark.parametrize(("purpose", "share"), [("profiling", 0.94), ("email", 0.70)])
def test_consent_is_as_planted(purpose: str, share: float) -> None:
    """The latest word before 2026-10-01 is granted for the planted share; some rows come after that day."""
    ledger = table("sources/consent").sort_values("recorded_at", kind="stable")
    rows = ledger[(ledger.purpose == purpose) & (ledger.recorded_at < "2026-10-01")]
    latest = rows.groupby("customer_id").status.last()

    assert (latest == "granted").sum() / len(table("sources/customers")) == pytest.approx(share, abs=0.02)
    assert (ledger.recorded_at >= "2026-10-01").sum() > 5


def test_nobody_in_the_shop_can_be_a_real_person() -> None:
    """Addresses use example domains, numbers the range that is reserved for fiction, and everybody is of age."""
    people = table("sources/customers")

    assert people.customer_id.is_unique
    assert people.email.dropna().str.fullmatch(r"[a-z.]+\.[0-9]{5}@example\.(com|org)").all()
    assert people.phone.dropna().str.fullmatch(r"\+44 1632 960[0-9]{3}").all()
    assert people.birth_date.dropna().max() < "2008-07-01"


def test_no_campaign_reaches_the_own_holdout() -> None:
    """One customer in ten, of every course of life; none of them is among the sends."""
    rows = table("sources/contacts")
    held = rows[rows.arm == truth.HOLDOUT_ARM]
    lives = table("truth/segments").assign(held=lambda t: t.customer_id.isin(held.customer_id)).groupby("life").held

    assert held.customer_id.is_unique
    assert not set(held.customer_id) & set(rows.customer_id[rows.arm != truth.HOLDOUT_ARM])
    assert ((lives.sum() - lives.size() / truth.HOLDOUT_IN).abs() <= 1).all()


def test_comments_are_as_planted() -> None:
    """Apart from case, spaces and the last mark, each text is written by as many as planted, own texts by one each."""
    rows = table("sources/feedback").dropna(subset="comment")
    plain = rows.comment.str.lower().str.replace(r"\s+", " ", regex=True).str.rstrip(".!")
    writers = rows.groupby(plain).customer_id.nunique()
    planted = table("truth/comments")
    shared = planted.dropna(subset="text").assign(text=lambda t: t.text.str.lower())
    told = shared.set_index("text").filter(like="customers").sum(axis=1).groupby(level=0).sum()
    own = planted[planted.text.isna()].filter(like="customers").sum().sum()

    assert writers[told.index].tolist() == told.tolist()
    assert set(writers.drop(told.index)) == {1}
    assert len(writers.drop(told.index)) == own
    assert (rows.answer.isna() & rows.item.isna()).sum() > 20


def test_climate_follows_from_the_region() -> None:
    """It is known where the region is."""
    people = table("sources/customers")
    climates = people.dropna(subset="region").groupby("region").climate.agg(["nunique", "first"])

    assert people.climate.isna().equals(people.region.isna())
    assert (climates["nunique"] == 1).all()
    assert climates["first"]["Occitanie"] == "mediterranean"
