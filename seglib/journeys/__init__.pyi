__all__ = [
    "Journeys",
    "trace",
]

from .journeys import Journeys, trace
