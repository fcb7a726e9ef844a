__all__ = [
    "Collection",
    "collect",
]

from .collection import Collection, collect
