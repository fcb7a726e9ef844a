"""What a warm process loads before work is forked from it: libraries, and nothing that opens a thread or a file."""

import sys

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

if sys.argv[:1] == ["-c"]:  # as Python starts it, and nobody else who imports this
    sys.excepthook = lambda *_: None  # of a fork whose asker has ended; every other error is sent to who asked

seglib.core.libraries.versions()  # read once, known to every fork
