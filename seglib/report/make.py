"""The main job: run what is not current, draw the pages, publish the report in one exchange."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, chdir, contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from seglib.activation.forget import resume
from seglib.core.errors import Busy, EnvironmentTrouble, Finding, InputRefused, SegError
from seglib.core.exchange import mend, swap
from seglib.core.home import home, report_command
from seglib.core.leftovers import BESIDE_REPORTS, sweep
from seglib.core.privacy import private_folder
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS, Step
from seglib.report import execute
from seglib.report.execute import Executed, kernel_environment
from seglib.report.kernels import end_all, in_warm, warm_up
from seglib.report.purge import refuse_expired
from seglib.report.schedule import side_by_side
from seglib.report.sockets import socket_folder
from seglib.report.workbook import installed

SPACE_FACTOR = 3
PAGES = "seglib.report.draw"
Say = Callable[[str], None]


def make_report(run: Run, say: Say, first: int | None = None, cell_seconds: int = execute.CELL_SECONDS) -> Path:
    """Make the report of one quarter; the last good one stays until the new one is complete.

    Parameters
    ----------
    run : Run
        The quarter.
    say : callable
        Receives one line of progress at a time.
    first : int, optional
        Steps before this number must be current and are not run; from it on everything is made anew, the reading of
        the sources too where it is 0. When omitted, what is not current is made.
    cell_seconds : int
        Time limit of a cell.

    Returns
    -------
    Path
        The report's first page.

    Raises
    ------
    SegError
        One sentence; nothing is published then.
    """
    preflight(run)
    refuse_expired(run.data, run.plan, date.today())
    with only_one(run), chdir(home()), workshop(run) as work, _one_engine(run, work):  # papermill's threads change it
        started = time.perf_counter()
        say(f"{run.plan.title or run.study}, {run.quarter.text}")
        run.ask_databases(say)
        refuse_stale(run, max(first or 1, 1))
        before = run.surroundings()
        asked = (run.study, run.quarter.text, run.seed)
        warm_up()
        current = run.is_current(INTAKE_STEP) and first != 0
        with unchanged(run, before):
            in_warm(PAGES, "take_in", *asked, not current)
            say(_line("00", "reading the sources", time.perf_counter() - started, current))
            executed = side_by_side(
                lambda step: _one(run, step, work, say, first is not None and step.number >= first, cell_seconds),
                stop=end_all,
            )
        in_warm(PAGES, "draw", *asked, work / "pages")
        target = home() / "reports" / run.study / run.quarter.text
        swap(work / "pages", target)
        in_warm(PAGES, "draw_list")
        _remember(run, executed, time.perf_counter() - started)
        say(f"   report   {time.perf_counter() - started:7.1f} s in all")
    return target / "index.html"


@contextmanager
def unchanged(run: Run, before: Mapping[str, str]) -> Iterator[None]:
    """Name what changed while the notebooks ran, in the place of what followed from it.

    Raises
    ------
    InputRefused
        F25: a source, the plan or the code is not what it was at the beginning.
    """
    try:
        yield
    except (SegError, OSError):
        _name_change(run, before)
        raise
    _name_change(run, before)


def _name_change(run: Run, before: Mapping[str, str]) -> None:
    after = replace(run, _cache={}).surroundings()
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if changed:
        again = f"wait until nothing writes it, then: {report_command(run.study, run.quarter.text)}"
        what = "changed while the report was made"
        raise InputRefused([Finding("F25", what, name, do=again) for name in changed]) from None


def _one(run: Run, step: Step, work: Path, say: Say, force: bool, cell_seconds: int) -> Executed:
    kept = execute.executed_path(run, step)
    if execute.is_changed(kept):
        say(f"   {step.number:02d} {step.name}.ipynb is not as it was when it had run; it runs again")
        force = True
    if not force and execute.is_current(run, step):
        done = Executed(step, kept, 0.0, reused=True)
    else:
        fresh = execute.execute(run, step, work, cell_seconds)
        private_folder(kept.parent)
        fresh.path.replace(kept)
        done = Executed(step, kept, fresh.seconds)
    say(_line(f"{step.number:02d}", step.name[3:].replace("_", " "), done.seconds, done.reused))
    return done


def _line(number: str, name: str, seconds: float, reused: bool) -> str:
    time_or_word = "  unchanged" if reused else f"{seconds:9.1f} s"
    return f"   {number} {name:<26}{time_or_word}"


def _remember(run: Run, executed: list[Executed], seconds: float) -> None:
    times = {item.step.name: round(item.seconds, 2) for item in executed} | {"all": round(seconds, 2)}
    (run.folder / "seconds.json").write_text(json.dumps(times, indent=1) + "\n", encoding="utf-8")


def refuse_stale(run: Run, first: int) -> None:
    """Refuse to resume from a step when an earlier one is missing or was made from other inputs."""
    for step in STEPS[: first - 1]:
        if not execute.is_current(run, step):
            what = f"cannot start at {first:02d}: {step.name} is missing or was made from other data or decisions"
            remedy = report_command(run.study, run.quarter.text, f"{step.number:02d}")
            raise InputRefused(Finding("X27", what, do=remedy))


def preflight(run: Run) -> None:
    """Find out before any notebook runs whether the report can be written at all.

    Raises
    ------
    EnvironmentTrouble
        When the reports folder cannot be written, the disk is nearly full, or a library for the digest is missing.
    """
    if run.plan.digest:
        installed()
    for folder in (home() / "reports" / run.study, run.folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".probe-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            finding = Finding("X16", "cannot write", _short(folder), found=error.strerror or "", do="mend permissions")
            if error.errno == errno.EROFS:
                finding = replace(finding, do="mount it writable, then run again")
            raise EnvironmentTrouble(finding) from None
    sources = sum(p.stat().st_size for p in (run.data / "sources").glob("*") if p.is_file())
    free = shutil.disk_usage(run.folder).free
    if free < SPACE_FACTOR * sources:
        need = f"need about {SPACE_FACTOR * sources // 2**20} MB, free {free // 2**20} MB"
        raise EnvironmentTrouble(Finding("X17", "disk nearly full", found=need, do="free disk space"))


def _short(path: Path) -> str:
    return path.relative_to(home()).as_posix()


@contextmanager
def only_one(run: Run) -> Iterator[None]:
    """Hold the study's lock and the quarter's; a second run of the study is told who holds it since when.

    What killed runs left behind is removed then, and a `forget` that was killed is finished first.

    Raises
    ------
    Busy
        At once when another run holds the lock.
    """
    private_folder(run.folder)
    places = (run.folder.parent, run.folder)  # first the study's, then the quarter's
    note = run.folder.parent / ".lock.txt"
    with ExitStack() as held:
        for place in places:
            lock = FileLock(place / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                who = note.read_text(encoding="utf-8") if note.exists() else "another process"
                what = f"{run.study if place != run.folder else run.quarter.text} is being written by {who}"
                raise Busy(Finding("X19", what, do="wait until it is done")) from None
            held.callback(lock.release)
        held.callback(note.unlink, missing_ok=True)
        note.write_text(f"pid {os.getpid()} since {time.strftime('%H:%M')}", encoding="utf-8")
        resume(run.data)
        sweep(run.data)
        yield


@contextmanager
def workshop(run: Run) -> Iterator[Path]:
    """Private work folder of one report; what crashed runs left behind is removed first."""
    shutil.rmtree(run.folder / ".work", ignore_errors=True)
    mend(run.folder)
    mend(home() / "reports" / run.study, run.quarter.text)
    sweep(home() / "reports" / run.study, BESIDE_REPORTS)
    work = private_folder(run.folder / ".work") / f"report-{os.getpid()}"
    private_folder(work)
    socket_folder(private_folder(run.folder.parent))
    given = kernel_environment(work)
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    tempfile.tempdir = None  # from here on it is the private one that the environment names
    _quiet_kernels(private_folder(work / "ipython"))
    try:
        yield work
    finally:
        for name, value in before.items():
            _restore(name, value)
        tempfile.tempdir = None
        shutil.rmtree(run.folder / ".work", ignore_errors=True)


def _one_engine(run: Run, work: Path) -> AbstractContextManager[None]:
    """Start what all notebooks of a report compute with; DuckDB needs nothing."""
    if run.plan.engine != "spark":
        return nullcontext()
    from seglib.core import spark

    return spark.shared(work / "spark")


def _quiet_kernels(folder: Path) -> None:
    """Give the kernels a profile without history file and without warnings about their transport."""
    profile = private_folder(folder / "profile_default")
    text = "c = get_config()\nc.IPKernelApp.log_level = 50\nc.HistoryManager.enabled = False\n"
    (profile / "ipython_kernel_config.py").write_text(text, encoding="utf-8")


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
