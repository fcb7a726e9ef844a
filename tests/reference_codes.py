"""Writes docs/codes.md: every code that seglib can say, where it says it, and the cause that tests/codes.yml tells."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "codes.md"
CODE = re.compile(r"[FVPXSRO]\d\d")
HINT = re.compile(r'"[FVPXSRO]\d\d"|"SEG-')
SENTENCE = re.compile(r"SEG-([FVPXSRO]\d\d) (.*?)(?: - do: (.*))?")
GROUPS = {
    "F": "Files",
    "V": "Values",
    "P": "Plan, names and parameters",
    "X": "The machine and the run",
    "S": "Statistics",
    "R": "Privacy",
    "O": "Deliveries",
}
HEAD = """# Every code

A message of seglib is one line: `SEG-F08 row too short - orders.csv, line 12 - found: 3 fields, not 5 - do: ...`. It
names what is wrong, where, what was found (never a personal value) and what to do. Below stand, for each code, its
cause, the words that can follow it, and the remedies that seglib proposes; `…` stands for a name or a number.
[What is promised](faults.md) of each fault, and by which test, is a page of its own;
[exit codes](commands.md#exit-codes) tell a scheduler of which kind a message is.

Made by `make references` from the places in the code that raise a finding, and from the causes in `tests/codes.yml`.
"""


def causes() -> dict[str, str]:
    """Read the sentence of each code."""
    read: dict[str, str] = yaml.safe_load((ROOT / "tests" / "codes.yml").read_text(encoding="utf-8"))
    return read


@cache
def said() -> dict[str, dict[str, list[str]]]:
    """Find the words and the remedies of each code, in the order of the modules."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted((ROOT / "seglib").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not HINT.search(text):
            continue
        tree = ast.parse(text)
        for scope, node in _within(tree, tree):
            for code, what, do in _of(node, scope, tree):
                told = found.setdefault(code, {"what": [], "do": []})
                told["what"] = [*dict.fromkeys([*told["what"], *filter(None, what)])]
                told["do"] = [*dict.fromkeys([*told["do"], *filter(None, do)])]
    return dict(sorted(found.items(), key=lambda item: (list(GROUPS).index(item[0][0]), item[0])))


def _within(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Give each node with the function that it stands in; docstrings are left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        inner = child if isinstance(child, ast.FunctionDef) else scope
        yield inner, child
        yield from _within(child, inner)


def _of(node: ast.AST, scope: ast.AST, tree: ast.Module) -> Iterator[tuple[str, list[str], list[str]]]:
    """Read the codes of a call or a tuple: the words follow the code, the remedy is called do or comes next."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else None
    spoken = isinstance(first, ast.Constant) and str(first.value).startswith("SEG-")
    if spoken and (whole := SENTENCE.fullmatch(texts(node, scope, tree)[0])):
        yield whole[1], [whole[2]], [whole[3]]
    if not isinstance(node, ast.Call | ast.Tuple):
        return
    parts = node.args if isinstance(node, ast.Call) else node.elts
    named = {word.arg: word.value for word in node.keywords} if isinstance(node, ast.Call) else {}
    for place, part in enumerate(parts):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
            name = ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else "tuple"
            after = parts[place + 1] if len(parts) > place + 1 else named.get("what")
            last = {"Fault": 2, "tuple": 2, "Finding": 6}.get(name)
            remedy = named.get("do") or (parts[place + last] if last and len(parts) > place + last else None)
            yield part.value, texts(after, scope, tree), texts(remedy, scope, tree)


def texts(node: ast.AST | None, scope: ast.AST, tree: ast.Module, deep: int = 0) -> list[str]:
    """Read which texts an expression can be; names are looked up in the function, then in the module."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        shown = [str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values]
        return ["".join(shown)]
    if isinstance(node, ast.IfExp):
        return texts(node.body, scope, tree, deep) + texts(node.orelse, scope, tree, deep)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = (texts(side, scope, tree, deep) or ["…"] for side in (node.left, node.right))
        return [one + other for one in left for other in right]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("nearest"):
        return ["did you mean '…'?"]
    if isinstance(node, ast.Name) and deep < 3:
        given = _assigned(node.id, scope, node.lineno) or _assigned(node.id, tree, 10**6)
        return [text for value in given for text in texts(value, scope, tree, deep + 1)]
    return []


def _assigned(name: str, scope: ast.AST, line: int) -> list[ast.AST]:
    """Find what a name is given before a line: by the last statement that surely runs, and in branches after it."""
    given = [found for found in _givings(scope, name, ()) if found[0] <= line]
    around = {block for block, first, last in _blocks(scope) if first <= line <= last}
    sure = max((at for at, blocks, _ in given if {*blocks} <= around), default=0)
    return [value for at, _, value in given if at >= sure]


def _givings(node: ast.AST, name: str, blocks: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...], ast.AST]]:
    """Give line, surrounding branches and value of each assignment of a name, alone or as one of several."""
    for block, statements in _branches(node):
        for each in statements:
            target = each.targets[0] if isinstance(each, ast.Assign) else None
            if isinstance(target, ast.Name) and target.id == name:
                yield each.lineno, (*blocks, block), each.value
            if isinstance(target, ast.Tuple) and isinstance(each.value, ast.Tuple):
                pairs = zip(target.elts, each.value.elts, strict=False)
                yield from ((each.lineno, (*blocks, block), v) for one, v in pairs if ast.unparse(one) == name)
            if not isinstance(each, ast.FunctionDef | ast.ClassDef):
                yield from _givings(each, name, (*blocks, block))


def _branches(node: ast.AST) -> Iterator[tuple[int, list[ast.stmt]]]:
    """Give each list of statements of a statement with a number of its own."""
    for part in ("body", "orelse", "finalbody"):
        statements = getattr(node, part, None)
        if isinstance(statements, list) and statements:
            yield id(statements), statements


def _blocks(scope: ast.AST) -> Iterator[tuple[int, int, int]]:
    """Give number, first and last line of each list of statements."""
    for node in ast.walk(scope):
        for block, statements in _branches(node):
            yield block, statements[0].lineno, statements[-1].end_lineno or 0


def page() -> str:
    """Write the page."""
    told, sentences, lines, group = said(), causes(), [HEAD], ""
    for code, words in told.items():
        if GROUPS[code[0]] != group:
            group = GROUPS[code[0]]
            lines.append(f"## {group}\n")
        lines.append(f"### SEG-{code}\n\n{sentences.get(code, '')}\n")
        lines += [f"- says: {'; '.join(map(_plain, words['what']))}"] if words["what"] else []
        lines += [f"- do: {'; '.join(map(_plain, words['do']))}"] if words["do"] else []
        lines.append("")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Write a message so that no sign of it is taken for a mark of the page."""
    return "`" + re.sub(r"…[\s…]*…", "…", " ".join(text.split())).replace("`", "'") + "`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
