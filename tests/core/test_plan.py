"""The plan: safe YAML, typed values, errors that say where, what came and what to do."""

from pathlib import Path

import pytest

from seglib.core.errors import InputRefused
from seglib.core.plan import SIZE_LIMIT_BYTES, Plan

MINIMAL = "study: acme\nsources: {orders: {file: orders.csv}}\n"


def refusal(text: str) -> str:
    with pytest.raises(InputRefused) as caught:
        Plan.parse(text)
    return str(caught.value)


def test_minimal_plan_has_sensible_defaults():
    """Two lines are a complete plan."""
    plan = Plan.parse(MINIMAL)

    assert plan.privacy.floor == 10
    assert plan.rules.duplicates == "keep"
    assert plan.consent.basis is None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("activation: {holdout_share: 10}", "must be a share between 0 and 1 - plan.yml, activation.holdout_share"),
        ("activation: {holdout_share: 10}", "found: 10 - do: write 0.1 for 10 %"),
        ("privacy: {floor: many}", "SEG-P05 must be a whole number - plan.yml, privacy.floor - found: many"),
        ("privacy: {floor: 1}", "must be at least 2"),
        ("engine: flink", "must be 'duckdb' or 'spark'"),
        ("curency: EUR", "unknown key - plan.yml, curency - do: did you mean 'currency'?"),
        ("rules: {retuns: set_aside}", "plan.yml, rules.retuns - do: did you mean 'returns'?"),
        ("content: {offers: [{name: a, mesage: b}]}", "content.offers[0].mesage - do: did you mean 'message'?"),
        ("objectives: [{name: a, metric: b}]", "is required - plan.yml, objectives[0].change_share"),
        ("clustering: {choice: many}", "plan.yml, clustering.choice"),
    ],
)
def test_wrong_value_names_place_and_remedy(line, sentence):
    """Every wrong value is answered with its place, what came and the remedy."""
    assert sentence in refusal(MINIMAL + line)


ORDERS = "study: a\nsources: {orders: {file: o.csv, %s}}\n"


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        (MINIMAL + "currency: eur", "plan.yml, currency - found: eur", "write EUR"),
        (MINIMAL + "currency: '{0}'", "plan.yml, currency - found: {0}", "write EUR, GBP"),
        ("study: My Shop\nsources: {orders: {file: o.csv}}", "plan.yml, study - found: My Shop", "as in my-shop"),
        (MINIMAL + "title: a\0b", "plan.yml, line 3 - found: character 0x0000", "take it out"),
        (MINIMAL + 'title: "\\ud800"', "plan.yml, line 3 - found: half a character", "write the character itself"),
        (MINIMAL + "title: " + "[" * 3_000 + "]" * 3_000, "plan.yml, line 3 - found: more than 20 levels", "brackets"),
        ("study: a\nsources: [orders]", "plan.yml, sources - found: a list", "write lines of 'name: value' below it"),
        (ORDERS % "header: 0", "plan.yml, sources.orders.header - found: 0", "write at least 1"),
        (ORDERS % "header: 99999999999999999999", "plan.yml, sources.orders.header", "write at most 10000"),
        (ORDERS % "csv: {encoding: rot13}", "sources.orders.csv.encoding - found: rot13", "write utf-8, cp1252"),
        (ORDERS % "csv: {encoding: idna}", "sources.orders.csv.encoding - found: idna", "write utf-8, cp1252"),
        (ORDERS % "csv: {delimiter: '\"'}", "sources.orders.csv.delimiter", "write ',' or ';' or tab"),
        (ORDERS % "csv: {thousands: '.'}", "sources.orders.csv.thousands", "leave csv.thousands out"),
        (ORDERS % "date_format: dd/mm/yyyy", "sources.orders.date_format - found: dd/mm/yyyy", "'%d/%m/%Y %H:%M'"),
        (ORDERS % "date_format: '%d/%m'", "sources.orders.date_format - found: %d/%m", "'%d/%m/%Y %H:%M'"),
        (ORDERS.replace("o.csv", "../secret.csv") % "", "SEG-F24 not inside the sources folder", "into sources/"),
        (ORDERS.replace("o.csv", "/etc/passwd") % "", "SEG-F24 not inside the sources folder", "into sources/"),
    ],
)
def test_P06_whatever_stands_in_a_plan_is_answered_with_place_and_remedy(text, place, remedy):
    """No value of a plan ends in an error of a library: each is named with its place and what to write."""
    said = refusal(text)

    assert place in said
    assert remedy in said.partition(" - do: ")[2]


