"""What the bytes of a file say before anything parses them: its kind, its encoding, its limits."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from seglib.core.errors import EXAMPLES_PER_KIND, Finding, InputRefused

LINE_CHARACTERS = 1_000_000
BLOCK_BYTES = 1_000_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MAGIC = (
    (b"\xd0\xcf\x11\xe0", "an Excel file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"BZh", "a bzip2 file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"%PDF", "a PDF file"),
)


@dataclass
class Faults:
    """Collects what is wrong with a file: twenty examples of a kind, and the total."""

    shown: list[Finding] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while it is among the first of its kind."""
        kind = (finding.code, finding.what)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= EXAMPLES_PER_KIND:
            self.shown.append(finding)

    def findings(self) -> list[Finding]:
        """List the examples, then a total for each kind that has more."""
        totals = [(code, what, n) for (code, what), n in self.counts.items() if n > EXAMPLES_PER_KIND]
        files = {(f.code, f.what): f.file for f in self.shown}
        return self.shown + [
            Finding(code, f"{what}, in total", files[code, what], found=f"{n:,} times") for code, what, n in totals
        ]


def kind_of(path: Path) -> str:
    """Say what a file is by its first bytes: ``"an Excel file"``, ``"a gzip file"`` ..., or ``"text"``."""
    with path.open("rb") as file:
        head = file.read(4_096)
    if head[:4] == b"PK\x03\x04":
        excel = b"xl/" in head or b"[Content_Types].xml" in head
        return "an Excel file" if excel else "a zip file"
    if head[8:12] == b"DUCK":
        return "a DuckDB database"
    return next((kind for magic, kind in MAGIC if head.startswith(magic)), "text")


def check_bytes(path: Path, label: str, encoding: str) -> tuple[str, list[Finding]]:
    """Check kind, encoding, control characters and line lengths in one pass of bounded memory.

    Returns
    -------
    tuple of str and list of Finding
        The encoding to open the file with, and notices.

    Raises
    ------
    InputRefused
        For an empty file, a file that is not text, wrong bytes, control characters, or a line over 1 MB.
    """
    if path.stat().st_size == 0:
        raise InputRefused(Finding("F02", "file is empty", label, found="0 bytes", do="export again"))
    kind = kind_of(path)
    if kind != "text":
        remedy = "name it .xlsx or .xls" if "Excel" in kind else "unpack it" if "zip" in kind else "name it as it is"
        raise InputRefused(Finding("F20", f"not a text file: this is {kind}", label, do=remedy))
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        remedy = "write utf-8, cp1252, latin-1 or utf-16"
        raise InputRefused(Finding("P05", "unknown csv.encoding", "plan.yml", found=encoding[:40], do=remedy)) from None
    notices = []
    with path.open("rb") as file:
        if codec == "utf-8" and file.read(3) == codecs.BOM_UTF8:
            codec = "utf-8-sig"
            notices.append(Finding("F16", "byte order mark skipped", label, 1))
        file.seek(0)
        _check_text(file, label, codec, path)
    return codec, notices


def _check_text(file: IO[bytes], label: str, codec: str, path: Path) -> None:
    decoder = codecs.getincrementaldecoder(codec)()
    run = offset = 0
    while True:
        block = file.read(BLOCK_BYTES)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise InputRefused(_wrong_byte(path, label, codec, offset - pending + error.start)) from None
        if CONTROL.search(text):
            raise InputRefused(_control_lines(path, label, codec))
        run = _longest_run(text, run, label)
        offset += len(block)
        if not block:
            return


def _longest_run(text: str, run: int, label: str) -> int:
    ends = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
    if run + (min(ends) if ends else len(text)) > LINE_CHARACTERS:
        remedy = "look for a missing line end or an unclosed quote"
        raise InputRefused(Finding("F21", "line longer than 1 MB", label, do=remedy))
    return len(text) - max(text.rfind("\n"), text.rfind("\r")) - 1 if ends else run + len(text)


def _wrong_byte(path: Path, label: str, codec: str, offset: int) -> Finding:
    name = "UTF-8" if codec.startswith("utf-8") else codec
    passed, line = 0, 1
    with path.open(encoding="latin-1", newline="") as file:
        for text in file:
            if passed + len(text) > offset:
                break
            passed, line = passed + len(text), line + 1
    remedy = "re-export as UTF-8, or set csv.encoding in plan.yml (cp1252 for most Windows programs)"
    with path.open("rb") as head:
        found = "UTF-16" if head.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ""
    return Finding("F17", f"byte {offset - passed + 1} is not {name}", label, line, found=found, do=remedy)


def _control_lines(path: Path, label: str, codec: str) -> list[Finding]:
    faults = Faults()
    with path.open(encoding=codec, errors="replace", newline="") as file:
        for line, text in enumerate(iter(lambda: file.readline(LINE_CHARACTERS), ""), 1):
            hit = CONTROL.search(text)
            if hit:
                found = f"character {ord(hit.group()):#04x} at position {hit.start() + 1}"
                faults.add(Finding("F18", "control character", label, line, found=found, do="export again as UTF-8"))
    return faults.findings()
