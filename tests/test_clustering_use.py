"""What is done with finished segments: explained, assigned to newcomers, crossed with value, ruled by hand."""

from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace

import duckdb
import numpy as np
import pandas as pd
import pytest
from pandas.api.types import is_numeric_dtype

from seglib.clustering import Segmentation, compare
from seglib.clustering.crm import NOTHING, crm_verdict, from_crm, recognised
from seglib.clustering.explanation import explain
from seglib.clustering.manual import NO_RULES, by_rules, findings, resolve, rule_changes
from seglib.clustering.newcomers import label_file
from seglib.clustering.purses import untold
from seglib.clustering.scorer import assign, assign_rfm, assign_rules
from seglib.clustering.separation import clearness, closeness, spread
from seglib.clustering.space import mixed_by_values
from seglib.clustering.two_layers import layers
from seglib.core.engine import Engine
from seglib.core.errors import InputRefused
from seglib.core.sections import Clustering, Scores
from seglib.criteria import Features
from seglib.methods.rfm import Rfm
from seglib.methods.rules import label

USE = ("recency_days", "order_count", "order_value_minor")
QUICK = Clustering(bootstrap_pairs=5, smallest_count=3, largest_count=3)
MEANS = {"big": (10, 8, 90_000), "often": (10, 60, 2_000), "gone": (300, 2, 3_000)}
RULES = {"Away": "recency_days > 100", "Big": "order_value >= 300 and recency_days <= 100", "Home": "country = 'DE'"}


def shop(sizes=(60, 90, 120), seed=0):
    """Draw customers of three planted kinds, some without a country or an order value."""
    rng = np.random.default_rng(seed)
    centre = np.repeat(np.array(list(MEANS.values()), dtype=float), sizes, axis=0)
    values = np.maximum(np.round(centre * np.exp(rng.normal(0, 0.12, centre.shape))), 1)
    frame = pd.DataFrame(values, columns=list(USE)).astype({"recency_days": "int64", "order_count": "int64"})
    frame["monetary_minor"] = (frame["order_count"] * frame["order_value_minor"]).astype("int64")
    frame["country"] = rng.choice(["DE", "FR", "unknown"], len(frame))
    frame.loc[rng.random(len(frame)) < 0.03, "order_value_minor"] = np.nan
    return frame.assign(customer=[f"c{n:04d}" for n in range(len(frame))])


def features(frame, **families):
    """Wrap a frame as notebook 03 would hand it on."""
    names = [name for name in frame.columns if name != "customer"]
    catalogue = pd.DataFrame(
        {
            "name": names,
            "family": [families.get(name, "rfm") for name in names],
            "role": ["descriptor" if name in families else "segmentation" for name in names],
            "kind": ["number" if is_numeric_dtype(frame[name]) else "category" for name in names],
            "clusters": [name in USE for name in names],
            "follows": [name not in families for name in names],
            "unit": ["money" if name.endswith("_minor") else "days" for name in names],
            "missing_share": frame[names].isna().mean().to_numpy(),
            "median": [frame[name].median() if is_numeric_dtype(frame[name]) else np.nan for name in names],
        }
    )
    return Features(Engine.open().memory(frame), catalogue, USE, len(frame), "EUR", 100, ())


@pytest.fixture(scope="module")
def planted():
    """Three separated kinds of customers and their segments."""
    frame = shop()
    made = features(frame, country="geographic")
    segmentation = compare(made, QUICK, seed=0).pick()
    return frame, made, replace(segmentation, rules=RULES)


def numbers(table):
    """Bring the segments of a labelled table into memory, in the order of the customers."""
    return table.to_pandas().sort_values("customer")["segment"].tolist()


def test_the_short_definitions_find_the_planted_segments(planted):
    """On customers that were held out, a few conditions are as good as the scorer."""
    found = explain(planted[2], planted[1])

    assert found.tree.fidelity > 0.97
    assert found.tree.held_out == 90
    assert "may stand for the segments in a meeting" in found.verdict()
    assert found.table()["segment"].tolist() == planted[2].segments["name"].tolist()


