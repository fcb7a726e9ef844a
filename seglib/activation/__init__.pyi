__all__ = [
    "Audience",
    "audiences",
    "export",
]

from .audience import Audience, audiences, export
