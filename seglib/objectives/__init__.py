"""Notebook 01: the goals of the plan, each with its baseline computed from the data."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
