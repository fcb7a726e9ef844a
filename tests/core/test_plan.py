"""The plan: safe YAML, typed values, errors that say where, what came and what to do."""

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
