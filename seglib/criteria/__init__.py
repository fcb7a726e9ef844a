"""Notebook 03: one row per customer, one column per criterion, and a catalogue that explains each."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
