"""What is forked from the warm process ends with the process that asked for it."""

import subprocess
import sys
import time

import psutil
import pytest

from seglib.report import kernels

SLEEPS = "from seglib.report import kernels; kernels.in_warm('time', 'sleep', 300)"


@pytest.mark.skipif(not kernels.available(), reason="this system cannot fork a warm process")
def test_X12_nothing_goes_on_after_the_runner_was_killed():
    """Once the runner is killed outright, its worker and the warm process are gone, too: no orphan computes on."""
    runner = subprocess.Popen([sys.executable, "-c", SLEEPS])
    until, family = time.monotonic() + 120, []
    while time.monotonic() < until and len(family) < 3:  # warm process, its tracker, the worker that sleeps
        time.sleep(0.1)
        family = psutil.Process(runner.pid).children(recursive=True)
    runner.kill()
    runner.wait()
    _, left = psutil.wait_procs(family, timeout=10)

    assert len(family) >= 3
    assert left == []
