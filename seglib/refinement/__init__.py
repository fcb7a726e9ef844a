"""Notebook 10: what became of last quarter's segments, and what to do about it."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
