"""An engine that is opened only when something is really asked of it."""

from __future__ import annotations

from typing import Any


class Later:
    """The engine of a run, opened only when a table of it is really used.

    Parameters
    ----------
    run : Run
        Whose engine it is.
    """

    def __init__(self, run: Any) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run.engine, name)
