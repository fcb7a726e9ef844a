"""All pages of one report, drawn into a folder that is then published."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock
from tqdm import tqdm

from seglib.core import intake
from seglib.core.home import home
from seglib.core.privacy import private_folder
from seglib.core.run import INTAKE_STEP, Run
from seglib.core.steps import STEPS
from seglib.core.trouble import told
from seglib.report.decisions import refuse_decisions, refuse_unmet
from seglib.report.execute import executed_path
from seglib.report.front import first_page, frame_of, list_of_reports
from seglib.report.pages import page
from seglib.report.search import refuse_personal


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
    with told(pages.name):
        (pages / "notebooks").mkdir(parents=True)
        frame = frame_of(run)
        for step in STEPS:
            executed = executed_path(run, step)
            (pages / f"{step.name}.html").write_text(page(executed, step, frame), encoding="utf-8")
            shutil.copyfile(executed, pages / "notebooks" / executed.name)
        (pages / "index.html").write_text(first_page(run, frame), encoding="utf-8")
    refuse_personal(run, pages)
    private_folder(pages)


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
