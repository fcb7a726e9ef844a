"""A person is forgotten: out of every result, every file and the next delivery, all at once or not at all."""

from __future__ import annotations

import csv
import io
import json
import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from seglib.activation.deliver import read_details
from seglib.activation.formats import Format
from seglib.activation.house import CSV, PARQUET, SYSTEMS
from seglib.activation.lists import private_text
from seglib.activation.mentions import mentioning
from seglib.activation.used import MANIFESTS, formats_used
from seglib.core import store
from seglib.core.errors import Busy, Finding, InputRefused
from seglib.core.exchange import mend, swap
from seglib.core.forgotten import bury, lookalike_stone, tombstone, tombstones
from seglib.core.intake.identities import CONTACTS, plain
from seglib.core.leftovers import sweep
from seglib.core.plan import Plan
from seglib.core.privacy import load_key, private_file, private_folder, pseudonyms
from seglib.core.sources import answers

JOURNAL, HALF, RECEIPTS = "forget.json", ".forget-", "receipts"
COLUMNS = ("customer", "customer_id")


@dataclass(frozen=True)
class Forgotten:
    """What was done; the receipt names nobody.

    Parameters
    ----------
    number : str
        Random number of the receipt.
    day : str
        Day on which it was done.
    results : tuple of str
        Results that held the person and were written anew.
    rows : int
        Rows taken out of tables and files.
    destinations : tuple of str
        Systems that got the person in an earlier file; they must be told.
    sources : tuple of str
        Delivered files that still name the person; seglib never changes those, and drops the rows when it reads them.
    databases : tuple of str
        Connections whose answer named the person; what was kept of it is removed, and asked for again.
    """

    number: str
    day: str
    results: tuple[str, ...]
    rows: int
    destinations: tuple[str, ...]
    sources: tuple[str, ...]
    databases: tuple[str, ...] = ()

    def text(self) -> str:
        """Say what was done and what is left to do."""
        lines = [f"Forgotten: {self.rows:,} rows left {len(self.results)} results. Receipt {self.number}."]
        if self.destinations:
            lines.append(f"Still to do: tell {', '.join(self.destinations)}, which got the person in an earlier file.")
        if self.sources:
            lines.append(f"Still to do: delete the person in sources/{', sources/'.join(self.sources)}.")
        if self.databases:
            lines.append(f"Still to do: delete the person in the database of {', '.join(self.databases)}.")
        return "\n".join([*lines, "It cannot be undone. Make the report again, so that sums are without the person."])


def forget(data: Path, customer_id: str, day: str, step: Callable[[str], object] = lambda _: None) -> Forgotten:
    """Take a person out of every result of a study, and keep out whoever comes back with this id.

    Parameters
    ----------
    data : Path
        The study's folder.
    customer_id : str
        As delivered.
    day : str
        Day of the receipt, written 2026-10-01.
    step : callable, optional
        Told the name of each step; a test stops there.

    Returns
    -------
    Forgotten

    Raises
    ------
    InputRefused
        P01, when nothing holds this id; an interrupted earlier call is finished first in any case.
    """
    with ExitStack() as locks:
        private_folder(data / "runs")
        locks.enter_context(_locked(data / "runs", "a report of this study"))
        for quarter in sorted((data / "runs").glob("*Q[1-4]")):
            locks.enter_context(_locked(quarter, f"a report of {quarter.name}"))
        return _forget(data, customer_id, day, step)


