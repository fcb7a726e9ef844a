"""Which notebook runs when."""

import threading
import time

import pytest

from seglib.core.steps import BY_NAME, STEPS
from seglib.report.execute import Executed
from seglib.report.schedule import side_by_side


def test_every_step_runs_after_what_it_reads(tmp_path):
    """All ten run once, each after everything that it reads."""
    order = []
    lock = threading.Lock()

    def run_one(step):
        with lock:
            assert all(name in order for name in step.reads)
        time.sleep(0.01)
        with lock:
            order.append(step.name)
        return Executed(step, tmp_path, 0.0)

    done = side_by_side(run_one)

    assert [item.step for item in done] == list(STEPS)
    assert sorted(order) == [step.name for step in STEPS]


def test_two_run_at_the_same_time(tmp_path):
    """Steps that do not read each other overlap: 01 and 02 meet at a barrier."""
    meeting = threading.Barrier(2, timeout=5)

    def run_one(step):
        if step.number <= 2:
            meeting.wait()
        return Executed(step, tmp_path, 0.0)

    assert len(side_by_side(run_one)) == 10


def test_failure_stops_what_follows(tmp_path):
    """After 03 failed, nothing that reads it is started, and its error is the answer."""
    started = []

    def run_one(step):
        started.append(step.number)
        if step.number == 3:
            raise ValueError("03 failed")
        return Executed(step, tmp_path, 0.0)

    with pytest.raises(ValueError, match="03 failed"):
        side_by_side(run_one)
    assert max(started) == 3


def test_reads_name_earlier_steps_only():
    """The table of steps is in order: nobody reads a later step."""
    wrong = [(s.name, r) for s in STEPS for r in s.reads if BY_NAME[r].number >= s.number]

    assert wrong == []