@pytest.mark.parametrize(
    ("line", "what", "place"),
    [
        ("journeys: {active_days: 200, at_risk_days: 90}", "more than journeys.at_risk_days", "journeys.active_days"),
        ("journeys: {active_days: 90, at_risk_days: 90}", "more than journeys.at_risk_days", "journeys.active_days"),
        ("clustering: {smallest_count: 6, largest_count: 4}", "largest_count allows", "clustering.smallest_count"),
        ("clustering: {choice: 12}", "more than clustering.largest_count allows", "clustering.choice"),
        ("clustering: {choice: 3, smallest_count: 4}", "clustering.choice allows", "clustering.smallest_count"),
        ("clustering: {names: {A: Same, B: Same}}", "two segments with one name", "clustering.names"),
        ("content: {budget: -5}", "must be at least 0", "content.budget"),
        ("content: {segment_share_min: 0.6, segment_share_max: 0.2}", "_share_max allows", "content.segment_share_min"),
        ("content: {offers: [{name: a, message: m, channel: pigeon}]}", "no such channel", "content.offers[0].channel"),
        ("activation: {premium_share: 0.7}", "activation.self_service_share leaves", "activation.premium_share"),
        ("activation: {sales_purpose: newsletter}", "no such purpose", "activation.sales_purpose"),
        (
            "activation: {general_message: b}\ncontent: {messages: {a: {subject: s, body: t}}}",
            "no such message",
            "activation.general_message",
        ),
        ("objectives: [{name: a, metric: nps, change_share: 0.1, by: 2026-Q9}]", "not a quarter", "objectives[0].by"),
        (
            "objectives: [{name: a, metric: nps, change_share: 0.1, guardrail: nps}]",
            "a goal cannot guard itself",
            "objectives[0].guardrail",
        ),
        (
            "criteria: {window_days: 800}\nrules: {history_days: 400}",
            "rules.history_days allows",
            "criteria.window_days",
        ),
        ("criteria: {age_bands: [45, 25]}", "ages must rise", "criteria.age_bands"),
        ("criteria: {items: {price: {low: 5, high: 1}}}", "low is not below high", "criteria.items.price"),
        ("selection: {weights: {value: 0}}", "all weights are 0", "selection.weights"),
        ("evaluation: {market_revenue: {2026-Q3: 5}}", "not a quarter", "evaluation.market_revenue"),
        ("timezone: Mars/Olympus", "no such time zone", "timezone"),
    ],
)
def test_P05_decisions_that_contradict_each_other_are_refused(line, what, place):
    """What cannot hold together is named with both sides and a remedy, without any data."""
    said = refusal(MINIMAL + line)

    assert what in said
    assert f"plan.yml, {place} - " in said
    assert " - do: " in said


@pytest.mark.parametrize(
    ("columns", "refused"),
    [
        ("{customer_id: Number, order_id: Number}", True),
        ("{customer_id: order_id}", True),
        ("{customer_id: [Number, Mail], order_id: Number}", True),
        ("{customer_id: Mail, order_id: [Number, Mail]}", False),
        ("{order_id: customer_id + ordered_at}", False),
        ("{customer_id: Mail, order_id: Number, line_id: Number}", False),
    ],
)
def test_P05_the_number_of_an_order_is_no_customer(columns, refused):
    """One column cannot be both; it may stand in where the other is blank, or be a part of the other."""
    text = f"study: a\nsources: {{orders: {{file: o.csv, columns: {columns}}}}}"
    if not refused:
        assert Plan.parse(text).sources["orders"].columns
        return

    assert "one column is customer_id and order_id - plan.yml, sources.orders.columns.customer_id" in refusal(text)


def test_P05_words_of_the_plan_are_read_as_those_of_the_data():
    """Capitals and spaces of an arm make no other arm."""
    text = "evaluation: {control_arm: ' No E-Mail', arms: {No E-Mail: 1, Mens E-Mail: 2}}\n"
    plan = Plan.parse(MINIMAL + text + "activation: {sales_purpose: SMS}")

    assert plan.evaluation.control_arm == "no e-mail"
    assert plan.evaluation.arms == {"no e-mail": 1, "mens e-mail": 2}
    assert plan.activation.sales_purpose == "sms"


def test_P05_the_own_holdout_is_no_control_group():
    """Its customers are taken out of every campaign, so that no campaign could have a control group."""
    lines = "rules: {holdout_arm: Never}\nevaluation: {control_arm: never}\n"
    text = "study: a\nsources: {orders: {file: o.csv}, contacts: {file: c.csv}}\n" + lines

    assert "the own hold-out and the control group are one arm - plan.yml, evaluation.control_arm" in refusal(text)


