"""What a warm process loads before work is forked from it: libraries, and nothing that opens a thread or a file."""

import ipykernel.ipkernel
import ipykernel.kernelapp

import seglib.charts.journeys
import seglib.charts.style
import seglib.clustering.candidates
import seglib.core.intake.checks
import seglib.core.intake.desk
import seglib.core.libraries
import seglib.report.draw

__all__ = ["ipykernel", "seglib"]

seglib.core.libraries.versions()  # read once, known to every fork
