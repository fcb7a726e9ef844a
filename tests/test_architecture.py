"""The sentence of the house, checked on the syntax trees: layers, sizes, notebooks, no forbidden words."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

import seglib
from seglib.core.plan import Plan
from seglib.core.steps import EVERYWHERE, INTAKE, STEPS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "seglib"
MODULES = sorted(PACKAGE.rglob("*.py"))
STEP_ORDER = [step.module for step in STEPS]
LAYERS = [
    "core",
    "disclosure",
    "methods",
    "init",
    *STEP_ORDER,
    "charts",
    "report",
    "demo_shop",
    "teach",
    "verbs",
    "__main__",
]
NOTEBOOKS = [ROOT / "notebooks" / f"{step.name}.ipynb" for step in STEPS]
HEADINGS = ["What we start from", "What we look at", "The choice", "Is it usable", "Hand on", "Questions for the team"]
TYPES = {
    "objectives": "Objectives",
    "collection": "Collection",
    "criteria": "Features",
    "clustering": "Segmentation",
    "personas": "Personas",
    "journeys": "Journeys",
    "content": "ContentPlan",
    "activation": "Audience",
    "evaluation": "Scorecard",
    "refinement": "Refinement",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def layer(dotted: str) -> str | None:
    parts = dotted.split(".")
    return parts[1] if parts[0] == "seglib" and len(parts) > 1 and parts[1] in LAYERS else None


def where(wrong: Callable[[Path], Any], paths: list[Path] = MODULES) -> dict[str, Any]:
    """What is wrong with each module, of those with which anything is."""
    return {name_of(path): found for path in paths if (found := wrong(path))}


def test_imports_point_to_the_same_layer_or_one_to_the_left():
    """core <- disclosure <- methods <- init <- the steps <- charts <- report <- demo shop <- course <- command line."""

    def above(path: Path) -> set[str]:
        here = layer(".".join(path.relative_to(ROOT).with_suffix("").parts))
        rank = LAYERS.index(here) if here else len(LAYERS)
        return {name for name in imported(path) if (to := layer(name)) and LAYERS.index(to) > rank}

    assert len(MODULES) > 100
    assert where(above) == {}


def test_modules_and_functions_are_small():
    """A module has at most 300 lines, a function at most 40."""

    def long(path: Path) -> dict[str, int]:
        lines = path.read_text(encoding="utf-8").count("\n")
        functions = [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        found = {node.name: size for node in functions if (size := _body_lines(node)) > 40}
        return found | ({"the module": lines} if lines > 300 else {})

    assert where(long) == {}


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_methods_know_only_numbers():
    """Disclosure and a method know numpy, pandas, scipy, scikit-learn, statsmodels, errors and rounding; no engine."""
    allowed = {"numpy", "pandas", "scipy", "sklearn", "statsmodels", "threadpoolctl", "seglib", "__future__"}
    ours = ("seglib.methods", "seglib.disclosure", "seglib.core.errors", "seglib.core.steady", "seglib.core.door")

    def foreign(path: Path) -> set[str]:
        roots = {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)
        inside = {name for name in imported(path) if name.startswith("seglib.") and not name.startswith(ours)}
        return (roots - allowed) | (inside - {"seglib.core"})

    assert where(foreign, [each for room in ("disclosure", "methods") for each in (PACKAGE / room).glob("*.py")]) == {}


def test_equal_rows_keep_their_order():
    """A sort by one column is stable: how numpy's usual one orders equals differs from processor to processor."""

    def unstable(path: Path) -> list[int]:
        calls = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
        sorts = [n for n in calls if n.func.attr in {"sort_values", "argsort"} and (n.args or n.keywords)]
        by_one = [n for n in sorts if not (n.args and isinstance(n.args[0], ast.List) and len(n.args[0].elts) > 1)]
        return [n.lineno for n in by_one if "kind" not in {word.arg for word in n.keywords}]

    assert where(unstable) == {}


