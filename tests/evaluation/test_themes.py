"""What customers write about: whole words of the plan, counted above the floor, and nothing to compute back."""

from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.errors import PrivacyRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.evaluation.panels import Panels
from seglib.evaluation.themes import count, shown

SEGMENTS = pd.DataFrame({"segment": [1, 2, 3], "name": ["One", "Two", "Three"], "identity": [1, 2, 3]})
SEGMENTS = SEGMENTS.assign(customers=[100, 90, 100])
WORDS = "{delivery: [late, parcel], price: [offer]}"


def written(texts, themes=WORDS, day="2026-08-01", comments=True):
    """Count themes in texts by segment: {segment: [text of each customer]}; segment 9 is not known of last quarter."""
    rows = [(f"s{segment}c{i}", segment, text) for segment, each in texts.items() for i, text in enumerate(each)]
    frame = pd.DataFrame(rows, columns=["customer", "segment", "comment"]).assign(answered_at=pd.Timestamp(day))
    labels = frame.loc[frame["segment"] < 9, ["customer", "segment"]]
    plan = Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}}}\nevaluation: {{themes: {themes}}}")
    run = SimpleNamespace(plan=plan, quarter=Quarter("2026Q3"), engine=Engine.open())
    table = ibis.memtable(frame.drop(columns="segment")) if comments else None
    return count(run, SimpleNamespace(comments=table), SimpleNamespace(labels=ibis.memtable(labels), segments=SEGMENTS))


def test_K3_themes_are_counted_by_customer_segment_and_whole_word():
    """Latest is not late; a comment may belong to two themes, and a stranger counts for everybody only."""
    texts = {1: ["Too LATE!"] * 12 + ["the latest offer"] * 12, 2: ["my parcel, late offer"] * 15 + ["fine"] * 10}
    texts |= {3: ["fine"] * 20, 9: ["late"] * 11}
    found = written(texts)[0].set_index(["theme", "segment"])

    assert found.loc["delivery", "customers"].to_dict() == {0: 38, 1: 12, 2: 15, 3: 0}
    assert found.loc["price", "customers"].to_dict() == {0: 27, 1: 12, 2: 15, 3: 0}
    assert found.loc["delivery", "share"].round(3).to_dict() == {0: 0.475, 1: 0.5, 2: 0.6, 3: 0.0}


def test_two_comments_of_a_customer_are_one_customer():
    """The same person complains twice."""
    texts = {1: ["late"] * 12}
    frame = written(texts)[0].set_index(["theme", "segment"])

    assert frame.loc[("delivery", 1), ["customers", "commented"]].tolist() == [12, 12]


def test_R16_a_small_count_takes_another_with_it():
    """Four of segment 1 named it: their count, its complement and one more are hidden, so that no sum gives it away."""
    texts = {1: ["late"] * 4 + ["fine"] * 20, 2: ["late"] * 16 + ["fine"] * 16, 3: ["late"] * 30 + ["fine"] * 30}
    found = written(texts)[0].query("theme == 'delivery'").set_index("segment")

    assert found["customers"].isna().to_dict() == {0: False, 1: True, 2: True, 3: False}
    assert found["share"].isna().equals(found["customers"].isna())
    assert found["commented"].to_dict() == {0: 116, 1: 24, 2: 32, 3: 60}


def test_R16_who_nearly_all_named_it_is_hidden_as_well():
    """Twenty of twenty-two: the share would tell the two who did not."""
    texts = {1: ["late"] * 20 + ["fine"] * 2, 2: ["late"] * 16 + ["fine"] * 16, 3: ["late"] * 30 + ["fine"] * 30}
    found = written(texts)[0].query("theme == 'delivery'").set_index("segment")

    assert found["customers"].isna().to_dict() == {0: False, 1: True, 2: True, 3: False}


