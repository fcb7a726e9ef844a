"""Which files a source of the plan is: plain ones inside the sources folder, or a folder that is a table."""

from __future__ import annotations

import stat
from pathlib import Path

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.origins import Source
from seglib.core.sources.joined import named_files
from seglib.core.sources.packed import stem_of
from seglib.core.sources.tables import files_below, is_table


def find_files(name: str, source: Source, folder: Path) -> list[Path]:
    """Find the files of a source, or those that its query names, in the sources folder, sorted by name.

    Returns
    -------
    list of Path
        Regular files, and folders that are tables.

    Raises
    ------
    InputRefused
        When there is none, or one is another folder, a pipe or a link that leads out of the folder.
    """
    if source.query and not source.database:
        return _of_query(name, source, folder)
    key = "database" if source.query else "file"
    wanted = source.database if source.query else source.file
    if not wanted:
        remedy = f"add sources.{name}.{key}"
        raise InputRefused(Finding("F01", f"no {key} for {name}", "plan.yml", do=remedy))
    exact = folder / wanted
    is_pattern = not exact.exists() and not exact.is_symlink() and any(mark in wanted for mark in "*?[")
    outside = Path(wanted).is_absolute() or ".." in Path(wanted).parts
    paths = [] if outside else sorted(folder.glob(wanted)) if is_pattern else [exact]
    refused = [_outside(wanted)] if outside else [f for path in paths if (f := _not_regular(path, folder, name, key))]
    if not paths and not refused:
        remedy = f"correct sources.{name}.{key}, or put the files into sources/"
        refused = [Finding("F01", "no file matches the pattern", wanted, do=remedy)]
    if refused:
        raise InputRefused(refused)
    return paths


def _of_query(name: str, source: Source, folder: Path) -> list[Path]:
    """Find the files that a query without a database names."""
    place, query = f"plan.yml, sources.{name}.query", str(source.query)
    if source.file:
        remedy = f"remove sources.{name}.file: the query names its files, without their endings"
        raise InputRefused(Finding("F01", "both file and query", place, do=remedy))
    paths = named_files(query, folder)
    if not paths:
        known = ", ".join(stem_of(path.name) for path in sorted(folder.glob("*")) if path.is_file() or is_table(path))[
            :200
        ]
        remedy = f"name one of: {known}" if known else "put the files into sources/"
        raise InputRefused(Finding("F01", "the query names no file of sources", place, do=remedy))
    return paths


def _outside(wanted: str) -> Finding:
    return Finding("F24", "not inside the sources folder", Path(wanted).name, do="put the file into sources/")


def _not_regular(path: Path, folder: Path, name: str, key: str) -> Finding | None:
    label = path.relative_to(folder).as_posix()
    if path.name.startswith(("~$", ".~lock.")):
        do = "close the workbook in the spreadsheet program, or delete this file"
        return Finding("F24", "not a workbook but the lock of one that is open", label, do=do)
    if not path.exists():
        known = [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file()]
        hint = nearest(path.name, known) if known else "the folder is empty"
        remedy = f"rename it or set sources.{name}.{key}"
        return Finding("F01", f"{label} not found in sources", found=hint, do=remedy)
    if any(not file.resolve().is_relative_to(folder.resolve()) for file in (path, *files_below(path))):
        return _outside(label)
    if is_table(path):
        return None
    if not stat.S_ISREG(path.stat().st_mode):
        found = "a folder without Parquet files" if path.is_dir() else "a pipe or device"
        do = f"set sources.{name}.{key} to a file" + (
            f', or to a pattern, such as "{label}/*.csv"' if path.is_dir() else ""
        )
        return Finding("F24", "not a regular file", label, found=found, do=do)
    return None


def source_paths(source: Source, folder: Path) -> list[Path]:
    """Find what `find_files` would, and nothing where it would refuse: for fingerprints.

    Parameters
    ----------
    source : Source
        The plan's entry.
    folder : Path
        The study's sources folder.
    """
    if source.connection:
        return []
    if source.query and not source.database:
        return named_files(source.query, folder)
    wanted = source.database if source.query else source.file
    found = sorted(folder.glob(wanted)) if wanted else []
    return [path for path in found if path.is_file() or is_table(path)]
