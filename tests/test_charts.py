"""Every chart draws small frames of one to eight segments with difficult names, quietly, and says its numbers."""

import struct
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import charts
from seglib.activation import Audience
from seglib.charts.glance import glance
from seglib.charts.style import Picture
from seglib.collection import Collection
from seglib.content import ContentPlan
from seglib.core.intake.rules import INPUT, KEPT
from seglib.evaluation import Scorecard
from seglib.journeys import Journeys
from seglib.journeys.lifecycle import STAGES
from seglib.objectives import Objectives
from seglib.personas import Personas
from seglib.refinement.moves import Moves

NAMES = [
    "Regulars",
    "A very long name of a segment that somebody typed into the plan without thinking of figures",
    "$_$ 100% <b>&amp;</b>",
    "Käufer, größere – Österreich",
    "Sans\\backslash_and_under",
    "x",
    "Long-quiet occasional buyers",
    "^{up}$x$",
]
COUNTS = [1, 8]


@pytest.fixture(autouse=True)
def quiet():
    """A warning of a drawing library is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def people(count, names=NAMES):
    """One row per segment, as every step hands them on."""
    number = np.arange(1, count + 1)
    size = 100 * number
    return pd.DataFrame(
        {
            "segment": number, "name": names[:count], "identity": number, "customers": size, "share": size / size.sum(),
            "revenue_minor": 1000 * size[::-1], "revenue_share": size[::-1] / size.sum(), "jaccard": 0.9,
            "usable": True, "why": "large and stable enough",
        }
    )  # fmt: skip


def width_of(picture):
    return struct.unpack(">I", picture.png[16:20])[0]


def segmentation(count):
    rows = [
        (segment, name, unit, typical, away)
        for segment in range(count + 1)
        for name, unit, typical, away in (
            ("recency_days", "days", 30.0, 0.5 * segment),
            ("order_value_minor", "money", 4000.0, -0.2 * segment),
            ("discount_share", "share", 0.25, 0.0),
        )
    ]
    centres = pd.DataFrame(rows, columns=["segment", "criterion", "unit", "typical", "deviation"])
    return SimpleNamespace(segments=people(count), centres=centres)


def personas(count):
    cards = people(count).assign(
        basket_minor=4_250.0, last_order_days=12.0, country="United Kingdom", country_said="50%", match="90%",
        match_share=0.9,
        summary=[f"{n} customers." for n in people(count)["customers"]], needs="not measured",
    )  # fmt: skip
    lines = pd.DataFrame(
        [(1, "rfm", "order_count", "Orders placed through a channel with a very long name: 9; others: 2", 2.0)] * 2,
        columns=["segment", "family", "criterion", "claim", "effect"],
    )
    return Personas(cards, lines, "", ())


def journeys(count, hidden=False):
    stages = people(count)[["segment", "name", "identity"]].merge(pd.DataFrame({"stage": STAGES}), "cross")
    stages["share"] = np.tile([0.1, 0.5, 0.1, 0.1, np.nan if hidden else 0.2], count)
    stages["least"] = np.nan
    rows = people(count)[["segment", "name", "identity"]].merge(
        pd.DataFrame({"from_state": ["visit", "cart"], "to_state": "exit", "count": 50, "n": 80, "share": 0.625}),
        "cross",
    )
    empty = pd.DataFrame()
    return Journeys(stages, None, empty, rows, ("visit", "cart", "exit"), empty, "events", ())


def scorecard(count, effects=True):
    whole = pd.DataFrame({"segment": [0], "name": ["everybody"], "identity": [0]})
    rows = pd.concat([whole, people(count)[["segment", "name", "identity"]]])
    kpis = pd.concat(
        [
            rows.assign(metric="retention_share", unit="share", value=0.5, low=0.4, high=0.6, n=100),
            rows.assign(metric="revenue", unit="money", value=900.0, low=np.nan, high=np.nan, n=100),
        ]
    )
    found = rows.assign(campaign="spring_$offer$", arm="offer_a", effect=0.1, effect_low=0.02, effect_high=0.18)
    found = found.assign(p_adjusted=0.01)
    none = pd.DataFrame(columns=["campaign", "usable", "sentence"])
    return Scorecard(pd.DataFrame(), kpis, found if effects else found.iloc[:0], none, none, none, "")


def audience(count):
    counts = people(count).assign(contact=50, held_out=12, not_allowed=20, no_offer=18)
    return Audience(None, counts, (), pd.DataFrame(), {}, {})


def best(count):
    rows = people(count)[["segment", "name", "identity"]].merge(
        pd.DataFrame({"rank": [1, 2, 3], "category": ["$5 cup_and_saucer", "b", "c" * 90], "share": [0.3, 0.2, 0.1]}),
        "cross",
    )
    empty = pd.DataFrame()
    return ContentPlan(
        empty,
        rows.assign(n=500),
        empty,
        empty,
        empty,
        "category",
        "no items",
        (),
        *[empty] * 2,
        None,
        *[empty] * 2,
        (),
        "",
    )


class Moved(Moves):
    """The moves of customers who all stayed, without the rest of a quarter."""

    def __init__(self, count, first):
        segments = people(count)
        moves = pd.DataFrame({"from_name": segments["name"], "to_name": segments["name"], "customers": 100})
        money = moves.assign(value_previous_minor=500, value_current_minor=700)
        drift = segments.assign(criterion="recency_days", psi=1.4, psi_noise=0.1, verdict="drift")
        ahead = segments.assign(before=[5, *[90] * (count - 1)], customers=100, expected=110.0, low=95.0, high=130.0)
        self.migration, self.drift, self.outlook = (f.iloc[:0] if first else f for f in (money, drift, ahead))
        self.sizes = segments.assign(
            previous_customers=100, rules_customers=100, customers=100,
            previous_revenue_minor=500, rules_revenue_minor=700, revenue_minor=700,
        )  # fmt: skip
        self.first, self.floor, self.currency, self.minor_per_major = first, 10, "GBP", 100
        self.told = self.moves_told = True
        self.verdict = "First quarter: nothing to compare with."


def refinement(count, first=False):
    return Moved(count, first)


CHARTS = {
    "fingerprints": lambda n: charts.fingerprints(
        segmentation(n), SimpleNamespace(minor_per_major=100, currency="GBP")
    ),
    "sizes": lambda n: charts.sizes(segmentation(n)),
    "portraits": lambda n: charts.portraits(personas(n), SimpleNamespace(currency="GBP", minor_per_major=100)),
    "stages": lambda n: charts.stages(journeys(n)),
    "transitions": lambda n: charts.transitions(journeys(n)),
    "next_best": lambda n: charts.next_best(best(n)),
    "audience": lambda n: charts.audience(audience(n)),
    "scorecard": lambda n: charts.scorecard(scorecard(n)),
    "effects": lambda n: charts.effects(scorecard(n)),
    "migration": lambda n: charts.migration(refinement(n)),
    "drift": lambda n: charts.drift(refinement(n)),
    "outlook": lambda n: charts.outlook(refinement(n)),
}


@pytest.mark.forms(1)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", CHARTS)
def test_chart_draws_any_number_of_segments(name, count):
    """A picture of the page's width with a text, and no warning on the way."""
    picture = CHARTS[name](count)

    assert isinstance(picture, Picture)
    assert picture.png.startswith(b"\x89PNG")
    assert width_of(picture) == 1.75 * picture.width == 1344
    assert len(picture.alt) > 20


