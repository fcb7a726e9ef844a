__all__ = [
    "Refinement",
    "refine",
]

from .refinement import Refinement, refine
