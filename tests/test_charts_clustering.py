"""Figures of notebook 04: colour belongs to the identity, a second cue beside it, and text for who cannot see."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import charts
from seglib.charts import across, apart
from seglib.charts import clustering as drawn
from seglib.charts.style import HATCHES, PALETTE, Picture, colour, hatch, marker
from seglib.methods.structure import Structure

NAMES = ["Regulars", "$_$ 100% <b>&amp;</b>", "A very long name of a segment that somebody typed without thinking", "x",
         "Käufer, größere – Österreich", "Long-quiet buyers", "y", "^{up}$x$"]  # fmt: skip
COUNTS = [1, 2, 5, 8]


def people(count):
    """Segments with an identity each."""
    number = np.arange(1, count + 1)
    rows = pd.DataFrame({"segment": number, "name": NAMES[:count], "identity": number, "share": 1 / count})
    return rows.assign(revenue_share=number / number.sum())


def close(rows):
    """Members near the centre, others far from it."""
    bars = pd.DataFrame({"low": np.arange(20) / 20, "high": np.arange(1, 21) / 20})
    bars["members"], bars["others"] = np.where(bars["low"] > 0.6, 0.02, 0), np.where(bars["low"] < 0.3, 0.1, 0)
    about = rows[["segment", "name", "identity"]].assign(clear_from=0.5, clear_share=0.91, clear="91%")
    return about.merge(bars, "cross").sort_values("segment", kind="stable")


def middle(rows):
    """Quartiles of two criteria, everyone first."""
    everyone = pd.DataFrame({"segment": [0], "name": [None], "identity": [np.nan]})
    about = pd.concat([everyone, rows[["segment", "name", "identity"]]], ignore_index=True)
    kinds = pd.DataFrame(
        {"criterion": ["order_count", "discount_share"], "unit": ["orders", "share"], "log": [True, False]}
    )
    both = kinds.assign(log=[True, False]).merge(about, "cross")
    start = np.where(both["log"], 2.0 + 3 * both["segment"], 0.1)
    return both.assign(low=start, median=start + 0.2, high=start + 0.4)


def halves(k):
    """Every segment of a number comes from the one of the same number before; the last one from the last before."""
    number = np.arange(1, k + 1)
    rows = pd.DataFrame({"k": k, "segment": number, "from_segment": number.clip(max=k - 1)})
    return rows.assign(customers_count=10, share=1.0)


def candidates(ks=(2, 3, 4)):
    """A comparison whose choice is the second number."""
    n = len(ks)
    table = pd.DataFrame({"k": ks, "silhouette": 0.5, "calinski_harabasz": 900.0, "davies_bouldin": 0.7})
    table = table.assign(stability=0.9, smallest_share=0.1, chosen=np.arange(n) == min(1, n - 1))
    return SimpleNamespace(
        table=lambda: table,
        fits={k: SimpleNamespace(sizes=np.full(k, 10)) for k in ks},
        across=lambda: pd.concat([halves(k) for k in ks[1:]], ignore_index=True) if n > 1 else pd.DataFrame({"k": []}),
        structure=Structure(0.5, 3, (0.2, 0.3), (0.2, 0.3), (0.2, 0.3), {}, {}),
        stabilities={k: SimpleNamespace(jaccard=(0.9,) * k) for k in ks},
        settings=SimpleNamespace(stability_floor=0.6, size_floor_share=0.03),
    )


@pytest.mark.forms(1)
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(
    "draw",
    [lambda n: charts.separation(close(people(n))), lambda n: charts.profiles(middle(people(n)))],
    ids=["separation", "profiles"],
)
def test_chart_draws_any_number_of_segments(draw, count):
    """A picture whose text names every segment."""
    picture = draw(count)

    assert isinstance(picture, Picture)
    assert picture.width == 768
    assert all(name in picture.alt for name in NAMES[:count])


@pytest.mark.parametrize("ks", [(2,), (2, 3), (2, 3, 4, 5, 6, 7, 8)])
def test_charts_over_the_number_of_segments_say_the_choice(ks):
    """One number or seven: the chosen one and its values are in the text."""
    chosen = ks[min(1, len(ks) - 1)]

    assert f"{chosen} are marked" in charts.quality_by_size(candidates(ks)).alt
    assert f"With {chosen} segments the stability is 0.90" in charts.stability_by_size(candidates(ks)).alt
    assert f"Of the {chosen} marked segments the least stable one has stability 0.90" in (
        charts.stability_across(candidates(ks)).alt
    )


def test_the_bars_across_k_hold_every_customer_and_lose_nobody_between():
    """Bars of a column add up to all customers; bands leave and reach each bar over its whole height."""
    three = candidates((2, 3, 4))
    bars = across._stacked(three, three.across())
    bands = across._bands(three.across(), bars)

    assert [sum(low - top for top, low in column.values()) for column in bars.values()] == pytest.approx([1, 1, 1])
    assert bands.groupby("k")["height"].sum().tolist() == pytest.approx([1, 1])
    assert "3 of them take at least 90% of the customers from one of 2." in charts.stability_across(three).alt


def test_alt_texts_hold_the_numbers():
    """What the eye compares, the text says."""
    assert "Regulars: 91%" in charts.separation(close(people(2))).alt
    assert "Regulars: orders above." in charts.profiles(middle(people(1))).alt
    assert "x: orders above." in charts.profiles(middle(people(4))).alt


def bars_by_name(monkeypatch, module, draw):
    """Draw, and read from the figure which colour and hatch each segment's bars have."""
    figures = []
    monkeypatch.setattr(module, "finish", lambda figure, alt: figures.append(figure))
    draw()
    patches = [patch for axes in figures[0].axes for patch in axes.patches if patch.get_hatch() is not None]
    return {(tuple(patch.get_facecolor()), patch.get_hatch()) for patch in patches}, figures[0]


