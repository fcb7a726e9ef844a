"""The language of rules and its linter: parsed, never evaluated; proved by counting every case."""

import random
import string
from itertools import product

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.methods.rule_sql import sql
from seglib.methods.rule_text import Compare, Every, Missing, Not, Some, holds, parse
from seglib.methods.rules import OTHERS, Domain, diff, label, lint, read, sound

FRAME = pd.DataFrame({"orders": [0.0, 1, 2, 3, 4, np.nan], "country": ["DE", "FR", "it's", None, "DE", "DE"]})
WHOLE = Domain(low=0, whole=True, may_miss=False)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("orders >= 3", [3, 4]),
        ("orders != 3", [0, 1, 2, 4]),
        ("orders between 1 and 2 or orders = 4", [1, 2, 4]),
        ("orders in (0, 4) and country = 'DE'", [0, 4]),
        ("not orders < 3", [3, 4, 5]),
        ("orders is missing or country is missing", [3, 5]),
        ("orders is not missing and not (country = 'DE' or country = 'FR')", [2, 3]),
        ('country = "it\'s"', [2]),
        ("country != 'DE'", [1, 2]),
        ("orders >= 3 AND country IS MISSING", [3]),
        ("orders = 1 or orders = 2 and country = 'DE'", [1]),
    ],
)
def test_a_rule_holds_for_these_rows(text, rows):
    """Every form of the language, on six rows; `and` binds before `or`, a missing value never compares."""
    assert np.flatnonzero(holds(parse(text), FRAME)).tolist() == rows


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "the rule ends too early"),
        ("orders", "the rule ends too early"),
        ("orders >", "the rule ends too early"),
        ("orders > 3 and", "the rule ends too early"),
        ("orders > 3 country = 'DE'", "'country' at character 12"),
        ("orders = = 3", "'=' at character 10"),
        ("(orders > 3", "the rule ends too early"),
        ("orders > 3)", "')' at character 11"),
        ("orders > price", "'price' at character 10"),
        ("3 < orders", "'3' at character 1"),
        ("orders > 1e5", "'1e5' at character 10"),
        ("@pd.io.common.os.system('id')", "'@pd.io.common.os.sys' at character 1"),
        ("__import__('os').system('id')", "at character 17"),
        ("orders > 3; drop table orders", "'; drop table orders' at character 11"),
        ("orders > 3 -- comment", "'-- comment' at character 12"),
        ("orders = 'DE", '"\'DE" at character 10'),
        ("orders[0] = 1", "'[0] = 1' at character 7"),
        ("country < 'DE'", "\"'DE'\" at character 11"),
        ("lambda: 0", "': 0' at character 7"),
        ("not " * 30 + "orders = 1", "more than 20 brackets"),
        ("(" * 30 + "orders = 1" + ")" * 30, "more than 20 brackets"),
        ("orders = 1 or " * 200 + "orders = 1", "2,810 characters, limit 2,000"),
    ],
)
def test_P08_what_is_no_rule_is_refused_with_its_place(text, found):
    """Code, half rules and nests end in one sentence that names the character."""
    with pytest.raises(InputRefused) as refused:
        parse(text, "plan.yml, clustering.rules.A")

    assert str(refused.value).startswith("SEG-P08 rule not understood - plan.yml, clustering.rules.A - found: ")
    assert found in str(refused.value)


def test_P08_two_thousand_random_texts_are_trees_or_refusals():
    """Random characters and shuffled words of the language never do anything else."""
    chance = random.Random(8)
    words = ["orders", "country", "and", "or", "not", "(", ")", "is", "missing", "in", ",", "between", "3", "'DE'", "<",
             "@pd", ".system", "__class__", "\x00", "`id`", "${x}", "=", ">="]  # fmt: skip
    texts = ["".join(chance.choices(string.printable, k=chance.randrange(60))) for _ in range(700)]
    texts += [" ".join(chance.choices(words, k=chance.randrange(1, 14))) for _ in range(700)]
    good = "not (orders >= 3 and country = 'DE') or orders is missing"
    texts += [good[: (cut := chance.randrange(len(good)))] + chance.choice(words) + good[cut:] for _ in range(600)]
    trees = refused = 0
    for text in texts:
        try:
            tree = parse(text)
        except InputRefused as error:
            refused += error.findings[0].code == "P08"
        else:
            trees += isinstance(tree, Compare | Missing | Not | Every | Some)

    assert trees + refused == 2_000
    assert trees > 20


def test_P08_all_wrong_rules_of_a_table_are_named_at_once():
    """Two of three cannot be read."""
    with pytest.raises(InputRefused) as refused:
        read({"A": "x >", "B": "x > 1", "C": "y ="}, "plan.yml, clustering.rules")

    assert [f.file for f in refused.value.findings] == ["plan.yml, clustering.rules.A", "plan.yml, clustering.rules.C"]


