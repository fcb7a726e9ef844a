"""Notebook 05: who each segment is, every line with its evidence."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
