__all__ = [
    "Rfm",
    "Scaling",
    "effects",
    "found_again",
    "n_per_arm",
    "sample_ratio",
    "segment",
    "smallest_effect",
]

from .experiments import effects, sample_ratio
from .power import n_per_arm, smallest_effect
from .rfm import Rfm
from .scaling import Scaling
from .segmenting import segment
from .stability import found_again
