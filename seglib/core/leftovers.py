"""What a run that was killed left behind: found and removed by whichever run of the study comes next."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

BESIDE_REPORTS = (".probe-*", ".purge-*")
MADE_BY = re.compile(r"-(\d+)(-[0-9a-f]{8})?$")
PURGED = ".purge-"
PATTERNS = ("runs/*/.work/*", "runs/*/.probe-*", "private/.*", f"{PURGED}*")


def sweep(data: Path, patterns: Iterable[str] = PATTERNS) -> int:
    """Remove half-made files and work folders of processes that are gone, in every quarter of a study.

    Parameters
    ----------
    data : Path
        The study's folder, or that of its reports; nobody else makes a report of it now.
    patterns : iterable of str
        Where they lie below it.

    Returns
    -------
    int
        How many were removed. What carries the number of a living process, such as a notebook's, stays, and so does the
        journal of an unfinished `forget`, which that finishes itself.
    """
    removed = 0
    for pattern in patterns:
        for path in data.glob(pattern):
            if _alive(path.name) or path.name.startswith(".forget-"):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            removed += 1
    return removed


def _alive(name: str) -> bool:
    """Whether the process that a name carries is still there; where that cannot be asked, it counts as gone."""
    found = MADE_BY.search(name)
    if not found or os.name != "posix":
        return False
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