def test_M5_the_same_identity_has_the_same_colour_after_a_permutation(monkeypatch):
    """Numbers of the segments change places, identities stay with the names: so do colour and hatch."""
    rows = people(4)
    order = [2, 0, 3, 1]
    swapped = rows.iloc[order].reset_index(drop=True).assign(segment=[1, 2, 3, 4])
    found = []
    for people_now in (rows, swapped):
        _, figure = bars_by_name(monkeypatch, drawn, lambda now=people_now: charts.sizes(SimpleNamespace(segments=now)))
        bars = figure.axes[0].patches
        cues = [(tuple(bar.get_facecolor()), bar.get_hatch()) for bar in bars]
        found.append(dict(zip(people_now["name"], cues, strict=True)))

    assert found[0] == found[1]
    assert len(set(found[0].values())) == 4


def test_M5_the_gorge_plot_keeps_colours_after_a_permutation(monkeypatch):
    """Panels change places, each keeps its colour and hatch."""
    rows = people(3)
    swapped = rows.iloc[::-1].reset_index(drop=True).assign(segment=[1, 2, 3])
    cues = []
    for now in (rows, swapped):
        _, figure = bars_by_name(monkeypatch, apart, lambda now=now: charts.separation(close(now)))
        panels = zip(now["name"], figure.axes, strict=False)
        cues.append({name: tuple(axes.patches[-1].get_facecolor()) for name, axes in panels})

    assert cues[0] == cues[1]
    assert len(set(cues[0].values())) == 3


def test_figures_are_readable_in_grey():
    """Without colour the hatch alone tells eight segments apart; points have eight forms."""
    identities = range(1, 9)

    assert len({hatch(i) for i in identities}) == len({marker(i) for i in identities}) == 8
    assert len({colour(i) for i in identities}) == len(PALETTE) == len(HATCHES)
    assert (colour(9), hatch(9)) == (colour(1), hatch(1))


def test_every_chart_is_drawn_by_a_test():
    """No chart is offered that no test draws."""
    files = Path(__file__).parent.rglob("test_*.py")
    called = {name for file in files for name in re.findall(r"charts\.(\w+)\(", file.read_text(encoding="utf-8"))}

    assert set(charts.__all__) - called == set()


def test_the_distributions_say_their_medians():
    """Notebook 03's figure, from bins alone."""
    bins = pd.DataFrame({"criterion": "order_count", "unit": "orders", "low": [0, 5], "high": [5, 10],
                         "customers": [90, 20], "last": 5, "median": 3.0})  # fmt: skip
    picture = charts.distributions(SimpleNamespace(histogram=lambda floor: bins))

    assert "over 1 criteria. Medians: orders 3" in picture.alt
