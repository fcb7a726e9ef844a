"""A finished folder takes the place of an old one, so that whoever reads by path finds one of the two at any moment.

Linux and macOS can exchange two folders in one call, and that is what is done. Where a system or its file system cannot
(Windows, some network disks), the old folder is renamed aside first; for that moment there is nothing, and where the
process ends in it, `mend` puts the old folder back before the next run does anything else.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import sys
import uuid
from functools import cache
from pathlib import Path
from typing import Any

OLD, NEW = ".old-", ".new-"
LEFT = re.compile(r"\.(?:old|new)-(.+)-[0-9a-f]{8}")
HERE = -100  # AT_FDCWD: a path is read from the current folder
EXCHANGE, SWAP = 2, 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
CANNOT = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def swap(work: Path, target: Path) -> None:
    """Put a finished folder into the place of another, and remove what stood there.

    Parameters
    ----------
    work : Path
        The new folder; it is gone afterwards.
    target : Path
        Its place; whoever opens a file below this path meanwhile finds the old one or the new one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    ready = _same_disk(work, target)
    if not target.exists():
        ready.rename(target)
    elif exchange(ready, target):
        shutil.rmtree(ready, ignore_errors=True)
    else:
        _one_after_the_other(ready, target)
    if ready != work:
        shutil.rmtree(work, ignore_errors=True)


def _same_disk(work: Path, target: Path) -> Path:
    """Return the folder itself, or a copy beside its place where that is on another disk."""
    if _disk(work) == _disk(target.parent):
        return work
    return Path(shutil.copytree(work, _beside(target, NEW)))


def _disk(path: Path) -> int:
    return path.stat().st_dev


def _one_after_the_other(ready: Path, target: Path) -> None:
    old = _beside(target, OLD)
    target.rename(old)
    try:
        ready.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _beside(target: Path, mark: str) -> Path:
    return target.with_name(f"{mark}{target.name}-{uuid.uuid4().hex[:8]}")


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one disk change places in a single step; False where this system cannot.

    Raises
    ------
    OSError
        When it can and did not, as for missing rights.

    Notes
    -----
    ``renameat2`` with ``RENAME_EXCHANGE`` of Linux, ``renamex_np`` with ``RENAME_SWAP`` of macOS.
    """
    call = _call()
    if call is None:
        return False
    done = call(os.fsencode(one), os.fsencode(other))
    number = ctypes.get_errno()
    if done != 0 and number not in CANNOT:
        raise OSError(number, os.strerror(number), str(other))
    return bool(done == 0)


@cache
def _call() -> Any:
    """Find the system's own call as a function of two paths; None where it has none."""
    if sys.platform not in ("linux", "darwin"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda one, other: library.renamex_np(one, other, ctypes.c_uint(SWAP))
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return lambda one, other: library.renameat2(HERE, one, HERE, other, ctypes.c_uint(EXCHANGE))
    return None


def mend(folder: Path, place: str = "") -> None:
    """Clear a folder of what an interrupted exchange left: an old folder whose place is empty returns to it.

    Parameters
    ----------
    folder : Path
        The folder in which places lie; it need not exist.
    place : str
        Name of the one place that may be touched; every place of the folder when omitted.
    """
    for left in sorted(folder.glob(".*")):
        named = LEFT.fullmatch(left.name)
        if named is None or place not in ("", named[1]):
            continue
        if left.name.startswith(OLD) and not (folder / named[1]).exists():
            left.rename(folder / named[1])
        else:
            shutil.rmtree(left, ignore_errors=True)