@pytest.mark.parametrize(
    "name", ["fingerprints", "sizes", "portraits", "stages", "transitions", "next_best", "outlook"]
)
def test_alt_text_names_every_segment(name):
    """Who cannot see the figure hears of each segment."""
    alt = CHARTS[name](3).alt

    assert [segment in alt for segment in NAMES[:3]] == [True, True, True]


def test_alt_texts_hold_the_numbers():
    """The numbers of the figure are in its text."""
    assert "Regulars: 33% of customers, 67% of revenue" in CHARTS["sizes"](2).alt
    assert "active 50%" in CHARTS["stages"](1).alt
    assert "visit to exit 62%" in CHARTS["transitions"](1).alt
    assert "$5 cup_and_saucer 30%" in CHARTS["next_best"](1).alt
    assert "Of 100 customers, by segment: 50 contacted, 12 held out for comparison" in CHARTS["audience"](1).alt
    assert "2 of 2 are beyond chance" in CHARTS["effects"](1).alt
    assert "100 customers before + 0 new - 0 left = 100 now" in CHARTS["migration"](1).alt
    assert "Regulars: 100 now, 110 (95 to 130) next" in CHARTS["outlook"](2).alt
    assert "days since last order in Regulars" in CHARTS["drift"](1).alt


def test_figures_without_data_say_why():
    """A first quarter, a study without items, and one without campaigns give a sentence and no empty axes."""
    empty = best(1)
    silent = ContentPlan(**{**vars(empty), "next_best": empty.next_best.iloc[:0]})

    assert charts.migration(refinement(1, first=True)).alt == "First quarter: nothing to compare with."
    assert charts.drift(refinement(1, first=True)).alt == "First quarter: nothing to compare with."
    assert charts.outlook(refinement(1, first=True)).alt == "First quarter: nothing to compare with."
    assert charts.next_best(silent).alt == "no items"
    assert charts.effects(scorecard(1, effects=False)).alt.startswith("No effects to show")


