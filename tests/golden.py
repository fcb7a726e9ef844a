"""What the demo hands on and tells, as hashes.

A change that nobody meant is a failure; one that was meant is a line of golden.json, which `make notebooks` writes.
"""

import hashlib
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
from bs4 import BeautifulSoup
from ten_steps import published

STORED = Path(__file__).with_name("golden.json")
QUARTERS = ("2026Q2", "2026Q3")
NAMES_CODE = "manifest.json"  # holds the fingerprint of the code and the versions of the libraries


def digest(text: str) -> str:
    """Name a text by sixteen hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def content(name: str, body: bytes) -> str:
    """What a file holds, whichever version of a library wrote it: names, kinds and values of a table's columns."""
    if not name.endswith(".parquet"):
        return body.decode()
    table = pq.read_table(io.BytesIO(body))
    return repr([(column, str(table[column].type), table[column].to_pylist()) for column in table.column_names])


def words(page: Path) -> str:
    """What a reader of a page sees: its text and the texts of its pictures."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return " ".join([*soup.stripped_strings, *(str(image.get("alt")) for image in soup.find_all("img"))])


def hashes(home: Path) -> dict[str, str]:
    """Hash all that the ten steps of both quarters hand on, and the pages of their reports."""
    found = {}
    for quarter in QUARTERS:
        for name, body in published(home / "data" / "demo" / "runs" / quarter).items():
            if Path(name).name != NAMES_CODE:
                found[f"{quarter}/{name}"] = digest(content(name, body))
        for page in (home / "reports" / "demo" / quarter).glob("*.html"):
            found[f"{quarter}/{page.name}"] = digest(words(page))
    return dict(sorted(found.items()))


def store(home: Path) -> None:
    """Store the hashes of the demo in that folder."""
    STORED.write_text(json.dumps(hashes(home), indent=1) + "\n", encoding="utf-8")
