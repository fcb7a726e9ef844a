"""The names that a notebook may import; each module is loaded when it is first used."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
