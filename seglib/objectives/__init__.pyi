__all__ = [
    "Objectives",
    "baselines",
    "registry",
]

from .objectives import Objectives, baselines, registry