def test_the_fidelity_is_that_of_the_held_out_third(planted):
    """Counted again by hand: the rules on every third customer, beside the labels."""
    _, made, segmentation = planted
    found = explain(segmentation, made)
    both = made.values.inner_join(segmentation.labels.select("customer", "segment"), "customer").to_pandas()
    held = mixed_by_values(both[["segment", *USE]]).iloc[2::3]
    given = [next((n for n, node in found.tree.rules.items() if _holds(node, row)), 0) for _, row in held.iterrows()]

    assert np.mean(np.array(given) == held["segment"]) == pytest.approx(found.tree.fidelity)


def test_another_key_of_the_pseudonyms_changes_no_rule_and_no_guess(planted):
    """The same customers under other names: the same definitions, the same accuracy of both."""
    frame, made, segmentation = planted
    new = {name: f"k{9_999 - 7 * int(name[1:]) % 271:04d}" for name in frame["customer"]}
    told, labels = frame.assign(customer=frame["customer"].map(new)), segmentation.labels.to_pandas()
    renamed = Engine.open().memory(labels.assign(customer=labels["customer"].map(new)))
    again, other = features(told, country="geographic"), replace(segmentation, labels=renamed)

    assert explain(other, again).verdict() == explain(segmentation, made).verdict()
    assert explain(other, again).table().equals(explain(segmentation, made).table())
    assert crm_verdict(from_crm(other, again)) == crm_verdict(from_crm(segmentation, made))


def _holds(node, row):
    """Evaluate a rule on one row, in the plainest way."""
    kind = type(node).__name__
    if kind == "Compare":
        value = row[node.name]
        return not pd.isna(value) and {">": value > node.value, "<=": value <= node.value}[node.sign]
    if kind == "Missing":
        return bool(pd.isna(row[node.name]))
    return (all if kind == "Every" else any)(_holds(part, row) for part in node.parts)


def test_the_sql_gives_the_same_segments_as_the_tree(planted):
    """The statement runs in DuckDB as it is; names with quotes stay names."""
    frame, made, segmentation = planted
    rows = segmentation.segments.assign(name=['It\'s "big"; --', "Two", "Three"])
    found = explain(replace(segmentation, segments=rows), made)
    database = duckdb.connect()
    database.register("customers", frame)
    by_sql = database.sql(found.statement()).df().set_index("customer")["segment"]
    engine = assign_rules(made.values, {found.names[n]: node for n, node in found.tree.rules.items()})
    by_tree = engine.to_pandas().set_index("customer")["rule"]

    assert by_sql.notna().all()
    assert by_sql.equals(by_tree.loc[by_sql.index].rename("segment").astype(by_sql.dtype))


def test_a_poor_definition_is_called_a_rough_picture(planted):
    """Labels by chance cannot be said in four questions."""
    _, made, segmentation = planted
    chance = segmentation.labels.mutate(segment=segmentation.labels.customer.hash().abs() % 3 + 1)

    assert "rough picture only" in explain(replace(segmentation, labels=chance), made).verdict()


def test_M6_one_by_one_and_all_together_get_the_same_segment(planted):
    """Batch in Python, batch in the engine, and each customer alone."""
    frame, made, segmentation = planted
    scorer = segmentation.scorer
    batch = scorer.label(frame).tolist()
    alone = [int(scorer.label(frame.iloc[[i]]).iloc[0]) for i in range(len(frame))]
    engine = Engine.open()
    by_engine = [numbers(assign(engine.memory(frame.iloc[[i]]), scorer))[0] for i in range(0, len(frame), 54)]

    assert alone == batch == numbers(assign(made.values, scorer))
    assert by_engine == batch[::54]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sockets of Spark's bridge
