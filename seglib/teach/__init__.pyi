__all__ = [
    "Answer",
    "check",
    "look",
    "start",
]

from .course import Answer, check, look, start
