"""A trial of variants over two whole quarters: drawn and delivered in the first, sent and answered in the second."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_studies import write
from ten_steps import ten_steps

from seglib.evaluation import Scorecard

FIRST, SECOND, SENT = "2026Q3", "2026Q4", pd.Timestamp("2026-10-12 09:00:00")
MORE = """synthetic: true
clustering: {bootstrap_pairs: 5, largest_count: 3, smallest_count: 2, use_unstable: true}
activation: {holdout_share: 0.1}
evaluation: {outcome_days: 30}
content:
  budget: 4000
  messages:
    told: {subject: Tea, body: Tea is there.}
    asked: {subject: Would you like tea, body: Tea is there.}
  offers:
    - name: tea
      message: told
      cost: 0.05
      trial:
        campaign: subject
        until: 2026-10-31
        worth_share: 0.08
        variants: [{name: plain, share: 0.5}, {name: question, share: 0.5, message: asked}]
"""


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study after its first quarter, with what was delivered."""
    home = tmp_path_factory.mktemp("trial")
    write(home, "tea", "seldom", seed=4, count=4_400, visits=400, more=MORE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGLIB_HOME", str(home))
        ten_steps(FIRST, "tea")
    return home


def listed(home: Path) -> pd.DataFrame:
    """What the first quarter expects as the second one's contacts."""
    return pd.read_csv(home / "data" / "tea" / "runs" / FIRST / "08_activation" / "expected_contacts.csv", dtype="str")


def answered(home: Path, to: Path, chances: dict[str, float]) -> tuple[pd.DataFrame, Scorecard]:
    """Send what was delivered, let so many of each arm order, take the second quarter's steps."""
    shutil.copytree(home, to)
    sources = to / "data" / "tea" / "sources"
    contacts = listed(home).assign(sent_at=str(SENT))
    contacts.to_csv(sources / "contacts.csv", index=False)
    orders, rng = pd.read_csv(sources / "orders.csv", dtype="str"), np.random.default_rng(8)
    people = pd.read_csv(sources / "customers.csv", dtype="str")["customer_id"]
    chance = people.map(contacts.set_index("customer_id")["arm"]).map(chances).fillna(0.2)
    bought, later = people[rng.random(len(people)) < chance], people[rng.random(len(people)) < 0.3]
    days = np.concatenate([rng.uniform(1, 29, len(bought)), rng.uniform(35, 75, len(later))])
    new = pd.DataFrame({"customer_id": [*bought, *later], "ordered_at": SENT + pd.to_timedelta(days, unit="D")})
    new["ordered_at"] = new["ordered_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    new = new.sort_values("ordered_at").assign(order_id=[f"N{n}" for n in range(len(new))], unit_price="30.00")
    new = new.assign(quantity="1", category="tea", channel="web")
    pd.concat([orders, new]).to_csv(sources / "orders.csv", index=False)
    plan = to / "data" / "tea" / "plan.yml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("sources:\n", "sources:\n  contacts: {file: contacts.csv}\n", 1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGLIB_HOME", str(to))
        card = ten_steps(SECOND, "tea").read(Scorecard)
    return contacts, card


@pytest.mark.wide
def test_a_difference_that_was_planted_comes_back_with_the_contacts(delivered: Path, tmp_path: Path) -> None:
    """20 % of those who got the one order, 28 % of those who got the other: 09 finds it, beside what 08 foretold."""
    contacts, card = answered(delivered, tmp_path / "home", {"plain": 0.20, "question": 0.28, "control": 0.20})
    whole = card.trials.set_index("segment").loc[0]
    sizes = contacts["arm"].value_counts()

    assert whole[["n", "n_control"]].tolist() == [sizes["question"], sizes["plain"]]
    assert whole["effect_low"] < 0.08 < whole["effect_high"]
    assert whole["p_adjusted"] < 0.001
    assert 0.05 < whole["foretold"] < 0.06  # 2.8 standard errors of two shares near a fifth, of 900 each
    assert not whole["provisional"]
    assert "beyond chance. question did best of 2:" in card.answers[0]
    assert card.experiments.set_index("campaign").loc["subject", "usable"]  # with its hold-out it is a campaign, too


@pytest.mark.wide
def test_where_nothing_was_planted_nothing_comes_back(delivered: Path, tmp_path: Path) -> None:
    """20 % of either: the data cannot tell, and no variant is said to be beyond chance."""
    _, card = answered(delivered, tmp_path / "home", {"plain": 0.20, "question": 0.20, "control": 0.20})
    whole = card.trials.set_index("segment").loc[0]

    assert whole["effect_low"] < 0 < whole["effect_high"]
    assert "cannot tell" in card.answers[0]
    assert "beyond chance" not in card.answers[0]
