"""Speed and memory, measured as ratios inside one run; writes docs/benchmarks.md.

Each figure is a process of its own, and what is compared takes turns, so that a busy machine slows both alike.
Peers are not installed by this project: R's fpc is taken where Rscript is found, the others where LIFETIMES_PYTHON
(lifetimes, pymc-marketing) and RETENTIONEERING_PYTHON (retentioneering, duckdb, pyarrow) name an interpreter.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import nbformat

from seglib.core.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
CRITERIA = [sys.executable, str(Path(__file__).with_name("criteria_10m.py"))]
STABILITY = [sys.executable, str(Path(__file__).with_name("stability_100k.py"))]
CLUSTERBOOT = ["Rscript", str(Path(__file__).with_name("clusterboot.R"))]
LIFETIME, JOURNEYS = (str(Path(__file__).with_name(name)) for name in ("lifetime_200k.py", "journeys_10m.py"))
PEERS = {"lifetimes": "LIFETIMES_PYTHON", "retentioneering": "RETENTIONEERING_PYTHON"}  # interpreters that have them
RUNS, REPORTS = 3, 2
HEAD = f"""# Benchmarks

`make bench` on {os.cpu_count()} cores with Python {platform.python_version()}.
Every run is a process of its own, and what is compared takes turns.
Seconds are medians of {RUNS} runs ({REPORTS} for reports), memory is the largest seen.
Machines differ and other work slows them (load average at the start: {os.getloadavg()[0]:.1f}): read the ratios.

| what | seglib | beside it | ratio | bar |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Took:
    """Wall seconds of a process, and what it wrote."""

    seconds: float
    out: str


def run(command: list[str], **environment: str) -> Took:
    """Run a command as a process of its own."""
    started = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environment}
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return Took(seconds, done.stdout)


def import_rows() -> list[str]:
    """What `import seglib` costs beyond starting Python."""
    commands = [[sys.executable, "-c", code] for code in ("pass", "import seglib")]
    times = [[run(command).seconds for command in commands] for _ in range(9)]
    empty, full = (median(side) for side in zip(*times, strict=True))
    return [f"| `import seglib` | {max(0.0, full - empty):.3f} s | starting Python {empty:.3f} s | | under 0.3 s |"]


def criteria_rows(folder: Path) -> list[str]:
    """Criteria of ten million order lines against the best SQL that we can write by hand."""
    run([*CRITERIA, "generate", str(folder)])
    seen: dict[str, list[dict[str, float]]] = {"seglib": [], "sql": []}
    for _ in range(RUNS):
        for kind, figures in seen.items():
            figures.append(json.loads(run([*CRITERIA, kind, str(folder)]).out))
    ours, sql = seen.values()
    return [
        _row("criteria of 10 million order lines, 500,000 customers: time", ours, sql, "seconds", "at most 2"),
        _row("the same: processor time of all threads", ours, sql, "processor", "at most 2"),
        f"| the same: peak memory | {_peak(ours)} | hand-written SQL {_peak(sql)} | | under 2,000 MB |",
    ]


def stability_rows(folder: Path) -> list[str]:
    """Two to eight segments with 50 pairs of samples each; and six beside R's clusterboot, where R is installed."""
    rows = []
    for customers, bar in ((100_000, "at most 15 s and 1,500 MB"), (1_000_000, "at most twice that")):
        found = json.loads(run([*STABILITY, "full", str(customers)]).out)
        what = f"two to eight segments, 50 pairs of samples each, {customers:,} customers x 8 criteria, all labelled"
        took = f"{found['seconds']:.1f} s, processor {found['processor']:.1f} s, {found['peak_mb']:,.0f} MB"
        rows.append(f"| {what} | {took} | | | {bar} |")
    return rows + (_clusterboot_rows(folder) if shutil.which("Rscript") else ["| clusterboot: R not found | | | | |"])


def _clusterboot_rows(folder: Path) -> list[str]:
    rows = []
    for customers in (5_000, 100_000):
        run([*STABILITY, "generate", str(customers), str(folder)])
        commands = ([*STABILITY, "boot", str(customers), str(folder)], [*CLUSTERBOOT, str(folder / f"{customers}.csv")])
        theirs, ours = zip(*([json.loads(run(c).out) for c in reversed(commands)] for _ in range(RUNS)), strict=True)
        what = f"six segments, 50 bootstrap samples, {customers:,} customers: processor time"
        mine, other = (median(figure["processor"] for figure in side) for side in (ours, theirs))
        rows += [
            f"| {what} | {mine:.2f} s | fpc clusterboot, one start, {other:.2f} s | {mine / other:.2f} | at most 1 |",
            f"| the same: adjusted Rand index with the planted groups | {ours[0]['ours']:.4f} "
            f"| fpc clusterboot {ours[0]['theirs']:.4f} | | not lower |",
        ]
    return rows


