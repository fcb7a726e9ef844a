"""Several quarters in order, each with its past, and what to do when they keep asking for new segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seglib.core.home import shown
from seglib.core.quarters import Quarter
from seglib.core.run import Run
from seglib.refinement.refinement import Refinement
from seglib.report.make import make_report

PATIENCE = 2  # reports in a row that ask for new segments, before it is said


def make_history(
    study: str, quarters: Sequence[Quarter], seed: int, say: Callable[[str], None], refit_when_asked: bool = False
) -> None:
    """Make the reports of several quarters.

    Parameters
    ----------
    study : str
    quarters : sequence of Quarter
        In order.
    seed : int
    say : callable
        Prints a line.
    refit_when_asked : bool
        Whether a quarter's segments are made anew where the quarter before asked for it, although the plan keeps them.
    """
    asked: list[str] = []
    for quarter in quarters:
        run = Run.open(study, quarter.text, seed)
        if refit_when_asked and _wants_refit(run.previous(Refinement)):
            run = run.refitting()
            say(f"   {quarter.text}: segments are made anew, as {quarter.previous.text} asked (--refit-when-asked)")
        say(f"   {shown(make_report(run, say))}\n")
        kept = run.plan.clustering.model == "keep"
        asked = [*asked, quarter.text] if kept and _wants_refit(run.read(Refinement)) else []
        if len(asked) == PATIENCE:
            say(_advice(study, asked, quarter, quarters[-1]))


def _wants_refit(found: Refinement | None) -> bool:
    """Whether a quarter's verdict asks for new segments."""
    return found is not None and found.refit


def _advice(study: str, asked: Sequence[str], now: Quarter, last: Quarter) -> str:
    """Say that the kept segments no longer hold, and what to type.

    Examples
    --------
    >>> print(_advice("acme", ["2026Q1", "2026Q2"], Quarter("2026Q2"), Quarter("2026Q4")))
    2026Q1 and 2026Q2 both ask for new segments, and the plan keeps the old ones (clustering.model: keep): reports that
    go on with them have little to say. To make them anew wherever the quarter before asks for it, type:
      seglib history --study acme --from 2026Q2 --to 2026Q4 --refit-when-asked
    """
    return (
        f"{' and '.join(asked)} both ask for new segments, and the plan keeps the old ones (clustering.model: keep): "
        "reports that\ngo on with them have little to say. To make them anew wherever the quarter before asks for it, "
        f"type:\n  seglib history --study {study} --from {now.text} --to {last.text} --refit-when-asked"
    )
