"""Results on disk: frames and tables as Parquet, the rest as JSON, a manifest last, one rename."""

from __future__ import annotations

import hashlib
import json
import os
import typing
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import TypeAdapter

from seglib.core.errors import Finding, InputRefused
from seglib.core.exchange import swap
from seglib.core.home import report_command
from seglib.core.libraries import versions
from seglib.core.privacy import private_file, private_folder
from seglib.core.steady import STORED_DIGITS, steady_frame, steady_number
from seglib.core.trouble import told

MANIFEST = "manifest.json"
FACTS = "facts.json"
NO_RESULT = ("shipped", "demo_shop", "teach")  # parts of seglib that no step and no page is made by
T = TypeVar("T")


@dataclass(frozen=True)
class Receipt:
    """Proof that a step's result is complete: its key, its files and their hashes."""

    name: str
    key: str
    parameters: dict[str, Any]
    files: dict[str, str]
    rows: dict[str, int]
    inputs: dict[str, str]
    versions: dict[str, str]
    sha256: str = ""


def sha256_file(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_json(value: Any) -> str:
    """Hash a JSON-able value, independent of the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _kinds(cls: type[Any]) -> dict[str, str]:
    """Say of each field of a result type whether it is a ``table``, a ``frame`` or a ``fact``."""
    found = {}
    for field in fields(cls):
        written = str(field.type)
        is_table = "Table" in written.replace("|", " ").split()
        found[field.name] = "table" if is_table else "frame" if "DataFrame" in written else "fact"
    return found


def save(result: Any, folder: Path, engine: Any, keys: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Write every field of a result into a folder and return the rows of each table.

    Floats of frames and facts are rounded to ten significant digits: more of them differ from processor to processor.
    Those of the engine's tables come from whole numbers by one division and stay as they are.

    Parameters
    ----------
    result : frozen dataclass
        Tables of the engine, pandas frames, and facts that JSON can hold.
    folder : Path
        An empty private folder.
    engine : Engine
        Needed for tables of the engine.
    keys : mapping
        Columns that order each table, so that equal inputs give equal bytes.
    """
    rows: dict[str, int] = {}
    facts: dict[str, Any] = {}
    hints = typing.get_type_hints(type(result), localns={"Table": object})
    for name, kind in _kinds(type(result)).items():
        value = getattr(result, name)
        if kind == "fact" or value is None:
            facts[name] = _steady(TypeAdapter(hints[name]).dump_python(value, mode="json")) if kind == "fact" else None
        elif kind == "frame":
            steady_frame(value.reset_index(drop=True), STORED_DIGITS).to_parquet(folder / f"{name}.parquet")
            rows[name] = len(value)
        else:
            rows[name] = engine.write(value, folder / f"{name}.parquet", keys.get(name, ("customer",)))
    text = json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")
    return rows


def load(cls: type[T], folder: Path, engine: Any) -> T:
    """Read a result back; tables stay lazy."""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    hints = typing.get_type_hints(cls, localns={"Table": object})
    values: dict[str, Any] = {}
    for name, kind in _kinds(cls).items():
        path = folder / f"{name}.parquet"
        if kind == "fact" and name not in facts:
            continue  # written before the field was there: its default holds
        if kind == "fact":
            values[name] = TypeAdapter(hints[name]).validate_python(facts[name])
        elif not path.exists():
            values[name] = None
        else:
            values[name] = pd.read_parquet(path) if kind == "frame" else engine.table(path)
    return cls(**values)


def publish(work: Path, target: Path, receipt: Mapping[str, Any]) -> Receipt:
    """Seal a work folder with its manifest and put it in the place of the old one.

    A reader sees the old folder or the new one, never a mixture; a crash in between leaves the work folder,
    which the next run discards.
    """
    with told(target.name):
        sealed = seal(work, receipt)
        swap(work, target)
    return sealed


def seal(work: Path, receipt: Mapping[str, Any]) -> Receipt:
    """Write the manifest of a work folder, last of all its files, after each of them is on disk."""
    files = {p.relative_to(work).as_posix(): sha256_file(p) for p in sorted(work.rglob("*")) if p.is_file()}
    body = {**receipt, "files": files, "versions": versions()}
    body["sha256"] = sha256_json(body)
    for name in files:
        _sync(private_file(work / name))
    manifest = work / MANIFEST
    manifest.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _sync(private_file(manifest))
    return Receipt(**body)


def read_receipt(folder: Path, do: str = "") -> Receipt | None:
    """Read a folder's manifest; None when the step was never finished. `do` is the remedy where it is no step's."""
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        recorded = body.pop("sha256")
        receipt = Receipt(**body, sha256=recorded)
    except (ValueError, TypeError, KeyError):
        raise damaged(folder, MANIFEST, do) from None
    if recorded != sha256_json(body):
        raise damaged(folder, MANIFEST, do)
    return receipt


def check_files(folder: Path, receipt: Receipt, do: str = "") -> None:
    """Refuse a folder in which a file is missing or does not match its recorded hash."""
    for name, digest in receipt.files.items():
        path = folder / name
        if not path.is_file() or sha256_file(path) != digest:
            raise damaged(folder, name, do)


def damaged(folder: Path, file: str, do: str = "") -> InputRefused:
    """Say that a published file of data/<study>/runs/<quarter>/<step> is not what was written."""
    place = f"{folder.name}/{file}"
    return InputRefused(Finding("X26", "does not match its recorded hash", place, do=do or again(folder)))


def again(folder: Path) -> str:
    """Name the command that makes a step's folder, and everything after it, again.

    Examples
    --------
    >>> again(Path("data/acme/runs/2026Q3/04_clustering"))
    'make report STUDY=acme QUARTER=2026Q3 FROM=04'
    """
    quarter = folder.absolute().parent
    return report_command(quarter.parents[1].name, quarter.name, folder.name[:2])


def work_folder(parent: Path, name: str) -> Path:
    """Make a private folder of this process under `parent`."""
    return private_folder(private_folder(parent) / f"{name}-{os.getpid()}-{uuid.uuid4().hex[:8]}")


def code_hash() -> str:
    """Hash of the source files that a result can hang on, the same in a clone and where it is installed.

    What invents shops and what teaches is left out: a new exercise makes nobody's report stale.
    """
    root = Path(__file__).resolve().parents[1]
    kinds_of_source = {".py", ".csv", ".yml", ".json"}
    other = [root / name for name in NO_RESULT]
    parts = [
        p for p in sorted(root.rglob("*")) if p.suffix in kinds_of_source and not any(map(p.is_relative_to, other))
    ]
    return sha256_json({p.relative_to(root).as_posix(): sha256_file(p) for p in parts})


def _steady(fact: Any) -> Any:
    """Round the floats of what JSON can hold."""
    if isinstance(fact, float):
        return steady_number(fact, STORED_DIGITS)
    if isinstance(fact, dict):
        return {name: _steady(part) for name, part in fact.items()}
    return [_steady(part) for part in fact] if isinstance(fact, list) else fact


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