def test_rows_are_named_by_the_first_rule_that_holds():
    """What no rule claims is others."""
    names = label(FRAME, {"Many": "orders > 2", "Some": "orders > 0", "German": "country = 'DE'"})

    assert names.tolist() == ["German", "Some", "Some", "Many", "Many", "German"]
    assert label(FRAME, {}).unique().tolist() == [OTHERS]


def test_the_linter_agrees_with_counting_every_case():
    """Thirty random tables over two whole columns: the same cases are uncovered and overlapping as by brute force."""
    chance = random.Random(5)
    cases = pd.DataFrame(product(range(9), range(9)), columns=["a", "b"], dtype="float64")
    for _ in range(30):
        rules = {f"R{i}": _random_rule(chance) for i in range(4)}
        claims = sum(holds(parse(text), cases).astype(int) for text in rules.values())
        found = set(lint(rules, {"a": WHOLE, "b": WHOLE})["finding"]) - {"unreachable"}
        counted = {"uncovered"} if (claims == 0).any() else set()

        assert found == counted | ({"overlapping"} if (claims > 1).any() else set())


def _random_rule(chance):
    atoms = [f"{chance.choice('ab')} {chance.choice(['<', '>=', '=', '>', '<='])} {chance.randrange(7)}" for _ in "123"]
    return f"{atoms[0]} {chance.choice(['and', 'or'])} not ({atoms[1]} {chance.choice(['and', 'or'])} {atoms[2]})"


def test_the_linter_knows_what_can_occur():
    """From 3 on and below 3 is complete for a number that is always known, not for one that may be missing."""
    rules = {"Low": "orders < 3", "High": "orders >= 3"}

    assert lint(rules, {"orders": WHOLE}).empty
    assert lint(rules)["cell"].tolist() == ["orders missing"]
    assert lint({"None": "orders = 0", "Some": "orders >= 1"}, {"orders": WHOLE}).empty


def test_the_linter_finds_a_share_between_two_limits():
    """Below the lowest limit is a case too."""
    found = lint({"Low": "s < 0.2", "High": "s > 0.5"}, {"s": Domain(low=0, may_miss=False)})

    assert found["cell"].tolist() == ["s = 0.2", "s between 0.2 and 0.5", "s = 0.5"]
    assert lint({"High": "s > 0.5"}, {"s": Domain(low=0, may_miss=False)})["cell"].tolist()[0] == "s < 0.5"


def test_the_linter_knows_other_words():
    """A country that no rule mentions is uncovered."""
    found = lint({"Home": "country = 'DE'", "Near": "country in ('FR', 'AT')"})

    assert found["cell"].tolist() == ["country another word", "country missing"]


def test_an_unsound_table_is_refused_by_kind():
    """One finding each for gaps, overlaps and rules that never apply, with their number and the first."""
    rules = {"A": "orders >= 1", "B": "orders >= 2", "C": "orders > 5"}
    with pytest.raises(InputRefused) as refused:
        sound(rules, {"orders": WHOLE}, "plan.yml, clustering.rules")

    assert [finding.what for finding in refused.value.findings] == [
        "uncovered cells",
        "overlapping cells",
        "unreachable rules",
    ]
    assert "found: 2, such as B" in str(refused.value)


def test_too_many_cases_are_refused_in_a_sentence():
    """Seven columns with ten limits each."""
    rules = {"A": " and ".join(f"c{c} in ({', '.join(map(str, range(10)))})" for c in range(7))}

    with pytest.raises(InputRefused, match=r"SEG-P08 too many cases to check - found: [\d,]+ cells, limit 200,000"):
        lint(rules)


def test_rules_are_compared_by_meaning():
    """Spaces and big letters of words change nothing; a limit does."""
    found = diff({"A": "x>1 AND y = 2", "B": "x < 1", "C": "x = 1"}, {"A": "x > 1 and y=2", "B": "x < 2", "D": "x = 1"})

    assert dict(zip(found["rule"], found["change"], strict=True)) == {
        "A": "same",
        "B": "changed",
        "C": "gone",
        "D": "new",
    }


def test_P08_values_cannot_leave_their_quotes_in_sql():
    """A quote in a value is doubled, a name is quoted."""
    assert sql(parse('country = "a\'; drop table x; --"')) == "\"country\" = 'a''; drop table x; --'"
    assert sql(parse("a = 1 or b = 2 and not c is missing")) == (
        '"a" = 1 OR ("b" = 2 AND NOT COALESCE("c" IS NULL, FALSE))'
    )
