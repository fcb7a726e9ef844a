"""What the demo hands on and tells, as hashes.

A change that nobody meant is a failure; one that was meant is a line of golden.json, which `make notebooks` writes.
"""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
from bs4 import BeautifulSoup
from surroundings import HERE
from ten_steps import published

from seglib import demo_shop

DEMO = Path(__file__).resolve().parents[1] / "data" / "demo"
OTHER_SEED, LAST = 7, "C00800"
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


def write_small(home: Path) -> None:
    """Write another shop of the generator, a part of it: never clustered before, and the first quarter of its own."""
    folder = home / "data" / "small"
    (folder / "sources").mkdir(parents=True)
    for name, rows in demo_shop.tables(OTHER_SEED).items():
        if name.startswith("sources/"):
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(row for row in rows if str(row["customer_id"]) < LAST)
    shutil.copyfile(DEMO / "plan.yml", folder / "plan.yml")


def of_tables(files: Mapping[str, bytes], quarter: str, study: str = "demo") -> dict[str, str]:
    """Hash all that the ten steps of a quarter handed on."""
    told = {name: content(name, body) for name, body in files.items() if Path(name).name != NAMES_CODE}
    return {f"{study}/{quarter}/{name}": digest(text) for name, text in sorted(told.items())}


def of_pages(home: Path, quarter: str) -> dict[str, str]:
    """Hash what a reader sees of each page of the demo's report."""
    pages = sorted((home / "reports" / "demo" / quarter).glob("*.html"))
    return {f"demo/{quarter}/{page.name}": digest(words(page)) for page in pages}


def of_demo(home: Path) -> dict[str, str]:
    """Hash what both quarters of the demo hand on and tell."""
    runs = {quarter: published(home / "data" / "demo" / "runs" / quarter) for quarter in QUARTERS}
    tables = [of_tables(files, quarter) for quarter, files in runs.items()]
    return dict(pair for part in [*tables, *(of_pages(home, q) for q in QUARTERS)] for pair in part.items())


def stored(study: str) -> dict[str, str]:
    """The stored hashes of a study."""
    every = json.loads(STORED.read_text(encoding="utf-8"))
    return {name: value for name, value in every.items() if name.startswith(f"{study}/")}


def store(home: Path) -> None:
    """Store the hashes of the demo in that folder, and of a small study that is made there."""
    write_small(home)
    small = of_tables(HERE.run(home, "small", "2026Q3"), "2026Q3", "small")
    STORED.write_text(json.dumps(of_demo(home) | small, indent=1) + "\n", encoding="utf-8")
