"""Notebook 07: who gets which offer or an explicit none, what to show next, and where the money goes."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
