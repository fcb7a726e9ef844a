"""Speed and memory, measured as ratios inside one run; writes docs/benchmarks.md.

Each figure is a whole process of its own: wall seconds and the largest resident memory that the kernel reports for it.
"""

import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from seglib.core.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
RUNS = 3


def measured(command: list[str], **environment: str) -> tuple[float, float, str]:
    """Run a command as a process of its own; return wall seconds, peak memory in MB and its output."""
    started = time.perf_counter()
    done = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    out, err = done.communicate()
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{err[-2000:]}")
    return seconds, json.loads(out.strip().splitlines()[-1])["peak_mb"] if "peak_mb" in out else 0.0, out


def peak_mb() -> float:
    """Largest resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def criteria_rows(folder: Path) -> list[str]:
    """Criteria of ten million order lines against the best SQL that we can write by hand."""
    measured([sys.executable, str(HERE / "criteria_10m.py"), "generate", str(folder)])
    times: dict[str, list[float]] = {"seglib": [], "sql": []}
    peaks: dict[str, float] = {}
    for _ in range(RUNS):
        for kind in times:
            _, peak, out = measured([sys.executable, str(HERE / "criteria_10m.py"), kind, str(folder)])
            times[kind].append(json.loads(out.strip().splitlines()[-1])["seconds"])
            peaks[kind] = max(peaks.get(kind, 0.0), peak)
    ours, sql = (statistics.median(times[k]) for k in ("seglib", "sql"))
    return [
        f"| criteria of 10 million order lines, 500,000 customers | {ours:.1f} s | hand-written DuckDB SQL {sql:.1f} s "
        f"| {ours / sql:.2f} | at most 2 |",
        f"| the same, peak memory | {peaks['seglib']:,.0f} MB | hand-written SQL {peaks['sql']:,.0f} MB | | under 2,000 MB |",
    ]


def import_row() -> str:
    """What `import seglib` costs beyond starting Python."""
    empty = statistics.median(measured([sys.executable, "-c", "pass"])[0] for _ in range(5))
    full = statistics.median(measured([sys.executable, "-c", "import seglib"])[0] for _ in range(5))
    return f"| `import seglib` | {full - empty:.3f} s | starting Python {empty:.3f} s | | under 0.3 s |"


def plain_script(quarter: str) -> str:
    """The code cells of all ten notebooks as one script."""
    lines = [f'study, quarter, seed = "online_retail", "{quarter}", 0']
    for step in STEPS:
        notebook = nbformat.read(ROOT / "notebooks" / f"{step.name}.ipynb", as_version=4)
        cells = [c for c in notebook.cells if c.cell_type == "code" and "parameters" not in c.metadata.get("tags", [])]
        lines += [cell.source for cell in cells]
    return "\n".join(lines) + "\n"


def report_rows(folder: Path) -> list[str]:
    """The whole report of a real quarter against the same calls in one script."""
    home = folder / "home"
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    settings = {"SEGLIB_HOME": str(home)}
    subprocess.run(
        [sys.executable, "-m", "seglib", "fetch", "online_retail"],
        env={**os.environ, **settings},
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    script = folder / "plain.py"
    script.write_text(plain_script("2011Q3"), encoding="utf-8")
    whole, plain = [], []
    for _ in range(RUNS):
        for times, command in (
            (plain, [sys.executable, str(script)]),
            (whole, [sys.executable, "-m", "seglib", "report", "--study", "online_retail", "--quarter", "2011Q3"]),
        ):
            shutil.rmtree(home / "data" / "online_retail" / "runs", ignore_errors=True)
            times.append(measured(command, **settings)[0])
    steps = json.loads((home / "data/online_retail/runs/2011Q3/seconds.json").read_text(encoding="utf-8"))
    ours, base = statistics.median(whole), statistics.median(plain)
    rows = [
        f"| report of online_retail 2011Q3, 541,909 order lines | {ours:.1f} s | one plain script {base:.1f} s | {ours / base:.2f} "
        "| at most 2, under 75 s |"
    ]
    where = ", ".join(f"{name[:2]} {seconds:.1f}" for name, seconds in steps.items() if name != "all")
    return [*rows, "", f"Seconds per notebook, two side by side: {where}."]


def main() -> None:
    """Measure everything and write the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [import_row(), *criteria_rows(folder), *report_rows(folder)]
    head = [
        "# Benchmarks",
        "",
        f"`make bench` on {os.cpu_count()} cores, Python {platform.python_version()}; medians of {RUNS} runs, each in a process of its own.",
        "Machines differ: read the ratios.",
        "",
        "| what | seglib | beside it | ratio | bar |",
        "|---|---|---|---|---|",
    ]
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join([*head, *rows]) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
