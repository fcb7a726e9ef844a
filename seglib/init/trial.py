"""The proof of a proposal: seglib's own intake reads the file with the plan that was written, and says what it got."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from seglib.core.errors import Finding, InputRefused, PrivacyRefused, SegError
from seglib.core.plan import Plan
from seglib.core.quarters import Quarter
from seglib.core.run import Run
from seglib.core.sources.packed import PACKED_TIMES, is_packed, stem_of
from seglib.core.sources.tables import bytes_of
from seglib.init.guess import JOINED_ORDER
from seglib.init.looks import Look
from seglib.init.names import counted
from seglib.init.propose import Proposal
from seglib.init.study import copied

WHOLE_BYTES = 40_000_000  # of the files, up to which all of them are read
MOST_ROWS = 100_000
MOST_MONTHS, MOST_ORDERS, MOST_LINES, MOST_REFUSED = 13, 3, 4, 5
SHOWN = (
    *("order_id", "customer", "ordered_at", "ordered_on", "quantity"),
    *("amount_minor", "list_minor", "gross_minor", "returned_minor"),
)
PLAIN_NUMBER = re.compile(r"(?=.*\d)[\w#/.-]{1,40}")


@dataclass(frozen=True)
class Trial:
    """What intake makes of a file under the proposed plan.

    Parameters
    ----------
    rows : int
        Rows that were read.
    is_whole : bool
        Whether these are all rows.
    months : DataFrame
        month, orders, customers, money_minor; purchases that count.
    aside : DataFrame
        meaning, rows, money_minor of each rule at which lines left.
    lines : DataFrame
        Lines of a few orders.
    refused : tuple of str
        Sentences of what forbids a report; then everything else is empty.
    currency, money_decimals :
        As the plan has them.
    back_minor, alone_minor : int
        What came back of purchases in the file, and refunds for which no purchase was found; neither is below zero.
    is_numbered : bool
        Whether a column numbers the orders.
    """

    rows: int
    is_whole: bool
    currency: str
    money_decimals: int
    months: pd.DataFrame
    aside: pd.DataFrame
    lines: pd.DataFrame
    refused: tuple[str, ...] = ()
    orders: int = 0
    customers: int = 0
    back_minor: int = 0
    alone_minor: int = 0
    is_numbered: bool = True

    def text(self) -> str:
        """Write the proof as lines."""
        if self.refused:
            more = len(self.refused) - MOST_REFUSED
            shown = [*self.refused[:MOST_REFUSED], *([f"and {more} more"] if more > 0 else [])]
            return "\n".join(["To mend before a report, says its own intake:", *(f"  {line}" for line in shown), ""])
        total = self._money(self.months["money_minor"].sum())
        head = f"{counted(self.orders, 'order')} of {counted(self.customers, 'customer')}, {total} {self.currency}"
        part = "" if self.is_whole else f" (the first {self.rows:,} rows)"
        listed = [head, *self._back(), *self._months(), *self._aside(), *self._orders()]
        return "\n".join(
            [f"Proof, as its own intake reads the file with this plan{part}:", *(f"  {s}" for s in listed), ""]
        )

    def _money(self, minor: float) -> str:
        return f"{minor / 10**self.money_decimals:,.{self.money_decimals}f}"

    def _back(self) -> Iterable[str]:
        """What was charged, what came back of it and what was kept."""
        kept = int(self.months["money_minor"].sum())
        if self.back_minor:
            charged, back = self._money(kept + self.back_minor), self._money(self.back_minor)
            yield f"charged for goods {charged}, came back {back}, kept {self._money(kept)}"
        if self.alone_minor:
            yield f"refunds of {self._money(self.alone_minor)} belong to no purchase in the file: they come off nothing"

    def _months(self) -> Iterable[str]:
        left = max(0, len(self.months) - MOST_MONTHS)
        if left:
            yield f"({counted(left, 'earlier month')})"
        for row in self.months.tail(MOST_MONTHS).itertuples(index=False):
            money = self._money(float(str(row.money_minor)))
            orders, customers = counted(int(str(row.orders)), "order"), counted(int(str(row.customers)), "customer")
            yield f"{row.month}: {orders}, {customers}, {money}"

    def _aside(self) -> Iterable[str]:
        for row in self.aside.itertuples(index=False):
            rows = counted(int(str(row.rows)), "row")
            yield f"set aside: {rows}, {self._money(float(str(row.money_minor)))}: {row.meaning}"

    def _orders(self) -> Iterable[str]:
        for number, (order, rows) in enumerate(self.lines.groupby("order_id", sort=False), 1):
            name = str(order) if PLAIN_NUMBER.fullmatch(str(order)) else f"number {number}"
            what = f"order {name}" if self.is_numbered else "an order"
            yield f"{what}, {rows['who'].iloc[0]}, {rows['ordered_on'].iloc[0]:%Y-%m-%d}:"
            for line in rows.head(MOST_LINES).to_dict("records"):
                yield f"    {self._line({str(key): value for key, value in line.items()})}"
            rest = len(rows) - MOST_LINES
            more = f" with {counted(rest, 'line')} more" if rest > 0 else ""
            yield f"    together {self._money(float(rows['amount_minor'].sum()))}{more}"

    def _line(self, line: Mapping[str, Any]) -> str:
        pieces, whole = float(line["quantity"]), float(line["list_minor"])
        text = f"{pieces:g} x {self._money(whole / pieces if pieces else whole)}"
        off, back = float(line["off_minor"]), float(line["returned_minor"])
        text += f" - {self._money(off)} discount" if off else ""
        text += f" - {self._money(back)} back" if back else ""
        return f"{text} = {self._money(float(line['amount_minor']))}"


def prove(proposal: Proposal) -> Trial | None:
    """Take the file in under the proposed plan, in a private folder that is removed afterwards.

    Parameters
    ----------
    proposal : Proposal
        From `propose`, without open columns.

    Returns
    -------
    Trial or None
        None where a column is open, or nothing has a time.
    """
    when = proposal.looks.get(str(proposal.source.columns.get("ordered_at")))
    last = _last(when) if when is not None else None
    if proposal.open or when is None or last is None:
        return None
    with tempfile.TemporaryDirectory(prefix="seglib-init-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        (folder / "sources").mkdir()
        rows, is_whole, source = _files(proposal, folder / "sources")
        last = last if is_whole else _last(replace(when, values=when.values.head(MOST_ROWS)))
        rules = {"empty_weeks_max_share": 1.0, "old_max_share": 1.0}
        plan = Plan.parse(replace(proposal, source=source).plan_text("trial"))
        plan = plan.model_copy(update={"rules": plan.rules.model_copy(update=rules)})
        run = Run("trial", _quarter(last or datetime.min), plan, 0, folder)
        empty = pd.DataFrame({"money_minor": pd.Series(dtype="int64")})
        nothing = Trial(rows, is_whole, plan.currency, plan.money_decimals, empty, empty, empty)
        try:
            return _taken(run, nothing)
        except PrivacyRefused:
            raise
        except SegError as error:
            return replace(nothing, refused=tuple(str(finding) for finding in error.findings))


def told(trial: Trial | None) -> str:
    """Write a proof; nothing where none could be made."""
    return trial.text() if trial is not None else ""


def refuse_unready(trial: Trial | None, command: str) -> None:
    """Refuse, once the plan is written and the proof is told, what a report would refuse.

    Parameters
    ----------
    trial : Trial or None
    command : str
        What makes the report.

    Raises
    ------
    InputRefused
        P05, where anything is to be mended first.
    """
    if trial is not None and trial.refused:
        found, do = counted(len(trial.refused), "thing"), f"mend what is named above, then type: {command}"
        what = "the plan is written, but a report would be refused"
        raise InputRefused(Finding("P05", what, "plan.yml", found=f"{found} to mend", do=do))


def _last(when: Look) -> datetime | None:
    """Last time of a column as the proposed plan has it, in UTC."""
    if when.dates is not None and when.dates.format is None:
        times = pd.to_datetime(when.values.str.strip(), format="ISO8601", utc=True, errors="coerce").max()
    else:
        times = when.times().max()
    return None if pd.isna(times) else times.to_pydatetime().replace(tzinfo=None)


def _quarter(last: datetime) -> Quarter:
    return Quarter("2000Q1").around(last)


def _files(proposal: Proposal, folder: Path) -> tuple[int, bool, Any]:
    """Put the files there where they are small, else the rows that were looked at."""
    files = proposal.sources
    if sum(bytes_of(file) * (PACKED_TIMES if is_packed(file) else 1) for file in files) <= WHOLE_BYTES:
        for file in files:
            copied(file, folder / file.name)
        return 0, True, proposal.source
    parts = {part for name in proposal.source.columns.values() if not isinstance(name, str) for part in name}
    named = {name for name in proposal.source.columns.values() if isinstance(name, str)} | parts
    wanted = {name: look.values.head(MOST_ROWS) for name, look in proposal.looks.items() if name in named}
    wanted = wanted or {name: look.values.head(MOST_ROWS) for name, look in proposal.looks.items()}
    table = pa.table({name: pa.array(values, pa.string(), from_pandas=True) for name, values in wanted.items()})
    name = f"{stem_of(files[0].name)}.parquet"
    pq.write_table(table, folder / name)
    changes = {"file": name, "query": None, "sheet": None, "header": None, "inside": None}
    return len(table), False, proposal.source.model_copy(update=changes)


def _taken(run: Run, trial: Trial) -> Trial:
    """Run the intake and reduce its tables to what is shown."""
    from seglib.core.intake import Intake, take_in

    take_in(run)
    tables = run.read(Intake)
    orders = _measured(run.engine.frame(_shown(tables.orders)))
    month = orders["ordered_on"].astype("datetime64[us]").dt.strftime("%Y-%m")
    measures = {"orders": ("order_id", "nunique"), "customers": ("customer", "nunique")}
    months = orders.groupby(month.rename("month")).agg(**measures, money_minor=("amount_minor", "sum")).reset_index()
    fall = tables.waterfall
    aside = fall.iloc[1:-1]
    aside = aside[aside["rows"] > 0]
    kept, people = int(orders["order_id"].nunique()), int(orders["customer"].nunique())
    measured = replace(trial, months=months, aside=aside, lines=_examples(orders), orders=kept, customers=people)
    returned = run.engine.frame(tables.returns)
    back = [int(-returned.loc[returned["is_matched"] == found, "amount_minor"].sum()) for found in (True, False)]
    is_numbered = run.plan.sources["orders"].columns.get("order_id") != JOINED_ORDER
    rows = int(fall["rows"].iloc[0])
    return replace(measured, rows=rows, back_minor=back[0], alone_minor=back[1], is_numbered=is_numbered)


def _shown(orders: Table) -> Table:
    """Columns of which something is said, exact numbers as floats: a Python object for each cell takes seconds."""
    table = orders.select([name for name in SHOWN if name in orders.columns])
    return table.mutate(**{n: table[n].cast("float64") for n, kind in table.schema().items() if kind.is_decimal()})


def _measured(orders: pd.DataFrame) -> pd.DataFrame:
    """Add list money, discount and what came back, in whichever columns the intake gives them."""
    whole = orders["list_minor"] if "list_minor" in orders else orders["amount_minor"]
    gross = orders["gross_minor"] if "gross_minor" in orders else orders["amount_minor"]
    back = orders.get("returned_minor", 0)
    found = {"list_minor": whole, "off_minor": whole - gross, "returned_minor": back}
    return orders.assign(**found).fillna({"returned_minor": 0})


def _examples(orders: pd.DataFrame) -> pd.DataFrame:
    """Lines of three orders: with several lines, with a discount, with something back, where there are such."""
    each = orders.groupby("order_id", sort=True).agg(
        lines=("order_id", "size"), off=("off_minor", "max"), back=("returned_minor", "max")
    )
    several, off, back = each["lines"].between(2, MOST_LINES), each["off"] > 0, each["back"] > 0
    chosen: list[Any] = []
    for wanted in (several & off, back, off, several, each["lines"] > 0, each["lines"] > 0, each["lines"] > 0):
        chosen += [order for order in each.index[wanted][: len(chosen) + 1] if order not in chosen][:1]
    lines = orders[orders["order_id"].isin(chosen[:MOST_ORDERS])]
    lines = lines.sort_values(["ordered_at", "order_id", "amount_minor"])
    people = {key: f"customer {number}" for number, key in enumerate(lines["customer"].unique(), 1)}
    return lines.assign(who=lines["customer"].map(people))
