"""Trouble of the machine, told as that: a full disk, missing rights, too little memory, a process or folder gone."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seglib.core.errors import EnvironmentTrouble, Finding, SegError

FREE = "free disk space, then run again"
RIGHTS = "mend the permissions of the project's folder, then run again"
GONE = "let nothing clean up the project's or the temporary folder meanwhile, then run again"
MEMORY = "free memory, or set clustering.sample_rows, then run again"
KINDS: dict[int, tuple[str, str, str]] = {
    errno.ENOSPC: ("X14", "disk full", FREE),
    errno.EDQUOT: ("X14", "disk quota used up", FREE),
    errno.EACCES: ("X16", "no permission", RIGHTS),
    errno.EPERM: ("X16", "no permission", RIGHTS),
    errno.EROFS: ("X16", "the disk is read-only", "mount it writable, then run again"),
    errno.ENOENT: ("X16", "a file or folder is gone", GONE),
    errno.ENOTDIR: ("X16", "a folder is gone", GONE),
    errno.ESTALE: ("X16", "a folder of the network is gone", GONE),
    errno.EIO: ("X15", "the disk reports an error", "check the disk, then run again"),
    errno.EXDEV: ("X15", "a folder lies on another disk", "keep data/ and reports/ whole on one disk each"),
    errno.EMFILE: ("X18", "too many open files", "raise the limit (ulimit -n), then run again"),
    errno.ENFILE: ("X18", "too many open files", "close other programs, then run again"),
    errno.EFBIG: ("X18", "a file is larger than the limit", "raise the limit (ulimit -f), then run again"),
    errno.ENAMETOOLONG: ("X18", "a file's name is too long", "move the project to a shorter folder, then run again"),
    errno.ENOMEM: ("X22", "needs more memory", MEMORY),
    errno.EAGAIN: ("X18", "no further process can be started", "close other programs, then run again"),
    errno.EPIPE: ("X11", "a helper process has ended", "free memory, then run again"),
    errno.ECONNREFUSED: ("X11", "a helper process has ended", "free memory, then run again"),
    errno.ECONNRESET: ("X11", "a helper process has ended", "free memory, then run again"),
}
SAID = {os.strerror(number).casefold(): number for number in KINDS}
MEMORY_NAMES = frozenset({"MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException"})
BROKEN_NAMES = frozenset({"BrokenProcessPool", "EOFError", "DeadKernelError"})
NUMBERED = re.compile(r"^\[Errno (\d+)\]")


def number_of(name: str, text: str) -> int | None:
    """Find which kind of trouble an error of any library means, by its name and its words.

    Parameters
    ----------
    name : str
        Name of the error's class, as a kernel reports it.
    text : str
        What it says; only known sentences of the system are looked for.

    Returns
    -------
    int or None
        A number of `errno`, or None when it is no trouble of the machine.

    Examples
    --------
    >>> number_of("IOException", "Could not write file: No space left on device") == errno.ENOSPC
    True
    >>> number_of("ValueError", "wrong") is None
    True
    """
    if name in MEMORY_NAMES:
        return errno.ENOMEM
    if name in BROKEN_NAMES:
        return errno.EPIPE
    if numbered := NUMBERED.match(text):
        return int(numbered[1]) if int(numbered[1]) in KINDS else None
    spoken = text.casefold()
    return next((number for said, number in SAID.items() if said in spoken), None)


def trouble_of(error: BaseException, place: str = "") -> EnvironmentTrouble | None:
    """Turn an error into the sentence for trouble of the machine; None when it is something else.

    Parameters
    ----------
    error : BaseException
        Of Python or of any library.
    place : str
        Name of the file or the notebook, for the sentence; the error's own file when omitted.
    """
    number = error.errno if isinstance(error, OSError) and error.errno in KINDS else None
    number = number or number_of(type(error).__name__, str(error))
    if number is None:
        return None
    named = getattr(error, "filename", None)
    return spoken(number, place or (Path(os.fsdecode(named)).name if isinstance(named, str | bytes) else ""))


def spoken(number: int, place: str = "") -> EnvironmentTrouble:
    """Say what a number of `errno` means here, and what to do.

    Examples
    --------
    >>> print(spoken(errno.ENOSPC, "orders.parquet"))
    SEG-X14 disk full - orders.parquet - do: free disk space, then run again
    """
    code, what, do = KINDS[number]
    return EnvironmentTrouble(Finding(code, what, place, do=do))


@contextmanager
def told(place: str = "") -> Iterator[None]:
    """Let trouble of the machine leave a block as one sentence; everything else leaves as it is.

    Raises
    ------
    EnvironmentTrouble
        Exit code 4.
    """
    try:
        yield
    except SegError:
        raise
    except Exception as error:
        trouble = trouble_of(error, place)
        if trouble is None:
            raise
        raise trouble from None