@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed (extra: spark)")
def test_spark_gives_the_same_segments_and_rules(planted):
    """The same expressions on Spark and on DuckDB: segments, score cells, own rules."""
    frame, made, segmentation = planted
    table = Engine.open("spark").memory(frame.drop(columns="country").assign(country=frame["country"]))
    rules = resolve(RULES, made)
    for verb, column in (
        (lambda t: assign(t, segmentation.scorer), "segment"),
        (lambda t: assign_rfm(t, segmentation.rfm), "rfm_segment"),
        (lambda t: assign_rules(t, rules), "rule"),
    ):
        here, there = (verb(t).select("customer", answer=verb(t)[column]) for t in (made.values, table))
        spark = Engine.open("spark").frame(there).sort_values("customer")["answer"].tolist()

        assert spark == here.to_pandas().sort_values("customer")["answer"].tolist()


def test_a_file_of_customers_gets_their_segments(planted, tmp_path):
    """Semicolons, money in main units, an empty cell, columns nobody asked for: same segments as in the run."""
    frame, _, segmentation = planted
    told = frame.assign(order_value=frame["order_value_minor"] / 100).drop(columns="order_value_minor")
    told.rename(columns={"customer": "customer_id"}).to_csv(tmp_path / "new.csv", sep=";", index=False)
    done = label_file(tmp_path / "new.csv", segmentation, Engine.open())
    back = pd.read_csv(done.path)

    assert back["segment"].tolist() == segmentation.scorer.label(frame).tolist()
    assert back["customer"].tolist() == frame["customer"].tolist()
    assert done.path.name == "new_segments.csv"
    assert done.path.stat().st_mode & 0o077 == 0
    assert f"{frame['order_value_minor'].isna().sum()} with a missing value" in done.text()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("customer,order_count\na,1\n", "SEG-F07 columns missing: recency_days, order_value_minor - new.csv - do:"),
        ("name,order_count,recency_days,order_value\na,1,2,3\n", "SEG-F07 column missing: customer - new.csv"),
        ("customer,order_count,recency_days,order_value\na,1,2,3\na,1,2,3\n", "SEG-V01 customer stands there twice"),
        ("customer,order_count,recency_days,order_value\na,1,2,much\n", "SEG-V09 not a number - new.csv, line 2, col"),
        ("customer,order_count,recency_days,order_value\na,1,inf,3\n", "SEG-V09 not a number - new.csv, line 2"),
        ("customer,order_count,recency_days,order_value\n,1,2,3\n", "SEG-V04 customer without an id - new.csv, line 2"),
        ("customer,order_count,recency_days,order_value\n", "SEG-F0"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_labelled_is_refused_in_a_sentence(planted, tmp_path, text, sentence):
    """What is missing or wrong is named with its line, never with its value; nothing is written."""
    (tmp_path / "new.csv").write_text(text)
    with pytest.raises(InputRefused) as refused:
        label_file(tmp_path / "new.csv", planted[2], Engine.open())

    assert sentence in str(refused.value)
    assert "much" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_C6_the_value_tiers_are_thirds_and_nobody_vanishes(planted):
    """Counted again from the frame: the same cross-table, and after merging the same total."""
    frame, made, segmentation = planted
    found = layers(segmentation, made)
    edges = frame["monetary_minor"].quantile([1 / 3, 2 / 3])
    tier = np.where(frame["monetary_minor"] <= edges.iloc[0], "low", "middle")
    tier = np.where(frame["monetary_minor"] > edges.iloc[1], "high", tier)
    names = segmentation.segments.set_index("segment")["name"]
    by_hand = pd.crosstab(segmentation.scorer.label(frame).map(names), tier).stack()
    cells = found.result.cells.set_index(["need", "value"])["customers"]

    assert cells.to_dict() == by_hand[by_hand > 0].to_dict()
    assert found.result.groups["customers"].sum() == 270
    assert "together they still hold all 270" in found.verdict()


def test_the_typing_tool_says_where_it_is_no_better(planted):
    """A country that has nothing to do with the segment, and a study that knows nothing."""
    frame, made, segmentation = planted
    tool = from_crm(segmentation, made)

    assert not tool.is_useful
    assert "no better than that: do not use it" in crm_verdict(tool)
    assert from_crm(segmentation, features(frame)) is None
    assert crm_verdict(None) == recognised(None, segmentation) == NOTHING


def test_the_typing_tool_asks_for_nothing_that_follows_from_the_orders(planted):
    """What an account of one contact paid is the customer's own money, and so is a bonus that another system keeps."""
    frame, _, segmentation = planted
    own = frame.assign(account_paid_minor=frame["monetary_minor"], bonus=frame["recency_days"] * 2)
    families = {"country": "geographic", "account_paid_minor": "firmographic", "bonus": "firmographic"}
    made = features(own, **families)
    made.catalogue.loc[made.catalogue["name"] == "account_paid_minor", "follows"] = True

    assert from_crm(segmentation, made).columns == ("country",)


def test_R22_gender_does_not_type_anybody(planted):
    """It is no question of the typing tool, and alone it makes none."""
    frame, _, segmentation = planted
    with_gender = frame.assign(gender=np.where(frame.index % 2, "f", "m"))
    tool = from_crm(segmentation, features(with_gender, country="geographic", gender="demographic"))

    assert tool.columns == ("country",)
    assert from_crm(segmentation, features(with_gender, gender="demographic")) is None


def test_the_analysts_rules_are_counted_beside_the_segments(planted):
    """Every customer is named once; a country that is not known is no word."""
    frame, made, segmentation = planted
    shown = by_rules(segmentation, made).set_index("rule")
    known = frame.assign(country=frame["country"].where(frame["country"] != "unknown"))
    trees = resolve(RULES, made)
    named = assign_rules(made.values, trees).to_pandas().sort_values("customer")["rule"].tolist()
    texts = RULES | {"Big": "order_value_minor >= 30000 and recency_days <= 100"}

    assert named == label(known, texts).tolist()
    assert shown.loc["Away", "customers"] == "120"
    assert shown["customers"].astype(int).sum() == 270
    assert {"uncovered", "overlapping"} == set(findings(segmentation, made)["finding"])
    assert by_rules(replace(segmentation, rules={}), made) == NO_RULES


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("order_cuont > 3", "no criterion called 'order_cuont' - plan.yml, clustering.rules.A - do: did you mean"),
        ("country > 3", "'country' holds words - plan.yml, clustering.rules.A"),
        ("order_count = 'many'", "'order_count' holds numbers"),
        ("__import__('os')", "rule not understood - plan.yml, clustering.rules.A - found: "),
        ("customer = 'c0001'", "no criterion called 'customer'"),
    ],
)
def test_P08_a_rule_that_does_not_fit_the_study_is_refused(planted, rule, sentence):
    """Unknown names, words against numbers, code, and single customers."""
    with pytest.raises(InputRefused) as refused:
        compare(planted[1], QUICK.model_copy(update={"rules": {"A": rule}}), seed=0)

    assert f"SEG-P08 {sentence}" in str(refused.value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            Scores(rules={"Best": "r_score >= 4"}),
            "SEG-P08 uncovered cells - plan.yml, clustering.rfm.rules - found: 7",
        ),
        (Scores(rules={"A": "r_score > 1", "B": "r_score <= 2"}), "overlapping cells - plan.yml, clustering.rfm.rules"),
        (Scores(rules={"A": "order_count > 1"}), "no criterion called 'order_count'"),
        (Scores(bins=3), "SEG-P08 the default names of the score cells are for five scores"),
    ],
)
def test_M1_score_rules_are_proved_before_use(planted, settings, sentence):
    """A plan's own names must claim each score cell exactly once."""
    with pytest.raises(InputRefused) as refused:
        compare(planted[1], QUICK.model_copy(update={"rfm": settings}), seed=0)

    assert sentence in str(refused.value)


