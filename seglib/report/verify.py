"""Check a finished quarter, or a delivery that was copied elsewhere, against what was written down when it was made."""

from __future__ import annotations

import json
from pathlib import Path

from seglib.activation.export import read_machine
from seglib.activation.formats import Format, read_format
from seglib.core.errors import Finding, InputRefused
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS
from seglib.core.store import check_files, read_receipt, sha256_file


def verify_quarter(run: Run) -> list[str]:
    """Check that every step of a quarter is there and whole.

    Returns
    -------
    list of str
        One line per step; it says where a step was made from other data, code or decisions than today's, as an old
        quarter's are.

    Raises
    ------
    InputRefused
        With everything that is missing (X28) or damaged (X26).
    """
    lines: list[str] = []
    wrong: list[Finding] = []
    remedy = f"seglib report --study {run.study} --quarter {run.quarter.text}"
    for name in (INTAKE_STEP, *(step.name for step in STEPS)):
        try:
            receipt = read_receipt(run.place(name))
            if receipt is None:
                raise InputRefused(Finding("X28", f"{name} of {run.quarter.text} was never finished", do=remedy))
            check_files(run.place(name), receipt)
        except InputRefused as refusal:
            wrong += refusal.findings
        else:
            now = "" if run.is_current(name) else ", from other data, code or decisions than today's"
            lines.append(f"{name}: {len(receipt.files)} files as they were written{now}")
    if wrong:
        raise InputRefused(wrong)
    return lines


def verify_delivery(manifest: Path) -> str:
    """Check the files of a delivery beside its manifest, for whoever imports them: whole, unchanged, all rows there.

    Parameters
    ----------
    manifest : Path
        A file like ``mailchimp_manifest.json``; the delivered files lie in the same folder.

    Returns
    -------
    str
        Files, rows and the key of the delivery.

    Raises
    ------
    InputRefused
        F01 no manifest, F23 not a delivery's manifest, O08 a file missing, cut off or changed.
    """
    if not manifest.is_file():
        raise InputRefused(Finding("F01", "no such file", manifest.name, do="name the manifest of a delivery"))
    try:
        body = json.loads(manifest.read_text(encoding="utf-8"))
        hashes, rows, key = dict(body["sha256"]), int(body["rows"]), str(body["idempotency_key"])
        form = read_format(str(body["destination"]))
        machine = manifest.parent / form.machine_file
        hashes[machine.name]  # a delivery without its machine file is none
    except (ValueError, TypeError, KeyError):
        remedy = "name a file like mailchimp_manifest.json"
        raise InputRefused(Finding("F23", "not the manifest of a delivery", manifest.name, do=remedy)) from None
    again = "copy the delivery again; do not import it"
    found = {name: manifest.parent / name for name in hashes}
    wrong = [
        Finding("O08", "is missing" if not path.is_file() else "is not as it was delivered", name, do=again)
        for name, path in found.items()
        if not path.is_file() or sha256_file(path) != hashes[name]
    ]
    if not wrong and _rows(machine, form) != rows:
        wrong = [Finding("O08", f"has not the {rows:,} rows that the manifest names", form.machine_file, do=again)]
    if wrong:
        raise InputRefused(wrong)
    return f"{form.title}: {len(hashes)} files and {rows:,} rows as they were delivered; key of the delivery {key}"


def _rows(path: Path, form: Format) -> int:
    """Count the rows of a machine file; -1 where it cannot be read."""
    try:
        return len(read_machine(path, form))
    except ValueError:
        return -1
