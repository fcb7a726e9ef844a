__all__ = [
    "Rfm",
    "Scaling",
    "effects",
    "found_again",
    "n_per_arm",
    "ranges",
    "sample_ratio",
    "segment",
    "smallest_effect",
    "suppress",
]

from .experiments import effects, sample_ratio
from .power import n_per_arm, smallest_effect
from .rfm import Rfm
from .scaling import Scaling
from .segmenting import segment
from .stability import found_again
from .suppression import ranges, suppress
