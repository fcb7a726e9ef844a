"""Pseudonyms, private folders and the smallest group that may be shown."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from seglib.core.errors import Finding, PrivacyRefused

KEY_BYTES = 32
KEY_NAME = "pseudonym.key"


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter, whatever the umask."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def private_file(path: Path) -> Path:
    """Make a file readable by its owner only."""
    path.chmod(0o600)
    return path


def load_key(folder: Path, synthetic: bool, study: str) -> bytes:
    """Read the study's pseudonym key, making it at the first run.

    Parameters
    ----------
    folder : Path
        The study's private folder.
    synthetic : bool
        Whether the data are invented; then the key follows from the study's name, so that every machine gets the
        same pseudonyms.
    study : str
        Name of the study.

    Returns
    -------
    bytes
        At least 32 bytes.

    Raises
    ------
    PrivacyRefused
        When the key is too short, or others can read it.
    """
    if synthetic:
        return hashlib.sha256(f"invented data, nothing to protect: {study}".encode()).digest()
    path = private_folder(folder) / KEY_NAME
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    check_key(path)
    return path.read_bytes()


def check_key(path: Path) -> None:
    """Refuse a pseudonym key that is short or that others can read."""
    if path.stat().st_size < KEY_BYTES:
        raise PrivacyRefused(
            Finding(
                "R20", "pseudonym key too short", path.name, found="less than 32 bytes", do="restore it from backup"
            )
        )
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise PrivacyRefused(
            Finding("R20", "pseudonym key readable by others", path.name, do=f"chmod 600 private/{path.name}")
        )


def pseudonyms(ids: Iterable[str], key: bytes, purpose: str = "customer") -> list[str]:
    """Replace ids by a keyed hash: the same id gives the same pseudonym, and nobody can enumerate them without the key.

    Parameters
    ----------
    ids : iterable of str
        Customer ids as delivered.
    key : bytes
        At least 32 bytes.
    purpose : str
        Separates uses of one key; part of what is hashed.

    Returns
    -------
    list of str
        24 hexadecimal digits each (96 bits: a collision among a billion customers has probability 6e-12).

    Notes
    -----
    HMAC-SHA-256, RFC 2104.

    Examples
    --------
    >>> pseudonyms(["12346"], bytes(32))[0][:8]
    'e6bd5393'
    """
    prefix = f"{purpose}:".encode()
    return [hmac.digest(key, prefix + value.encode(), "sha256").hex()[:24] for value in ids]
