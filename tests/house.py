"""What a newcomer has to learn, counted on the syntax trees: printed by `make house`."""

import ast
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "seglib"
MODULES = sorted(PACKAGE.rglob("*.py"))
SENTENCES = frozenset(
    ["because", "caution", "lead", "note", "notes", "proposal", "said", "sentence", "summary", "told", "verdict", "why"]
)  # attributes, columns and variables that hold a sentence of ours
READS = frozenset(["contains", "endswith", "extract", "findall", "fullmatch", "match", "search", "split", "startswith"])
READS |= {"sub", "partition", "removeprefix", "removesuffix", "rpartition", "rsplit"}
LAZY = re.compile(r"^def __getattr__", re.MULTILINE)


class Named(NamedTuple):
    """A public name on the top level of a module."""

    module: str
    name: str
    kind: str


class Use(NamedTuple):
    """Where a name is used: file, and whether that is a test, a notebook, a page of text, or the package."""

    place: str
    kind: str


@cache
def tree(path: Path) -> ast.Module:
    """Read a file of Python."""
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(path: Path) -> str:
    """Name a file as its module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def public(path: Path) -> Iterator[Named]:
    """Give the functions, classes and constants of a module whose name begins with a letter."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found = {node.name: "function" if isinstance(node, ast.FunctionDef) else "class"}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            found = dict.fromkeys(names, "constant")
        else:
            continue
        yield from (Named(dotted(path), name, kind) for name, kind in found.items() if not name.startswith("_"))


