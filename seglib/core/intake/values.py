"""Text becomes typed columns: strictly, in the engine, and with the line of everything that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ibis

from seglib.core.contract import Column, TableContract
from seglib.core.engine import Engine, Table, trimmed
from seglib.core.errors import EXAMPLES_PER_KIND, Finding
from seglib.core.intake import times
from seglib.core.intake.findings import Fault, Note, check, located
from seglib.core.intake.numbers import KINDS, exact, finer_than, minor, number_fault
from seglib.core.plan import Plan
from seglib.core.sections import Source

MOST_DECIMALS = 4  # the largest money_decimals that a plan may declare
QUICK_DECIMALS = 5  # as many as fit beside thirteen digits into 64 bits, which engines read quickly
TYPES = {
    "id": "string",
    "text": "string",
    "word": "string",
    "time": "timestamp",
    "date": "date",
    "number": "decimal(16, 5)",
    "money": "int64",
}
TURNS = f"[{chr(0x202A)}-{chr(0x202E)}{chr(0x2066)}-{chr(0x2069)}]"  # marks that turn the direction of what follows
CLOCK_CHANGE = "times that a change of clocks skips or shows twice"
CLOCK_RULE = "kept as written; of two equal hours the first is meant; export times with an offset to tell them apart"


@dataclass(frozen=True)
class Texts:
    """A staged table of text, with what governs its reading.

    Parameters
    ----------
    contract : TableContract
        What the columns are.
    table : Table
        Text columns, `source_file`, `source_line`.
    columns : tuple of str
        Columns of the contract that the source has.
    source : Source
        The plan's entry for it.
    plan : Plan
        Money decimals, currency and time zone.
    mixed : tuple of str
        Time columns with and without offsets: refused.
    wall : tuple of str
        Time columns without any offset: what a clock on the wall showed.
    fine : tuple of str
        Numeric columns with more than five decimals somewhere; read exactly to the ninth.
    """

    contract: TableContract
    table: Table
    columns: tuple[str, ...]
    source: Source
    plan: Plan
    mixed: tuple[str, ...] = ()
    wall: tuple[str, ...] = ()
    fine: tuple[str, ...] = ()

    def localised(self, engine: Engine, folder: Path) -> Texts:
        """Bring all times to naive local ISO text."""
        names = [column.name for column in self._having("time", "date")]
        clock = times.Clock(times.zone_of(self.plan.timezone), self.source.date_format)
        table, mixed, wall = times.localise(engine, self.table, names, clock, folder)
        longer = {c.name: self._longer(c.name, QUICK_DECIMALS) for c in self._having("number", "money")}
        fine = self._counted(engine, longer)
        return replace(self, table=table, mixed=tuple(mixed), wall=tuple(wall), fine=tuple(fine))

    def at_clock_changes(self, engine: Engine, last_year: int) -> list[Note]:
        """Count the times of day that a change of clocks skips or shows twice; they are kept as written."""
        spans = times.clock_changes(times.zone_of(self.plan.timezone), last_year)
        names = [column.name for column in self._having("time") if column.name in self.wall]
        if not spans or not names:
            return []
        typed = self.values()
        hits = {name: times.at_change(typed[name], spans).fill_null(False) for name in names}
        notes = []
        for name, count in self._counted(engine, hits).items():
            line = int(engine.scalar(self.table.filter(hits[name]).source_line.min()))
            notes.append(Note("V16", CLOCK_CHANGE, "notice", self.contract.name, count, line, CLOCK_RULE))
        return notes

    def _longer(self, name: str, digits: int) -> Any:
        """Whether a number is written with more than so many decimals; quick, on the text."""
        mark = "," if self.decimal == "," else r"\."
        return self.table[name].re_search(rf"{mark}\d{{{digits}}}\d*[1-9]")

    def _counted(self, engine: Engine, masks: Mapping[str, Any]) -> dict[str, int]:
        """Count where conditions hold, those that hold somewhere only."""
        if not masks:
            return {}
        sums = engine.frame(self.table.aggregate(**{name: m.sum().fill_null(0) for name, m in masks.items()})).iloc[0]
        return {name: int(sums[name]) for name in masks if sums[name]}

    def exact(self, name: str) -> Any:
        """Read a checked number exactly: to five decimals, to nine where the source has more."""
        kind = self.contract.column(name).kind
        return exact(self.table[name], "fine" if name in self.fine else kind, self.decimal)

    def _having(self, *kinds: str) -> list[Column]:
        return [c for c in self.contract.columns if c.name in self.columns and c.kind in kinds]

    @property
    def faults(self) -> dict[str, Any]:
        """Per column, the kind of fault of each row; null where it is sound."""
        found = {
            c.name: number_fault(self.table[c.name], c.kind, self.decimal) for c in self._having("number", "money")
        }
        is_orders = self.contract.name == "orders"
        for c in self._having("time", "date"):
            blank = c.required and is_orders
            text, how = self.table[c.name], self.source.date_format
            found[c.name] = times.fault(text, c.name in self.mixed, how, blank)
        if is_orders:
            found["order_id"] = self._blank("order_id").ifelse("blank id", ibis.null("string"))
        return found

    @property
    def digits(self) -> int:
        """Decimals of money in the source: none where the plan says that amounts of orders are the smallest unit."""
        smallest = self.contract.name == "orders" and self.plan.rules.amounts == "minor"
        return 0 if smallest else self.plan.money_decimals

    @property
    def decimal(self) -> str:
        """The decimal mark of the source."""
        return self.source.csv.decimal

    def _blank(self, name: str) -> Any:
        return self.table[name].isnull() | (trimmed(self.table[name]) == "")

    def check(self, engine: Engine) -> list[Finding]:
        """Find every value that cannot be read as what the contract says."""
        found = check(engine, self.table, self.faults, KINDS | times.KINDS)
        return found if found else self._decimals(engine) + self._currency(engine)

    def _decimals(self, engine: Engine) -> list[Finding]:
        """Find money with more decimals than the plan's currency has."""
        digits = self.digits
        is_share = self.contract.name == "orders" and self.plan.rules.discount == "share"
        priced = [c.name for c in self._having("money") if not (is_share and c.name == "discount")]
        money = {name: self._longer(name, digits) for name in priced}
        suspects = self._counted(engine, money)
        over = self._counted(engine, {name: finer_than(self.exact(name), digits) for name in suspects})
        found: list[Finding] = []
        for name in over:
            needed = self._needed(engine, name)
            if needed <= MOST_DECIMALS or name != "unit_price":
                remedy = f"set money_decimals: {needed}" if needed <= MOST_DECIMALS else "round it in the export"
                remedy = "set rules.amounts: main" if digits < self.plan.money_decimals else remedy
                kind = Fault("V11", f"money with more than {digits} decimals", remedy)
                fault = finer_than(self.exact(name), digits).ifelse("decimals", ibis.null("string"))
                found += located(engine, self.table, fault, {"decimals": kind}, name)
        return found

    def _needed(self, engine: Engine, name: str) -> int:
        """Count the decimals that a money column needs; one more than a plan may declare when it needs too many."""
        digits = range(self.digits + 1, MOST_DECIMALS + 1)
        over = self._counted(engine, {f"d{k}": finer_than(self.exact(name), k) for k in digits})
        return next((k for k in digits if f"d{k}" not in over), MOST_DECIMALS + 1)

    def _currency(self, engine: Engine) -> list[Finding]:
        """Refuse amounts that are not all in the plan's currency."""
        if "currency" not in self.columns:
            return []
        code = trimmed(self.table.currency).upper()
        wanted = self.plan.currency
        fault = ibis.cases(
            (code == wanted, ibis.null("string")),
            (code.re_search("^[A-Z]{3}$"), "other"),
            ((code.fill_null("") == "") & ~self._costs(), ibis.null("string")),
            else_="unknown",
        )
        unknown = {"unknown": Fault("V13", "not a currency code", f"write {wanted}")}
        read = ibis.coalesce(fault, ibis.null("string"))
        no_code = (read == "unknown").ifelse("unknown", ibis.null("string"))
        others = [] if self.plan.rates is not None else self._others(engine, code, read == "other")
        return others + check(engine, self.table, {"currency": no_code}, unknown)

    def _others(self, engine: Engine, code: Any, is_other: Any) -> list[Finding]:
        """Name each other currency once, with its rows and the first of them."""
        rows = self.table.select(code=code, file="source_file", line="source_line", other=is_other)
        rows = rows.filter(rows.other.fill_null(False))
        first = ibis.window(group_by="code", order_by=["file", "line"])
        placed = rows.mutate(place=ibis.row_number().over(first), rows=rows.count().over(group_by="code"))
        listed = engine.frame(
            placed.filter(placed.place == 0).order_by(ibis.desc("rows"), "code").limit(EXAMPLES_PER_KIND)
        )
        do = "name a table of rates (rates: in the plan), convert them in the export, or correct currency"
        what = f"amounts in {{}}, not in {self.plan.currency}"
        return [
            Finding("V12", what.format(r["code"]), r["file"], r["line"], "currency", f"{r['rows']:,} rows", do)
            for r in listed.to_dict("records")
        ]

    def _costs(self) -> Any:
        """Whether a line names any money; a cancelled order may have neither price nor currency."""
        money = [self.exact(name) for name in ("unit_price", "amount") if name in self.columns]
        return ibis.or_(*(value.fill_null(0) != 0 for value in money))

    def filled(self, engine: Engine) -> tuple[tuple[str, ...], list[Note]]:
        """List the columns that hold at least one value, and note those that are all blank."""
        counts = engine.frame(self.table.aggregate(**{name: self.table[name].count() for name in self.columns}))
        blank = [name for name in self.columns if not counts[name].iloc[0]]
        notes = [Note("V21", f"column {name} is all blank", "notice", self.contract.name, 1) for name in blank]
        return tuple(name for name in self.columns if name not in blank), notes

    def values(self) -> dict[str, Any]:
        """Return every column of the contract, typed; null where the source has none."""
        return {c.name: self._typed(c) for c in self.contract.columns}

    def _typed(self, column: Column) -> Any:
        if column.name not in self.columns:
            return ibis.null(TYPES[column.kind])
        text = self.table[column.name]
        bare = trimmed(text).nullif("")
        readers: Mapping[str, Callable[[], Any]] = {
            "id": lambda: bare.isnull().ifelse(ibis.null("string"), text),
            "text": lambda: bare.re_replace(TURNS, ""),
            "word": lambda: bare.lower(),
            "time": lambda: bare.try_cast("timestamp"),
            "date": lambda: bare.try_cast("timestamp").date(),
            "number": lambda: self.exact(column.name).cast(TYPES["number"]),
            "money": lambda: minor(self.exact(column.name), self.digits),
        }
        return readers[column.kind]()

    def typed(self) -> Table:
        """Return the table with all columns of the contract, typed."""
        return self.table.select("source_file", "source_line", **self.values())