def journey_rows(folder: Path) -> list[str]:
    """Transitions, step matrix and funnel per segment; the smaller number of events beside retentioneering."""
    few, many = folder / "few", folder / "many"
    peer = os.environ.get(PEERS["retentioneering"])
    kinds = {"seglib": sys.executable} | ({"peer": peer} if peer else {})
    seen: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for place, events in ((few, 1_000_000), (many, 10_000_000)):
        place.mkdir()
        run([sys.executable, JOURNEYS, "generate", str(place), str(events)])
    for _ in range(RUNS):
        for kind, python in kinds.items():
            seen[kind].append(json.loads(run([python, JOURNEYS, kind, str(few)], RETENTIONEERING_NO_TRACK="1").out))
    large = json.loads(run([sys.executable, JOURNEYS, "seglib", str(many)]).out)
    what = "transitions, step matrix and funnel of 4 segments"
    mine = median(figure["seconds"] for figure in seen["seglib"])
    beside = "retentioneering: not installed | "
    if peer:
        other = median(figure["seconds"] for figure in seen["peer"])
        beside = f"retentioneering {other:.1f} s | {mine / other:.2f}"
    return [
        f"| {what}, 1 million events | {mine:.1f} s | {beside} | at most 0.5 |",
        f"| {what}, 10 million events | {large['seconds']:.1f} s, {large['peak_mb']:,.0f} MB | | | under 2,000 MB |",
    ]


def lifetime_rows() -> list[str]:
    """Purchase model of 200,000 customers, beside lifetimes and pymc-marketing where an interpreter has them."""
    peer = os.environ.get(PEERS["lifetimes"])
    found = [json.loads(line) for line in run([sys.executable, LIFETIME, *([peer] if peer else [])]).out.splitlines()]
    took = {figure["package"]: figure for figure in found}
    rows = []
    for what, key, bar in (("fit", "seconds", 5), ("score", "score_seconds", 2)):
        mine, others = took["seglib"][key], {name: took[name][key] for name in took if name != "seglib"}
        said = ", ".join(f"{name} {other:.2f} s" for name, other in others.items()) or "lifetimes, pymc: not installed"
        ratios = ", ".join(f"{mine / other:.2f}" for other in others.values())
        rows.append(f"| BG/NBD of 200,000 customers: {what} | {mine:.2f} s | {said} | {ratios} | under {bar} s |")
    return rows


def _row(what: str, ours: list[dict[str, float]], sql: list[dict[str, float]], key: str, bar: str) -> str:
    mine, other = (median(figure[key] for figure in side) for side in (ours, sql))
    return f"| {what} | {mine:.1f} s | hand-written DuckDB SQL {other:.1f} s | {mine / other:.2f} | {bar} |"


def _peak(figures: list[dict[str, float]]) -> str:
    return f"{max(figure['peak_mb'] for figure in figures):,.0f} MB"


def plain_script(quarter: str) -> str:
    """The code cells of all ten notebooks as one script."""
    lines = [f'study, quarter, seed = "online_retail", "{quarter}", 0']
    for step in STEPS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{step.name}.ipynb", as_version=4)
        cells = [c for c in notebook.cells if c.cell_type == "code" and "parameters" not in c.metadata.get("tags", [])]
        lines += [cell.source for cell in cells]
    return "\n".join(lines) + "\n"


def report_rows(folder: Path) -> list[str]:
    """The whole report of a real quarter against the same calls in one script, both from the raw file on."""
    home, script = folder / "home", folder / "plain.py"
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shared = os.environ.get("SEGLIB_SHARED_DATA") or str(ROOT.parent / "shared" / "data")
    settings = {"SEGLIB_HOME": str(home), "SEGLIB_SHARED_DATA": shared}
    run([sys.executable, "-m", "seglib", "fetch", "online_retail"], **settings)
    script.write_text(plain_script("2011Q3"), encoding="utf-8")
    report = [sys.executable, "-m", "seglib", "report", "--study", "online_retail", "--quarter", "2011Q3"]
    took: dict[str, list[Took]] = {"plain": [], "report": []}
    for _ in range(REPORTS):
        for kind, command in (("plain", [sys.executable, str(script)]), ("report", report)):
            shutil.rmtree(home / "data" / "online_retail" / "runs", ignore_errors=True)
            took[kind].append(run(command, **settings))
    where = re.findall(r"^ *(\d\d +.*?) +([\d.]+ s)$", took["report"][-1].out, flags=re.MULTILINE)
    ours, plain = (median(one.seconds for one in took[kind]) for kind in ("report", "plain"))
    return [
        f"| report of online_retail 2011Q3, 541,909 order lines | {ours:.1f} s | one plain script {plain:.1f} s "
        f"| {ours / plain:.2f} | at most 2, under 75 s |",
        "",
        "Where the report's time goes; notebooks that do not need each other run two side by side:",
        "",
        *(f"- {' '.join(what.split())}: {seconds}" for what, seconds in where),
    ]


def main() -> None:
    """Measure everything and write the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large = [*criteria_rows(folder), *stability_rows(folder), *journey_rows(folder), *lifetime_rows()]
        rows = "\n".join([*import_rows(), *large, *report_rows(folder)]) + "\n"
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "benchmarks.md").write_text(HEAD + rows, encoding="utf-8")
    sys.stdout.write(rows)


if __name__ == "__main__":
    main()
