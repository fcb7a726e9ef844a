"""What is forked from the warm process ends with the process that asked for it."""

import os
import signal
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


@pytest.mark.skipif(not kernels.available(), reason="this system cannot fork a warm process")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.wide)])
def test_X12_a_stop_while_the_warm_process_loads_ends_at_once(number):
    """Everybody at the terminal hears Ctrl-C, the warm process that still loads too: it said so in a traceback."""
    works = SLEEPS.replace("; ", "; from seglib.core.ending import exit_code_of, orderly; ", 1)
    imports, _, call = works.rpartition("; ")
    script = f"{imports}; import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script += f"with orderly():\n    sys.exit(exit_code_of(lambda: {call}, None))"
    runner = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, start_new_session=True)
    until, family = time.monotonic() + 60, []
    while time.monotonic() < until and len(family) < 2:  # the warm process has just been started, and its tracker
        time.sleep(0.02)
        family = psutil.Process(runner.pid).children(recursive=True)
    time.sleep(0.2)
    os.killpg(runner.pid, number) if number == signal.SIGINT else os.kill(runner.pid, number)
    _, said = runner.communicate(timeout=60)
    _, left = psutil.wait_procs(family, timeout=10)

    assert (runner.returncode, said) == (128 + number, "stopped; nothing was published\n")
    assert left == []


@pytest.mark.skipif(not kernels.available(), reason="this system cannot fork a warm process")
def test_X11_a_kernel_that_cannot_begin_says_nothing_by_itself(tmp_path):
    """Its folder is gone, or memory is too small: the runner says in one sentence that it died, and no traceback."""
    script = "import os; from seglib.report import kernels; kernels.warm_up()\n"
    script += f"print(kernels.Forked([], os.environ, {str(tmp_path / 'gone')!r}).wait(100))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("1\n", "")