@pytest.mark.parametrize(
    ("encoding", "place"),
    [("cp1252", "plan.yml, line 3 - found: byte 11"), ("utf-16", "plan.yml - found: UTF-16"), ("utf-8-sig", "")],
)
def test_F17_a_plan_in_another_encoding_is_named(tmp_path, encoding, place):
    """A plan that an old editor saved is refused with line and byte; a mark before UTF-8 is skipped."""
    path = tmp_path / "plan.yml"
    path.write_text(MINIMAL + "title: Café\n", encoding=encoding)
    if not place:
        assert Plan.load(path).title == "Café"
        return

    with pytest.raises(InputRefused) as caught:
        Plan.load(path)
    assert str(caught.value) == f"SEG-F17 the plan is not UTF-8 text - {place} - do: save it as UTF-8 in a text editor"


def test_all_wrong_places_are_reported_together():
    """Two mistakes give two findings."""
    text = refusal(MINIMAL + "engine: flink\nprivacy: {floor: x}")

    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025_01", "2025_01"),
        ("0123", "0123"),
        ("1e5", "1e5"),
        ("no", "no"),
        ("2025-01-01", "2025-01-01"),
        ("~x", "~x"),
    ],
)
def test_P05_yaml_does_not_coerce(written, read):
    """A title that looks like a number, a date or a truth value stays text."""
    assert Plan.parse(MINIMAL + f"title: {written}").title == read


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("study: a\nstudy: b", "line 2 - found: 'study' twice"),
        ("a: &x 1\nb: *x", "an alias"),
        ("study: [", "SEG-P06 plan cannot be read"),
        ("just words", "no keys"),
        ("study: !!python/object/apply:os.system ['true']\nsources: {orders: {file: o.csv}}", "plan.yml, study"),
    ],
)
def test_P06_unsafe_or_broken_yaml_is_refused(text, sentence):
    """Aliases, duplicate keys, tags and broken text never get through."""
    assert sentence in refusal(text)


def test_P06_oversized_plan_is_refused(tmp_path):
    """A plan of more than a megabyte is not read."""
    path = tmp_path / "plan.yml"
    path.write_text("#" * (SIZE_LIMIT_BYTES + 1))

    with pytest.raises(InputRefused, match="larger than 1 MB"):
        Plan.load(path)


def test_orders_are_required():
    """A study without orders is no study."""
    assert "no source for orders" in refusal("study: a\nsources: {events: {file: e.csv}}")


def test_unknown_table_gets_the_nearest_name():
    """A misspelt table is answered with the right one."""
    assert "did you mean 'orders'?" in refusal("study: a\nsources: {order: {file: o.csv}}")


def test_plan_is_immutable():
    """A decision cannot be changed in passing."""
    plan = Plan.parse(MINIMAL)

    with pytest.raises(ValueError, match="frozen"):
        plan.study = "other"


def test_a_decision_with_a_limit_may_be_left_open():
    """A blank window, history or margin is no number, and no error."""
    plan = Plan.parse(
        "study: a\nsources: {orders: {file: o.csv}}\n"
        "rules: {history_days: null}\ncriteria: {window_days: }\nevaluation: {margin_share: null}"
    )

    assert (plan.rules.history_days, plan.criteria.window_days, plan.evaluation.margin_share) == (None, None, None)


@pytest.mark.parametrize(
    ("themes", "found"),
    [("{delivery: [late, 'par.*cel']}", "par.*cel"), ("{delivery: []}", "no word"), ("{'on time': [late]}", "on time")],
)
def test_P09_themes_of_comments_are_plain_words(themes, found):
    """No expression is read from a plan, so none can hang or be misread."""
    with pytest.raises(InputRefused, match="a theme is a name and a list of plain words") as refused:
        Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}}}\nevaluation: {{themes: {themes}}}")

    assert f"found: {found} -" in str(refused.value)


def test_P05_an_own_holdout_needs_the_contacts():
    """The plan names an arm of a table that it does not have."""
    with pytest.raises(InputRefused, match=r"a hold-out arm, but no source for contacts - plan.yml, rules.holdout_arm"):
        Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nrules: {holdout_arm: never}")


def test_F01_a_study_without_a_plan_is_told_what_can_be_typed_there(tmp_path: Path) -> None:
    """In the clone seglib is on no path, but make is; in a home of studies it is the other way round."""
    clone = Path(__file__).resolve().parents[2]

    with pytest.raises(InputRefused, match="make it with: make init FILE=my_orders.csv STUDY=nosuch$"):
        Plan.load(clone / "data" / "nosuch" / "plan.yml")
    with pytest.raises(InputRefused, match="make it with: seglib init my_orders.csv --study nosuch$"):
        Plan.load(tmp_path / "data" / "nosuch" / "plan.yml")
