"""Writes docs/faults.md: each promise of tests/faults.yml, and the tests that hold it to account. Run: make faults."""

import ast
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "faults.md"
NUMBER = re.compile(r"(?<![A-Za-z0-9])[FVPXSRO]\d\d(?!\d)")
SHOWN = 3
HEAD = """# What goes wrong, and what is promised

{tested} of {count} promises have a test that carries their number.
Sweeps name how often they try: in `make test`, and in `make test-long`.

Made by `make faults` from `tests/faults.yml` and the names of the tests.
"""


def promises() -> dict[str, dict[str, str]]:
    """Read the promises, by group and number."""
    read: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "tests" / "faults.yml").read_text(encoding="utf-8"))
    return read


def tests() -> dict[str, list[str]]:
    """Find the tests of each number: those with it in their name, with the counts of sweeps."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                told = f"`{path.relative_to(ROOT).as_posix()}` {_plain(node.name)}{_counts(node)}"
                for number in NUMBER.findall(node.name.replace("_", " ")):
                    found.setdefault(number, []).append(told)
    return found


def _plain(name: str) -> str:
    """The name of a test without its numbers, as words."""
    words = [word for word in name.removeprefix("test_").split("_") if not NUMBER.fullmatch(word)]
    return " ".join(words).removeprefix("and ")


def _counts(node: ast.FunctionDef) -> str:
    """How often a sweep tries: a parameter that is a number each time, the last of them in make test-long."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize"):
            values = decorator.args[1] if len(decorator.args) > 1 else None
            items = values.elts if isinstance(values, ast.List) else []
            numbers = [item.args[0] if isinstance(item, ast.Call) and item.args else item for item in items]
            counts = [item.value for item in numbers if isinstance(item, ast.Constant) and isinstance(item.value, int)]
            if len(counts) == len(items) == 2 and isinstance(items[1], ast.Call):
                return f" ({counts[0]:,} times, long: {counts[1]:,})"
    return ""


def page() -> str:
    """Write the page."""
    groups, found = promises(), tests()
    numbers = [number for group in groups.values() for number in group]
    lines = [HEAD.format(tested=sum(number in found for number in numbers), count=len(numbers))]
    for group, said in groups.items():
        lines += [f"## {group}\n", "| number | promise | tests |", "|---|---|---|"]
        for number, promise in said.items():
            named = found.get(number, ["none"])
            more = f"; and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
            lines.append(f"| {number} | {promise} | {'; '.join(named[:SHOWN])}{more} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
