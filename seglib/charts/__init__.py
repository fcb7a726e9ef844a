"""Figures of the workbench: a frame goes in, a picture with its alt text comes out."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
