__all__ = [
    "Scorecard",
    "score",
]

from .scorecard import Scorecard, score
