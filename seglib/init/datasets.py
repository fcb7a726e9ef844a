"""Public data sets: where they lie, how they are checked, and the study that each becomes."""

from __future__ import annotations

import gzip
import io
import json
import logging
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePosixPath

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused, nearest
from seglib.core.home import report_command
from seglib.core.plan import Plan
from seglib.core.store import sha256_file


@dataclass(frozen=True)
class Dataset:
    """One public data set.

    Parameters
    ----------
    name, title, licence : str
        What it is called and under which terms it may be used.
    url : str
        Address; empty when it is only taken from a shared folder.
    sha256 : str
        Hash of the download; empty when only the member's is known.
    bytes : int
        Size of the download; 0 when unknown.
    member : str
        File inside the archive; ``a > b`` for an archive in an archive; empty when the download is the file.
    member_sha256 : str
        Hash of that file.
    plan : str
        Template of the study's plan; empty when the data carry no orders.
    shared : dict
        Files under the shared folder that hold the same data, with their hashes.
    """

    name: str
    title: str
    licence: str
    url: str = ""
    sha256: str = ""
    bytes: int = 0
    member: str = ""
    member_sha256: str = ""
    plan: str = ""
    shared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchResult:
    """What `fetch` did.

    Parameters
    ----------
    name, study : str
        The data set, and its study or an empty text.
    files : tuple of Path
        What now lies in the study's sources folder.
    sentences : tuple of str
        What to tell the user: title, licence, origin, and what follows.
    """

    name: str
    study: str
    files: tuple[Path, ...]
    sentences: tuple[str, ...]

    def text(self) -> str:
        """Write the sentences as lines."""
        return "\n".join(self.sentences)


def registry() -> dict[str, Dataset]:
    """Return the public data sets by name.

    Examples
    --------
    >>> registry()["online_retail"].licence
    'CC BY 4.0, DOI 10.24432/C5BW33'
    """
    entries = json.loads((files("seglib.init") / "registry.json").read_text(encoding="utf-8"))
    return {entry["name"]: Dataset(**entry) for entry in entries}


def listing() -> str:
    """Write the registry as lines: name, megabytes, title, licence, address."""
    lines = []
    for data in registry().values():
        size = f"{data.bytes / 1e6:.0f} MB, " if data.bytes else ""
        lines.append(f"{data.name:18}{data.title} ({size}{data.licence})")
        lines += [f"{'':18}{data.url}"] if data.url else []
    return "\n".join(lines)


def shared_folder(home: Path) -> Path | None:
    """Find the folder that may hold data sets already: SEGLIB_SHARED_DATA, else shared/data beside the project."""
    folder = Path(os.environ.get("SEGLIB_SHARED_DATA") or home.resolve().parent / "shared" / "data")
    return folder if folder.is_dir() else None


def fetch(name: str, home: Path, shared: Path | None = None, progress: bool = True) -> FetchResult:
    """Bring a public data set and set up its study.

    Parameters
    ----------
    name : str
        Name in the registry.
    home : Path
        The project's folder.
    shared : Path, optional
        Folder that may hold the data already, by default `shared_folder`; its files are checked before they are used.
    progress : bool
        Whether to show a bar while downloading.

    Raises
    ------
    InputRefused
        For an unknown name, or data whose hash is wrong.
    EnvironmentTrouble
        When the address cannot be reached or the folder cannot be written.
    """
    known = registry()
    if name not in known:
        raise InputRefused(Finding("F01", "no such data set", found=name[:40], do=nearest(name, known)))
    data = known[name]
    folder = home / "data" / name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            made = _from_shared(data, shared or shared_folder(home), Path(work)) or _download(
                data, Path(work), progress
            )
            (folder / "sources").mkdir(parents=True, exist_ok=True)
            kept = tuple(path.replace(folder / "sources" / path.name) for path in made)
        study = _write_plan(data, folder, kept[0].name)
    except OSError as error:
        found = error.strerror or type(error).__name__
        raise EnvironmentTrouble(Finding("X14", "cannot write", f"data/{name}", found=found)) from None
    return FetchResult(name, study, kept, _sentences(data))


def _sentences(data: Dataset) -> tuple[str, ...]:
    head = (data.title, f"licence: {data.licence}", f"address: {data.url}" if data.url else "from the shared folder")
    if data.plan:
        return (*head, f"Read data/{data.name}/plan.yml, then type: {report_command(data.name)}")
    place = f"data/{data.name}/sources"
    return (
        *head,
        f"{data.name} carries no orders that a study could read: no study is set up, its file lies in {place}",
    )


def _write_plan(data: Dataset, folder: Path, file: str) -> str:
    """Write the plan unless there is one; a plan that a person has edited is never replaced."""
    path = folder / "plan.yml"
    if not data.plan:
        return ""
    if not path.exists():
        text = (files("seglib.init") / "plans" / data.plan).read_text(encoding="utf-8").replace("{file}", file)
        Plan.parse(text)
        path.write_text(text, encoding="utf-8")
    return data.name


def _from_shared(data: Dataset, shared: Path | None, work: Path) -> tuple[Path, ...]:
    """Copy the files from the shared folder, unpacked, after checking their hashes."""
    if shared is None or not data.shared or not all((shared / name).is_file() for name in data.shared):
        return ()
    made = []
    for name, expected in data.shared.items():
        _check(shared / name, expected, name)
        target = work / PurePosixPath(name).name.removesuffix(".gz")
        read = gzip.open if name.endswith(".gz") else open
        with read(shared / name, "rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        made.append(target)
    return tuple(made)


def _check(path: Path, expected: str, label: str) -> None:
    if expected and sha256_file(path) != expected:
        remedy = "delete the file and fetch it again; if it stays so, the publisher has changed the data"
        raise InputRefused(Finding("F23", "SHA-256 is not the one of the registry", label, do=remedy))


def _download(data: Dataset, work: Path, progress: bool) -> tuple[Path, ...]:
    """Download, check, unpack and check again."""
    import pooch  # only here: everything else works offline

    if not data.url:
        remedy = "set SEGLIB_SHARED_DATA to a folder that holds it"
        raise InputRefused(Finding("F01", f"{data.name} has no public address", do=remedy))
    pooch.get_logger().setLevel(logging.ERROR)
    label = PurePosixPath(data.url).name
    try:
        path = Path(pooch.retrieve(data.url, None, fname="download", path=work, progressbar=progress))
    except Exception as error:  # every library below raises its own kinds; all mean the same to the user
        found = type(error).__name__
        remedy = "check the network, or set SEGLIB_SHARED_DATA to a folder that holds the file"
        raise EnvironmentTrouble(
            Finding("X34", f"cannot download {data.name}", label, found=found, do=remedy)
        ) from None
    _check(path, data.sha256, label)
    if not data.member:
        return (path.rename(work / label),)
    target = work / PurePosixPath(data.member.rpartition(" > ")[2]).name
    _unpack(path, data.member.split(" > "), target, label)
    _check(target, data.member_sha256, data.member)
    return (target,)


def _unpack(path: Path, members: list[str], target: Path, label: str) -> None:
    try:
        content: io.BytesIO | Path = path
        for member in members[:-1]:
            with zipfile.ZipFile(content) as archive:
                content = io.BytesIO(archive.read(member))
        with zipfile.ZipFile(content) as archive, archive.open(members[-1]) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
    except (zipfile.BadZipFile, KeyError):
        found = "no such file inside, or no zip file"
        raise InputRefused(Finding("F23", "archive cannot be unpacked", label, found=found, do="fetch again")) from None
