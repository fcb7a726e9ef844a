"""Statistics on arrays and frames: no files, no engine, nothing of the ten steps."""

from seglib.core import door

__getattr__, __dir__, __all__ = door.open_door(__name__, __file__)
