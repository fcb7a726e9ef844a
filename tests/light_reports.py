"""Reports whose notebooks take no time, made, killed and made again in processes of their own.

Everything but the computing is the real thing: locks, keys, work folders, manifests, the exchange. Prints one line of
JSON. Called as: light_reports.py what number, where what is ``kills``, ``both``, ``failures`` or ``limits``; the home
is that of SEGLIB_HOME.
"""

import errno
import json
import os
import random
import resource
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat

from seglib.core import run as runs
from seglib.core import store
from seglib.core.ending import exit_code_of
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS
from seglib.report import draw, execute, make
from seglib.report.execute import Executed

Killed = dict[str, int]
STOP_AT: dict[str, str] = {}


def publish(run: Run, name: str) -> None:
    """Hand on a result of one file, as a notebook does."""
    work = store.work_folder(run.work, name)
    (work / store.FACTS).write_text(json.dumps({"step": name, "seed": run.seed}))
    receipt = {"name": name, "key": run.expected_key(name), "parameters": {}, "rows": {}, "inputs": {}}
    store.publish(work, run.folder / name, receipt)


def executed(run: Run, step, work: Path, _: int) -> Executed:
    """Be a notebook: hand on, then be an executed notebook with one sentence."""
    stop("before", step.name)
    publish(run, step.name)
    stop("after", step.name)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_raw_cell(f"{step.name} {run.seed}", id="one")])
    notebook.metadata["seglib"] = {**execute._stamp(run, step), "content": execute.content_hash(notebook)}
    nbformat.write(notebook, work / f"{step.name}.ipynb")
    return Executed(step, work / f"{step.name}.ipynb", 0.0)


def in_warm(_: str, what: str, study: str = "", quarter: str = "", seed: int = 0, more=None) -> None:
    """Read the sources, or draw the pages."""
    if what == "take_in" and more:
        publish(Run.open(study, quarter, seed), INTAKE_STEP)
    if what == "draw":
        run = Run.open(study, quarter, seed)
        (more / "notebooks").mkdir(parents=True)
        for step in STEPS:
            text = execute.executed_path(run, step).read_bytes()
            (more / "notebooks" / f"{step.name}.ipynb").write_bytes(text)
        (more / "index.html").write_text(f"report {seed}")
        store.seal(more, draw._receipt(run))


def stop(when: str, name: str) -> None:
    if {when: name} == STOP_AT:
        os.kill(os.getpid(), signal.SIGKILL)


def prepare() -> None:
    """Take the computing away; the code is hashed once, as it does not change here."""
    code = store.code_hash()
    make.in_warm, make.warm_up, execute.execute = in_warm, lambda: None, executed
    store.code_hash = runs._code = lambda: code


CALLS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.listdir", "os.scandir", "os.utime"}
WRITES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.utime", "fsync"}
KILLS = 12  # of a sweep that make test has time for
FEW = 5  # calls that fail, and sizes beyond which no file may grow, where kills are asked for
FAILURES = ("ENOSPC", "EACCES", "EIO", "EPIPE", "kill")
LASTING = ("ENOSPC", "EACCES")  # a disk stays full, and rights stay away, for everything that writes


class Failing:
    """Lets the n-th call that touches the home fail, or kills the process there; counts where n is 0."""

    def __init__(self, home: Path, number: int, failure: str) -> None:
        self.home, self.number, self.failure, self.count = f"{home.resolve()}{os.sep}", number, failure, 0
        sys.addaudithook(self.hear)
        real = os.fsync
        os.fsync = lambda file: (self.now("fsync", self.home, True), real(file))[1]

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Called by Python before each call of the system."""
        if event in CALLS and given and isinstance(given[0], str | bytes | os.PathLike):
            path = str(Path.cwd() / os.fsdecode(given[0]))
            writes = event in WRITES or (event == "open" and bool(given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)))
            if f"{path}{os.sep}".startswith(self.home) and "seglib-error" not in path:
                self.now(event, path, writes)

    def now(self, event: str, path: str, writes: bool) -> None:
        """Fail if it is time."""
        self.count += 1
        if self.count == self.number and self.failure == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        later = self.failure in LASTING and self.count > self.number and writes
        if self.number and (self.count == self.number or later):
            code = getattr(errno, self.failure)
            raise OSError(code, os.strerror(code), path)


def start(
    seed: int,
    quarter: str = "2026Q3",
    at: dict[str, str] | None = None,
    failing: tuple[Any, ...] | None = None,
    size: int | None = None,
) -> int:
    """Make a report in a fork of this process; it ends with the exit code of the command line.

    `failing` says which call fails, `size` beyond how many bytes no file may grow: writing to an open one fails then.
    """
    child = os.fork()
    if not child:
        STOP_AT.update(at or {})
        devnull = os.open(os.devnull, os.O_WRONLY)
        if failing or size is not None:
            os.dup2(devnull, 2)
        if failing:
            Failing(*failing)
        if size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        os._exit(
            exit_code_of(lambda: make.make_report(Run.open("acme", quarter, seed), lambda _: None), SimpleNamespace())
        )
    return child


def finished(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def whole(home: Path, quarter: str = "2026Q3") -> dict[str, str] | None:
    """Read a published report that is whole; None when there is none."""
    folder = home / "reports" / "acme" / quarter
    if not folder.exists():
        return None
    receipt = store.read_receipt(folder)
    assert receipt is not None
    store.check_files(folder, receipt)
    return {name: (folder / name).read_text() for name in receipt.files}


def litter(home: Path) -> list[str]:
    """Name what an interrupted run left and the next one should have removed."""
    odd = [p.relative_to(home).as_posix() for root in ("data", "reports") for p in (home / root).rglob(".*")]
    return [
        name for name in odd if not name.endswith("lock") and ".sockets" not in name
    ]  # of locks and living processes


def killed(home: Path, seed: int, kill) -> dict[str, int]:
    """Kill one run, look at what is there, make the report again, and compare it with one that nothing disturbed."""
    old = whole(home)
    child = start(seed, **kill) if isinstance(kill, dict) else start(seed)
    if not isinstance(kill, dict):
        time.sleep(kill)
        os.kill(child, signal.SIGKILL)
    code = finished(child)
    found = whole(home)
    again = finished(start(seed))
    new = whole(home)
    wanted = {f"notebooks/{step.name}.ipynb": f"{step.name} {seed}" for step in STEPS}
    same = new is not None and all(text in new[name] for name, text in wanted.items())
    return {
        "killed": code == -signal.SIGKILL,
        "partial": found not in (old, new),
        "not made again": again != 0 or not same,
        "litter": len(litter(home)),
    }


def failed(home: Path, seed: int, number: int, failure: str) -> dict[str, int]:
    """Let one call of one run fail, look at what is there, and make the report again."""
    return disturbed(home, seed, (0, 4) if failure != "kill" else (-signal.SIGKILL,), failing=(home, number, failure))


def disturbed(home: Path, seed: int, codes: tuple[int, ...], **how: Any) -> dict[str, int]:
    """Make a report that is disturbed, look at what is there, and make it again."""
    old = whole(home)
    code = finished(start(seed, **how))
    found = whole(home)
    again = finished(start(seed))
    new = whole(home)
    same = new is not None and all(f"{step.name} {seed}" in new[f"notebooks/{step.name}.ipynb"] for step in STEPS)
    return {
        "partial": found not in (old, new),
        "not made again": again != 0 or not same,
        "not told as trouble": code not in codes,
        "litter": len(litter(home)),
        "stopped": code != 0,
    }


def calls_of(home: Path) -> int:
    """Count the calls of a whole run that touch the home."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        counting = Failing(home, 0, "")
        make.make_report(Run.open("acme", "2026Q3", -2), lambda _: None)
        os.write(writer, str(counting.count).encode())
        os._exit(0)
    os.close(writer)
    finished(child)
    return int(os.read(reader, 20))