def _used(body: ast.AST, here: str) -> Iterator[tuple[str, str]]:
    """Give module and name of everything that a file uses; an attribute counts for each module of its last word."""
    whence: dict[str, set[tuple[str, str]]] = defaultdict(set)  # two functions may import one name from two modules
    for node in ast.walk(body):
        if isinstance(node, ast.ImportFrom) and (node.module or node.level):
            module = _absolute(node, here)
            for each in node.names:
                whence[each.asname or each.name].add((module, each.name))
            yield from ((module, each.name) for each in node.names if each.asname == each.name)
        elif isinstance(node, ast.Import):
            for each in node.names:
                whence[each.asname or each.name.split(".")[0]].add((each.name, ""))
    for node in ast.walk(body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from whence.get(node.id, {(here, node.id)})
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whence:
            yield from ((f"{module}.{name}".rstrip("."), node.attr) for module, name in whence[node.value.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            yield node.value.attr, node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield "", node.value


def _absolute(node: ast.ImportFrom, here: str) -> str:
    if not node.level:
        return node.module or ""
    base = here.split(".")[: len(here.split(".")) - node.level]
    return ".".join([*base, *filter(None, [node.module])])


def _texts() -> Iterator[tuple[str, str, ast.AST]]:
    """Give what could use a name: name of the file, its kind, its tree."""
    for path in MODULES:
        yield dotted(path), "package", tree(path)
    for path in sorted(PACKAGE.rglob("*.pyi")):
        yield f"{dotted(path)}.stub", "door", tree(path)
    for path in [*sorted((ROOT / "tests").rglob("*.py")), ROOT / "conftest.py"]:
        yield path.stem, "test", tree(path)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        yield path.stem, "notebook", ast.parse(code)
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        if path.stem not in {"api", "faults", "codes"}:
            for code in re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL):
                yield path.stem, "page", _parsed(code)


def _parsed(code: str) -> ast.AST:
    try:
        return ast.parse("\n".join(re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in code.splitlines()))
    except SyntaxError:
        return ast.Module([], [])


@cache
def uses() -> dict[tuple[str, str], list[Use]]:
    """Find every use of every public name: (module, name) -> where; its own definition does not count."""
    known = {(each.module, each.name) for path in MODULES for each in public(path)}
    doors = _doors()
    by_last: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    by_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for module, name in known:
        by_last[module.rpartition(".")[2], name].append((module, name))
        by_name[name].append((module, name))
    found: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for place, kind, body in _texts():
        for asked in _used(body, place):
            whose = doors.get(asked, asked)
            if whose in known:
                found[whose].append(Use(place, kind))
            elif not asked[0]:  # a text that is a name: the command line and the course look names up
                for each in by_name[asked[1]] if len(by_name[asked[1]]) == 1 else []:
                    found[each].append(Use(place, kind if kind != "package" else "text"))
            else:
                for each in by_last[asked[0].rpartition(".")[2], asked[1]] if "." not in asked[0] else []:
                    found[each].append(Use(place, kind))
    return found


def _doors() -> dict[tuple[str, str], tuple[str, str]]:
    """Give what a package hands through: (package, name) -> (module, name)."""
    found = {}
    for path in [*MODULES, *sorted(PACKAGE.rglob("*.pyi"))]:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom):
                here = dotted(path)
                module = _absolute(node, f"{here}.x" if path.stem == "__init__" else here)
                found |= {(here, each.asname or each.name): (module, each.name) for each in node.names}
    again = {key: found.get(value, value) for key, value in found.items()}
    return {key: again.get(value, value) for key, value in again.items()}


def parsed_sentences(paths: list[Path] = MODULES) -> list[str]:
    """Find where code reads a sentence of ours back: file, line and the expression.

    A sentence is what an attribute, a column or a variable called like one of ``SENTENCES`` holds. Reading is a
    method such as startswith or partition on it, a regular expression over it, or ``"words" in`` it.
    """
    found = []
    for path in paths:
        for node in ast.walk(tree(path)):
            if _reads(node):
                found.append(f"{dotted(path) if path in MODULES else path.name}:{node.lineno}: {ast.unparse(node)}")
    return found


def _reads(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READS and node.args:
        return bool(SENTENCES & {_last(each) for each in (node.func.value, *node.args)})
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        is_words = isinstance(node.left, ast.Constant | ast.Name)
        return is_words and _last(node.comparators[0]) in SENTENCES - {"notes", "said", "told"}  # these hold several
    return False


def _last(node: ast.AST) -> str:
    """Give the word that names a value: of an attribute, a column or a variable, through str() and .str."""
    if isinstance(node, ast.Attribute):
        return _last(node.value) if node.attr == "str" else node.attr
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else _last(node.value)
    if isinstance(node, ast.Call):
        return _last(node.args[0]) if isinstance(node.func, ast.Name) and node.args else ""
    return node.id if isinstance(node, ast.Name) else ""


def mixins() -> list[str]:
    """Find the classes that other classes of the package are made of, exceptions and the course's tasks apart."""
    classes = {n.name: n for path in MODULES for n in ast.walk(tree(path)) if isinstance(n, ast.ClassDef)}
    bases = Counter(_last(base) for node in classes.values() for base in node.bases)
    built = {name for name in bases if name in classes and not classes[name].bases}
    return sorted(name for name in built if not name.startswith("Task") and bases[name] <= 2)


def lazy_tables() -> list[str]:
    """Find the packages that look names up in a table of their own."""
    return [dotted(path) for path in MODULES if LAZY.search(path.read_text(encoding="utf-8"))]


def door_names() -> set[str]:
    """Find the names that the packages' stubs give: what users may rely on."""
    return {
        f"{dotted(path)}.{alias.asname or alias.name}"
        for path in PACKAGE.rglob("__init__.pyi")
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def figures() -> dict[str, int]:
    """Count."""
    every = [each for path in MODULES for each in public(path)]
    where = {each: uses().get((each.module, each.name), []) for each in every}
    away = {each: [use for use in found if use.place != each.module] for each, found in where.items()}
    called = [each for each in every if each.kind != "constant"]
    several = Counter(name for name, _ in {(each.name, each.module) for each in every})
    return {
        "modules": len(MODULES),
        "lines": sum(path.read_text(encoding="utf-8").count("\n") for path in MODULES),
        "public names": len(every),
        "of them functions and classes": len(called),
        "functions and classes with one use": sum(
            len([use for use in where[each] if use.kind in {"package", "notebook"}]) == 1 for each in called
        ),
        "functions and classes used only at home": len(only_at_home(("function", "class"))),
        "constants used only at home": len(only_at_home(("constant",))),
        "names used only by tests": len(only_by_tests()),
        "names without a use": len(without_a_use()),
        "names that stand in several modules": sum(count > 1 for count in several.values()),
        "names that notebooks call": sum(any(use.kind == "notebook" for use in found) for found in away.values()),
        "sentences of ours parsed by our code": len(parsed_sentences()),
        "mixins": len(mixins()),
        "names behind the doors": len(door_names()),
        "lazy tables of our own": len(lazy_tables()),
    }


def only_at_home(kinds: tuple[str, ...]) -> list[Named]:
    """Find the public names of some kinds that nothing outside their file uses, tests included."""
    every = [each for path in MODULES for each in public(path) if each.kind in kinds]
    places = {each: {use.place for use in uses().get((each.module, each.name), [])} for each in every}
    return [each for each in every if places[each] <= {each.module}]


def without_a_use() -> list[Named]:
    """Find the public names that nothing uses, the tasks of the course apart, which are found by their class."""
    every = [each for path in MODULES for each in public(path) if ".exercises." not in each.module]
    return [each for each in every if not uses().get((each.module, each.name)) and each.name not in _beside(each)]


def _beside(each: Named) -> set[str]:
    """Give the names that stand on the left of one assignment with one that is used: LOW, MIDDLE, HIGH = range(3)."""
    path = next(path for path in MODULES if dotted(path) == each.module)
    pairs = [node.targets[0] for node in tree(path).body if isinstance(node, ast.Assign)]
    names = [
        {one.id for one in pair.elts if isinstance(one, ast.Name)} for pair in pairs if isinstance(pair, ast.Tuple)
    ]
    return {name for group in names if any(uses().get((each.module, one)) for one in group) for name in group}


def only_by_tests() -> list[Named]:
    """Find the public names that nothing but tests uses."""
    every = [each for path in MODULES for each in public(path)]
    kinds = {each: {use.kind for use in uses().get((each.module, each.name), [])} for each in every}
    return [each for each in every if kinds[each] == {"test"}]


if __name__ == "__main__":
    sys.stdout.writelines(f"{count:7,}  {what}\n" for what, count in figures().items())
