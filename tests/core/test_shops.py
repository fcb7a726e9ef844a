"""Shops that differ from the demo shop in what they were told, and in nothing else."""

from pathlib import Path
from typing import Any

import pytest

from seglib import __main__ as cli
from seglib import demo_shop
from seglib.demo_shop.shop import DEMO, Shop

SMALL = 0.1


def column(rows: Any, name: str) -> list[str]:
    return [row[name] for row in rows]


def test_a_segment_that_is_absent_does_not_occur() -> None:
    """Whoever would be one is a regular."""
    made = demo_shop.tables(7, Shop(SMALL, absent=("companies", "bargain_hunters", "subscribers")))
    segments = set(column(made["truth/segments"], "segment_2026Q3"))

    assert segments == {"", "loyal_regulars", "newcomers", "sleeping"}


def test_a_shop_has_the_size_that_was_asked_for() -> None:
    """Cohorts shrink alike."""
    made = demo_shop.tables(7, Shop(SMALL))

    assert len(made["sources/customers"]) == 171


def test_the_truth_tells_the_drift_of_this_shop() -> None:
    """In the parameters of the segment, and in the constants."""
    made = demo_shop.tables(7, Shop(SMALL, drift_segment="newcomers", drift_factor=1.5))
    drift = {row["segment"]: row["order_value_factor_from_2026Q3"] for row in made["truth/parameters"]}
    constants = {row["name"]: row["value"] for row in made["truth/constants"]}

    assert drift == dict.fromkeys(drift, "1.0") | {"newcomers": "1.5"}
    assert (constants["drift_segment"], constants["drift_factor"]) == ("newcomers", "1.5")


def test_only_the_offers_of_this_shop_have_effects() -> None:
    """News never have one; offers have those that the shop says."""
    shop = Shop.drawn(7, SMALL)
    told = {(name, arm, who): points for c in shop.campaigns for arm, who, points in c.effects for name in [c.name]}
    effects = demo_shop.tables(7, shop)["truth/effects"]
    seen = {(row["campaign"], row["arm"], row["segment"]): float(row["effect_share"]) for row in effects}

    assert {key: value for key, value in seen.items() if value} == {key: told[key] for key in told if key in seen}
    assert not any("news" in name for name, _, _ in told)


def test_drawn_shops_differ() -> None:
    """In the number of segments, the drift and the campaign that works; the drift is never of an absent segment."""
    shops = [Shop.drawn(seed) for seed in range(40)]

    assert len({shop.absent for shop in shops}) == 4
    assert len({shop.drift_factor for shop in shops}) == 4
    assert len({shop.campaigns for shop in shops}) == 4
    assert not any(shop.drift_segment in shop.absent for shop in shops)


def test_a_seed_writes_another_shop_elsewhere(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    """Without a folder of its own it is refused, so that the demo stays what it is."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr("seglib.demo_shop.write", lambda folder, seed: asked.append((folder.name, seed)))
    (tmp_path / "other").mkdir()

    assert cli.main(["sample", "--seed", "8"]) == 2
    assert "another shop needs a folder of its own" in capsys.readouterr().err
    assert cli.main(["sample", "--seed", "8", "--into", str(tmp_path / "other")]) == 0
    assert asked == [("other", 8)]


@pytest.mark.parametrize("segment", ["companies", "sleeping"])
def test_the_demo_shop_drifts_as_before(segment: str) -> None:
    """Companies by a quarter, nobody else."""
    assert DEMO.drift(segment) == (1.25 if segment == "companies" else 1.0)
