"""Notebook 02: the study's tables, checked, counted, consented and pseudonymised."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
