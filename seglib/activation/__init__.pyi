__all__ = [
    "Audience",
    "audiences",
    "export",
    "treatment",
]

from .audience import Audience, audiences, export
from .fairness import treatment
