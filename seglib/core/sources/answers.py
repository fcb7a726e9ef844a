"""Answers of databases: each is asked for once, kept in the study's private folder, and read from there like a file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from seglib.core import store
from seglib.core.errors import Finding
from seglib.core.origins import Connection, Source
from seglib.core.privacy import private_file, private_folder
from seglib.core.sources.apart import asked_of_child
from seglib.core.sources.dbtrouble import Question

if TYPE_CHECKING:
    from seglib.core.plan import Plan

FOLDER, GRACE_SECONDS, CPU_SECONDS = "answers", 30, 3_600
NOT_YET = "not asked yet"


def question(plan: Plan, table: str) -> Question:
    """Give what the plan asks of a database for a table."""
    source = plan.sources[table]
    name = str(source.connection)
    return Question(table, name, plan.connections[name].uri_env, str(source.query), source.seconds)


def _asking(plan: Plan) -> list[str]:
    """List the tables that come from databases."""
    return [name for name, source in plan.sources.items() if source.connection]


def place_of(data: Path, asked: Question) -> Path:
    """Where the answer to a question is kept."""
    return data / "private" / FOLDER / f"{asked.connection}.{asked.table or 'orders'}.parquet"


def fingerprints(data: Path, plan: Plan) -> dict[str, str]:
    """Hash the answers that are kept to what the plan asks now, as source files are hashed.

    Parameters
    ----------
    data : Path
        The study's folder.
    plan : Plan
        Its plan.

    Returns
    -------
    dict
        Name of each answer to the SHA-256 of its bytes, or to words where it was not asked for yet.
    """
    found = {}
    for table in _asking(plan):
        asked = question(plan, table)
        path = place_of(data, asked)
        found[f"{FOLDER}/{path.name}"] = store.sha256_file(path) if _is_kept(data, asked) else NOT_YET
    return found


def _is_kept(data: Path, asked: Question) -> bool:
    """Whether an answer to this very question is there."""
    path = place_of(data, asked)
    try:
        receipt = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return bool(receipt["question"] == _digest(asked) and receipt["bytes"] == path.stat().st_size)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _digest(asked: Question) -> str:
    return store.sha256_json([asked.connection, asked.uri_env, asked.query.strip()])


def ask_all(
    data: Path,
    plan: Plan,
    say: Callable[[str], object] | None = None,
    anew: bool = False,
    progress: Callable[[int], object] | None = None,
) -> bool:
    """Ask every question of a plan that has no answer yet; the last answer stays until the new one is whole.

    Parameters
    ----------
    data : Path
        The study's folder.
    plan : Plan
        Its plan.
    say : callable, optional
        Told of each answer, and of those that are used as they were kept.
    anew : bool
        Ask also what is answered already.
    progress : callable, optional
        Called with the number of rows of each batch.

    Returns
    -------
    bool
        Whether anything was asked.

    Raises
    ------
    InputRefused, EnvironmentTrouble
        As of `seglib.core.sources.database.ask`.
    """
    asked = [question(plan, table) for table in _asking(plan)]
    wanted = [each for each in asked if anew or not _is_kept(data, each)]
    for each in wanted:
        started = time.perf_counter()
        rows = keep(data, each, progress)
        if say:
            say(f"   asked {each.connection} for {each.table}: {rows:,} rows, {time.perf_counter() - started:.1f} s")
    if say:
        _say_kept(data, (each for each in asked if each not in wanted), say)
    return bool(wanted)


def _say_kept(data: Path, kept: Iterable[Question], say: Callable[[str], object]) -> None:
    for each in kept:
        receipt = json.loads(place_of(data, each).with_suffix(".json").read_text(encoding="utf-8"))
        say(f"   {each.table}: the answer of {each.connection} from {receipt['asked_at'][:10]} (--from 00 asks again)")


def keep(data: Path, asked: Question, progress: Callable[[int], object] | None = None) -> int:
    """Ask in a process of its own and keep the answer; returns its number of rows."""
    path = place_of(data, asked)
    private_folder(data / "private")
    private_folder(path.parent)
    part = path.with_suffix(".part")
    what, place = f"the database takes longer than {asked.seconds:,} s to answer", f"{asked.place}.query"
    do = f"narrow the query, or allow more in sources.{asked.table}.seconds"
    job = {"do": "ask", "question": asked._asdict(), "target": str(part), "seconds": CPU_SECONDS}
    try:
        late = (asked.seconds + GRACE_SECONDS, Finding("F30", what, place, do=do))
        rows = int(asked_of_child(job, (), progress, late)["rows"])
        receipt = {
            "question": _digest(asked),
            "rows": rows,
            "bytes": part.stat().st_size,
            "sha256": store.sha256_file(part),
            "asked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    path.with_suffix(".json").write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")
    private_file(path.with_suffix(".json"))
    return rows


def forget_in(data: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Remove the answers of these file names; they are asked for again. Returns the connections they came from."""
    gone = set()
    for name in names:
        path = data / "private" / FOLDER / name
        gone.add(name.partition(".")[0])
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
    return tuple(sorted(gone))


def laid(data: Path, plan: Plan, table: str) -> tuple[Source, Path]:
    """Say how a table is read: as the plan says, or where it comes from a database, from the answer that is kept.

    Returns
    -------
    tuple of Source and Path
        The source with the folder in which its files lie.
    """
    source = plan.sources[table]
    if not source.connection:
        return source, data / "sources"
    asked = question(plan, table)
    if not _is_kept(data, asked):
        keep(data, asked)
    path = place_of(data, asked)
    return source.model_copy(update={"file": path.name, "query": None, "connection": None}), path.parent


def connection_named(uri_env: str) -> tuple[str, Connection]:
    """Make a connection of an environment variable: ``SHOP_DB`` is called shop.

    Examples
    --------
    >>> connection_named("SHOP_DB")[0], connection_named("DATABASE_URL")[0]
    ('shop', 'database')
    """
    words = [word for word in uri_env.lower().split("_") if word]
    name = "_".join(words[:-1] if len(words) > 1 and words[-1] in ("db", "url", "uri", "dsn") else words)
    return (name if name[:1].isalpha() else f"db_{name}")[:40], Connection(uri_env=uri_env)
