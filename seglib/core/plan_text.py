"""Reading plan.yml safely: text scalars only, and errors that say where, what and how to mend it."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import BaseModel

from seglib.core.errors import Finding, InputRefused, nearest


class _Loader(yaml.BaseLoader):
    """Plain text scalars, no tags, no aliases, no duplicate keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it untyped
            raise _refused_yaml(event.start_mark.line + 1, "an alias", "write the value out")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise _refused_yaml(node.value[position][0].start_mark.line + 1, f"'{key}' twice", "keep one")
        return super().construct_mapping(node, deep)


def _refused_yaml(line: int, found: str, do: str) -> InputRefused:
    return InputRefused(Finding("P06", "plan cannot be read", "plan.yml", line, found=found, do=do))


def load_yaml(text: str) -> dict[str, Any]:
    """Read YAML with every scalar as text; aliases and duplicate keys are refused."""
    try:
        values = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _refused_yaml(line, str(error.problem), "check indentation and quotes") from None
    if not isinstance(values, dict):
        raise _refused_yaml(1, "no keys", "start with: study: <name>")
    return values


REMEDIES = {
    "less_than_equal": "must be at most {le}",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "float_parsing": "must be a number",
    "int_parsing": "must be a whole number",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "missing": "is required",
}


def _place(location: tuple[Any, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def finding(error: dict[str, Any], root: type[BaseModel]) -> Finding:
    """Turn one error of pydantic into a finding with place and remedy."""
    place = "plan.yml, " + _place(error["loc"])
    if error["type"] == "extra_forbidden":
        return Finding("P05", "unknown key", place, do=nearest(str(error["loc"][-1]), _known(error["loc"][:-1], root)))
    context = error.get("ctx", {})
    rule = REMEDIES.get(error["type"], error["msg"]).format(**context) if context else REMEDIES.get(error["type"])
    rule, do = rule or error["msg"], "correct the value"
    if error["type"] == "missing":
        return Finding("P05", "is required", place, do=f"add a line '{error['loc'][-1]}: ...'")
    name, value = str(error["loc"][-1]), error.get("input")
    number = _number(value)
    if name.endswith("_share") or (context.get("le") == 1 and error["type"] == "less_than_equal"):
        rule = "must be a share between 0 and 1"
        do = "write a number like 0.06" if number is None else f"write {number / 100:g} for {number:g} %"
    return Finding("P05", rule, place, found=str(value)[:40] if not isinstance(value, dict) else "a section", do=do)


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
