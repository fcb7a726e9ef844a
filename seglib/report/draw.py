"""All pages of one report, drawn into a folder that is then published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock
from tqdm import tqdm

from seglib.core import intake, store
from seglib.core.home import home, report_command
from seglib.core.privacy import private_folder
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS
from seglib.core.trouble import told
from seglib.report.decisions import refuse_decisions, refuse_unmet
from seglib.report.digest import write_digest
from seglib.report.execute import executed_path, is_changed
from seglib.report.front import first_page, frame_of, list_of_reports
from seglib.report.glossary import FILE as GLOSSARY
from seglib.report.glossary import glossary_page, pointed_here
from seglib.report.overtime import FILE, periods, view
from seglib.report.pages import page
from seglib.report.search import refuse_personal

REPORT = "report"


def draw(study: str, quarter: str, seed: int, pages: Path) -> None:
    """Draw the first page and one page per notebook.

    Parameters
    ----------
    study, quarter, seed : str, str, int
        Which run; its ten notebooks have been executed.
    pages : Path
        A new folder.

    Raises
    ------
    EnvironmentTrouble
        When a page cannot be written.
    PrivacyRefused
        When a page or a notebook holds a contact's address, number, id or name.
    """
    run = Run.open(study, quarter, seed)
    again = report_command(study, quarter)
    with told(pages.name):
        (pages / "notebooks").mkdir(parents=True)
        frame = frame_of(run)
        for step in STEPS:
            executed = executed_path(run, step)
            if is_changed(executed):
                raise store.damaged(executed.parent, executed.name, again)
            (pages / f"{step.name}.html").write_text(pointed_here(page(executed, step, frame)), encoding="utf-8")
            shutil.copyfile(executed, pages / "notebooks" / executed.name)
        long = view(run, *periods(run))
        if long:
            (pages / FILE).write_text(json.dumps(long, ensure_ascii=False, indent=1), encoding="utf-8")
        (pages / "index.html").write_text(first_page(run, frame, long), encoding="utf-8")
        refuse_personal(run, pages)
        (pages / GLOSSARY).write_text(
            glossary_page(frame), encoding="utf-8"
        )  # after: it names authors, who may be customers
        if run.plan.digest:
            write_digest(run, pages)
        store.seal(pages, _receipt(run))
    private_folder(pages)


def _receipt(run: Run) -> dict[str, Any]:
    """Say in the manifest of a report from which results it was drawn."""
    receipts = {name: store.read_receipt(run.place(name)) for name in (INTAKE_STEP, *(step.name for step in STEPS))}
    inputs = {name: receipt.sha256 for name, receipt in receipts.items() if receipt}
    about = {"study": run.study, "quarter": run.quarter.text, "seed": run.seed}
    return {"name": REPORT, "key": store.sha256_json(inputs), "parameters": about, "rows": {}, "inputs": inputs}


def draw_list() -> None:
    """Draw the list of all reports, one process after the other."""
    target = home() / "reports" / "index.html"
    draft = target.with_name(".index.html")
    with told(target.name), FileLock(target.with_name(".index.lock")):
        draft.write_text(list_of_reports(home() / "reports"), encoding="utf-8")
        draft.replace(target)


def take_in(study: str, quarter: str, seed: int, anew: bool) -> None:
    """Read the sources of a quarter where they have changed or `anew` says so, with a bar on a terminal.

    Raises
    ------
    InputRefused
        For what is wrong in the sources or in the plan: nothing that a notebook would find hours later.
    """
    run = Run.open(study, quarter, seed)
    refuse_decisions(run)
    if anew or not run.is_current(INTAKE_STEP):
        with tqdm(desc="      lines read", unit="", unit_scale=True, leave=False, disable=None) as bar:
            intake.take_in(run, bar.update)
    refuse_unmet(run)
