"""Exports of known systems: one declarative file each in seglib/systems, recognised by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field

from seglib.core.sections import Section, Sort, State
from seglib.init.names import BRACKETS, plain

Names = tuple[str, ...]
PATH = re.compile(r"\w+(\.\w+)+( \((sum|last|all)\))?")


class Sum(Section):
    """What the documentation says adds up: factors multiplied, less discounts, plus extras, is the total.

    Parameters
    ----------
    money : tuple of str
        Columns that are multiplied: price and quantity, or the money of the line.
    less, plus : tuple of str
        Columns that come off, whatever their sign, and that are added; those that a file lacks are nothing.
    total : str
        Column that it comes to.
    of : {"line", "order"}
        Whether it holds for each row, or for the rows of an order together.
    """

    money: Names
    less: Names = ()
    plus: Names = ()
    total: str
    of: Literal["line", "order"] = "line"


class Made(Section):
    """A column that is made of others.

    Parameters
    ----------
    plus, less : tuple of str
        Columns of numbers that are added and taken off; those that a file lacks are nothing.
    where : str
        Column that must not be 0 or blank; where it is, what is made is 0.
    joined : tuple of str
        Columns of text that are put together, such as the parts of a key.
    """

    plus: Names = ()
    less: Names = ()
    where: str = ""
    joined: Names = ()


class Export(Section):
    """One export of a system, as its file in seglib/systems says.

    Parameters
    ----------
    title : str
        What the system calls the export.
    marks : tuple
        Names of columns that tell this export from others, each with its spellings in other languages.
    least : int
        So many of the marks must be there.
    columns : dict
        Column of the contract to the names that may be it, the first that fits counts; with none, no column is taken.
    rules : dict
        Rules of the plan that follow from the documentation.
    states, kinds : dict
        What the system's own words for states and kinds mean, where the vocabulary does not know better.
    states_beside : tuple of str
        Further columns of states, such as that of the payment, of which the worst counts.
    adds_up : tuple of Sum
        Arithmetic that the rows must bear out, else the rows decide about money.
    made : dict
        Columns that the query of the plan makes of others.
    no_sales : tuple of str
        Columns that are filled on rows that are no sales, such as a reason for the rejection of a line.
    undone_by : dict
        Column to the words of the rows that undo those of `no_sales`: they leave together.
    left_out : dict
        Column to words of it that say that a row is no sale at all, whatever its other states are.
    once : bool
        Whether the money is that of the order, repeated on each of its rows: it counts once.
    always : tuple of str
        Columns that every row fills: where one is blank, the row is a remark, a heading or a sum.
    tests : dict
        Column to words of it that tell a trial from a purchase; how many there are is said.
    unread : tuple of str
        Columns that must not be taken for anything.
    own : tuple of str
        Column of who was paid: the address that is there most often is the shop itself, and no customer.
    knows : tuple of str
        What a careful colleague knows of the export.
    doubts : tuple of str
        What the export cannot tell, and how to find out.
    nobody : str
        What to export instead, where this one names no customer.
    no_orders : str
        What to export instead, where the rows of this one are no orders whatever its columns are.
    """

    title: str
    marks: tuple[Names, ...]
    least: int
    columns: dict[str, Names]
    rules: dict[str, Any] = Field(default_factory=dict)
    states: dict[str, State] = Field(default_factory=dict)
    kinds: dict[str, Sort] = Field(default_factory=dict)
    states_beside: Names = ()
    adds_up: tuple[Sum, ...] = ()
    made: dict[str, Made] = Field(default_factory=dict)
    no_sales: Names = ()
    undone_by: dict[str, Names] = Field(default_factory=dict)
    left_out: dict[str, Names] = Field(default_factory=dict)
    once: bool = False
    always: Names = ()
    tests: dict[str, Names] = Field(default_factory=dict)
    unread: Names = ()
    own: Names = ()
    knows: Names = ()
    doubts: Names = ()
    nobody: str = ""
    no_orders: str = ""


class System(Section):
    """A system, and where its exports are documented: a place to check what its file says, not a proof of it."""

    name: str
    title: str
    source: str
    exports: tuple[Export, ...]


def spelling(name: str) -> str:
    """Write a documented name so that it compares: what lies in something else keeps its path.

    Examples
    --------
    >>> spelling("Paid at"), spelling("line_items.Price")
    ('paidat', 'line_items.price')
    """
    return name.lower() if PATH.fullmatch(name) else plain(name)


@dataclass(frozen=True)
class Known:
    """An export that was recognised.

    Parameters
    ----------
    system, export : System and Export
        What is known of it.
    header : dict
        Plain spelling to column of the file.
    found : int
        Marks that are there.
    """

    system: System
    export: Export
    header: Mapping[str, str]
    found: int

    def names(self, field: str) -> Names:
        """Columns of the file that are a column of the contract, by the documentation."""
        return tuple(dict.fromkeys(c for n in self.export.columns.get(field, ()) if (c := self.column(n))))

    def column(self, name: str) -> str | None:
        """The file's column of a documented name; None where the file has none."""
        return self.header.get(spelling(name))

    @property
    def never(self) -> frozenset[str]:
        """Columns of the contract for which the export has no column."""
        return frozenset(field for field, names in self.export.columns.items() if not names)

    def unread(self) -> Names:
        """Columns of the file that must not be taken for anything."""
        return tuple(column for name in self.export.unread if (column := self.column(name)))

    def own(self) -> Names:
        """Columns of the file that say who was paid."""
        return tuple(column for name in self.export.own if (column := self.column(name)))

    def text(self) -> str:
        """Say which export it is, by how much of its header, and where that is documented."""
        export, system = self.export, self.system
        head = f"this is '{export.title}' of {system.title}, by {self.found} of its columns"
        return f"{head}; what follows about it is to be checked: see {system.source}"


