"""Check a finished quarter, or a delivery that was copied elsewhere, against what was written down when it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from seglib.activation.formats import Format, read_format
from seglib.activation.lists import read_machine
from seglib.core.errors import Finding, InputRefused
from seglib.core.home import home, report_command
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS
from seglib.core.store import check_files, read_receipt, sha256_file
from seglib.report.execute import executed_path, is_changed


def verify_quarter(run: Run) -> list[str]:
    """Check that every step of a quarter, every executed notebook and every published page is there and whole.

    Returns
    -------
    list of str
        One line per step, and one for the report; it says where a step was made from other data, code or decisions
        than today's, as an old quarter's are.

    Raises
    ------
    InputRefused
        With everything that is missing (X28), damaged (X26), or drawn from other results (X27).
    """
    lines: list[str] = []
    wrong: list[Finding] = []
    receipts: dict[str, str] = {}
    remedy = report_command(run.study, run.quarter.text)
    for name in (INTAKE_STEP, *(step.name for step in STEPS)):
        try:
            receipt = read_receipt(run.place(name))
            if receipt is None:
                raise InputRefused(Finding("X28", f"{name} of {run.quarter.text} was never finished", do=remedy))
            check_files(run.place(name), receipt)
        except InputRefused as refusal:
            wrong += refusal.findings
        else:
            receipts[name] = receipt.sha256
            now = "" if run.is_current(name) else ", from other data, code or decisions than today's"
            lines.append(f"{name}: {len(receipt.files)} files as they were written{now}")
    wrong += _notebooks(run)
    try:
        lines.append(_pages(run, receipts))
    except InputRefused as refusal:
        wrong += refusal.findings
    if wrong:
        raise InputRefused(wrong)
    return lines


def _notebooks(run: Run) -> list[Finding]:
    """Find the executed notebooks that are gone, or whose outputs are not those of their run."""
    what, findings = "is not as it was when it had run", []
    for step in STEPS:
        path = executed_path(run, step)
        if not path.is_file() or is_changed(path):
            do = report_command(run.study, run.quarter.text)
            findings.append(Finding("X26", what if path.is_file() else "is missing", f"executed/{path.name}", do=do))
    return findings


def _pages(run: Run, receipts: Mapping[str, str]) -> str:
    """Check the published pages: whole, and drawn from the results that are there now."""
    folder, do = home() / "reports" / run.study / run.quarter.text, report_command(run.study, run.quarter.text)
    receipt = read_receipt(folder, do)
    if receipt is None:
        raise InputRefused(Finding("X28", "the report has no manifest, so nobody can say if it is whole", do=do))
    check_files(folder, receipt, do)
    other = sorted(name for name, digest in receipts.items() if receipt.inputs.get(name) != digest)
    copies = [executed_path(run, step) for step in STEPS]
    other += [p.stem for p in copies if p.is_file() and receipt.files.get(f"notebooks/{p.name}") != sha256_file(p)]
    if other:
        found = ", ".join(dict.fromkeys(other))
        raise InputRefused(Finding("X27", "the report shows other results than are there now", found=found, do=do))
    return f"report: {len(receipt.files)} files as they were written"


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
        own = body.get("format")  # of a study's own, too, wherever the delivery was copied to
        form = Format.model_validate(own) if own else read_format(str(body["destination"]))
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
