"""The plan of a study: every human decision, typed and checked, read from plan.yml."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from seglib.core.contract import RATES, SOURCES, Column, TableContract
from seglib.core.delivered import Word
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.home import HAS_MAKE, clone
from seglib.core.lookups import PREFIX, Lookup, contract_of, given_by, keys
from seglib.core.origins import Connection, Rates, or_none
from seglib.core.plan_checks import contradictions
from seglib.core.plan_text import decoded, finding, load_yaml
from seglib.core.quarters import Quarter
from seglib.core.sections import (
    Activation,
    Clustering,
    Consent,
    Content,
    Criteria,
    Evaluation,
    Journeys,
    Objective,
    Privacy,
    Refinement,
    Retention,
    Rules,
    Section,
    Selection,
    Source,
)

SIZE_LIMIT_BYTES = 1_000_000
PLAIN_WORD = re.compile(r"[^\W_]+(?:[-'\u2019][^\W_]+)*")


class Plan(Section):
    """Every human decision of one study.

    Examples
    --------
    >>> plan = Plan.parse("study: acme\\ncurrency: EUR\\nsources: {orders: {file: orders.csv}}")
    >>> plan.clustering.largest_count
    8
    >>> Plan.parse("study: acme\\ncurency: EUR\\nsources: {orders: {file: orders.csv}}")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 unknown key - plan.yml, curency - do: did you mean 'currency'?
    """

    # Name of the study, and of its folder: a-z, 0-9, - and _
    study: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    title: str = ""  # What reports call it
    synthetic: bool = False  # Whether the data are made up, which reports say
    # What must be known about these data; the first page and notebook 02 say it; example: A sample of all baskets.
    data_note: str = ""
    timezone: str = "UTC"  # Time zone of the times in the files, and of the quarter's ends
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"  # ISO 4217 code of the one currency
    money_decimals: Annotated[int, Field(ge=0, le=4)] = 2  # Decimals of its smallest unit that the files hold
    # Which money counts: net (what customers kept) or gross (what they were charged)
    money: Literal["net", "gross"] = "net"
    # Whether amounts hold the tax on sales, which reports say; example: without
    tax: Literal["with", "without", "unsaid"] = "unsaid"
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1  # Month in which the year begins
    quarters: Literal["calendar", "4-4-5"] = "calendar"  # Quarters of months, or of 4, 4 and 5 weeks; example: 4-4-5
    # First day of each year of weeks, for 4-4-5; example: {2026: 2026-02-01}
    year_starts: dict[int, date] = Field(default_factory=dict)
    engine: Literal["duckdb", "spark"] = "duckdb"  # What computes: DuckDB, or Apache Spark; example: spark
    digest: bool = False  # Whether a report comes with its first page as PDF and its tables as Excel; example: true
    # Databases that sources ask, by name; example: {shop: {driver: postgresql, uri_env: SHOP_DB}}
    connections: dict[str, Connection] = Field(default_factory=dict)
    # Where each table comes from; only orders are required; example: {orders: {file: orders.csv}}
    sources: dict[str, Source]
    # Rates by day for amounts in other currencies; example: {file: rates.csv, origin: European Central Bank}
    rates: Annotated[Rates | None, BeforeValidator(or_none)] = None
    # Tables from elsewhere that tell attributes of customers by a key; example: {income: {file: income.csv,
    # key: postcode, gives: [income], origin: A bureau, vintage: 2024-12-31, licence: CC0}}
    lookups: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Lookup] = Field(default_factory=dict)
    # Attributes of numbers that the table engagement tells, each of a channel; example: {youtube_interactions: youtube}
    engagement: dict[str, Word] = Field(default_factory=dict)
    rules: Rules = Rules()  # What order lines mean
    consent: Consent = Consent()  # On what basis customers are profiled
    privacy: Privacy = Privacy()  # What a report may show
    retention: Retention = Retention()  # How long things are kept
    # Goals; example: [{name: Keep customers, metric: retention_share, change_share: 0.05}]
    objectives: tuple[Objective, ...] = ()
    selection: Selection = Selection()  # What a segment must fulfil to be acted on
    criteria: Criteria = Criteria()  # What describes customers
    clustering: Clustering = Clustering()  # How segments are made
    journeys: Journeys = Journeys()  # Stages of the lifecycle
    content: Content = Content()  # Offers, messages, budget
    activation: Activation = Activation()  # Hold-out, destinations, service
    evaluation: Evaluation = Evaluation()  # How results are measured
    refinement: Refinement = Refinement()  # When segments are kept, refitted or retired

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Read a plan from YAML text.

        Parameters
        ----------
        text : str
            The content of plan.yml. Every scalar is text until the field's own type reads it, so ``no`` is a country
            and ``0123`` an id.

        Raises
        ------
        InputRefused
            With one finding per wrong place.
        """
        values = load_yaml(text)
        try:
            plan = cls.model_validate(values)
        except ValidationError as error:
            raise InputRefused([finding(dict(item), cls) for item in error.errors()]) from None
        unknown = [name for name in plan.sources if name not in SOURCES]
        if unknown or "orders" not in plan.sources:
            what = f"no table called '{unknown[0]}'" if unknown else "no source for orders"
            remedy = nearest(unknown[0], SOURCES) if unknown else "add sources.orders.file"
            raise InputRefused(Finding("P05", what, "plan.yml, sources", do=remedy))
        plan._refuse_patterns()
        plan._refuse_years()
        if found := contradictions(plan):
            raise InputRefused(found)
        return plan

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read plan.yml; InputRefused when it is missing or wrong."""
        if not path.is_file():
            study, init = path.parent.name, "seglib init my_orders.csv --study "
            if clone() in path.resolve().parents:
                init = "make init FILE=my_orders.csv STUDY=" if HAS_MAKE else f"python -m {init}"
            remedy = f"make it with: {init}{study}"
            remedy = "bring it back with: seglib sample" if study == "demo" else remedy
            raise InputRefused(Finding("F01", "no plan for this study", path.name, do=remedy))
        if path.stat().st_size > SIZE_LIMIT_BYTES:
            raise InputRefused(Finding("P06", "plan larger than 1 MB", path.name, do="keep decisions only"))
        return cls.parse(decoded(path.read_bytes()))

    def _refuse_years(self) -> None:
        """Quarters of weeks need the first day of a year; a year has 52 or 53 whole weeks."""
        place, years = "plan.yml, year_starts", sorted(self.year_starts.items())
        if (self.quarters == "4-4-5") != bool(years) or (years and self.fiscal_year_starts != 1):
            what = "quarters: 4-4-5, year_starts and fiscal_year_starts do not fit together"
            do = "write quarters: 4-4-5 with year_starts: {2026: 2026-02-01}, or fiscal_year_starts alone"
            raise InputRefused(Finding("P05", what, place, do=do))
        for (year, first), (later, then) in pairwise(years):
            weeks, rest = divmod((then - first).days, 7)
            if rest or not 52 * (later - year) <= weeks <= 53 * (later - year):
                what = f"from the start of {year} to that of {later} must be whole years of 52 or 53 weeks"
                raise InputRefused(Finding("P05", what, place, found=f"{(then - first).days} days", do="correct a day"))

    def contract(self, table: str) -> TableContract:
        """Give the contract of a table: that of the customers has the study's own attributes too.

        Examples
        --------
        >>> sources = "sources: {orders: {file: o.csv}, customers: {file: c.csv}}"
        >>> plan = Plan.parse(f"study: a\\n{sources}\\ncriteria: {{attributes: {{education: {{}}}}}}")
        >>> plan.contract("customers").names[-2:]
        ('valid_from', 'education')
        """
        if table.startswith(PREFIX):
            return contract_of(self, table.removeprefix(PREFIX))
        elsewhere = {*given_by(self.lookups), *self.engagement}
        own = self.criteria.attributes.items() if table == "customers" else ()
        columns = tuple(Column(name, each.kind, each.meaning) for name, each in own if name not in elsewhere)
        columns += keys(self.lookups) if table == "customers" else ()
        known = RATES if table == RATES.name else SOURCES[table]
        return replace(known, columns=(*known.columns, *columns))

    def quarter(self, text: str) -> Quarter:
        """Give a quarter of this study's calendar; InputRefused when it is not written like 2026Q3."""
        return Quarter(text, self.fiscal_year_starts, tuple(sorted(self.year_starts.items())))

    def _refuse_patterns(self) -> None:
        """Themes of comments are counted by whole words, so that nobody has to read or trust an expression."""
        for theme, words in self.evaluation.themes.items():
            wrong = next((word for word in (theme, *words) if not PLAIN_WORD.fullmatch(word)), None)
            if wrong is not None or not words:
                what, place = "a theme is a name and a list of plain words", f"plan.yml, evaluation.themes.{theme}"
                found, do = wrong or "no word", "write single words of letters, digits, hyphens and apostrophes"
                raise InputRefused(Finding("P09", what, place, found=found[:40], do=do))

    def major(self, minor: float) -> float:
        """Turn integer minor units into the currency's main unit.

        Examples
        --------
        >>> Plan.parse("study: a\\nsources: {orders: {file: o.csv}}").major(1250)
        12.5
        """
        return minor / float(10**self.money_decimals)