def test_M1_the_r_package_is_reproduced_by_the_engine(shared_data):
    """All 995 customers of the R package, in pence, named as R's README prints them."""
    path = shared_data("rfm/rfm_data_orders.csv.gz")
    orders = pd.read_csv(path, parse_dates=["order_date"]).groupby("customer_id")
    days = (pd.Timestamp("2006-12-31") - orders["order_date"].max()).dt.days
    money = {"monetary_minor": 100 * orders["revenue"].sum()}
    frame = pd.DataFrame({"recency_days": days, "order_count": orders.size(), **money}).reset_index(names="customer")
    fitted = Rfm.fit(frame.rename(columns={"monetary_minor": "monetary"}), mode="rfm_r", unit=100)
    rules = {"Champions": "r_score = 5 and f_score = 5 and m_score = 5", "Lost": "r_score = 1"}
    named = assign_rfm(Engine.open().memory(frame), replace(fitted, rules=rules)).to_pandas()["rfm_segment"]
    oracle = pd.read_csv(shared_data("rfm/oracle_rfm_table_order_20061231.csv.gz"))

    assert len(named) == 995
    assert (named == "Champions").sum() == (oracle["rfm"] == 555).sum() == 35
    assert (named == "Lost").sum() == (oracle["R"] == 1).sum()


