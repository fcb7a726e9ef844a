"""Pseudonyms, private folders and the smallest group that may be shown."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seglib.core.errors import Finding, PrivacyRefused

KEY_BYTES = 32
KEY_NAME, FINGERPRINT = "pseudonym.key", "pseudonym.fingerprint"
KEY_REMEDY = (
    "restore private/pseudonym.key from backup; to begin anew on purpose, delete the study's folders private and runs"
)


@contextmanager
def owner_only() -> Iterator[None]:
    """Let only the owner read what this process and its children make, whatever the umask was."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


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
        R20 when the key is too short, others can read it, or it is not the key that the study began with: with another
        one nobody would be recognised, and forgotten people would come back.
    """
    if synthetic:
        return hashlib.sha256(f"invented data, nothing to protect: {study}".encode()).digest()
    path, known = private_folder(folder) / KEY_NAME, _known_fingerprints(folder)
    begun = known or (folder / "forgotten.txt").exists() or any(folder.parent.glob("runs/*/00_intake/manifest.json"))
    if not path.exists() and begun:
        raise PrivacyRefused(Finding("R20", "pseudonym key is gone", path.name, do=KEY_REMEDY))
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    _check_key(path)
    key = path.read_bytes()
    if known and known != {fingerprint(key)}:
        raise PrivacyRefused(Finding("R20", "pseudonym key is not the one of this study", path.name, do=KEY_REMEDY))
    if not known:
        private_write(folder / FINGERPRINT, f"{fingerprint(key)}\n")
    return key


def fingerprint(key: bytes) -> str:
    """Name a key without giving it away.

    Examples
    --------
    >>> fingerprint(bytes(32)) == fingerprint(bytes(32)) != fingerprint(b"1" * 32)
    True
    """
    return hmac.digest(key, b"fingerprint", "sha256").hex()[:16]


def _known_fingerprints(folder: Path) -> set[str]:
    """Read which keys a study was made with: beside the key and the tombstones, and in the manifests of its intakes.

    Parameters
    ----------
    folder : Path
        The study's private folder.
    """
    beside = folder / FINGERPRINT
    found = set(beside.read_text(encoding="utf-8").split()) if beside.is_file() else set()
    for path in folder.parent.glob("runs/*/00_intake/manifest.json"):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))["parameters"].get("key")
        except (ValueError, KeyError, AttributeError, TypeError):
            continue  # a damaged manifest is found by who reads its step
        found |= {str(said)} if said else set()
    return found


def private_write(path: Path, text: str) -> None:
    """Put a text file that only its owner can read in the place of the old one, by one rename."""
    half = path.with_name(f".{path.name}")
    half.touch(mode=0o600)
    private_file(half).write_text(text, encoding="utf-8")
    half.replace(path)


def _check_key(path: Path) -> None:
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
