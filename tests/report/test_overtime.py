"""All quarters so far: every number is that of its quarter, and a segment is followed by its identity."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from seglib.core.errors import Finding, InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.report import overtime
from seglib.report.front import list_of_reports
from seglib.report.overtime import FILE, Period, periods, view
from seglib.report.pages import css, environment

PLAN = Plan.parse("study: a\ncurrency: GBP\nsources: {orders: {file: o.csv}}")
RUN = SimpleNamespace(plan=PLAN, quarter=Quarter("2026Q3"))
NO_EVENTS = pd.DataFrame(columns=["name", "event", "came_from"])


def period(text, sizes, revenue=100.0, events=NO_EVENTS, currency="GBP", **more):
    """One quarter: sizes by (identity, name), money and a retention of 40 % of everybody."""
    segments = pd.DataFrame(
        [(name, i, count) for (i, name), count in sizes.items()], columns=["name", "identity", "customers"]
    )
    kpis = pd.DataFrame(
        {"metric": ["revenue", "retention_share"], "value": [revenue, 0.4], "low": [90.0, 0.35], "high": [110.0, 0.45]}
    )
    goals = pd.DataFrame({"name": ["Keep", "Sell"], "verdict": ["reached", "cannot tell"]})
    share = segments["customers"] / segments["customers"].sum()
    told = {"campaigns": (), "goals": goals, "kpis": kpis} | more
    return Period(
        Quarter(text), segments.assign(share=share), told["kpis"], told["goals"], told["campaigns"], events, currency
    )


A, B, C = (1, "Regulars"), (2, "Sleeping"), (3, "Large orders")


def test_one_quarter_has_no_past():
    """Nothing is drawn where there is nothing to compare."""
    assert view(RUN, [period("2026Q3", {A: 10})]) is None


def test_each_row_holds_the_numbers_of_its_quarter_and_the_money_of_a_year_before():
    """The newest first; a quarter without a twin, or with money in another currency, has a blank."""
    found = [
        period("2025Q3", {A: 60, B: 40}, 1_000),
        period("2026Q2", {A: 100, B: 20}, 2_000, currency="EUR"),
        period("2026Q3", {A: 90, B: 60}, 3_000),
    ]
    rows = view(RUN, found)["rows"]

    assert rows == [
        ["2026Q3", "150", "GBP 3,000", "GBP 1,000", "40.0% (35.0% to 45.0%)", "1 of 2"],
        ["2026Q2", "120", "", "", "40.0% (35.0% to 45.0%)", "1 of 2"],
        ["2025Q3", "100", "GBP 1,000", "", "40.0% (35.0% to 45.0%)", "1 of 2"],
    ]


def test_a_segment_is_followed_by_its_identity_through_names_births_and_ends():
    """Regulars got another name, Sleeping ended, Large orders split off Regulars; those that live stand first."""
    events = pd.DataFrame({"name": ["Large orders"], "event": ["split"], "came_from": ["Regulars"]})
    found = [
        period("2025Q4", {A: 60, B: 40}),
        period("2026Q1", {A: 50, B: 50}),
        period("2026Q2", {(1, "Faithful"): 50, C: 50}, events=events),
        period("2026Q3", {(1, "Faithful"): 75, C: 25}),
    ]
    seen = view(RUN, found)

    assert seen["segment_heads"] == ["segment", "2026Q3", "2026Q2", "2026Q1", "2025Q4", "what became of it"]
    assert seen["segments"] == [
        ["Faithful", "75 (75%)", "50 (50%)", "50 (50%)", "60 (60%)", "in all 4 quarters"],
        ["Large orders", "25 (25%)", "50 (50%)", "–", "–", "split off from Regulars in 2026Q2"],
        ["Sleeping", "–", "–", "50 (50%)", "40 (40%)", "ended after 2026Q1"],
    ]
    assert "Faithful 60% and 75%" in seen["picture"]["alt"]


def test_the_beginning_of_a_segment_is_told_under_any_later_name():
    """Large orders split off Regulars and are called Feasts since."""
    events = pd.DataFrame({"name": ["Large orders"], "event": ["split"], "came_from": ["Regulars"]})
    quarters = [period("2026Q1", {A: 90}), period("2026Q2", {A: 50, C: 50}, events=events)]
    seen = view(RUN, [*quarters, period("2026Q3", {A: 75, (3, "Feasts"): 25})])

    assert [row[-1] for row in seen["segments"] if row[0] == "Feasts"] == ["split off from Regulars in 2026Q2"]


def test_of_many_quarters_the_sizes_of_the_last_five_are_shown_and_the_picture_has_all():
    """Twenty quarters: twenty rows of numbers, five of sizes, the year before among them."""
    quarters = [RUN.quarter.back(n).text for n in range(19, 0, -1)] + ["2026Q3"]
    seen = view(RUN, [period(text, {A: 60 + n, B: 40}) for n, text in enumerate(quarters)])

    assert len(seen["rows"]) == 20
    assert seen["segment_heads"][1:-1] == ["2026Q3", "2026Q2", "2026Q1", "2025Q4", "2025Q3"]
    assert seen["picture"]["alt"].startswith("Share of all customers in each segment, 2021Q4 and 2026Q3")


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_must_not_be_shown_stays_blank(value):
    """A metric that its quarter did not show is not shown here either."""
    few = pd.DataFrame(
        {"metric": ["revenue", "retention_share"], "value": [5.0, value], "low": [4.0, None], "high": [6.0, None]}
    )
    rows = view(RUN, [period("2026Q2", {A: 10}), period("2026Q3", {A: 10}, kpis=few)])["rows"]

    assert rows[0][4] == ""


def test_a_quarter_of_another_version_is_named_and_left_out(tmp_path):
    """Only folders that are there are read; one that cannot be is a sentence."""
    for text in ("2026Q1", "2026Q2", "2026Q3"):
        (tmp_path / "runs" / text / "09_kpi_evaluation").mkdir(parents=True)
    parts = {
        "Segmentation": SimpleNamespace(segments=period("2026Q3", {A: 10}).segments),
        "Scorecard": SimpleNamespace(
            kpis=pd.DataFrame({"metric": ["revenue"], "segment": [0], "value": [1.0], "low": [1.0], "high": [1.0]}),
            goals=pd.DataFrame({"name": [], "verdict": []}),
            experiments=pd.DataFrame({"sentence": ["spring: fine."]}), currency="GBP",
        ),
        "Refinement": None,
    }  # fmt: skip

    def previous(cls, back):
        if back == 2:
            raise InputRefused(Finding("X27", "made by another version"))
        return parts[cls.__name__]

    run = SimpleNamespace(plan=PLAN, quarter=Quarter("2026Q3"), data=tmp_path, previous=previous)
    found, notes = periods(run)

    assert [each.quarter.text for each in found] == ["2026Q2", "2026Q3"]
    assert notes == ("2026Q1 was made by another version or is damaged, and is not shown.",)
    assert view(run, found, notes)["campaigns"] == [["2026Q3", "spring: fine."], ["2026Q2", "spring: fine."]]


def test_the_list_of_reports_shows_the_latest_view_of_each_study(tmp_path):
    """What the report wrote down is drawn with every cell; a study with one report has none."""
    seen = view(RUN, [period("2026Q2", {A: 60, B: 40}), period("2026Q3", {A: 50, B: 50})], ["<b>note</b>"])
    for study, quarter in (("shop", "2026Q2"), ("shop", "2026Q3"), ("other", "2026Q3")):
        (tmp_path / study / quarter).mkdir(parents=True)
        (tmp_path / study / quarter / "index.html").write_text('<p class="lead">Lead.</p>')
    (tmp_path / "shop" / "2026Q3" / FILE).write_text(json.dumps(seen))
    page = BeautifulSoup(list_of_reports(tmp_path), "html.parser")
    cells = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.find_all("tr")]

    assert [head.get_text() for head in page.find_all("h3")] == ["All quarters so far"]
    assert ["Regulars", "50 (50%)", "60 (60%)", "in both quarters"] in cells
    assert page.find("img")["alt"] == seen["picture"]["alt"]
    assert "&lt;b&gt;note" in str(page)


def test_the_view_has_a_caption_for_each_table_and_a_head_for_each_column():
    """As many cells in each row as heads."""
    seen = view(RUN, [period("2026Q2", {A: 60}), period("2026Q3", {A: 50, B: 50})])
    page = BeautifulSoup(environment().get_template("overtime.html.j2").render(view=seen, css=css()), "html.parser")

    for table in page.find_all("table"):
        assert table.caption.get_text()
        assert {len(row.find_all(["th", "td"])) for row in table.find_all("tr")} == {len(table.thead.find_all("th"))}
    assert overtime.HEADS[0] == "quarter"
