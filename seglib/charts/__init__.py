"""Figures of the workbench: a frame goes in, a picture with its alt text comes out."""

from __future__ import annotations

from importlib import import_module
from typing import Any

PLACES: dict[str, str] = {}  # filled below: name of a chart -> module that draws it
for _module, _names in {
    "objectives": ("goals",),
    "collection": ("waterfall",),
    "criteria": ("distributions", "relevance"),
    "clustering": ("quality_by_size", "stability_by_size", "fingerprints", "sizes"),
    "across": ("stability_across",),
    "apart": ("separation", "profiles"),
    "personas": ("portraits",),
    "journeys": ("stages", "transitions", "steps", "comeback", "cohorts", "answers"),
    "content": ("next_best",),
    "activation": ("audience",),
    "evaluation": ("scorecard", "effects", "retention"),
    "lifetime": ("forecast", "worth"),
    "refinement": ("migration", "drift", "outlook"),
}.items():
    PLACES |= dict.fromkeys(_names, _module)


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"no chart called {name!r}; there are {', '.join(sorted(PLACES))}")
    return getattr(import_module(f"seglib.charts.{PLACES[name]}"), name)
