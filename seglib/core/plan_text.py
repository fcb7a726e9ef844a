"""Reading plan.yml safely: text scalars only, and errors that say where, what and how to mend it."""

from __future__ import annotations

import codecs
import re
from typing import Any

import yaml
from pydantic import BaseModel

from seglib.core.errors import Finding, InputRefused, nearest

DEPTH = 20
HALF = re.compile(r"[\ud800-\udfff]")  # what no file can hold


class _Loader(yaml.BaseLoader):
    """Plain text scalars, no tags, no aliases, no duplicate keys, nothing deeper than a plan can be."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        if self.check_event(yaml.AliasEvent):
            raise _refused_yaml(line, "an alias", "write the value out")
        if self.depth > DEPTH:
            raise _refused_yaml(line, f"more than {DEPTH} levels", "take away the brackets, or the spaces before it")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.ScalarNode) and HALF.search(node.value):
            raise _refused_yaml(line, "half a character", "write the character itself")
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise _refused_yaml(node.value[position][0].start_mark.line + 1, f"'{key}' twice", "keep one")
        return super().construct_mapping(node, deep)


def decoded(content: bytes) -> str:
    """Read the bytes of a plan as UTF-8 text; a mark of the byte order before it is skipped.

    Raises
    ------
    InputRefused
        F17, with the line of the first byte that is something else.

    Examples
    --------
    >>> decoded("title: café".encode("cp1252"))
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-F17 the plan is not UTF-8 text - plan.yml, line 1 - found: byte 11 - do: ...
    """
    do = "save it as UTF-8 in a text editor"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputRefused(Finding("F17", "the plan is not UTF-8 text", "plan.yml", found="UTF-16", do=do))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, byte = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise InputRefused(
            Finding("F17", "the plan is not UTF-8 text", "plan.yml", line, found=f"byte {byte}", do=do)
        ) from None


def _refused_yaml(line: int, found: str, do: str) -> InputRefused:
    return InputRefused(Finding("P06", "plan cannot be read", "plan.yml", line, found=found, do=do))


def load_yaml(text: str) -> dict[str, Any]:
    """Read YAML with every scalar as text; aliases and duplicate keys are refused."""
    try:
        values = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _refused_yaml(line, str(error.problem), "check indentation and quotes") from None
    except yaml.reader.ReaderError as error:
        line, found = text.count("\n", 0, error.position) + 1, f"character {ord(text[error.position]):#06x}"
        raise _refused_yaml(line, found, "take it out, or write the file anew in a text editor") from None
    if not isinstance(values, dict):
        raise _refused_yaml(1, "no keys", "start with: study: <name>")
    return values


RULES = {
    "less_than_equal": "must be at most {le}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of a few digits",
    "int_type": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "literal_error": "must be {expected}",
    "string_type": "must be a word or a text",
    "dict_type": "must be a section",
    "model_type": "must be a section",
    "tuple_type": "must be a list",
    "too_short": "must name at least one",
}
HOW = {
    "dict_type": "write lines of 'name: value' below it, each two spaces further in",
    "model_type": "write lines of 'name: value' below it, each two spaces further in",
    "tuple_type": "write it in brackets: [one, another]",
    "string_type": "write it without brackets, or in quotes",
    "bool_parsing": "write true or false",
}
UNION = re.compile(r"\.(?:str|int|literal\[.*\]|function-\w+\[.*\]|(?:constrained-)?\w*tuple\[.*\])$")


def _place(location: tuple[Any, ...]) -> str:
    """Write a place as a person would; which of several types was tried last is not part of it."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return UNION.sub("", text)


def finding(error: dict[str, Any], root: type[BaseModel]) -> Finding:
    """Turn one error of pydantic into a finding with place and remedy."""
    place, last, value = "plan.yml, " + _place(error["loc"]), str(error["loc"][-1]), error.get("input")
    if error["type"] == "extra_forbidden":
        return Finding("P05", "unknown key", place, do=nearest(last, _known(error["loc"][:-1], root)))
    if error["type"] == "missing":
        return Finding("P05", "is required", place, do=f"add a line '{last}: ...'")
    context = {name: f"{each:g}" if isinstance(each, float) else each for name, each in error.get("ctx", {}).items()}
    shown = "a section" if isinstance(value, dict) else "a list" if isinstance(value, list | tuple) else str(value)[:40]
    if error["type"] == "string_pattern_mismatch":
        return Finding("P05", *_spelling(last, place, str(value)))
    rule = RULES[error["type"]].format(**context) if error["type"] in RULES else str(error["msg"])
    do, number = HOW.get(error["type"], _remedy(rule)), _number(value)
    if last.endswith("_share") or (context.get("le") == 1 and error["type"] == "less_than_equal"):
        rule = "must be a share between 0 and 1"
        do = f"write {number / 100:g} for {number:g} %" if number and number > 1 else "write a number like 0.06"
    return Finding("P05", rule, place, found=shown, do=do)


def _remedy(rule: str) -> str:
    return rule.replace("must be", "write", 1) if rule.startswith("must be") else "correct the value"


def _spelling(name: str, place: str, value: str) -> tuple[str, str, int, str, str, str]:
    """Say how a name that has a fixed form is written; the value itself is offered in that form where it can be."""
    if name == "currency":
        near = value.strip().upper()
        do = f"write {near}" if re.fullmatch("[A-Z]{3}", near) else "write EUR, GBP, USD ..."
        return "must be the three capital letters of a currency", place, 0, "", value[:40], do
    near = re.sub(r"[^a-z0-9_-]+", "-", value.lower()).strip("-_")[:40] or "my-shop"
    do = f"use a-z, 0-9, - and _, at most 40 of them, as in {near}"
    return "must be the name of a folder", place, 0, "", value[:40], do


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _known(location: tuple[Any, ...], root: type[BaseModel]) -> list[str]:
    """Names of the fields at a place of the plan."""
    model: Any = root
    for part in location:
        if isinstance(part, int) or part not in getattr(model, "model_fields", {}):
            continue
        annotation = model.model_fields[part].annotation
        arguments = [annotation, *getattr(annotation, "__args__", ())]
        model = next((a for a in arguments if isinstance(a, type) and issubclass(a, BaseModel)), model)
    return list(model.model_fields)
