"""Notebook 04: is there structure, which method, how many segments, how stable."""

from seglib.clustering.candidates import Candidates, compare
from seglib.clustering.scorer import Scorer, assign
from seglib.clustering.segmentation import Segmentation

__all__ = ["Candidates", "Scorer", "Segmentation", "assign", "compare"]
