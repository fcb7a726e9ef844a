"""Addresses to which nothing is sent any more: bounces and complaints, from files of the plan; once named, for good."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from seglib.activation.normal import e164, mailbox
from seglib.core.errors import Finding, InputRefused
from seglib.core.privacy import private_folder, private_write, pseudonyms

if TYPE_CHECKING:
    import pandas as pd

    from seglib.core.run import Run

LIST = "suppressed.txt"
PURPOSE = "suppressed"
REASON = "address bounced or complained"


def note_down(run: Run) -> int:
    """Add the addresses, numbers and ids of the plan's files to the study's list, and return how many it holds.

    Raises
    ------
    InputRefused
        F01 where the plan names files and there never was one; F23 where a file holds no address, number or id.
    """
    pattern, private = run.plan.activation.suppressed, run.data / "private"
    stones = listed(private)
    if pattern is None:
        return len(stones)
    files = sorted(path for path in (run.data / "sources").glob(pattern) if path.is_file())
    if not files and not stones:
        what, where = "no file of suppressed addresses", "plan.yml, activation.suppressed"
        raise InputRefused(Finding("F01", what, where, do="put it into sources/, or take the setting out"))
    for path in files:
        found = _named(path, run.plan.activation.country)
        if not found:
            do = "write one address, number or customer id per line"
            raise InputRefused(Finding("F23", "holds no address, telephone number or id", path.name, do=do))
        stones |= set(pseudonyms(sorted(found), run.key, PURPOSE))
    private_write(private_folder(private) / LIST, "".join(f"{stone}\n" for stone in sorted(stones)))
    return len(stones)


def _named(path: Path, country: str | None) -> set[str]:
    """List the mailboxes, numbers and other words of a text file; a cell of a first line without any is a header."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace").replace(";", ",").replace("\t", ",")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in row)]
    marks = [{mark(cell, country) for cell in row if cell.strip()} for row in rows]
    is_head = len(rows) > 1 and not any("@" in m or m.startswith("+") or any(map(str.isdigit, m)) for m in marks[0])
    return set().union(*marks[is_head:]) if marks else set()


def mark(text: str, country: str | None) -> str:
    """Bring an address, a number or an id to the form in which it is compared.

    Examples
    --------
    >>> mark(" Ann+news@x.de", None), mark("020 7946 0000", "GB"), mark("C005 ", None)
    ('ann@x.de', '+442079460000', 'C005')
    """
    return mailbox(text) or e164(text, country) or text.strip()


def listed(private: Path) -> set[str]:
    """Read the study's list: a keyed hash of each."""
    path = private / LIST
    return set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()


def bounced(run: Run, details: pd.DataFrame) -> set[str]:
    """Name the customers whose address, number or id is on the list.

    Parameters
    ----------
    details : DataFrame
        customer, email, phone, and customer_id where it is known.
    """
    stones = listed(run.data / "private")
    if not stones:
        return set()
    columns = [name for name in ("customer_id", "email", "phone") if name in details.columns]
    out: set[str] = set()
    for name in columns:
        marks = [mark(str(raw), run.plan.activation.country) for raw in details[name].fillna("")]
        hit = [stone in stones for stone in pseudonyms(marks, run.key, PURPOSE)]
        out |= {str(who) for who, yes, text in zip(details["customer"], hit, marks, strict=True) if yes and text}
    return out
