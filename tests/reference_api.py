"""Writes docs/api.md: what a notebook may import and what the methods offer, from signatures and docstrings."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import seglib

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "seglib"
PAGE = ROOT / "docs" / "api.md"
HEAD = """# What can be imported

`from seglib import ...` gives a notebook one type for each step and the modules of the steps; `seglib.methods` are
plain functions of arrays and frames. Each line below is the first sentence of a docstring: `help(name)` shows
parameters with their units, errors, an example and the source of a formula. [Methods on your own frame](methods.md)
uses some of them, the [gallery](gallery.md) shows `seglib.charts`.

Made by `make references` from the code.
"""


def file_of(dotted: str) -> Path:
    """Find the file of a module below seglib."""
    place = PACKAGE.joinpath(*dotted.split("."))
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def public(nodes: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Give the functions and classes whose name begins with a letter."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def row(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Write a function or class as a row: its names of parameters, and its first sentence."""
    sentence = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split()).replace("|", "\\|")
    if isinstance(node, ast.ClassDef):
        return f"| `{node.name}` | {sentence} |"
    names = [each.arg for each in (*node.args.args, *node.args.kwonlyargs) if each.arg not in ("self", "cls")]
    is_property = any(ast.unparse(each).endswith("property") for each in node.decorator_list)
    return f"| `{node.name}{'' if is_property else '(' + ', '.join(names) + ')'}` | {sentence} |"


def told(path: Path) -> tuple[str, ast.Module]:
    """Read what a module is, and its tree."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n")[0], tree


def node_of(package: str, name: str) -> ast.FunctionDef | ast.ClassDef:
    """Find the function or class that a package's door gives under a name."""
    module = import_module(package).__dict__["__getattr__"](name).__module__
    return next(each for each in public(told(file_of(module.removeprefix("seglib.")))[1].body) if each.name == name)


def page() -> str:
    """Write the page."""
    lines = [HEAD]
    for name in [each for each in seglib.__all__ if each[0].isupper()]:
        node = node_of("seglib", name)
        lines += [f"## {name}\n", row(node).split(" | ")[1].removesuffix(" |"), ""]
        lines += ["| | |", "|---|---|", *map(row, public(node.body)), ""]
    for name in [each for each in seglib.__all__ if each[0].islower() and each != "charts"]:
        nodes = [
            node_of(f"seglib.{name}", each) for each in getattr(seglib, name).__all__ if each not in seglib.__all__
        ]
        lines += [f"## seglib.{name}\n", told(file_of(name))[0], "", "| | |", "|---|---|", *map(row, nodes), ""]
    for path in sorted((PACKAGE / "methods").glob("[a-z]*.py")):
        sentence, tree = told(path)
        lines += [
            f"## seglib.methods.{path.stem}\n",
            sentence,
            "",
            "| | |",
            "|---|---|",
            *map(row, public(tree.body)),
            "",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