def test_R16_few_writers_of_a_segment_are_hidden_with_another_segment():
    """Six wrote anything in segment 1."""
    texts = {1: ["late"] * 6, 2: ["late"] * 16 + ["fine"] * 16, 3: ["late"] * 30 + ["fine"] * 30}
    found = written(texts)[0].query("theme == 'delivery'").set_index("segment")

    assert found["commented"].isna().to_dict() == {0: False, 1: True, 2: True, 3: False}
    assert found["customers"].isna().to_dict() == {0: False, 1: True, 2: True, 3: False}


def test_a_theme_of_few_is_blank_everywhere():
    """Seven in all named a price."""
    texts = {1: ["offer"] * 7 + ["late"] * 20, 2: ["late"] * 20, 3: ["fine"] * 20}
    found = written(texts)[0].query("theme == 'price'")

    assert found["customers"].isna().all()


@pytest.mark.parametrize("tables", [60, pytest.param(300, marks=pytest.mark.wide)])
def test_nothing_small_can_be_computed_back(tables):
    """In random tables, the published counts leave every small cell a range of half the floor or more."""
    rng, worst = np.random.default_rng(5), 99.0
    for _ in range(tables):
        asked = rng.integers(0, 40, 5)
        named = rng.binomial(asked, rng.random(5))
        counted = pd.DataFrame({"commented": asked, "theme x": named}, index=pd.Index([1, 2, 3, 4, -1], name="segment"))
        segments = pd.DataFrame({"segment": [1, 2, 3, 4], "name": list("abcd"), "identity": [1, 2, 3, 4]})
        segments["customers"] = 60
        worst = min(worst, least_range(shown(counted, segments, 10).set_index("segment"), named, asked))

    assert worst >= 5


def least_range(told, named, asked):
    """Give the narrowest range of a small cell that follows from what is published."""
    from scipy.optimize import linprog

    if told.empty or pd.isna(told.loc[0, "customers"]):
        return 99.0
    rows, b = [], []
    each = [np.eye(10)[i] for i in range(10)]  # named of five groups, then not named of five groups
    for values, part in ((named, each[:5]), (asked - named, each[5:])):
        rows.append(sum(part))
        b.append(values.sum())
    for place, segment in enumerate([1, 2, 3, 4]):
        if pd.notna(told.loc[segment, "commented"]):
            rows.append(each[place] + each[5 + place])
            b.append(asked[place])
        if pd.notna(told.loc[segment, "customers"]):
            rows += [each[place], each[5 + place]]
            b += [named[place], asked[place] - named[place]]
    widths = [99.0]
    for place, value in enumerate([*named, *(asked - named)]):
        if 0 < value < 10:
            low, high = (linprog(sign * each[place], A_eq=np.array(rows), b_eq=b).fun * sign for sign in (1, -1))
            widths.append(high - low)
    return min(widths)


@pytest.mark.parametrize("theme", ["{religion: [service]}", "{wellbeing: [diabetes]}", "{family: [mother]}"])
def test_R22_a_theme_of_a_special_category_is_refused(theme):
    """Whoever wrote about it would be counted by it."""
    with pytest.raises(PrivacyRefused, match="SEG-R22 a theme about a special category"):
        written({1: ["late"]}, theme)


def test_notes_say_what_is_lacking():
    """No column, no theme in the plan, no comment in the quarter."""
    texts = {1: ["late"] * 20}

    assert written(texts, comments=False)[1] == ("Themes of comments: the table feedback has no column comment.",)
    assert written(texts, "{}")[1] == (
        "Themes of comments: the plan declares none (evaluation.themes, words for each).",
    )
    assert written(texts, day="2026-10-01")[0].empty


def test_a_table_in_which_every_count_is_held_back_is_blank():
    """Nobody in any segment may be told of, and everybody neither."""
    rows = pd.DataFrame({"theme": ["price"] * 2, "segment": [0, 1], "name": ["everybody", "A"], "share": float("nan")})
    held = SimpleNamespace(themes=rows.assign(customers=pd.NA, commented=pd.NA).astype({"commented": "Int64"}))

    assert Panels.wrote(held).to_numpy().tolist() == [["any comment", "", ""], ["price", "", ""]]
