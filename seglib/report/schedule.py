"""Which notebook runs when: two side by side where neither reads the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from seglib.core.steps import STEPS, Step
from seglib.report.execute import Executed

STOP_SECONDS = 0.2


def side_by_side(
    run_one: Callable[[Step], Executed], workers: int = 2, stop: Callable[[], None] = lambda: None
) -> list[Executed]:
    """Run all ten steps, each as soon as everything that it reads is there.

    Parameters
    ----------
    run_one : callable
        Runs one step and returns what it executed; may raise.
    workers : int
        How many run at the same time.
    stop : callable
        Called again and again after Ctrl-C, until what runs has ended.

    Returns
    -------
    list of Executed
        In the order of the steps.

    Raises
    ------
    Exception
        The first failure, after the steps that already run have ended; nothing new is started.
    """
    done: dict[str, Executed] = {}
    waiting = list(STEPS)
    running: dict[Future[Executed], Step] = {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            while waiting or running:
                for step in [s for s in waiting if all(name in done for name in s.reads)][: workers - len(running)]:
                    waiting.remove(step)
                    running[pool.submit(run_one, step)] = step
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    done[running.pop(future).name] = future.result()
        except KeyboardInterrupt:
            while wait(running, STOP_SECONDS).not_done:
                stop()
            raise
    return [done[step.name] for step in STEPS]
