"""Tables of figures by a key, such as income by postcode: whose they are, of which day, and for how long they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from seglib.core.contract import TABLES, Column, TableContract
from seglib.core.delivered import Called
from seglib.core.errors import Finding, plan_finding
from seglib.core.origins import Csv, Names, Section, Source, Text, Whole, or_none
from seglib.core.quarters import written_day

if TYPE_CHECKING:
    from seglib.core.plan import Plan
    from seglib.core.sections import Criteria

PREFIX = "lookups."
WORDS = ("id", "word", "text")  # kinds of columns by which figures are looked up


class Lookup(Section):
    """A table from elsewhere that tells attributes of customers by a key that they share, such as their postcode."""

    file: str  # A file of sources/ with the key and the attributes; example: income.csv
    inside: Text = None  # Which file of a zip that holds several is read; example: income.csv
    sheet: Text = None  # Sheet of a workbook; example: Figures
    # Line with the names of the columns, counted from 1; example: 4
    header: Annotated[Annotated[int, Field(ge=1, le=10_000)] | None, BeforeValidator(or_none)] = None
    csv: Csv = Csv()  # How a text file is written
    # Name in the file of the key and of each attribute; example: {postcode: PLZ, income: Median}
    columns: dict[str, Names] = Field(default_factory=dict)
    # Column of customers, and of this file, by which both are joined; example: postcode
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    gives: tuple[str, ...]  # Which of criteria.attributes it tells; example: [income]
    origin: Called  # Who made the figures, which is shown beside them; example: Federal Statistical Office
    vintage: date  # Day of which the figures are; example: 2024-12-31
    licence: Called  # Terms under which they may be used; example: CC BY 4.0
    # Days from its vintage to the quarter's end after which it is said to be old; example: 1100
    max_age_days: Whole = None

    @property
    def source(self) -> Source:
        """The file as a source."""
        return Source(**{name: value for name, value in self if name in Source.model_fields})

    @property
    def said(self) -> str:
        """Whose the figures are, and of which day."""
        return f"{self.origin}, as of {written_day(self.vintage)}"


def given_by(lookups: Mapping[str, Lookup]) -> dict[str, Lookup]:
    """Name the lookup of each attribute that is told by one."""
    return {attribute: lookup for lookup in lookups.values() for attribute in lookup.gives}


def contract_of(plan: Plan, name: str) -> TableContract:
    """Give the columns of a lookup: its key, and its attributes of the kind that the plan says."""
    lookup, own = plan.lookups[name], plan.criteria.attributes
    columns = [
        Column(each, own[each].kind if each in own else "word", f"{each}.", required=True) for each in lookup.gives
    ]
    key = Column(lookup.key, "id", "What the figures are told by.", required=True)
    return TableContract(f"{PREFIX}{name}", "Figures by a key.", (key, *columns), "attributes from elsewhere")


def keys(lookups: Mapping[str, Lookup]) -> tuple[Column, ...]:
    """Give the columns that customers need for their lookups and that no contract has: read, joined, not handed on."""
    names = dict.fromkeys(lookup.key for lookup in lookups.values() if lookup.key not in TABLES["customers"].names)
    return tuple(Column(name, "id", "Key of a lookup; read and not handed on.") for name in names)


def dated(plan: Plan) -> Criteria:
    """Give the criteria of a plan, with whose figures an attribute of a lookup is and of which day in its meaning."""
    told, own = given_by(plan.lookups), dict(plan.criteria.attributes)
    for name in [name for name in own if name in told]:
        meaning = (own[name].meaning or name.replace("_", " ").capitalize()).rstrip(".")
        own[name] = own[name].model_copy(update={"meaning": f"{meaning} ({told[name].said})."})
    return plan.criteria.model_copy(update={"attributes": own})


def faults(plan: Plan) -> Iterator[Finding]:
    """List what cannot hold together in the lookups of a plan."""
    seen: set[str] = set()
    no_keys = {each.name for each in TABLES["customers"].columns if each.personal or each.kind not in WORDS}
    for name, lookup in plan.lookups.items():
        place = f"{PREFIX}{name}"
        if "customers" not in plan.sources:
            do = "add sources.customers.file with the key, or leave the lookup out"
            yield plan_finding("a lookup, but no source for customers", place, do)
        if not lookup.gives:
            do = "name the attributes that it tells, or leave the lookup out"
            yield plan_finding("a lookup that tells nothing", f"{place}.gives", do)
        if lookup.key in no_keys or lookup.key in plan.criteria.attributes:
            do = "name a column that many share, such as postcode, under a name of its own"
            yield plan_finding("not a key for figures of areas", f"{place}.key", do, lookup.key)
        for attribute in lookup.gives:
            if attribute not in plan.criteria.attributes:
                do = f"say what it is: criteria.attributes.{attribute}"
                yield plan_finding("no such attribute", f"{place}.gives", do, attribute)
            if attribute in seen:
                do = "leave it to one of them"
                yield plan_finding("two lookups tell one attribute", f"{place}.gives", do, attribute)
            seen.add(attribute)


def old(lookups: Mapping[str, Lookup], as_of: date) -> tuple[str, ...]:
    """Say which lookups are older at the quarter's end than the plan allows.

    Examples
    --------
    >>> about = {"file": "i.csv", "key": "postcode", "gives": ["income"], "origin": "A bureau", "licence": "CC0"}
    >>> old({"income": Lookup(**about, vintage="2020-12-31", max_age_days=1100)}, date(2026, 10, 1))
    ('income (A bureau, as of 31 December 2020) is 2,100 days old; the plan allows 1,100. Look for newer figures.',)
    """
    ages = {name: (as_of - lookup.vintage).days for name, lookup in lookups.items()}
    return tuple(
        f"{', '.join(one.gives)} ({one.said}) is {ages[name]:,} days old; the plan allows {one.max_age_days:,}. "
        "Look for newer figures."
        for name, one in lookups.items()
        if one.max_age_days is not None and ages[name] > one.max_age_days
    )