def test_the_scores_of_last_quarter_stay(planted):
    """The same edges next quarter, so that a score means the same; the plan may renew them."""
    before = planted[2]
    now = features(shop(seed=5, sizes=(150, 40, 60)).assign(recency_days=lambda t: t["recency_days"] + 40))
    fresh = compare(now, QUICK, seed=0).pick()
    kept = fresh.named_like(before, now)
    renewed = replace(fresh, rfm=replace(fresh.rfm, edges="renew")).named_like(before, now)

    assert kept.rfm.recency_days == before.rfm.recency_days != fresh.rfm.recency_days
    assert renewed.rfm.recency_days == fresh.rfm.recency_days
    assert kept.rfm_table["customers"].sum() == 250
    assert kept.rfm_table["name"].notna().all()
    assert kept.labels.count().to_pandas() == 250


def test_changed_rules_are_shown_beside_the_old_ones(planted):
    """One limit moved since last quarter."""
    before = planted[2]
    now = replace(before, rules=RULES | {"Away": "recency_days > 120"})

    assert rule_changes(now, before)[["rule", "change"]].to_numpy().tolist() == [["Away", "changed"]]
    assert rule_changes(before, before) == "The same 14 rules as last quarter."
    assert rule_changes(before, None).startswith("No earlier quarter")


def test_R23_names_say_what_customers_do_not_who_they_are(planted):
    """The plan may not name segments after motherhood, illness, belief or wealth."""
    names = {"Frequent buyers": "Young mothers", "Big": "Diabetics", "x": "Rich pensioners", "y": "Large orders"}
    with pytest.raises(InputRefused) as refused:
        compare(planted[1], QUICK.model_copy(update={"names": names}), seed=0)

    assert [finding.found for finding in refused.value.findings] == ["Young mothers", "Diabetics", "Rich pensioners"]


def test_V27_one_giant_customer_is_no_segment():
    """Who spends 99 % of all money does not get a usable segment of his own, and no segment's money is shown."""
    frame = shop()
    frame.loc[0, ["order_value_minor", "monetary_minor"]] = [9e12, 72_000_000_000_000]
    segmentation = compare(features(frame), QUICK, seed=0).pick()
    rows, shown = segmentation.segments, segmentation.table()

    assert rows["revenue_minor"].max() > 0.99 * rows["revenue_minor"].sum()
    assert rows.loc[rows["usable"], "customers"].min() >= 40
    assert untold(segmentation.segments) == rows["name"].tolist()
    assert set(shown.filter(like="revenue").to_numpy().ravel()) == {"not shown"}


