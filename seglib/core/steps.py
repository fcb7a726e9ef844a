"""The ten steps: what each reads, which part of the plan it depends on, and what it needs of last quarter."""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = (
    *("study", "timezone", "currency", "money_decimals", "money", "fiscal_year_starts", "quarters", "year_starts"),
    *("engine", "synthetic"),
    "privacy",
)
INTAKE = ("sources", "rates", "lookups", "engagement", "rules", "consent")


@dataclass(frozen=True)
class Step:
    """One notebook of the ten.

    Parameters
    ----------
    name : str
        Name of the notebook without its ending.
    reads : tuple of str
        Earlier steps of the same quarter whose results it uses.
    past : tuple of str
        Steps of the previous quarter whose results it uses when they exist.
    sections : tuple of str
        Parts of the plan it depends on, beside those that every step depends on.
    a_year_ago : tuple of str
        Steps of the same quarter a year ago whose results it uses when they exist.
    two_ago : tuple of str
        Steps of two quarters ago whose results it uses when they exist.
    """

    name: str
    reads: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    a_year_ago: tuple[str, ...] = ()
    two_ago: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Position among the ten, from 1."""
        return int(self.name[:2])

    @property
    def module(self) -> str:
        """Module of seglib that holds its logic: the last word of its name."""
        return self.name.rsplit("_", 1)[1]


STEPS = (
    Step("01_objectives", (), (), ("objectives", "selection", "evaluation", "journeys")),
    Step("02_data_collection", (), ("02_data_collection",), ("data_note",)),
    Step("03_criteria", ("01_objectives", "02_data_collection"), (), ("criteria", "evaluation", "lookups")),
    Step("04_clustering", ("01_objectives", "03_criteria"), ("04_clustering",), ("clustering", "criteria")),
    Step("05_personas", ("02_data_collection", "03_criteria", "04_clustering"), (), ("clustering", "criteria")),
    Step("06_journeys", ("02_data_collection", "04_clustering"), ("04_clustering",), ("journeys", "evaluation")),
    Step(
        "07_personalised_content",
        ("01_objectives", "02_data_collection", "04_clustering", "05_personas", "06_journeys"),
        ("04_clustering",),
        ("content", "journeys", "evaluation", "clustering", "criteria"),
    ),
    Step(
        "08_activation",
        ("02_data_collection", "04_clustering", "07_personalised_content"),
        ("08_activation",),
        ("activation", "content", "journeys", "evaluation", "clustering", "criteria"),
    ),
    Step(
        "09_kpi_evaluation",
        ("01_objectives", "02_data_collection", "04_clustering"),
        ("04_clustering", "08_activation"),
        ("evaluation", "objectives", "journeys", "content"),
        two_ago=("04_clustering",),
    ),
    Step(
        "10_quarterly_refinement",
        ("03_criteria", "04_clustering", "08_activation", "09_kpi_evaluation"),
        ("03_criteria", "04_clustering", "10_quarterly_refinement"),
        ("refinement", "selection", "clustering", "criteria"),
        ("03_criteria",),
    ),
)
BY_NAME = {step.name: step for step in STEPS}
