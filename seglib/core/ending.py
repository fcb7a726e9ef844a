"""How a command ends: one sentence and an exit code, whatever happened, and never a traceback."""

from __future__ import annotations

import os
import platform
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from seglib.core.early import STOPPED
from seglib.core.errors import Bug, Finding, SegError, printable
from seglib.core.home import home
from seglib.core.run import STUDY
from seglib.core.trouble import trouble_of

KEPT = 10
CRASH = "seglib-error"
READER_GONE = 128 + 13  # as a shell says of a program whose output nobody reads any more
PRIVATE = 0o077
FRAME = re.compile(r'File "([^"\n]+)", line (\d+), in (\S+)')


class Stopped(KeyboardInterrupt):
    """Somebody asked the process to end: SIGTERM, or its terminal was closed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class ReaderGone(Exception):
    """Nobody reads the output any more: `seglib ... | head` has seen enough."""


def say(line: str) -> None:
    """Write one line of progress at once.

    Raises
    ------
    ReaderGone
        When nobody reads it.
    """
    try:
        sys.stdout.write(f"{printable(line)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None


@contextmanager
def orderly() -> Iterator[None]:
    """Make every new file private, and let a request to end run through all cleaning, as Ctrl-C does."""
    before = os.umask(PRIVATE)
    names = ("SIGTERM", "SIGHUP") if threading.current_thread() is threading.main_thread() else ()
    numbers = [number for name in names if (number := getattr(signal, name, None)) is not None]
    heard = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]  # nohup has taken its own
    for number in heard:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)
        os.umask(before)


def _stop(number: int, _: Any) -> NoReturn:
    raise Stopped(number)


def exit_code_of(work: Callable[[], None], about: object) -> int:
    """Do the work and return the exit code; what went wrong is told in one sentence on the error stream.

    Parameters
    ----------
    work : callable
        The command.
    about : object
        Its options; `study` and `quarter`, where it has them, are part of the name of a crash file.

    Returns
    -------
    int
        0 done, 2 input, 3 busy, 4 environment, 5 privacy, 6 our mistake, 130 or 143 stopped, 141 nobody reads on.
    """
    try:
        work()
    except Bug as error:
        return _tell(error, _crash_file(error, about) if error.places else "")
    except SegError as error:
        return _tell(error)
    except KeyboardInterrupt as error:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C may not disturb the end
        _write(STOPPED)
        return 128 + getattr(error, "number", signal.SIGINT)
    except ReaderGone:
        _to_nowhere()
        return READER_GONE
    except Exception as error:
        trouble = trouble_of(error)
        if trouble is not None:
            return _tell(trouble)
        found = _crash_file(error, about)
        return _tell(Bug(Finding("BUG", f"stopped by {type(error).__name__}", found=found, do="report it")))
    return 0


def _tell(error: SegError, more: str = "") -> int:
    _write(f"{error}{' - ' if more else ''}{more}")
    return error.exit_code


def _write(sentence: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{sentence}\n")
        sys.stderr.flush()


def _to_nowhere() -> None:
    """Send what is left of the output nowhere, so that Python does not complain at its exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _crash_file(error: BaseException, about: object) -> str:
    """Write where our mistake happened into a private file of its own, keep the last ten, and name it."""
    study, quarter = str(getattr(about, "study", "")), str(getattr(about, "quarter", ""))
    named = [study if re.fullmatch(STUDY, study) else "", quarter if re.fullmatch(r"\d{4}Q[1-4]", quarter) else ""]
    name = "-".join([CRASH, *filter(None, named), time.strftime("%Y%m%dT%H%M%S"), f"{time.time_ns() % 10**6:06}"])
    try:
        path = home() / "data" / f"{name}.txt"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(places_of(error))
        old = sorted(path.parent.glob(f"{CRASH}*.txt"), key=lambda each: (each.stat().st_mtime_ns, each.name))
        for each in old[:-KEPT]:
            each.unlink(missing_ok=True)
    except (OSError, SegError):
        return "its details could not be written"
    return f"the places in the code are in data/{path.name}; it holds no data"


def places_of(error: BaseException) -> str:
    """Name the kinds of an error and its causes and the places in the code, and nothing that was said or computed.

    Messages of libraries may quote a row, so they are left out.

    Examples
    --------
    >>> try:
    ...     int("anna@example.com")
    ... except ValueError as error:
    ...     "ValueError" in places_of(error), "anna" in places_of(error)
    (True, False)
    """
    lines = [f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"]
    seen: BaseException | None = error
    while seen is not None:
        lines.append(type(seen).__name__)
        frames = [(f.filename, f.lineno, f.name) for f in traceback.extract_tb(seen.__traceback__)]
        if type(seen).__name__ == "_RemoteTraceback":  # of another process: it came as text
            frames = [(file, int(line), name) for file, line, name in FRAME.findall(str(seen))]
        lines += [f"  {_short(file)}, line {line}, in {name}" for file, line, name in frames]
        lines += [f"  {place}" for place in getattr(seen, "places", ())]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(lines) + "\n"


def _short(file: str) -> str:
    """Take the folders of this machine off the name of a file of code."""
    parts = Path(file).parts
    for root in ("site-packages", "seglib"):
        if root in parts:
            at = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[at + (root == "site-packages") :])
    return parts[-1] if parts else ""