def test_no_pickle_eval_or_print():
    """Nothing stored can run code, no text is evaluated, nobody prints past the command line."""

    def unsafe(path: Path) -> set[str]:
        calls = {n.func.id for n in ast.walk(tree(path)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        return calls & {"eval", "exec", "print"} | imported(path) & {"pickle", "joblib", "dill", "cloudpickle"}

    assert where(unsafe) == {}


def test_public_names_have_docstrings():
    """Every module, public class and public function says what it is."""

    def bare(path: Path) -> list[str]:
        named = [n for n in tree(path).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        found = [n.name for n in named if not n.name.startswith("_") and not ast.get_docstring(n)]
        return found + ([] if ast.get_docstring(tree(path)) else ["the module"])

    assert where(bare) == {}


def test_importing_seglib_is_light():
    """Importing the package loads no heavy library."""
    heavy = [
        "pandas",
        "sklearn",
        "seaborn",
        "ibis",
        "matplotlib",
        "statsmodels",
        "scipy",
        "duckdb",
        "papermill",
        "nbconvert",
        "pydantic",
    ]
    code = f"import sys, seglib; print([name for name in {heavy!r} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_last_word_is_module_and_type(step):
    """The notebook's last word is a module of seglib that owns the one type it hands on."""
    name = TYPES[step.module]
    home = re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()
    source = ast.unparse(tree(PACKAGE / step.module / f"{home}.py"))

    assert f"class {name}" in source
    assert f"'{step.name}'" in source
    assert name in getattr(seglib, step.module).__all__


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_step_reads_only_the_decisions_it_declares(step):
    """A part of the plan that a step uses is part of its fingerprint, so that a change makes it stale."""
    declared = {*EVERYWHERE, *INTAKE, *step.sections, "title", "major", "model_dump", "load", "parse"}
    place = PACKAGE / step.module
    files = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    used = set()
    for path in files:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
                used |= {node.attr} if owner == "plan" else set()

    assert used & set(Plan.model_fields) <= declared


@cache
def notebook(path: Path):
    return nbformat.read(path, as_version=4)


def code_cells(path: Path):
    return [cell for cell in notebook(path).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_first_code_cell_is_the_typed_parameters(path):
    """Each notebook takes the same three typed, commented parameters."""
    first = code_cells(path)[0]

    assert first.metadata.tags == ["parameters"]
    assert re.findall(r"^(\w+): (\w+) = \S+  # \S", first.source, flags=re.M) == [
        ("study", "str"),
        ("quarter", "str"),
        ("seed", "int"),
    ]


def texts_of(source: str) -> list[str]:
    """String constants of a cell; comments do not count."""
    nodes = ast.walk(ast.parse(source))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_cells_are_small_and_plain(path):
    """At most six lines a cell; no functions, classes, loops, paths or star imports."""
    for cell in code_cells(path):
        forbidden = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda)

        assert len([line for line in cell.source.splitlines() if line.strip()]) <= 6
        assert not any(isinstance(node, forbidden) for node in ast.walk(ast.parse(cell.source)))
        assert "import *" not in cell.source
        assert not any(re.search(r"/|\.csv|\.parquet", text) for text in texts_of(cell.source))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_has_the_same_headings(path):
    """Five headings in one order, and three questions at the end."""
    prose = "\n".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")

    assert re.findall(r"^## (.+)$", prose, flags=re.M) == HEADINGS
    assert len(re.findall(r"^\s*(?:\d\.|[-*]) ", prose.split("## Questions for the team")[1], flags=re.M)) == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_explains_more_than_it_computes(path):
    """Prose outweighs code: at least ten words for each line of code."""
    words = sum(len(cell.source.split()) for cell in notebook(path).cells if cell.cell_type == "markdown")
    lines = sum(len(cell.source.splitlines()) for cell in code_cells(path))

    assert words >= 10 * lines


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_outputs_are_compared_and_small(path):
    """Every notebook keeps outputs that are compared, and stays under 300 KB."""
    compared = [c for c in code_cells(path) if "nbval-check-output" in c.metadata.get("tags", []) and c.outputs]
    kinds = {kind for cell in code_cells(path) for out in cell.outputs for kind in out.get("data", {})}

    assert len(compared) >= 2
    assert path.stat().st_size < 300_000
    assert kinds <= {"text/plain", "text/html", "image/png"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_in_a_notebook_has_alt_text(path):
    """Who cannot see a figure reads what it shows."""
    figures = [o for cell in code_cells(path) for o in cell.outputs if "image/png" in o.get("data", {})]

    assert figures
    assert all(len(figure.metadata["image/png"]["alt"]) > 20 for figure in figures)


def test_O10_nothing_is_unpickled():
    """A model of last quarter is numbers in Parquet and JSON: no module knows a reader that could run code."""
    readers = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "skops"}
    calls = {"read_pickle", "exec", "eval", "to_pickle"}
    used = {(name_of(path), name.split(".")[0]) for path in MODULES for name in imported(path)}
    called = {
        (name_of(path), getattr(node.func, "attr", getattr(node.func, "id", "")))
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    }

    assert len(called) > 1000
    assert [(path, name) for path, name in sorted(used) if name in readers] == []
    assert [(path, name) for path, name in sorted(called) if name in calls] == []


def test_R29_data_and_reports_stay_out_of_the_repository():
    """Sources, runs, keys and reports of any study are ignored; the demo's files and its plan are not."""
    private = ["data/acme/sources/orders.csv", "data/demo/runs/2026Q3/x.json", "reports/acme/2026Q3/index.html"]
    private += [f"data/{study}/private/pseudonym.key" for study in ("demo", "acme")]
    public = ["data/demo/plan.yml", "data/demo/sources/orders.csv", "notebooks/04_clustering.ipynb"]
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", *private, *public], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert sorted(done.stdout.split()) == sorted(private)
