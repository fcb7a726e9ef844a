"""The names that a notebook may import; each module is loaded when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

PLACES = {
    "Run": "core.run",
    "Objectives": "objectives",
    "Collection": "collection",
    "Features": "criteria",
    "Segmentation": "clustering",
    "Personas": "personas",
    "Journeys": "journeys",
    "ContentPlan": "content",
    "Audience": "activation",
    "Scorecard": "evaluation",
    "Refinement": "refinement",
}
MODULES = (
    "activation",
    "charts",
    "clustering",
    "collection",
    "content",
    "criteria",
    "evaluation",
    "journeys",
    "objectives",
    "personas",
    "refinement",
    "teach",
)
__all__ = sorted([*PLACES, *MODULES])


def __getattr__(name: str) -> Any:
    if name in PLACES:
        return getattr(import_module(f"seglib.{PLACES[name]}"), name)
    if name in MODULES:
        return import_module(f"seglib.{name}")
    raise AttributeError(f"seglib has no {name!r}; a notebook may import {', '.join(__all__)}")
