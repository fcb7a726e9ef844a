"""Who asked to be forgotten: a keyed hash of each, so that nobody comes back with the next delivery."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seglib.core.privacy import private_folder, private_write, pseudonyms

TOMBSTONES = "forgotten.txt"
PURPOSE = "forgotten"


def tombstones(private: Path) -> frozenset[str]:
    """Read the tombstones of a study; none when nobody asked.

    Parameters
    ----------
    private : Path
        The study's private folder.
    """
    path = private / TOMBSTONES
    return frozenset(path.read_text(encoding="utf-8").split()) if path.is_file() else frozenset()


def tombstone(customer: str, key: bytes) -> str:
    """Give the keyed hash that stands for a pseudonym; it leads back to nobody.

    Notes
    -----
    HMAC-SHA-256, RFC 2104, with a purpose of its own.

    Examples
    --------
    >>> tombstone("a" * 24, bytes(32)) == tombstone("a" * 24, bytes(32)) != tombstone("a" * 24, b"1" * 32)
    True
    """
    return pseudonyms([customer], key, PURPOSE)[0]


def lookalike_stone(plain_id: str, key: bytes) -> str:
    """Give the keyed hash that stands for every spelling of an id, so that another spelling does not come back.

    Parameters
    ----------
    plain_id : str
        The id without case, spaces and differences of form.
    """
    return pseudonyms([plain_id], key, f"{PURPOSE} in any spelling")[0]


def among(customers: Iterable[str], private: Path, key: bytes) -> list[str]:
    """Name those of these pseudonyms that were forgotten, in their order."""
    known = tombstones(private)
    return [customer for customer in customers if tombstone(customer, key) in known] if known else []


def bury(stones: Iterable[str], private: Path) -> None:
    """Add tombstones; the file is written anew and put in place by one rename."""
    every = sorted({*tombstones(private), *stones})
    private_write(private_folder(private) / TOMBSTONES, "".join(f"{each}\n" for each in every))