def all_failures(home: Path, most: int) -> dict[str, Any]:
    """Let calls fail in each way: every call, or as many as asked, evenly over the run."""
    calls = calls_of(home)
    places = [(n, failure) for n in range(1, calls + 1) for failure in FAILURES]
    step = max(1, len(places) // most) if most else 1
    chosen = places[:: step + 1 - step % 2] if most else places  # an odd step meets each kind of failure
    results = [failed(home, seed, *place) for seed, place in enumerate(chosen, 1)]
    asked = ("partial", "not made again", "not told as trouble", "litter")
    wrong = [place for place, result in zip(chosen, results, strict=True) if any(result[name] for name in asked)]
    told = {name: sum(result[name] for result in results) for name in results[0]}
    return told | {"runs": len(results), "calls": calls, "wrong": wrong[:20]}


def all_limits(home: Path, number: int) -> dict[str, int]:
    """Let no file grow beyond so many sizes, from the largest file of a report down to none."""
    largest = max(path.stat().st_size for path in (home / "reports").rglob("*") if path.is_file())
    sizes = [largest * place // number for place in reversed(range(number))]
    results = [disturbed(home, 10_000 + seed, (0, 4), size=size) for seed, size in enumerate(sizes)]
    return {name: sum(result[name] for result in results) for name in results[0]} | {"runs": len(results)}


def all_kills(home: Path, number: int, seconds: float, chance: random.Random) -> dict[str, int]:
    """Kill runs in each notebook, then at any moment."""
    places = [{"at": {("before", "after")[place % 2]: step.name}} for place, step in enumerate(STEPS)]
    kills = [*places, *(chance.uniform(0, seconds) for _ in range(number - len(places)))]
    results = [killed(home, seed, kill) for seed, kill in enumerate(kills, 1)]
    return {name: sum(result[name] for result in results) for name in results[0]} | {"runs": len(results)}


def undisturbed(home: Path, seed: int, quarter: str) -> dict[str, str] | None:
    assert finished(start(seed, quarter)) == 0
    return whole(home, quarter)


def main() -> None:
    home, what, number = Path(os.environ["SEGLIB_HOME"]), sys.argv[1], int(sys.argv[2])
    prepare()
    make.make_report(Run.open("acme", "2026Q3"), lambda _: None)  # what is loaded once is there in every fork
    began = time.perf_counter()
    assert finished(start(-1)) == 0
    seconds, chance = time.perf_counter() - began, random.Random(number)
    if what == "both":
        quarters = ("2024Q1", "2026Q3")  # neither is the past of the other
        alone = [undisturbed(home, 1, quarter) for quarter in quarters]
        codes = []
        for _ in range(number):
            assert [finished(start(2, quarter)) for quarter in quarters] == [0, 0]
            codes += [finished(child) for child in [start(1, quarter) for quarter in quarters]]
            assert [whole(home, quarter) for quarter in quarters] == alone
        told: dict[str, Any] = {"codes": sorted(set(codes)), "litter": litter(home)}
    elif what == "failures":
        told = all_failures(home, number)
    elif what == "limits":
        told = all_limits(home, number)
    else:
        told = {
            "kills": all_kills(home, number, seconds, chance),
            "failures": all_failures(home, FEW),
            "limits": all_limits(home, FEW),
        }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
