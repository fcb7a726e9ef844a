"""The drafts of the record of processing and of the text for customers say what the plan does, and no more."""

import pytest

from seglib.__main__ import main
from seglib.core.contract import TABLES
from seglib.core.plan import Plan
from seglib.report.record import FILL, forms_of, notice, record

ORDERS = (
    "study: acme\nsources: {orders: {file: o.csv, columns: {customer_id: K, order_id: O, ordered_at: D, amount: A}}"
)
ADS = "activation: {destination: mailchimp, destinations: [google_ads], house: true}\nconsent: {basis: contract}"


def drafts(text: str) -> tuple[str, str]:
    plan = Plan.parse(text)
    return record(plan, forms_of(plan)), notice(plan, forms_of(plan))


def rows_of(text: str, heading: str) -> list[list[str]]:
    """Cells of the table below a heading."""
    part = text.split(f"## {heading}")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"][2:]


def test_R30_the_record_names_the_seven_things_of_article_30():
    """Controller, purposes, whose data and which, recipients, third countries, time limits and security."""
    text, _ = drafts(f"{ORDERS}}}\nconsent: {{basis: legitimate_interest, note: we asked}}")

    assert [f"({letter})" in text for letter in "bcdefg"] == [True] * 6
    assert "(Article 30(1)(a))" in text
    assert "legitimate interest (GDPR, Article 6(1)(f))" in text
    assert "Note of the plan on the basis: we asked" in text


def test_the_record_lists_exactly_the_columns_that_are_read():
    """Those that the plan maps; without a mapping all that the table may have."""
    text, _ = drafts(f"{ORDERS}, consent: {{file: c.csv}}}}")
    rows = rows_of(text, "Whose data")

    assert [row[1] for row in rows if row[0] == "orders"] == ["customer_id", "order_id", "ordered_at", "amount"]
    assert [row[1] for row in rows if row[0] == "consent"] == list(TABLES["consent"].names)


def test_every_destination_is_a_recipient_with_what_it_gets():
    """An advertising platform gets hashes, which counts as sharing, and customers are told how to refuse it."""
    text, told = drafts(f"{ORDERS}, consent: {{file: c.csv}}}}\n{ADS}")
    rows = {row[0]: row[1:] for row in rows_of(text, "Who receives")}

    assert rows["Google Customer Match"][0].startswith("email (hashed), phone (hashed)")
    assert "sharing under the CCPA" in rows["Google Customer Match"][1]
    assert "hashed" not in rows["Mailchimp contact import"][0]
    assert rows["systems of the house"][1] == "service"
    assert "Do not sell or share my personal information" in told
    assert "our choosing a service for you" in told


def test_nothing_is_said_of_what_the_plan_does_not_do():
    """No platform, no house, no margin: no sharing, no service, no sales."""
    text, told = drafts(f"{ORDERS}}}\nconsent: {{basis: contract}}")

    assert "CCPA" not in text
    assert "sell or share" not in told
    assert [row[0] for row in rows_of(text, "Purposes")] == ["segments of customers", "messages: email", "reports"]


def test_without_a_consent_table_no_message_is_said_to_be_agreed_to():
    """Then the files stay empty, and both drafts say that nobody gets anything."""
    text, told = drafts(f"{ORDERS}}}\nconsent: {{basis: contract}}")
    messages = next(row for row in rows_of(text, "Purposes") if row[0] == "messages: email")

    assert messages[2] == "nobody gets anything: the plan has no consent table"
    assert "Only what you have agreed to" not in told
    assert "Nothing by this" in told


@pytest.mark.parametrize(
    ("more", "lot", "some"),
    [
        ("", True, True),
        ("activation: {holdout_share: 0}\n", False, False),
        ("rules: {holdout_arm: universal}\nevaluation: {control_arm: control}\n", False, True),
    ],
)
def test_a_lot_is_told_where_one_is_drawn(more, lot, some):
    """A company's own hold-out is not drawn by lot, and a share of nothing holds nobody out."""
    sources = f"{ORDERS}, consent: {{file: c.csv}}, contacts: {{file: k.csv}}}}"
    text, told = drafts(f"{sources}\nconsent: {{basis: contract}}\n{more}")

    assert ("by lot" in text, "by lot" in told) == (lot, lot)
    assert ("held out" in text, "get nothing for a while" in told) == (some, some)


def test_a_table_in_a_database_is_told_of():
    """With a connection the house's table may travel: no draft says that nothing does."""
    plan = f"{ORDERS}, consent: {{file: c.csv}}}}\n{ADS}"
    without, _ = drafts(plan)
    text, _ = drafts(f"{plan}\nconnections: {{crm: {{uri_env: CRM_DB}}}}")

    assert "write-back" not in without
    assert "Write-back, which a person starts" in text


def test_two_bases_are_not_both_told_to_customers_without_a_choice():
    """A consent table and another basis: a person keeps the one that holds; no basis at all is a place to fill in."""
    _, both = drafts(f"{ORDERS}, consent: {{file: c.csv}}}}\nconsent: {{basis: contract}}")
    text, none = drafts(f"{ORDERS}}}")

    assert f"{FILL} keep the first where the consent table speaks of profiling" in both
    assert f"**Why we may.** {FILL}" in none
    assert rows_of(text, "Purposes")[0][2] == f"{FILL} on what basis"


@pytest.mark.parametrize(
    ("days", "said"), [("90", "90 days"), ("null", f"{FILL} no end is set in the plan (retention)")]
)
def test_time_limits_are_those_of_the_plan(days, said):
    """A limit that is not set is a place to fill in."""
    text, _ = drafts(f"{ORDERS}}}\nconsent: {{basis: contract}}\nretention: {{reports_days: {days}}}")

    assert ["reports", said] in rows_of(text, "How long")


def test_the_verb_writes_both_drafts_and_counts_what_is_left_to_fill_in(capsys, monkeypatch, tmp_path):
    """Into the study's reports; an unknown study is refused as everywhere."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "seglib.toml").write_text("")
    folder = tmp_path / "data" / "acme"
    folder.mkdir(parents=True)
    (folder / "plan.yml").write_text(f"{ORDERS}}}\nconsent: {{basis: contract}}\n")

    assert main(["record", "--study", "acme"]) == 0
    said = capsys.readouterr().out.splitlines()
    text = (tmp_path / "reports" / "acme" / "record_of_processing.draft.md").read_text()
    assert len(said) == 2
    assert f"{text.count(FILL)} places to fill in" in said[0]
    assert main(["record", "--study", "acmee"]) == 2
