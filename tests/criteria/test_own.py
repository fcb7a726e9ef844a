"""Attributes: columns of the customers table that only this study has."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from seglib.collection import collect
from seglib.core.errors import InputRefused, PrivacyRefused
from seglib.core.intake import take_in
from seglib.core.plan import Plan
from seglib.core.run import Run
from seglib.criteria import Features, compute

ATTRIBUTES = """education: {sensitivity: personal, meaning: Highest degree as stated.}
visits_per_month: {kind: number, family: behavioural, role: segmentation, sensitivity: ordinary}"""
Made = Callable[..., tuple[Features, pd.DataFrame]]


def degree(place: int) -> str:
    """Thirty with one degree, twenty with another, and a rare one for each of ten."""
    return "Master" if place < 30 else " school" if place < 50 else f"rare {place}"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A function from the attributes of a plan to the features of sixty customers, read from files."""

    def make(attributes: str = ATTRIBUTES, more: str = "") -> tuple[Features, pd.DataFrame]:
        folder = tmp_path / "data" / "acme"
        (folder / "sources").mkdir(parents=True)
        monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
        who = range(60)
        orders = "".join(f"K{n},o{n},2026-{7 + n % 3:02d}-{1 + n % 28:02d},{n * 37 % 53 + 5}\n" for n in who)
        facts = "".join(f"K{n},{degree(n)},{n / 4:.2f},{n % 2}\n" for n in who)
        (folder / "sources" / "orders.csv").write_text("customer_id,order_id,ordered_at,amount\n" + orders)
        (folder / "sources" / "customers.csv").write_text("customer_id,Degree,Visits,Creed\n" + facts)
        columns = "{education: Degree, visits_per_month: Visits, creed: Creed}"
        named = ", ".join(part for part in columns.strip("{}").split(", ") if part.split(":")[0] in attributes)
        sources = f"{{orders: {{file: orders.csv}}, customers: {{file: customers.csv, columns: {{{named}}}}}}}"
        own = "\n".join(f"    {line}" for line in attributes.splitlines())
        (folder / "plan.yml").write_text(
            f"study: acme\nconsent: {{basis: contract}}\nsources: {sources}\ncriteria:\n  attributes:\n{own}\n{more}"
        )
        run = Run.open("acme", "2026Q3")
        take_in(run)
        collected = collect(run)
        return compute(collected, run), run.engine.frame(collected.customers)

    return make


def test_a_column_of_ones_own_is_a_criterion(made: Made) -> None:
    """Words and numbers of the file, with what the plan says about them; rare words together, and counted."""
    features, facts = made(more="  use: [recency_days, visits_per_month]\n")
    values = features.values.to_pandas()
    rows = features.catalogue.set_index("name").loc[["education", "visits_per_month"]]

    assert values["education"].value_counts().to_dict() == {"master": 30, "school": 20, "other": 10}
    assert values["visits_per_month"].sum() == pytest.approx(sum(n / 4 for n in range(60)))
    assert rows["role"].tolist() == ["descriptor", "segmentation"]
    assert rows["meaning"].tolist()[0] == "Highest degree as stated."
    assert features.use == ("recency_days", "visits_per_month")
    assert any("education: 10 of its 12 words count as other" in note for note in features.notes)
    assert not {"Degree", "Creed"} & {*facts.columns}


def test_a_new_attribute_makes_intake_again(made: Made) -> None:
    """Its column was not read before."""
    made("education: {}")
    before = Run.open("acme", "2026Q3")
    assert before.is_current("00_intake")
    plan = before.data / "plan.yml"
    plan.write_text(plan.read_text().replace("{education: Degree}", "{education: Degree, visits_per_month: Visits}"))
    plan.write_text(
        plan.read_text().replace("    education: {}", "    education: {}\n    visits_per_month: {kind: number}")
    )

    assert not Run.open("acme", "2026Q3").is_current("00_intake")


def test_R22_a_special_category_of_ones_own_is_never_computed(made: Made) -> None:
    """By its name, or since the plan says so."""
    features, _ = made("creed: {kind: number}\neducation: {sensitivity: special}")

    assert not {"creed", "education"} & {*features.catalogue["name"]}
    assert any("Never computed" in note and "creed" in note and "education" in note for note in features.notes)


def test_R16_a_column_that_tells_customers_apart_is_refused(made: Made) -> None:
    """No word of it is shared by ten customers: a name, an address, a note."""
    with pytest.raises(PrivacyRefused, match="'visits_per_month' tells customers apart: no word of it is shared by 10"):
        made("visits_per_month: {}")


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (
            "customers: {file: c.csv}}\ncriteria: {attributes: {gender: {}}}",
            "'gender' is a column that every study may",
        ),
        ("customers: {file: c.csv}}\ncriteria: {attributes: {age_years: {}}}", "'age_years' is a column that every"),
        ("}\ncriteria: {attributes: {education: {}}}", "attributes, but no source for customers"),
        (
            "customers: {file: c.csv, columns: {education: Degree}}}",
            "customers has no column called 'education'.*; one of your own goes under criteria.attributes",
        ),
        ("customers: {file: c.csv}}\ncriteria: {attributes: {Shoe Size: {}}}", "SEG-P05"),
    ],
)
def test_P05_attributes_that_cannot_be_are_refused(plan: str, sentence: str) -> None:
    """Each with its place and its remedy."""
    with pytest.raises(InputRefused, match=sentence):
        Plan.parse(f"study: a\nsources: {{orders: {{file: o.csv}}, {plan}")


def test_P05_an_attribute_with_the_name_of_a_criterion_is_refused(made: Made) -> None:
    """It would never be seen."""
    with pytest.raises(InputRefused, match=r"a criterion is called 'order_count' already.*sources\.customers\.columns"):
        made("order_count: {kind: number}")
