"""A package's door: its names stand in the stub beside it, and each module is loaded when one of them is first used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lazy_loader


def open_door(package: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Give a package the names of its stub (``__init__.pyi``), which editors and type checkers read, too.

    Parameters
    ----------
    package, file : str
        ``__name__`` and ``__file__`` of the package.

    Returns
    -------
    tuple
        What the package assigns to ``__getattr__``, ``__dir__`` and ``__all__``.

    Examples
    --------
    >>> from seglib import charts
    >>> "waterfall" in dir(charts)
    True
    """
    load, _, names = lazy_loader.attach_stub(package, file)

    def give(name: str) -> Any:
        try:
            return load(name)
        except AttributeError:
            if name in names or name.startswith("__"):
                raise
            raise AttributeError(f"{package} has no {name!r}; there are {', '.join(sorted(names))}") from None

    return give, lambda: sorted(names), sorted(names)
