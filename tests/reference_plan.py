"""Writes docs/plan.md: every key of a plan, with the kind and default of its declaration and the comment beside it."""

import ast
import io
import tokenize
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml
from pydantic_core import PydanticUndefined

from seglib.core import delivered, lookups, origins, plan, sections, trials
from seglib.core.plan import Plan
from seglib.core.sections import Section

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "plan.md"
PLANS = [ROOT / "data" / "demo" / "plan.yml", *sorted((ROOT / "seglib" / "init" / "plans").glob("*.yml"))]
MARK, WIDEST = "; example: ", 70
WORDS = {bool: "true or false", int: "whole number", float: "number", str: "text", date: "day"}
HEAD = """# Every key of a plan

`data/<study>/plan.yml` holds every human decision of a study. `seglib init` proposes one, and the
[demo's plan](../data/demo/plan.yml) shows most keys with a comment each. Only `study` and `sources.orders` must be
there; every other key has the default below. A key that nobody knows is refused with the nearest one that is known
(`SEG-P05`).

A plan is read as text first, so that `no` is a country and `0123` an id. Shares lie between 0 and 1: write 0.06 for
6 %. What the words of marketing and statistics mean stands in the [glossary](glossary.md).

Made by `make references` from `seglib/core/plan.py`, `sections.py`, `trials.py`, `lookups.py`,
`delivered.py` and `origins.py`, where the meaning stands beside each key.
"""


def comments(module: Any) -> dict[tuple[str, str], str]:
    """Read the comment of each field of each class: at the end of its line, else on the lines above it."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    said = {t.start[0]: t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type == tokenize.COMMENT}
    found = {}
    for node in ast.parse(source).body:
        fields = (
            [each for each in node.body if isinstance(each, ast.AnnAssign)] if isinstance(node, ast.ClassDef) else []
        )
        for field in fields:
            above, line = [], field.lineno - 1
            while line in said and said[line].line.lstrip().startswith("#"):
                above.insert(0, said[line].string)
                line -= 1
            here = [said[field.end_lineno].string] if field.end_lineno in said else above
            found[node.name, ast.unparse(field.target)] = " ".join(text.lstrip("# ") for text in here)
    return found


@cache
def all_comments() -> dict[tuple[str, str], str]:
    """Read the comments of all modules that declare keys."""
    return (
        comments(origins)
        | comments(delivered)
        | comments(lookups)
        | comments(trials)
        | comments(sections)
        | comments(plan)
    )


def groups(cls: type[Section] = Plan, place: str = "") -> Iterator[tuple[str, type[Section]]]:
    """Give each section of the plan with its place, such as ``content.offers[]``, outer ones first."""
    yield place, cls
    for name, held in get_type_hints(cls, include_extras=True).items():
        inner, mark = section_of(held)
        if inner is not None:
            yield from groups(inner, f"{place}.{name}{mark}".lstrip("."))


def section_of(held: Any) -> tuple[type[Section] | None, str]:
    """Find the section that a field holds, and how many of them: one, a list, or one for each name."""
    if isinstance(held, type) and issubclass(held, Section):
        return held, ""
    marks = {dict: ".<name>", tuple: "[]"}
    for part in get_args(held):
        found, mark = section_of(part)
        if found is not None:
            return found, marks.get(get_origin(held), "") + mark
    return None, ""


def kind(held: Any) -> str:
    """Say in words what a field may hold."""
    origin, parts = get_origin(held), get_args(held)
    if origin is Annotated:
        return limited(
            kind(parts[0]), [limit for each in parts[1:] for limit in (each, *getattr(each, "metadata", ()))]
        )
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        told = [kind(part) for part in parts if part is not NoneType]
        return " or ".join(told) + (" or nothing" if NoneType in parts else "")
    if origin is tuple:
        return f"list of {kind(parts[0])}"
    if origin is dict:
        return "a section for each name" if section_of(held)[0] else f"{kind(parts[0])}: {kind(parts[1])}"
    return "a section" if section_of(held)[0] else WORDS[held]


def limited(words: str, limits: list[Any]) -> str:
    """Add the limits of a number, or the form of a text."""
    names = ("ge", "gt", "le", "lt", "pattern")
    told = [(name, getattr(each, name, None)) for each in limits for name in names]
    found = {name: value for name, value in told if value is not None}
    if found == {"ge": 0, "le": 1} and words == "number":
        return "share"
    signs = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    said = [f"{sign} {found[name]:,}" for name, sign in signs.items() if name in found]
    return ", ".join([words, *said, *([f"`{found['pattern']}`"] if "pattern" in found else [])])


def written(value: Any) -> str:
    """Write a value as it stands in a plan."""
    value = value.model_dump(mode="json") if isinstance(value, Section) else value
    value = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


@cache
def plans() -> list[Any]:
    """Read the plans of the project, the demo's first."""
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in PLANS]


def values(place: str, name: str) -> Iterator[Any]:
    """Find what the plans of the project say at a key, the demo's first."""
    for read in plans():
        at = [read]
        for step in place.replace("[]", ".[]").replace("<name>", "[]").split("."):
            at = [one for each in at for one in _inside(each, step)] if step else at
        yield from (each[name] for each in at if isinstance(each, dict) and each.get(name) not in (None, [], {}))


def _inside(value: Any, step: str) -> list[Any]:
    if step == "[]":
        return list(value.values()) if isinstance(value, dict) else list(value or [])
    return [value[step]] if isinstance(value, dict) and step in value else []


def meaning_and_example(place: str, cls: type[Section], name: str) -> tuple[str, str]:
    """Give the meaning beside the declaration, and the example there or else the first short one of a plan."""
    meaning, _, example = all_comments().get((cls.__name__, name), "").partition(MARK)
    found = [text for text in map(written, values(place, name)) if len(text) <= WIDEST]
    return meaning, example or next(iter(found), "")


def rows() -> Iterator[tuple[str, type[Section], str, str, str]]:
    """Give place, section, key, meaning and example of each key."""
    for place, cls in groups():
        for name in cls.model_fields:
            yield place, cls, name, *meaning_and_example(place, cls, name)


def hint(cls: type[Section], name: str) -> Any:
    """Give the declared type of a key, with its limits."""
    return get_type_hints(cls, include_extras=True)[name]


def default(cls: type[Section], name: str) -> str:
    """Write the default of a key."""
    field = cls.model_fields[name]
    value = field.default_factory() if field.default_factory else field.default  # type: ignore[call-arg]
    if field.is_required():
        return "required"
    if isinstance(value, Section) or value is PydanticUndefined:
        return "its defaults"
    return "nothing" if value in (None, "") else f"`{written(value)}`"


def page() -> str:
    """Write the page."""
    lines, told = [HEAD], ""
    for place, cls, name, meaning, example in rows():
        if told != (place or "The top"):
            told = place or "The top"
            lines += ["", f"## `{told}`" if place else f"## {told}", "", (cls.__doc__ or "").split("\n")[0], ""]
            lines += ["| key | kind | default | example | meaning |", "|---|---|---|---|---|"]
        section = section_of(hint(cls, name))[0] is not None
        shown = f"`{example}`" if example and not (section and name not in ("offers", "messages")) else ""
        cells = [f"`{name}`", kind(hint(cls, name)), default(cls, name), shown, f"{meaning}."]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
