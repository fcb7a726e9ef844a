"""Reports whose notebooks take no time, made, killed and made again in processes of their own.

Everything but the computing is the real thing: locks, keys, work folders, manifests, the exchange. Prints one line of
JSON. Called as: light_reports.py what number, where what is ``kills`` or ``both``; the home is that of SEGLIB_HOME.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

import nbformat

from seglib.core import run as runs
from seglib.core import store
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


def start(seed: int, quarter: str = "2026Q3", at: dict[str, str] | None = None) -> int:
    """Make a report in a fork of this process."""
    child = os.fork()
    if not child:
        STOP_AT.update(at or {})
        code = 1
        try:
            make.make_report(Run.open("acme", quarter, seed), lambda _: None)
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
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
        told = {"codes": sorted(set(codes)), "litter": litter(home)}
    else:
        places = [{"at": {("before", "after")[place % 2]: step.name}} for place, step in enumerate(STEPS)]
        kills = [*places, *(chance.uniform(0, seconds) for _ in range(number - len(places)))]
        results = [killed(home, seed, kill) for seed, kill in enumerate(kills, 1)]
        told = {name: sum(result[name] for result in results) for name in results[0]} | {"runs": len(results)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
