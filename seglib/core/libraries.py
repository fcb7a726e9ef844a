"""The libraries that compute: which versions are installed, and which ones the tests ran with."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
import shlex
from functools import cache
from pathlib import Path

from seglib.core.errors import EnvironmentTrouble, Finding
from seglib.core.home import shipped, shown

NAME = re.compile(r"[A-Za-z0-9._-]+")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
LOCK = "requirements.lock"
NAMED_MAX = 5


@cache
def versions() -> dict[str, str]:
    """Name the version of seglib, of Python, and of every library that seglib asks for.

    Examples
    --------
    >>> {"seglib", "python", "pandas", "duckdb", "scikit-learn"} <= set(versions())
    True

    Raises
    ------
    EnvironmentTrouble
        X22, where seglib or a library was copied instead of installed, so that nothing says which version it is.
    """
    name = "seglib"
    try:
        wanted = [need for need in importlib.metadata.requires(name) or () if "extra ==" not in need]
        found = {}
        for name in ("seglib", *(match[0] for need in wanted if (match := NAME.match(need)))):
            found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        do = "install seglib as README.md says; a copied folder is not enough"
        raise EnvironmentTrouble(Finding("X22", "not installed, so its version is unknown", name, do=do)) from None
    return {**found, "python": ".".join(platform.python_version_tuple()[:2])}


def lock_hash() -> str:
    """Hash of the list of versions that the tests ran with; "none" where seglib came without it."""
    path = shipped() / LOCK
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"


def strangers(lock: Path | None = None) -> list[str]:
    """List the libraries whose version is not one that the tests ran with.

    Parameters
    ----------
    lock : Path, optional
        The list of versions; the one that came with seglib when omitted.

    Returns
    -------
    list of str
        Such as ``"pandas 3.0.1, not 3.0.0"``; empty where there is no list.
    """
    path = lock or shipped() / LOCK
    pinned: dict[str, set[str]] = {}
    for name, version in PINNED.findall(path.read_text(encoding="utf-8") if path.is_file() else ""):
        pinned.setdefault(_plain(name), set()).add(version)
    here = {_plain(name): version for name, version in versions().items() if _plain(name) in pinned}
    odd = {name: version for name, version in here.items() if version not in pinned[name]}
    return [f"{name} {version}, not {' or '.join(sorted(pinned[name]))}" for name, version in odd.items()]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def told(odd: list[str], strict: bool) -> str:
    """Say that libraries are not those that the tests ran with; "" where they are.

    Raises
    ------
    EnvironmentTrouble
        P12, where `strict` asks for the tested versions.

    Examples
    --------
    >>> told(["pandas 3.0.1, not 3.0.0"], strict=False)
    'not tested with these libraries: pandas 3.0.1, not 3.0.0'
    >>> told(["pandas 3.0.1, not 3.0.0"], strict=True)
    Traceback (most recent call last):
    seglib.core.errors.EnvironmentTrouble: SEG-P12 not tested with these libraries - requirements.lock - found: ...
    """
    if not odd:
        return ""
    more = f" and {len(odd) - NAMED_MAX} more" if len(odd) > NAMED_MAX else ""
    found, what = "; ".join(odd[:NAMED_MAX]) + more, "not tested with these libraries"
    if strict:
        place = shlex.quote(shown(shipped() / LOCK))
        do = f"leave out --locked, or install the tested ones: python -m pip install -r {place}"
        raise EnvironmentTrouble(Finding("P12", what, LOCK, found=found, do=do))
    return f"{what}: {found}"
