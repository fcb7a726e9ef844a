"""What a warm process loads before kernels are forked from it: libraries, and nothing that opens a thread or a file."""

import contextlib

import ipykernel.ipkernel
import ipykernel.kernelapp

import seglib.activation
import seglib.charts.style
import seglib.clustering
import seglib.evaluation
import seglib.refinement

with contextlib.suppress(ImportError):
    import seaborn

__all__ = ["ipykernel", "seaborn", "seglib"]
