"""The home of studies: the folder with data/, reports/ and notebooks/, and what seglib brings along for it."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from importlib.resources import files
from pathlib import Path

from seglib.core.errors import EnvironmentTrouble, Finding, PrivacyRefused

MARKER = "seglib.toml"
FOREIGN = {"site-packages", "dist-packages"}
HAS_MAKE = os.name != "nt"
ELSEWHERE = "name a folder outside of it, or make one with: seglib new FOLDER"


def home() -> Path:
    """Return the folder that holds data/, reports/ and notebooks/.

    It is the one that ``SEGLIB_HOME`` names; else the nearest one with a ``seglib.toml`` from the current folder
    upwards, as git finds its own; else the clone of the project that seglib runs from.

    Returns
    -------
    Path
        Absolute.

    Raises
    ------
    EnvironmentTrouble
        When there is none of the three, or ``SEGLIB_HOME`` names no folder.
    PrivacyRefused
        When it lies inside an installation, where the data of customers must not be.
    """
    named = os.environ.get("SEGLIB_HOME")
    if named:
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise EnvironmentTrouble(
                Finding("X35", "SEGLIB_HOME names no folder", do="make it with: seglib new FOLDER")
            )
        return outside_installations(folder.resolve())
    found = nearest_home(current_folder()) or clone()
    if found is None:
        remedy = "make one with: seglib new studies, then go there with: cd studies"
        raise EnvironmentTrouble(Finding("X35", "no home of studies in this folder or above it", do=remedy))
    return outside_installations(found)


def current_folder() -> Path:
    """Return the current folder, or say that it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        finding = Finding("X35", "the current folder was removed", do="go to another folder with cd")
        raise EnvironmentTrouble(finding) from None


def nearest_home(folder: Path) -> Path | None:
    """Find the nearest folder with a marker, from this one upwards; None when there is none.

    Examples
    --------
    >>> nearest_home(Path("/")) is None
    True
    """
    folder = folder.resolve()
    return next((each for each in (folder, *folder.parents) if (each / MARKER).is_file()), None)


@cache
def clone() -> Path | None:
    """Return the clone of the project that seglib runs from; None when it is installed."""
    root = Path(str(files("seglib"))).resolve().parent
    return root if (root / "pyproject.toml").is_file() and (root / "notebooks").is_dir() else None


@cache
def shipped() -> Path:
    """Return the folder with the notebooks and the demo that came with seglib: the clone, or a part of the package."""
    return clone() or Path(str(files("seglib"))) / "shipped"


def outside_installations(folder: Path) -> Path:
    """Return the folder, refusing one among installed programs: an update or an uninstall would take it away.

    Parameters
    ----------
    folder : Path
        Absolute, with links resolved.

    Raises
    ------
    PrivacyRefused
        When it lies in a folder of packages, of the interpreter, or of its virtual environment.

    Examples
    --------
    >>> outside_installations(Path("/opt/shop/site-packages/data"))
    Traceback (most recent call last):
    seglib.core.errors.PrivacyRefused: SEG-R29 the home of studies lies inside an installation of programs, where ...
    """
    if folder == clone():
        return folder
    places = {Path(path).resolve() for path in _programs()}
    if FOREIGN & {*folder.parts} or places & {folder, *folder.parents}:
        what = "the home of studies lies inside an installation of programs, where customers' data must not be"
        raise PrivacyRefused(Finding("R29", what, do=ELSEWHERE))
    return folder


def _programs() -> list[str]:
    """Folders of this interpreter and of seglib; a virtual environment is all program, a system's prefix is not."""
    paths = sysconfig.get_paths()
    found = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib", "scripts")]
    found += [] if clone() else [str(shipped().parents[1])]
    is_environment = sys.prefix != sys.base_prefix or (Path(sys.prefix) / "conda-meta").is_dir()
    return [*found, sys.prefix] if is_environment else found


def shown(path: Path) -> str:
    """Write a path as it can be typed in the current folder.

    Examples
    --------
    >>> shown(Path.cwd() / "reports" / "index.html")
    'reports/index.html'
    """
    try:
        return Path(os.path.relpath(path, current_folder())).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def report_command(study: str, quarter: str = "", first: str = "") -> str:
    """Write the command that makes a report: with make in the clone, where seglib is on no path, else with seglib.

    Windows has no make: there Python finds seglib.

    Examples
    --------
    >>> report_command("acme", "2026Q3", "04")
    'make report STUDY=acme QUARTER=2026Q3 FROM=04'
    """
    given = {"study": study, "quarter": quarter, "from": first}
    in_clone = clone() is not None and home() == clone()
    if in_clone and HAS_MAKE:
        return " ".join(["make report", *(f"{name.upper()}={value}" for name, value in given.items() if value)])
    verb = "python -m seglib report" if in_clone else "seglib report"
    return " ".join([verb, *(f"--{name} {value}" for name, value in given.items() if value)])
