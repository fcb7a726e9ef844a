__all__ = [
    "Objectives",
    "baselines",
    "claims",
    "registry",
]

from .objectives import Objectives, baselines, registry
from .stories import claims
