"""The packages' doors: what Tab shows, what a stub promises, and what a wrong name is told."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import seglib
from seglib.core import store

ROOT = Path(__file__).resolve().parents[1]
STUBS = sorted((ROOT / "seglib").rglob("__init__.pyi"))
DOORS = [".".join(path.parent.relative_to(ROOT).parts) for path in STUBS]


@pytest.mark.parametrize("door", DOORS)
def test_tab_shows_what_the_door_gives(door):
    """What JupyterLab asks IPython for when somebody types a package, a dot and Tab: its names and nothing else."""
    namespace = {"package": import_module(door)}
    completer = IPCompleter(namespace=namespace, use_jedi=False)
    with provisionalcompleter():
        found = {each.text.removeprefix(".") for each in completer.completions("package.", len("package."))}

    assert {name for name in found if not name.startswith("_")} == set(namespace["package"].__all__)
    assert len(namespace["package"].__all__) > 1


@pytest.mark.parametrize("door", DOORS)
def test_every_name_of_a_door_is_there_and_has_help(door):
    """Each name is a function, a class or a package with a docstring, and no module takes its place once imported."""
    package = import_module(door)
    given = [getattr(package, name) for name in package.__all__]
    modules = {path.stem for path in Path(package.__file__).parent.glob("*.py")}

    assert all((each.__doc__ or "").strip() for each in given)
    assert door == "seglib" or modules & set(package.__all__) == set()


@pytest.mark.parametrize("stub", STUBS, ids=DOORS)
def test_a_stub_lists_what_it_imports(stub):
    """Editors read `__all__` of the stub, we its imports: both say the same."""
    body = ast.parse(stub.read_text()).body
    listed = next(ast.literal_eval(node.value) for node in body if isinstance(node, ast.Assign))
    given = [alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names]

    assert listed == sorted(given)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_what_a_notebook_takes_from_a_package_is_one_of_its_names(path):
    """A name that only a module has is no name of the package, and the report stopped there."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    nodes = [node for cell in cells for node in ast.walk(ast.parse(cell))]
    given = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    taken = [(n.value.id, n.attr) for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    packages = {door.removeprefix("seglib."): import_module(door).__all__ for door in DOORS if door != "seglib"}

    assert [pair for pair in taken if pair[0] in {*packages} - given and pair[1] not in packages[pair[0]]] == []


def test_a_wrong_name_is_told_which_there_are():
    """A typing mistake ends in the names that exist."""
    with pytest.raises(AttributeError, match=r"seglib\.charts has no 'waterfal'; there are answers, audience"):
        _ = seglib.charts.waterfal


def test_a_door_loads_only_what_is_asked_for():
    """Notebook 01 does not pay for the charts of notebook 09."""
    heavy = ["pandas", "sklearn", "seaborn"]
    code = f"import sys; from seglib import charts, methods; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert out.stdout.strip() == "[]"


def test_no_result_hangs_on_the_demo_shop_or_the_course(tmp_path, monkeypatch):
    """A new exercise changes no fingerprint; a new line in a method changes all."""
    package = tmp_path / "seglib"
    for room in ("core", "methods", "demo_shop", "teach"):
        (package / room).mkdir(parents=True)
        (package / room / "one.py").write_text("A = 1")
    monkeypatch.setattr(store, "__file__", str(package / "core" / "store.py"))
    before = store.code_hash()
    (package / "teach" / "two.py").write_text("B = 1")
    (package / "demo_shop" / "one.py").write_text("A = 2")
    same = store.code_hash()
    (package / "methods" / "one.py").write_text("A = 2")

    assert same == before
    assert store.code_hash() != before
