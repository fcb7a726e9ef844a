"""Notebook 04: is there structure, which method, how many segments, how stable."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
