"""Before any effect is shown: control, contamination, planned sizes in all and in each segment, open windows."""

from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.sections import Evaluation
from seglib.evaluation import campaigns
from seglib.evaluation.health import NO_CONTROL, OPEN, TWICE, check, together


def dealt(sizes: dict[tuple[int, str], int]) -> pd.DataFrame:
    """One row per customer, so many for each segment and arm."""
    return pd.DataFrame([{"segment": s, "arm": a} for (s, a), n in sizes.items() for _ in range(n)])


def test_S11_a_split_that_is_broken_in_one_segment_only_is_found() -> None:
    """Segment 2 got 300 against 500 and segment 1 the other way round: the total looks perfect."""
    rows = dealt({(1, "mail"): 500, (1, "control"): 300, (2, "mail"): 300, (2, "control"): 500, (3, "mail"): 400,
                  (3, "control"): 400})  # fmt: skip
    found = check("c", rows, {}, Evaluation())

    assert found["srm_p"] == 1.0
    assert found["broken"] == (1, 2)


def test_S10_planned_weights_come_from_the_plan() -> None:
    """Ninety to ten is broken where equal groups were planned, and right where nine to one was."""
    rows = dealt({(1, "mail"): 900, (1, "control"): 100})

    assert not check("c", rows, {}, Evaluation())["usable"]
    assert check("c", rows, {}, Evaluation(arms={"mail": 9, "control": 1}))["usable"]


def test_S12_many_customers_in_two_arms_leave_a_description_only() -> None:
    """Five of 105 were in both arms: nobody knows what they were sent."""
    rows = dealt({(1, "mail"): 50, (1, "control"): 50})
    found = check("c", rows, {TWICE: 5}, Evaluation())

    assert not found["usable"]
    assert found["sentence"] == (
        "c: no control - description only. 5 customers were in two arms, so nobody knows what they were sent."
    )


def test_S12_one_customer_in_two_arms_of_many_is_left_out_and_no_more() -> None:
    """Below one in a hundred the comparison stands."""
    assert check("c", dealt({(1, "mail"): 100, (1, "control"): 100}), {TWICE: 1}, Evaluation())["usable"]


def study(days: list[str], segment_of: list[int], buyers: list[bool], arm_of: list[str]):
    """One campaign: when each customer was contacted, in which segment and arm, and whether they ordered."""
    names = [f"c{i:04d}" for i in range(len(days))]
    sent = pd.DataFrame({"customer": names, "campaign": "summer", "arm": arm_of, "sent_at": pd.to_datetime(days)})
    bought = [n for n, yes in zip(names, buyers, strict=True) if yes]
    orders = pd.DataFrame({"customer": ["x", *bought], "ordered_at": pd.Timestamp("2026-07-05"), "amount_minor": 1000})
    labels = ibis.memtable(pd.DataFrame({"customer": names, "segment": segment_of}))
    segments = pd.DataFrame({"segment": [1, 2], "name": ["One", "Two"], "identity": [1, 2]})
    plan = Plan.parse("study: a\nsources: {orders: {file: o.csv}}\nevaluation: {outcome_days: 60}")
    run = SimpleNamespace(plan=plan, quarter=Quarter("2026Q3"), engine=Engine.open(), seed=0)
    tables = SimpleNamespace(contacts=ibis.memtable(sent.assign(cost_minor=0)), orders=ibis.memtable(orders))
    return campaigns.measure(run, tables, SimpleNamespace(labels=labels, segments=segments))


@pytest.fixture(scope="module")
def early():
    """Half of 400 customers still have time to order; the offer doubles the share who do."""
    arms = ["control", "offer"] * 200
    buyers = [(i // 2) % 10 < (6 if arm == "offer" else 3) for i, arm in enumerate(arms)]
    days = ["2026-07-02"] * 200 + ["2026-09-02"] * 200
    return study(days, [1 + i // 2 % 2 for i in range(400)], buyers, arms)


def test_S13_before_the_planned_end_a_campaign_is_provisional_and_has_no_winner(early) -> None:
    """The banner, the share of windows that are over, and no word of a result beyond chance."""
    sentence = early.experiments["sentence"].iloc[0]

    assert early.experiments["complete_share"].tolist() == [0.5]
    assert sentence.startswith("summer: provisional, 50% of the customers have a complete window; no winner yet.")
    assert early.effects["sentence"].str.endswith("provisional, and the interval holds at any look.").all()
    assert early.effects["provisional"].all()


def test_S13_a_provisional_interval_is_wider_than_the_final_one(early) -> None:
    """The same customers with all windows over."""
    arms = ["control", "offer"] * 100
    buyers = [(i // 2) % 10 < (6 if arm == "offer" else 3) for i, arm in enumerate(arms)]
    final = study(["2026-07-02"] * 200, [1 + i // 2 % 2 for i in range(200)], buyers, arms)
    widths = [
        (t.effects["effect_high"] - t.effects["effect_low"])[t.effects["segment"] == 0].iloc[0] for t in (early, final)
    ]

    assert widths[0] > 1.5 * widths[1]


def test_S11_effects_of_a_broken_segment_and_of_the_total_are_not_shown() -> None:
    """Segment 1 got 90 against 30, segment 2 60 against 60 with 60 more controls: neither 1 nor everybody is shown."""
    cells = [("offer", 1, 90), ("control", 1, 30), ("offer", 2, 300), ("control", 2, 330)]
    arms = [arm for arm, _, n in cells for _ in range(n)]
    found = study(
        ["2026-07-02"] * 750, [s for _, s, n in cells for _ in range(n)], [i % 3 == 0 for i in range(750)], arms
    )

    assert found.effects["segment"].tolist() == [2]
    assert "Blocked in One: the groups there do not have the planned sizes" in found.experiments["sentence"].iloc[0]


def test_S18_a_reversal_is_shown_with_a_notice() -> None:
    """In both segments the offer is ahead, in all together behind: the arms' shares differ between segments."""
    cells = [("offer", 1, 90, 27), ("control", 1, 10, 2), ("offer", 2, 10, 9), ("control", 2, 90, 72)]
    arms = [arm for arm, _, n, _ in cells for _ in range(n)]
    segments = [s for _, s, n, _ in cells for _ in range(n)]
    buyers = [i < k for _, _, n, k in cells for i in range(n)]
    rows = pd.DataFrame({"segment": segments, "arm": arms, "converted": buyers, "revenue": 0.0})
    compared = campaigns.effects(rows, "control").set_index("segment")["effect"]

    assert compared[1] > 0 and compared[2] > 0 and compared["all"] < 0
    assert campaigns.pooling_reverses(compared.reset_index())


def test_open_windows_are_named_in_the_notes(early) -> None:
    """How many, and why."""
    assert "200 contacts are left out: their 60 days are not over yet; a later quarter compares them." in early.notes
    assert OPEN == "open"


def test_what_several_campaigns_have_in_common_is_said_once():
    """Three campaigns without a control group are one sentence; an empty one is none."""
    said = {name: f"{name}: {NO_CONTROL}. Remedy." for name in ("a", "VIP: b", "c")} | {"none": "", "d": "d: it works."}
    rows = pd.DataFrame({"campaign": said.keys(), "sentence": said.values()})

    assert together(rows) == (f"a, VIP: b, c: {NO_CONTROL}. Remedy.", "d: it works.")
