"""One thread for many small fits: their threads wait for each other longer than they compute."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401 - what computes with threads is loaded before it is looked for
import sklearn.cluster  # noqa: F401 - as the line above
from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Let linear algebra and OpenMP use one thread within; the libraries are looked for once in a process.

    Examples
    --------
    >>> with one_thread():
    ...     pass
    """
    limited: AbstractContextManager[Any] = _controller().limit(limits=1)
    return limited


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