def test_hidden_stages_are_drawn_as_too_few():
    """A blank share is neither zero nor in the text."""
    alt = charts.stages(journeys(2, hidden=True)).alt

    assert "lapsed" not in alt
    assert "at risk 10%" in alt


def test_goals_have_a_strip_each_even_without_a_baseline():
    """A goal without a baseline and one that is a total are drawn too."""
    rows = pd.DataFrame(
        {
            "name": ["Keep", "Sell $more$", "Ask"], "unit": ["share", "money", "points"],
            "metric": ["retention_share", "revenue", "nps"], "n": [90, 90, 0],
            "baseline": [0.5, 1000.0, np.nan], "low": [0.4, np.nan, np.nan], "high": [0.6, np.nan, np.nan],
            "target": [0.55, 1100.0, np.nan],
        }
    )  # fmt: skip
    alt = charts.goals(Objectives(rows)).alt

    assert "Keep: 50.0% to 55.0% (retention, n = 90: the target is no further than chance moves it)" in alt
    assert "Sell $more$: 1,000 to 1,100 (revenue, n = 90: a total, not an estimate)" in alt
    assert "Ask: no baseline yet" in alt


def test_the_waterfall_says_lines_and_money():
    """Ten lines came in, three were refunds, seven are kept."""
    frame = pd.DataFrame(
        {
            "rule": [INPUT, "returns", KEPT],
            "rows": [10, 3, 7],
            "money_minor": [1000, -100, 1100],
            "customers": [4, 2, 4],
        }
    )
    alt = charts.waterfall(Collection(*[None] * 7, {}, None, frame, None, None, ())).alt

    assert alt == "Order lines: came in 10 (100.0% of money); refunds 3 (-10.0% of money); kept 7 (110.0% of money)."


@pytest.mark.parametrize("identity", range(1, 9))
def test_the_picture_of_a_card_is_small_and_says_its_strongest_bars(identity):
    """Five bars at most, each named above or below."""
    away = pd.DataFrame({"label": [f"criterion {i}" for i in range(7)], "deviation": [3.0, -2, 1, 0.5, 0.1, 0, np.nan]})
    picture = glance(NAMES[identity - 1], identity, away)

    assert picture.width < 300
    assert "criterion 0 above, criterion 1 below" in picture.alt
    assert "criterion 6" not in picture.alt


@pytest.mark.parametrize("hidden", [[0], [0, 1, 2]], ids=["one", "all"])
def test_V27_sizes_name_no_share_of_revenue_that_is_not_shown(hidden):
    """The bar is missing and the text says so; the title speaks of a segment whose money is shown, if any."""
    segments = people(3)
    segments.loc[hidden, "revenue_share"] = float("nan")
    alt = charts.sizes(SimpleNamespace(segments=segments)).alt

    assert alt.count("not shown") == len(hidden)
    assert "nan" not in alt
