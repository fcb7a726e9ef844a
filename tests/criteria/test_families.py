"""Each criterion of the study with everything, against loops over the same rows in pandas."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import criteria

START, AS_OF = pd.Timestamp("2025-10-01"), pd.Timestamp("2026-10-01")


def window(full: SimpleNamespace, table: str, time: str) -> pd.DataFrame:
    """Rows of the window, of customers who are in the features."""
    rows = full.tables[table]
    inside = (rows[time] >= START) & (rows[time] < AS_OF) & rows["customer"].isin(full.frame.index)
    return rows[inside]


def same(found: pd.Series, expected: dict[str, float]) -> None:
    """Compare a criterion with what a loop gave; who is not in the loop's result must be missing."""
    pd.testing.assert_series_equal(
        found.astype("float64"), pd.Series(expected, dtype="float64").reindex(found.index), check_names=False
    )


def test_shares_of_categories(full: SimpleNamespace):
    """Of eight categories the six with most lines; money on each over all money on categories."""
    rows = window(full, "orders", "ordered_at")
    lines = full.tables["orders"].query("ordered_at >= @START and ordered_at < @AS_OF")["category"].value_counts()
    wanted = sorted(lines.index, key=lambda word: (-lines[word], word))[:6]

    assert [n for n in full.frame if n.startswith("spent_on_")] == [f"spent_on_{word}_share" for word in wanted]
    for word in wanted:
        expected = {
            who: bought.loc[bought["category"] == word, "amount_minor"].sum() / bought["amount_minor"].sum()
            for who, bought in rows.groupby("customer")
        }
        same(full.frame[f"spent_on_{word}_share"], expected)


def test_shares_of_order_channels(full: SimpleNamespace):
    """Orders without a channel count neither above nor below the line."""
    rows = window(full, "orders", "ordered_at").dropna(subset="channel")

    for word in "ws":
        expected = {who: (bought["channel"] == word).mean() for who, bought in rows.groupby("customer")}
        same(full.frame[f"orders_by_{word}_share"], expected)


def test_shares_of_session_channels(full: SimpleNamespace):
    """Sessions are counted once per channel, not event by event; who was never there is not known."""
    rows = window(full, "events", "event_at").drop_duplicates(["customer", "channel", "session_id"])
    expected = {who: (seen["channel"] == "x").mean() for who, seen in rows.groupby("customer")}

    same(full.frame["sessions_from_x_share"], expected)


def test_messages_that_were_held_back_were_not_received(full: SimpleNamespace):
    """The control arm got nothing."""
    rows = window(full, "contacts", "sent_at")
    sent = rows[rows["arm"] != "control"].groupby("customer").size()

    same(full.frame["contact_count"], sent.reindex(full.frame.index, fill_value=0).to_dict())


def test_answers_to_messages_come_within_seven_days(full: SimpleNamespace):
    """A visit or an order in the seven days; messages whose seven days are not over do not count."""
    rows = window(full, "contacts", "sent_at").drop_duplicates(["customer", "sent_at"])
    rows = rows[(rows["arm"] != "control") & (rows["sent_at"] + pd.Timedelta(days=7) <= AS_OF)]
    came = pd.concat(
        [
            full.tables["orders"][["customer", "ordered_at"]].set_axis(["customer", "at"], axis=1),
            full.tables["events"][["customer", "event_at"]].set_axis(["customer", "at"], axis=1),
        ]
    )
    expected: dict[str, list[bool]] = {}
    for row in rows.itertuples(index=False):
        after = came[came["customer"] == row.customer]["at"] - row.sent_at
        expected.setdefault(row.customer, []).append(after.between("0s", "7D", inclusive="left").any())

    same(full.frame["message_response_share"], {who: np.mean(hits) for who, hits in expected.items()})


@pytest.mark.parametrize(
    ("item", "codes", "turn"),
    [("calm", [99], lambda a: a), ("bold", [99, 3], lambda a: 6 - a), ("nps", [99], lambda a: a)],
)
def test_the_last_answer_on_the_scale_counts(full: SimpleNamespace, item: str, codes: list[int], turn):
    """99 is a code, 3 is one where the plan says so; a reversed item is turned round."""
    rows = window(full, "feedback", "answered_at")
    rows = rows[(rows["item"] == item) & ~rows["answer"].isin(codes)].sort_values("answered_at")

    same(full.frame[f"{item}_answer"], rows.groupby("customer")["answer"].last().map(turn).to_dict())


