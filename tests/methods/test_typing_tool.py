"""The typing tool: honest where columns say nothing, right where they say something."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.methods.typing_tool import typing_tool


def test_columns_that_say_nothing_are_not_useful():
    """Eight draws of columns by chance: at most one is called better than the majority."""
    rng = np.random.default_rng(0)
    useful = 0
    for seed in range(8):
        frame = pd.DataFrame({"country": rng.choice(list("xyz"), 200), "age_years": rng.normal(40, 9, 200)})
        labels = pd.Series(rng.choice([1, 2, 3], 200, p=[0.5, 0.3, 0.2]))
        useful += typing_tool(frame, labels, seed).is_useful

    assert useful <= 1


def test_a_planted_accuracy_is_found():
    """The country names the segment in 80 % of cases; the majority is half."""
    rng = np.random.default_rng(1)
    labels = pd.Series(np.repeat([1, 2], 500))
    country = np.where(rng.random(1_000) < 0.8, labels, 3 - labels)
    tool = typing_tool(pd.DataFrame({"country": np.array(["", "DE", "FR"])[country]}), labels)

    assert tool.accuracy == pytest.approx((country == labels).mean())
    assert tool.low < 0.8 < tool.high
    assert tool.majority == pytest.approx(0.5)
    assert tool.gain_low < 0.3 < tool.gain_high
    assert "better than nothing" in tool.verdict()


def test_new_words_and_gaps_are_typed_too():
    """A country that nobody had, and one that is not known, do not stop the tool."""
    frame = pd.DataFrame({"country": ["DE", "FR"] * 30, "age_years": [20.0, 60.0] * 30})
    tool = typing_tool(frame, pd.Series([1, 2] * 30))
    new = pd.DataFrame({"country": ["DE", "XX", None], "age_years": [21, np.nan, 61.0]})

    assert tool.predict(new).isin([1, 2]).all()
    assert tool.predict(new)[0] == 1


def test_V25_a_segment_smaller_than_the_folds_is_refused():
    """Four members cannot be in five folds."""
    with pytest.raises(InputRefused, match="SEG-V25 a typing tool needs at least 5 customers of each segment"):
        typing_tool(pd.DataFrame({"a": range(24)}), pd.Series([1] * 20 + [2] * 4))


def test_C3_the_survey_segments_of_vacmot_are_typed_from_descriptors(shared_data: Callable[[str], Path]):
    """Twelve descriptors of 1,000 tourists, six published segments: beyond chance, and too little to act on."""
    descriptors = pd.read_csv(shared_data("vacmot/vacmotdesc.csv.gz")).drop(columns="rownames")
    labels = pd.read_csv(shared_data("vacmot/vacmot6.csv.gz"))["vacmot6"]
    tool = typing_tool(descriptors, labels)

    assert tool.customers == 1_000
    assert tool.majority == labels.value_counts(normalize=True).max() == 0.246
    assert 0.26 < tool.accuracy < 0.32
    assert "too little to act on" in tool.verdict()
    assert tool.by_label["n"].sum() == 1_000
