"""Which model of orders is used: by quarters held out, and MBG/NBD where none is better beyond chance."""

import numpy as np
import pandas as pd
import pytest

from seglib.methods.futures import order_futures
from seglib.methods.order_models import USUAL, chosen, deviance, expected, title
from seglib.methods.pareto import ParetoNBD, fit_pareto_nbd, pareto_expected_orders

CDNOW = ParetoNBD(0.55328, 10.5777, 0.60624, 11.6687)


def losses(rival: float) -> pd.DataFrame:
    """Losses of forty customers; the rival's differ by a constant and some noise."""
    noise = np.random.default_rng(0).normal(0, 0.1, 40)
    return pd.DataFrame({"customer": range(40), USUAL: 1.0, "BG/NBD": 1.0 + noise, "Pareto/NBD": 1.0 + rival + noise})


def test_the_usual_model_stays_unless_another_is_better_beyond_chance() -> None:
    """A lead of a hundredth amid noise of a tenth is chance; one of two tenths is not."""
    assert chosen(losses(-0.01), seed=0)[0] == USUAL
    assert chosen(losses(-0.2), seed=0)[0] == "Pareto/NBD"
    assert chosen(losses(0.2), seed=0)[0] == USUAL


def test_a_last_bit_chooses_no_other_model() -> None:
    """Equal losses up to 1e-13 are equal."""
    equal = pd.DataFrame({"customer": range(5), USUAL: 1.0, "BG/NBD": 1.0 - 1e-13, "Pareto/NBD": 1.0})

    assert chosen(equal, seed=0)[0] == USUAL


def test_the_deviance_is_least_where_the_mean_is_right() -> None:
    """Three customers, of whom one orders thrice: a mean of one beats a half and two; by hand 2 (3 log 3) / 3."""
    came = [0, 0, 3]
    means = {mean: deviance([mean] * 3, came).mean() for mean in (0.5, 1.0, 2.0)}

    assert min(means, key=means.__getitem__) == 1.0
    assert means[1.0] == pytest.approx(2 * 3 * np.log(3) / 3)


def lives(count: int, seed: int) -> pd.DataFrame:
    """Draw customers by Pareto/NBD, seen for 20 to 60 weeks."""
    draw = np.random.default_rng(seed)
    age, rate = draw.uniform(20, 60, count), draw.gamma(0.9, 1 / 6, count)
    until = np.minimum(age, draw.exponential(1 / draw.gamma(0.8, 1 / 12, count)))
    number = draw.poisson(rate * until)
    last = np.where(number > 0, until * draw.random(count) ** (1 / np.maximum(number, 1)), 0.0)
    return pd.DataFrame({"repeat_count": number.astype(float), "last_purchase_weeks": last, "age_weeks": age})


def test_futures_of_pareto_have_the_expected_mean() -> None:
    """The mean of the drawn futures is the closed formula's within 3 %, for frequent and for single buyers."""
    seen = lives(1_500, seed=3)
    model = fit_pareto_nbd(seen)
    placed, formula = order_futures(model, seen, 26.0, seed=1).mean(axis=0), pareto_expected_orders(model, seen, 26.0)
    often = seen["repeat_count"].to_numpy() >= 3

    assert placed.sum() == pytest.approx(formula.sum(), rel=0.03)
    assert placed[often].sum() == pytest.approx(formula[often].sum(), rel=0.03)
    assert placed[~often].sum() == pytest.approx(formula[~often].sum(), rel=0.06)


def test_either_kind_of_model_is_asked_in_the_same_way() -> None:
    """A new customer of CDNOW in a year: 1.473 orders by Pareto/NBD, as published."""
    new = pd.DataFrame({"repeat_count": [0], "last_purchase_weeks": [0.0], "age_weeks": [0.0]})

    assert expected(CDNOW, new, 52).round(3).tolist() == [1.473]
    assert title(CDNOW) == "Pareto/NBD"
