"""A new home of studies: notebooks, the demo, and a page that says what lies where; later versions keep it current."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from seglib.core.contract import TABLES
from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused
from seglib.core.glossary import PAGE
from seglib.core.home import MARKER, current_folder, nearest_home, outside_installations, shipped, shown
from seglib.core.privacy import private_folder

HEAD = "# This folder is a home of studies: seglib looks for this file from the current folder upwards.\n"
KEPT = "# What seglib wrote here: where a file still says so, it follows the version of seglib.\n[files]\n"


def new_home(folder: Path) -> tuple[str, ...]:
    """Make a home of studies in a new or empty folder.

    Parameters
    ----------
    folder : Path
        Where; relative to the current folder.

    Returns
    -------
    tuple of str
        What was made, and what to type next.

    Raises
    ------
    InputRefused
        When something lies there, or a home lies above it.
    EnvironmentTrouble
        When it cannot be written.
    PrivacyRefused
        When it lies inside an installation.
    """
    place = (current_folder() / folder.expanduser()).resolve()
    outside_installations(place)
    above = nearest_home(place)
    if above is not None:
        do = "make a study in it with: seglib init my_orders.csv --study acme"
        raise InputRefused(Finding("P02", "a home of studies is here already", found=shown(above), do=do))
    if place.exists() and not (place.is_dir() and next(place.iterdir(), None) is None):
        raise InputRefused(Finding("P02", "the folder is not empty", found=shown(place), do="name a new one"))
    existed = place.exists()
    try:
        _write(place)
    except OSError as error:
        for made in [*place.iterdir()] if existed else [place]:
            shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
        raise _cannot_write(error) from None
    named = os.environ.get("SEGLIB_HOME")
    elsewhere = named and Path(named).expanduser().resolve() != place
    return (
        f"{place.name} holds data/ (only you can enter it), notebooks/ and reports/, and the demo shop; next:",
        *(["  unset SEGLIB_HOME                         # it names another folder"] if elsewhere else []),
        *([f"  cd {shlex.quote(shown(place))}"] if place != current_folder().resolve() else []),
        "  seglib report                             # the demo shop",
        "  seglib lab                                # its notebooks in JupyterLab",
        "  seglib init my_orders.csv --study acme    # your own orders",
    )


def bring_up_to_date(home: Path) -> tuple[str, ...]:
    """Put today's files of seglib in the place of those that an earlier version wrote and nobody has changed.

    Parameters
    ----------
    home : Path
        A home of studies; one that `new_home` did not make is left alone.

    Returns
    -------
    tuple of str
        A sentence for each file that was replaced, or that was changed here and therefore was not.
    """
    written = _written(home / MARKER)
    today, said = dict(written), []
    try:
        for name, source in _brought() if written else ():
            content = source.read_bytes()
            today[name] = _hash(name, content)
            sentence = _follow(home / name, content, written.get(name), today[name])
            said += [f"{name} {sentence}"] if sentence else []
        if today != written:
            _mark(home / MARKER, today)
    except OSError as error:
        raise _cannot_write(error) from None
    return tuple(said)


def _follow(path: Path, content: bytes, written: str | None, today: str) -> str:
    """Bring one file up to date unless a person has changed or removed it; return what to say of it."""
    removed = not path.is_file() if written else path.exists() or not path.parent.is_dir()
    if today == written or removed:
        return ""
    if written and _hash(path.name, path.read_bytes()) != written:
        return "was changed here and stays so, though this version of seglib has another"
    path.write_bytes(content)
    return "is now as this version of seglib has it"


def _cannot_write(error: OSError) -> EnvironmentTrouble:
    found = error.strerror or type(error).__name__
    return EnvironmentTrouble(Finding("X14", "cannot write the home of studies", found=found, do="mend permissions"))


def _write(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    private_folder(place / "data")
    (place / "reports").mkdir()
    written = {}
    for name, source in _brought():
        content = source.read_bytes()
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
        written[name] = _hash(name, content)
    _mark(place / MARKER, written)


def _brought() -> Iterator[tuple[str, Traversable]]:
    """All that seglib brings along for a home, by the name that it has there."""
    pages = files("seglib.init") / "home"
    yield "README.md", pages / "README.md"
    yield ".gitignore", pages / "gitignore"
    root = shipped()
    demo = root / "data" / "demo"
    found = [root / PAGE, root / "data" / "README.md", demo / "plan.yml", *(root / "notebooks").glob("*.ipynb")]
    found += [*(demo / "sources" / f"{table}.csv" for table in TABLES), *(demo / "truth").iterdir()]
    for path in sorted(found):
        yield path.relative_to(root).as_posix(), path


def _hash(name: str, content: bytes) -> str:
    """Hash what a file says; of a notebook what its cells say, whatever they have shown since."""
    if name.endswith(".ipynb"):
        try:
            cells = json.loads(content)["cells"]
            content = json.dumps([(cell["cell_type"], "".join(cell["source"])) for cell in cells]).encode()
        except (ValueError, KeyError, TypeError):
            pass  # no notebook any more: its bytes count
    return hashlib.sha256(content).hexdigest()


def _written(marker: Path) -> dict[str, str]:
    """Read what seglib wrote into a home; nothing where it did not make it."""
    try:
        text = marker.read_text(encoding="utf-8") if marker.is_file() else ""
        return {str(name): str(digest) for name, digest in tomllib.loads(text).get("files", {}).items()}
    except (tomllib.TOMLDecodeError, AttributeError):
        do = "leave it empty: your files are then never replaced"
        raise InputRefused(Finding("P05", "cannot be read", marker.name, do=do)) from None


def _mark(marker: Path, written: dict[str, str]) -> None:
    lines = "".join(f'"{name}" = "{digest}"\n' for name, digest in written.items())
    draft = marker.with_name(f".{marker.name}")
    draft.write_text(HEAD + KEPT + lines, encoding="utf-8")
    draft.replace(marker)
