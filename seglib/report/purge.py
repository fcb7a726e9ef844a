"""What a study holds longer than its plan allows goes, kind by kind; everything that stays says why."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from seglib.activation.forget import RECEIPTS, resume
from seglib.activation.house import PARQUET
from seglib.activation.lists import private_text
from seglib.core import store
from seglib.core.ending import CRASH
from seglib.core.errors import Busy, Finding, PrivacyRefused
from seglib.core.exchange import swap
from seglib.core.home import home
from seglib.core.intake.setaside import FOLDER as SET_ASIDE
from seglib.core.leftovers import PURGED, sweep
from seglib.core.plan import Plan
from seglib.core.privacy import private_folder

QUARTER = re.compile(r"\d{4}Q[1-4]")
COMPARED = (0, 1, 2, 4)  # quarters back from the latest one that its report reads
DELIVERY, ENDINGS = "08_activation", (".csv", ".jsonl")
ALWAYS = (
    "the key, the tombstones and the receipts in private/ always stay: without them forgotten people would come back"
)


@dataclass(frozen=True)
class Held:
    """One thing that a study holds, and what becomes of it.

    Parameters
    ----------
    kind : {"results", "deliveries", "reports", "sources", "errors"}
    name : str
        The quarter, or the file below data/.
    path : Path
        Where it lies.
    days : int
        Its age: since the quarter's end, or since the file was written.
    why : str
        Why it goes or stays.
    goes : bool
    """

    kind: str
    name: str
    path: Path
    days: int
    why: str
    goes: bool

    def __str__(self) -> str:
        return f"{'goes' if self.goes else 'stays'}: {self.kind} {self.name}, {self.days:,} days old: {self.why}"


def holdings(data: Path, plan: Plan, today: date) -> list[Held]:
    """List everything with a time of retention that a study holds.

    Parameters
    ----------
    data : Path
        The study's folder.
    plan : Plan
        Its `retention` says how many days of each kind are kept.
    today : date

    Returns
    -------
    list of Held
        By kind and name; what the latest quarter is compared with stays whatever its age.
    """
    runs = {path.name: path for path in sorted((data / "runs").glob("*")) if QUARTER.fullmatch(path.name)}
    latest = plan.quarter(max(runs)) if runs else None
    read = {latest.back(n).text for n in COMPARED} if latest else set()
    sent = {latest.back(n).text for n in (0, 1)} if latest else set()
    needed = {"results": read, "deliveries": sent}
    reports = sorted((home() / "reports" / data.name).glob("*"))
    places: dict[str, list[tuple[str, Path]]] = {
        "results": list(runs.items()),
        "deliveries": [(name, path / DELIVERY) for name, path in runs.items() if _delivered(path / DELIVERY)],
        "reports": [(path.name, path) for path in reports if QUARTER.fullmatch(path.name)],
        "sources": [(f"sources/{p.name}", p) for p in sorted((data / "sources").glob("*")) if p.is_file()]
        + [(f"answers/{p.name}", p) for p in sorted((data / "private" / "answers").glob("*.parquet"))],
        "errors": [(path.name, path) for path in sorted(data.parent.glob(f"{CRASH}-{data.name}-*.txt"))],
    }
    held = []
    for kind, found in places.items():
        most = getattr(plan.retention, f"{kind}_days")
        for name, path in found:
            days = _age(name, path, plan, today)
            goes = most is not None and days > most and name not in needed.get(kind, ())
            held.append(Held(kind, name, path, days, _why(kind, most, days, name in needed.get(kind, ())), goes))
    return held


def _why(kind: str, most: int | None, days: int, is_needed: bool) -> str:
    if most is None:
        return f"retention.{kind}_days sets no end"
    if days <= most:
        return f"kept for {most:,} days"
    if is_needed:
        return "the latest quarter is compared with it"
    return f"more than the {most:,} days of retention.{kind}_days"


def _age(name: str, path: Path, plan: Plan, today: date) -> int:
    """Days since the end of a quarter, or since a file was written; never below 0."""
    if QUARTER.fullmatch(name):
        return max(0, (today - plan.quarter(name).as_of.date()).days)
    return max(0, (today - date.fromtimestamp(path.stat().st_mtime)).days)


def _delivered(folder: Path) -> list[Path]:
    """Files with addresses or ids of other systems, or the shop's own, in the folder of a delivery."""
    return [path for path in sorted(folder.glob("*")) if path.suffix in ENDINGS or path.name == PARQUET]