@cache
def systems() -> tuple[System, ...]:
    """Read every system's file, checked.

    Examples
    --------
    >>> [one.title for one in systems() if one.name == "shopify"]
    ['Shopify']
    """
    found = sorted((one for one in (files("seglib") / "systems").iterdir() if one.name.endswith(".yml")), key=str)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C where it is there: a tenth of the time
    return tuple(System.model_validate(yaml.load(one.read_text(encoding="utf-8"), loader)) for one in found)


@cache
def _marked() -> tuple[tuple[System, Export, tuple[frozenset[str], ...]], ...]:
    """Every export with the spellings of its marks: each row of a file's head is asked whether it is a header."""
    exports = [(system, export) for system in systems() for export in system.exports]
    return tuple((system, e, tuple(frozenset(spelling(n) for n in m) for m in e.marks)) for system, e in exports)


def recognise(columns: Iterable[str]) -> Known | None:
    """Tell which system wrote a file, by its column names in any order and case, whatever else it holds.

    Parameters
    ----------
    columns : iterable of str
        Names of the file's columns.

    Returns
    -------
    Known or None
        The export with most marks in the header; None where too few of any are there.

    Examples
    --------
    >>> found = recognise(["NAME", "email", "Financial status", "Lineitem name", "Lineitem price", "Paid at"])
    >>> found.system.title, found.names("unit_price")
    ('Shopify', ('Lineitem price',))
    >>> recognise(["Order ID", "Customer ID", "Order Date", "Quantity", "Price", "Total", "Status"]) is None
    True
    """
    header: dict[str, str] = {}
    for how in (str.lower, plain, lambda name: plain(BRACKETS.sub("", name))):
        for name in columns:
            header.setdefault(how(name), name)
    header.pop("", None)
    found = [
        Known(system, export, header, count)
        for system, export, marks in _marked()
        if (count := sum(not mark.isdisjoint(header) for mark in marks)) >= export.least
    ]
    return max(found, key=lambda one: (one.found, one.found / len(one.export.marks)), default=None)
