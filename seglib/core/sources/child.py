"""The process in which files of strangers are read: it limits itself, does one thing, and says how it went in JSON.

It is started by `seglib.core.sources.apart`, reads one line of its input, and ends when that input is closed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from seglib.core.contract import Column, TableContract
from seglib.core.errors import Finding, InputRefused, SegError
from seglib.core.sections import Source
from seglib.core.sources import stage
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.database import ask
from seglib.core.sources.dbtrouble import Question
from seglib.core.sources.packed import SMALLER, is_packed, laid_open, refuse_bomb
from seglib.core.sources.readers import Reader, open_readers
from seglib.core.trouble import trouble_of

MOST_ROWS = 1_000_000  # that are read before `seglib init` opens a file itself


def _main() -> None:
    """Read the question, do it within its limits, and write the answer as the last line."""
    answers = _only_answers()
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limit(int(asked["bytes"]), int(asked["seconds"]))
    answer = answered(asked, lambda rows: _say(answers, {"rows": rows}))
    _say(answers, answer)
    os._exit(0)


def answered(asked: Mapping[str, Any], progress: Callable[[int], object]) -> dict[str, Any]:
    """Do what is asked and give the result, or what was refused; a reader's own panic counts as a damaged file."""
    try:
        return {"done": WORK[asked["do"]](asked, progress)}
    except SegError as error:
        return {"kind": type(error).__name__, "findings": [asdict(each) for each in error.findings]}
    except BaseException as error:
        return _told(error, asked)


def _told(error: BaseException, asked: Mapping[str, Any]) -> dict[str, Any]:
    trouble = trouble_of(error)
    if trouble is None or isinstance(error, KeyboardInterrupt):
        os._exit(1)
    if trouble.findings[0].code == "X22":
        gigabytes = int(asked["bytes"]) // 2**30
        trouble_ = InputRefused(Finding("F21", f"needs more than {gigabytes} GB of memory to read", do=SMALLER))
        return {"kind": "InputRefused", "findings": [asdict(each) for each in trouble_.findings]}
    return {"kind": "EnvironmentTrouble", "findings": [asdict(each) for each in trouble.findings]}


def _stage(asked: Mapping[str, Any], progress: Callable[[int], object]) -> dict[str, Any]:
    folder, source = Path(asked["folder"]), Source.model_validate(asked["source"])
    for path in map(Path, asked["files"]):
        _refuse_bombs(path)
    columns = tuple(Column(**column) for column in asked["columns"])
    contract = TableContract(asked["name"], "", columns, "")
    staged = stage(asked["name"], source, contract, folder, Path(asked["target"]), progress)
    return {
        "rows": staged.rows,
        "files": staged.files,
        "findings": [asdict(each) for each in staged.findings],
        "columns": staged.columns,
    }


def _endure(asked: Mapping[str, Any], progress: Callable[[int], object]) -> dict[str, Any]:
    """Read files and keep nothing; only what breaks a reader, or is too large for it, counts."""
    source, folder = Source.model_validate(asked["source"]), Path(asked["folder"])
    for path in map(Path, asked["files"]):
        _refuse_bombs(path)
        with suppress(InputRefused), laid_open({path.name: path}, source, folder) as opened:
            for reader in open_readers(opened[path.name], path.name, Source(sheet="*")):
                _read(reader, progress)
    return {}


def _ask(asked: Mapping[str, Any], progress: Callable[[int], object]) -> dict[str, Any]:
    return ask(Question(**asked["question"]), Path(asked["target"]), progress)


WORK = {"stage": _stage, "endure": _endure, "ask": _ask}


def _refuse_bombs(path: Path) -> None:
    """Look at a workbook before it is opened; what is packed by its name has limits of its own."""
    if not path.is_dir() and not is_packed(path):
        refuse_bomb(path)


def _read(reader: Reader, progress: Callable[[int], object]) -> None:
    """Read all columns, of a very long file the first rows: `seglib init` looks at parts of it only."""
    rows = 0
    for _, lines in reader.batches(range(len(reader.header)), Faults()):
        rows += len(lines)
        progress(len(lines))
        if rows >= MOST_ROWS:
            return


def limit(most_bytes: int, seconds: int) -> None:
    """Let this process use so much memory and time and no more, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_AS, most_bytes), (resource.RLIMIT_CPU, seconds)):
        _, hard = resource.getrlimit(kind)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(kind, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what it held in memory is nobody's business


def _only_answers() -> IO[str]:
    """Keep the way to the parent for answers: what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


def _say(answers: IO[str], what: Mapping[str, Any]) -> None:
    answers.write(f"{json.dumps(what)}\n")
    answers.flush()


def _end_with_parent() -> None:
    """End as soon as the parent is gone: its end of the pipe is closed then."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    _main()
