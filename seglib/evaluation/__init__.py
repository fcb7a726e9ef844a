"""Notebook 09: were the goals reached, what did each segment do, and what did the campaigns change."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