def purge(data: Path, plan: Plan, today: date, say: Callable[[str], object], dry_run: bool = False) -> tuple[Held, ...]:
    """Remove what is older than the plan keeps it, and say of everything whether it goes or stays, and why.

    Each thing goes by one rename, so that a stop leaves it whole or gone; the next call does the rest. What went is
    noted in private/receipts, in kinds and numbers.

    Parameters
    ----------
    data : Path
        The study's folder.
    plan : Plan
    today : date
    say : callable
        Receives one line at a time.
    dry_run : bool
        Only say what would go.

    Returns
    -------
    tuple of Held
        What went, or would go.

    Raises
    ------
    Busy
        While a report of the study is made.
    """
    with _locked(data):
        held = holdings(data, plan, today)
        for each in held:
            say(str(each))
        say(ALWAYS)
        going = tuple(each for each in held if each.goes)
        if dry_run or not going:
            say(f"nothing was removed: {len(going)} would go" if dry_run else "nothing is older than the plan keeps it")
            return going
        gone = private_folder(data / f"{PURGED}{secrets.token_hex(4)}")
        whole = {each.name for each in going if each.kind == "results"}
        for number, each in enumerate(going):
            if each.kind == "deliveries":
                if each.name not in whole:
                    _without_files(each.path, gone / str(number))
            else:
                _away(each, gone, number)
            if each.kind == "results":
                (data / "private" / SET_ASIDE / f"{each.name}.csv").unlink(missing_ok=True)
        _note(data, going, today)
        shutil.rmtree(gone)
        _draw_list(going)
        say(f"{len(going)} removed; the receipt lies in private/{RECEIPTS}")
        return going


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    lock = FileLock(private_folder(data / "runs") / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(Finding("X19", "a report of this study is being made", do="wait until it is done")) from None
    try:
        resume(data)
        sweep(data)
        yield
    finally:
        lock.release()


def _away(each: Held, gone: Path, number: int) -> None:
    """Take a thing away by one rename; a report on another disk goes by one beside it."""
    if each.kind != "reports":
        each.path.rename(gone / str(number))
        return
    aside = each.path.with_name(f"{PURGED}{secrets.token_hex(4)}")
    each.path.rename(aside)
    shutil.rmtree(aside)


def _without_files(folder: Path, work: Path) -> None:
    """Put a copy of a delivery without its files in its place, with a manifest that fits."""
    receipt = store.read_receipt(folder)
    shutil.copytree(folder, work)
    for path in _delivered(work):
        path.unlink()
    if receipt is not None:
        (work / store.MANIFEST).unlink()
        body = {name: getattr(receipt, name) for name in ("name", "key", "parameters", "rows", "inputs")}
        store.seal(work, body)
    swap(work, folder)


def _note(data: Path, going: tuple[Held, ...], today: date) -> None:
    """Write down what went: quarters by name, files by their number, as a file may be named after a person."""
    quarters = {kind: [e.name for e in going if e.kind == kind] for kind in ("results", "deliveries", "reports")}
    files = {kind: sum(e.kind == kind for e in going) for kind in ("sources", "errors")}
    folder = private_folder(data / "private" / RECEIPTS)
    text = json.dumps({"day": today.isoformat(), "removed": quarters | files}, indent=1)
    private_text(folder / f"purge-{secrets.token_hex(8)}.json", text)


def _draw_list(going: tuple[Held, ...]) -> None:
    if any(each.kind == "reports" for each in going):
        from seglib.report.draw import draw_list

        draw_list()


def refuse_expired(data: Path, plan: Plan, today: date) -> None:
    """Refuse to make a report from files that the plan does not keep so long.

    Raises
    ------
    PrivacyRefused
        R30, with the command that removes them.
    """
    if plan.retention.sources_days is None:
        return
    old = [each for each in holdings(data, plan, today) if each.kind == "sources" and each.goes]
    if old:
        what = f"older than the {plan.retention.sources_days:,} days of retention.sources_days"
        do = f"deliver it anew, or remove it with: seglib purge --study {data.name}"
        raise PrivacyRefused([Finding("R30", what, each.name, found=f"{each.days:,} days", do=do) for each in old])
