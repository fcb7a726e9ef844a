__all__ = [
    "back_off",
    "dominated",
    "hold_back",
    "ranges",
    "suppress",
]

from .differences import hold_back
from .dominance import dominated
from .places import back_off
from .small_cells import ranges, suppress
