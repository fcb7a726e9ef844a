"""Notebook 06: how each segment moves through lifecycle stages and from one touchpoint to the next."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
