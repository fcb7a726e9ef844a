"""Files of strangers are read in a process of their own: what breaks its reader, or asks for too much, ends there."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seglib.core.contract import TableContract
from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused, PrivacyRefused, SegError
from seglib.core.sections import Source
from seglib.core.sources import Progress, Staged, find_files, stage
from seglib.core.sources.packed import PACKED_TIMES, UNPACKED, is_packed
from seglib.core.sources.tables import bytes_of, is_table
from seglib.core.trouble import spoken

READ_HERE = (".csv", ".txt", ".tsv", ".json", ".jsonl", ".ndjson")  # text, which Python itself reads
CHILD = ("-m", "seglib.core.sources.child")
LEAST_BYTES, SECONDS, SECONDS_PER_MEGABYTE = 4 * 2**30, 600, 1
KINDS: dict[str, type[SegError]] = {cls.__name__: cls for cls in (InputRefused, EnvironmentTrouble, PrivacyRefused)}
SAVE = "open it in its program and save it again, or export it as CSV"


def stage_apart(
    name: str,
    source: Source,
    contract: TableContract,
    folder: Path,
    target: Path,
    progress: Progress | None = None,
) -> Staged:
    """Do what `stage` does; where a file is no plain text, in a process with limits of memory and time.

    Parameters
    ----------
    name, source, contract, folder, target, progress
        As of `stage`.

    Raises
    ------
    InputRefused
        Also F23 where a file makes its reader break off, and F21 where it asks for more than the limits.
    EnvironmentTrouble
        X22, when the process was ended from outside.
    """
    files = find_files(name, source, folder)
    if all(path.suffix.lower() in READ_HERE and not path.is_dir() for path in files):
        return stage(name, source, contract, folder, target, progress)
    asked = {
        "do": "stage",
        "name": name,
        "columns": [asdict(column) for column in contract.columns],
        "source": source.model_dump(mode="json"),
        "folder": str(folder),
        "target": str(target),
        "files": [str(path) for path in files],
    }
    try:
        told = asked_of_child(asked, files, progress)
    except BaseException:
        target.unlink(missing_ok=True)
        shutil.rmtree(target.parent / UNPACKED, ignore_errors=True)
        raise
    findings = tuple(Finding(**each) for each in told["findings"])
    read = tuple((str(label), str(digest), int(size)) for label, digest, size in told["files"])
    return Staged(name, target, int(told["rows"]), read, findings, tuple(told["columns"]))


def endure(
    files: Sequence[Path], progress: Callable[[int], object] | None = None, source: Source | None = None
) -> None:
    """Have files read in a process with limits before this one opens them.

    Parameters
    ----------
    files : sequence of Path
        Plain text is left out: nothing in it can break a reader.
    progress : callable, optional
        Called with the number of rows of each batch.
    source : Source, optional
        Which table of a zip file is meant, and how much a file may unpack to.

    Raises
    ------
    InputRefused, EnvironmentTrouble
        As of `stage_apart`; what else is wrong with a file is for its reader to say.
    """
    foreign = [path for path in files if is_table(path) or (path.is_file() and path.suffix.lower() not in READ_HERE)]
    if foreign:
        with tempfile.TemporaryDirectory(prefix="seglib-look-") as folder:
            given = (source or Source()).model_dump(mode="json")
            asked = {"do": "endure", "files": [str(path) for path in foreign], "source": given, "folder": folder}
            asked_of_child(asked, foreign, progress)


def asked_of_child(
    asked: Mapping[str, Any],
    files: Sequence[Path],
    progress: Callable[[int], object] | None = None,
    overdue: tuple[float, Finding] | None = None,
) -> dict[str, Any]:
    """Ask another process, and give its answer; how it ended is told where it has none.

    Parameters
    ----------
    asked : mapping
        What `seglib.core.sources.child` understands.
    files : sequence of Path
        What it reads: their sizes allow it time, their names stand in messages.
    progress : callable, optional
        Called with the number of rows of each batch.
    overdue : (float, Finding), optional
        After how many seconds of the clock it is ended, and what is said then.
    """
    megabytes = sum(bytes_of(path) * (PACKED_TIMES if is_packed(path) else 1) for path in files) // 10**6
    seconds = SECONDS + SECONDS_PER_MEGABYTE * megabytes
    limits = {"seconds": int(seconds), "bytes": _most_bytes()}
    command = [sys.executable, *CHILD]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    late = threading.Event()
    with subprocess.Popen(command, text=True, encoding="utf-8", **pipes) as child:
        clock = threading.Timer(overdue[0] if overdue else 0, _end, (child, late))
        clock.daemon = True
        try:
            if overdue:
                clock.start()
            answer = _heard(child, {**limits, **asked}, progress)
        finally:
            clock.cancel()
            child.kill()
    if overdue and late.is_set() and "done" not in answer:
        raise InputRefused(overdue[1])
    if "kind" in answer:
        raise KINDS[answer["kind"]]([Finding(**each) for each in answer["findings"]])
    if "done" not in answer:
        raise ended(child.returncode, files, int(seconds))
    return dict(answer["done"])


def _end(child: subprocess.Popen[str], late: threading.Event) -> None:
    """End a process whose time is over, and remember that this was the reason."""
    late.set()
    child.kill()


def _heard(child: subprocess.Popen[str], asked: Mapping[str, Any], progress: Any) -> dict[str, Any]:
    """Send the question, hear of rows, and wait for the last line; the open pipe tells the child that we are here."""
    assert child.stdin and child.stdout
    answer: dict[str, Any] = {}
    with suppress(BrokenPipeError):  # it has ended already, and how is told by its code; nothing may stay in a buffer
        os.write(child.stdin.fileno(), f"{json.dumps(asked)}\n".encode())
    for line in child.stdout:
        answer = json.loads(line)
        if "rows" in answer and progress:
            progress(int(answer["rows"]))
    child.wait()
    return answer


def ended(code: int, files: Sequence[Path], seconds: int) -> SegError:
    """Say how a process ended that gave no answer.

    Examples
    --------
    >>> print(ended(-6, [Path("book.xlsx")], 600))
    SEG-F23 a file makes its reader break off - book.xlsx - do: open it in its program and save it again, or export ...
    >>> ended(-9, [Path("book.xlsx")], 600).exit_code
    4
    """
    names = ", ".join(path.name for path in files)
    if code == -getattr(signal, "SIGKILL", 9):
        return spoken(errno.ENOMEM, names)
    if code == -getattr(signal, "SIGXCPU", 24):
        do = "export it as CSV, in parts if it is large"
        return InputRefused(Finding("F21", f"takes longer than {seconds} s to read", names, do=do))
    return InputRefused(Finding("F23", "a file makes its reader break off", names, do=SAVE))


def _most_bytes() -> int:
    """Most memory that reading may ask for: all that the machine has, and at least 4 GB."""
    if not hasattr(os, "sysconf"):
        return LEAST_BYTES
    return max(LEAST_BYTES, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