def test_V27_a_wholesaler_hides_the_money_of_two_segments():
    """Nearly all the money of one segment is his: it is not shown, nor that of another from which it would follow."""
    frame = shop()
    labels = compare(features(frame), QUICK, seed=0).pick().scorer.label(frame)
    smallest = frame.groupby(labels)["monetary_minor"].sum().idxmin()
    place = frame.index[labels == smallest][0]
    frame.loc[place, "monetary_minor"] = int(frame["monetary_minor"].sum() * 0.2)
    segmentation = compare(features(frame), QUICK, seed=0).pick()
    rows = segmentation.segments.set_index("name")
    told = rows["revenue_minor"].drop(untold(segmentation.segments))
    rest = rows["revenue_minor"].sum() - told.sum() - frame.loc[place, "monetary_minor"]

    assert len(untold(segmentation.segments)) == 2 and len(told) == 1
    assert rest > 0.1 * frame.loc[place, "monetary_minor"]
    assert rows.loc[told.index, "revenue_share"].tolist() == pytest.approx(told / rows["revenue_minor"].sum())


def test_closeness_counts_every_customer_once(planted):
    """The bars of all customers add up, and separated kinds are clearly inside."""
    _, made, segmentation = planted
    close = closeness(segmentation, made, floor=1)
    shares = close.groupby("segment")[["members", "others"]].sum()

    assert shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert shares["members"].tolist() == pytest.approx(segmentation.segments["share"].tolist())
    assert clearness(close)["members clearly inside"].tolist() == ["100.0%"] * 3
    assert closeness(segmentation, made, floor=10_000)[["members", "others"]].to_numpy().sum() == 0


def test_the_spread_is_the_middle_half(planted):
    """Quartiles of everyone and of a segment, against pandas."""
    frame, made, segmentation = planted
    found = spread(segmentation, made).set_index(["criterion", "segment"])
    own = frame[segmentation.scorer.label(frame) == 2]

    assert found.loc[("order_count", 0), ["low", "median", "high"]].tolist() == pytest.approx(
        frame["order_count"].quantile([0.25, 0.5, 0.75]).tolist()
    )
    assert found.loc[("order_value_minor", 2), "median"] == pytest.approx(own["order_value_minor"].median() / 100)


def test_R16_a_small_rfm_cell_does_not_follow_from_the_size_of_its_segment():
    """Three Champions among 93: the next smallest cell is blank too; a segment without small cells is whole."""
    cells = [
        ("A", "Champions", 3),
        ("A", "Lost", 40),
        ("A", "Promising", 50),
        ("B", "Lost", 12),
        ("B", "Promising", 30),
    ]
    made = SimpleNamespace(
        rfm_table=pd.DataFrame(cells, columns=["name", "rfm_segment", "customers"]),
        segments=pd.DataFrame({"name": ["A", "B"]}),
    )

    assert Segmentation.compare_rfm(made, 10).to_numpy().tolist() == [["A", "", "", "50"], ["B", "", "12", "30"]]


def test_scores_that_ties_forbid_are_said_beside_the_segments():
    """Nearly all have one order: the notes of notebook 04 say what the frequency score can still tell."""
    frame = shop()
    frame["order_count"] = [1] * (len(frame) - 9) + [2] * 9
    found = compare(features(frame), QUICK, seed=0).pick(3)

    assert any(note.startswith("By number of orders the customers cannot be divided") for note in found.notes)


@pytest.mark.parametrize(("begin", "word"), [(400, "New"), (100, "Later-seen")])
def test_nobody_is_named_new_where_the_data_begin_too_late_to_tell(begin, word):
    """The same members of 20 days: new beside a past of 400 days, later seen beside one of 100."""
    frame = shop()
    new = frame["order_count"] > 30
    frame["tenure_days"] = np.where(new, 5, 0.9 * begin) + np.arange(len(frame)) % 30
    frame.loc[0, "tenure_days"] = begin
    made = compare(replace(features(frame), use=("tenure_days",)), QUICK, seed=0).pick(3)

    assert [name for name in made.segments["name"] if name.startswith(("New", "Later"))] == [f"{word} buyers"]
