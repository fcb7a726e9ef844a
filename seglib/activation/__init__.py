"""Notebook 08: who is contacted with what, who is held out, and the files for other systems and teams."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