def _locked(folder: Path, what: str) -> FileLock:
    """Hold the lock under which reports of a study or of a quarter are made."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(Finding("X17", f"{what} is being made", do="wait until it is done, then forget again")) from None
    lock.release()
    return lock


def _forget(data: Path, customer_id: str, day: str, step: Callable[[str], object]) -> Forgotten:
    plan = Plan.load(data / "plan.yml")
    private, key = private_folder(data / "private"), load_key(data / "private", plan.synthetic, plan.study)
    resume(data)
    details = read_details(private, plan.activation.country)
    known_as = _as_delivered(details, customer_id)
    customer = pseudonyms([known_as], key)[0]
    stones = [tombstone(customer, key), lookalike_stone(plain(customer_id), key)]
    person = _person(details, formats_used(data), customer, customer_id, known_as)
    pairs, rows, destinations = _prepare(data, person, step)
    contacts, gone = _without(pq.read_table(private / CONTACTS), person) if (private / CONTACTS).exists() else (None, 0)
    if not pairs and not gone and stones[0] not in tombstones(private):
        _clear(data)
        raise InputRefused(Finding("P01", "no customer with this id", f"study {plan.study}", do="check its spelling"))
    if contacts is not None and gone:
        pq.write_table(contacts, private / f"{HALF}{CONTACTS}")
        private_file(private / f"{HALF}{CONTACTS}")
    results = tuple(f"{target.parent.name}/{target.name}" for _, target in pairs)
    words = [customer_id, known_as, *(word for word in person if "@" in word)]
    sources, answered = mentioning(data / "sources", words), mentioning(private / answers.FOLDER, words)
    asked = answers.forget_in(data, answered)
    receipt = Forgotten(secrets.token_hex(8), day, results, rows + gone, destinations, sources, asked)
    moves = [[work.relative_to(data).as_posix(), target.relative_to(data).as_posix()] for work, target in pairs]
    journal = {"tombstones": stones, "moves": moves, "receipt": asdict(receipt)}
    private_text(private / f".{JOURNAL}", json.dumps(journal))
    step("before the journal")
    (private / f".{JOURNAL}").rename(private / JOURNAL)  # from here on it is done, or finished by the next call
    step("after the journal")
    resume(data, step)
    return receipt


def resume(data: Path, step: Callable[[str], object] = lambda _: None) -> None:
    """Finish an interrupted call that had got as far as its journal, and throw away one that had not."""
    private = data / "private"
    if (private / JOURNAL).is_file():
        journal = json.loads((private / JOURNAL).read_text(encoding="utf-8"))
        bury(journal["tombstones"], private)
        half = private / f"{HALF}{CONTACTS}"
        if half.exists():
            half.replace(private / CONTACTS)
        for work, target in journal["moves"]:
            step(f"before {target}")
            if (data / work).exists():
                swap(data / work, data / target)
        number = journal["receipt"]["number"]
        private_text(private_folder(private / RECEIPTS) / f"{number}.json", json.dumps(journal["receipt"], indent=1))
        _clear(data)
        (private / JOURNAL).unlink()
    _clear(data)


def _clear(data: Path) -> None:
    """Throw away half-made copies, replaced folders and work folders of runs that stopped."""
    for quarter in data.glob("runs/*"):
        mend(quarter)
    for folder in data.glob(f"runs/*/{HALF}*"):
        shutil.rmtree(folder, ignore_errors=True)
    sweep(data)
    for name in (f"{HALF}{CONTACTS}", f".{JOURNAL}"):
        (data / "private" / name).unlink(missing_ok=True)


def _as_delivered(details: pd.DataFrame, customer_id: str) -> str:
    """Give the spelling under which intake knows an id; the given one where none or several are alike."""
    known = details["customer_id"].dropna().astype(str)
    alike = known[known.map(plain) == plain(customer_id)].unique()
    return customer_id if customer_id in alike or len(alike) != 1 else str(alike[0])


def _person(details: pd.DataFrame, forms: Sequence[Format], customer: str, *ids: str) -> frozenset[str]:
    """Collect every value by which a file can name the person; keys shared with somebody else are not theirs alone."""
    own = {customer, *ids}
    theirs, others = details[details["customer"] == customer], details[details["customer"] != customer]
    for cell in (cell for form in forms for cell in form.key_cells):
        made = [{cell.make(str(raw)) for raw in part[cell.value].dropna()} for part in (theirs, others)]
        own |= made[0] - made[1]
    return frozenset(own - {""})


def _prepare(
    data: Path, person: frozenset[str], step: Callable[[str], object]
) -> tuple[list[tuple[Path, Path]], int, tuple[str, ...]]:
    """Copy every result that holds the person, take them out of the copy and seal it."""
    pairs, rows, destinations, forms = [], 0, set(), formats_used(data)
    for target in sorted(path.parent for path in (data / "runs").glob(f"*/*/{store.MANIFEST}")):
        step(f"copying {target.parent.name}/{target.name}")
        counts = {path.name: _rows(path, person) for path in sorted(target.iterdir()) if path.is_file()}
        if not any(counts.values()):
            continue
        work = target.with_name(f"{HALF}{target.name}")
        shutil.copytree(target, work)
        for name, count in counts.items():
            if count:
                _redact(work / name, person)
        given = [(form.title, (form.machine_file, form.closed_file)) for form in forms] + [(SYSTEMS, (CSV, PARQUET))]
        destinations |= {title for title, names in given if any(counts.get(name) for name in names)}
        _mend_manifests(work)
        receipt = asdict(store.read_receipt(target) or store.Receipt("", "", {}, {}, {}, {}, {}))
        for name in ("files", "versions", "sha256"):
            receipt.pop(name)
        (work / store.MANIFEST).unlink()
        tables = {path.stem: pq.read_metadata(path).num_rows for path in work.glob("*.parquet")}
        store.seal(work, receipt | {"rows": {name: tables.get(name, n) for name, n in receipt["rows"].items()}})
        pairs.append((work, target))
        rows += sum(counts.values())
    return pairs, rows, tuple(sorted(destinations))


def _rows(path: Path, person: frozenset[str]) -> int:
    """Count the rows of a file that name the person."""
    if path.suffix == ".parquet":
        return _without(pq.read_table(path), person)[1]
    if path.suffix in (".csv", ".jsonl"):
        return _thinned(path, person)[1]
    return 0


def _redact(path: Path, person: frozenset[str]) -> None:
    if path.suffix == ".parquet":
        pq.write_table(_without(pq.read_table(path), person)[0], path)
    else:
        path.write_text(_thinned(path, person)[0], encoding="utf-8", newline="")


def _without(table: pa.Table, person: frozenset[str]) -> tuple[pa.Table, int]:
    """Leave out the rows whose customer is the person."""
    keep = None
    for name in COLUMNS:
        if name in table.column_names:
            words = table[name].cast(pa.large_string())
            theirs = pc.fill_null(pc.is_in(words, value_set=pa.array(sorted(person), pa.large_string())), False)
            keep = pc.invert(theirs) if keep is None else pc.and_(keep, pc.invert(theirs))
    kept = table if keep is None else table.filter(keep)
    return kept, table.num_rows - kept.num_rows


def _thinned(path: Path, person: frozenset[str]) -> tuple[str, int]:
    """Leave out the lines of a text file in which a cell names the person."""
    text = path.read_bytes().decode("utf-8")
    if path.suffix == ".jsonl":
        lines = [line for line in text.split("\n") if line]
        kept = [line for line in lines if not _values(json.loads(line)) & person]
        return "".join(f"{line}\n" for line in kept), len(lines) - len(kept)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    left = [row for row in rows if not {cell.lstrip("'") for cell in row} & person]
    buffer = io.StringIO()
    end = "\r\n" if "\r\n" in text else "\n"
    if text.startswith('"'):
        csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(left)
    else:
        csv.writer(buffer, lineterminator=end).writerows(left)
    return buffer.getvalue(), len(rows) - len(left)


def _values(row: dict[str, Any]) -> set[str]:
    inner = row.get("row", row)
    return {str(value) for value in inner.values()}


def _mend_manifests(work: Path) -> None:
    """Make the manifests of the exports fit the files again; each holds the format of its files."""
    for path in sorted(work.glob(MANIFESTS)):
        body = json.loads(path.read_text(encoding="utf-8"))
        there = [name for name in body["sha256"] if (work / name).is_file()]  # others went by their time of retention
        body["sha256"] |= {name: store.sha256_file(work / name) for name in there}
        machine = work / body["format"]["machine_file"]
        if machine.is_file():
            lines = machine.read_text(encoding="utf-8").count("\n")
            body["rows"] = lines if machine.suffix == ".jsonl" else lines - 1
        private_text(path, json.dumps(body, indent=1, sort_keys=True) + "\n")