def test_straight_lines_need_three_items(full: SimpleNamespace):
    """One and the same answer to calm, bold and kind."""
    rows = window(full, "feedback", "answered_at")
    rows = rows[rows["item"].isin(["calm", "bold", "kind"]) & rows["answer"].between(1, 5)]
    asked = {who: given for who, given in rows.groupby("customer") if given["item"].nunique() == 3}

    assert full.frame["straight_line_flag"].sum() > 1
    same(full.frame["straight_line_flag"], {who: float(given["answer"].nunique() == 1) for who, given in asked.items()})


def test_C5_accounts_add_up_to_their_contacts(full: SimpleNamespace):
    """Each contact carries the account's total; the accounts together are the contacts together."""
    paid = full.frame["monetary_minor"]
    account = full.tables["customers"].set_index("customer")["account_id"].reindex(paid.index)
    rolled = criteria.accounts(full.features, full.collection, full.run)

    same(full.frame["account_paid_minor"], account.dropna().map(paid.groupby(account).sum()).to_dict())
    same(full.frame["account_contact_count"], account.dropna().map(paid.groupby(account).size()).to_dict())
    assert rolled.by_industry["paid_minor"].sum() == rolled.contact_paid_minor == paid[account.notna()].sum()
    assert rolled.by_industry["contacts"].sum() == rolled.contacts == account.notna().sum()
    assert "the accounts add up to the same" in rolled.check()


def test_C2_places_have_at_least_the_floor(full: SimpleNamespace):
    """Two cities are named, and nobody is lost."""
    size = full.frame["place"].value_counts()

    assert size.min() >= full.run.plan.privacy.floor
    assert size.sum() == full.features.customers
    assert sorted(size.index) == ["Ica, North, Peru", "Lima, North, Peru"]


def test_D9_every_column_has_family_role_unit_and_sensitivity(full: SimpleNamespace):
    """Age is protected, an answer is personal, satisfaction is an outcome."""
    rows = full.features.catalogue.set_index("name")

    assert rows[["family", "role", "unit", "sensitivity"]].notna().all(axis=None)
    assert set(rows["family"]) == {"rfm", "behavioural", "geographic", "demographic", "psychographic", "firmographic"}
    assert rows.loc[["age_years", "calm_answer", "order_count"], "sensitivity"].tolist() == [
        "protected", "personal", "ordinary"
    ]  # fmt: skip
    assert rows.loc["nps_answer", "role"] == "outcome"


def test_R22_a_special_category_is_never_computed(full: SimpleNamespace):
    """The item religion is in the answers, not in the features, and the notes say so."""
    assert "religion_answer" not in full.frame.columns
    assert any("religion_answer" in note and "data protection law" in note for note in full.features.notes)


def test_small_levels_are_blank():
    """One count below the floor takes the smallest other one with it."""
    from seglib.criteria.bins import blank

    assert blank(pd.Series([50, 20, 12, 3]), 5).isna().tolist() == [False, False, True, True]
    assert blank(pd.Series([50, 3, 2]), 5).isna().tolist() == [False, True, True]


def test_D4_the_weighted_shares_are_those_of_everybody(full: SimpleNamespace):
    """Response, weights and straight lines of the study with everything."""
    found = criteria.survey(full.features, full.collection, full.run)
    calm = found.items.set_index("item").loc["calm"]

    assert found.respondents == (full.frame["survey_item_count"] > 0).sum()
    assert calm["mean"] == pytest.approx(full.frame["calm_answer"].mean())
    assert calm["outside"] == (window(full, "feedback", "answered_at").query("item == 'calm'")["answer"] == 99).sum()
    assert found.straight == full.frame["straight_line_flag"].sum()


def test_C2_rare_climates_are_named_together(full: SimpleNamespace):
    """Wet and cold have fewer customers than the floor; who tells no region has no climate."""
    size = full.frame["climate"].value_counts()
    there = full.tables["customers"].set_index("customer")["climate"].reindex(full.frame.index)

    assert set(size.index) == {"dry", "elsewhere", "unknown"}
    assert size["elsewhere"] == there.isin(["wet", "cold"]).sum() >= full.run.plan.privacy.floor
    assert size["unknown"] == there.isna().sum()
