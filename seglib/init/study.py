"""A new study on disk: its folder, a copy of the file, and the plan that a person may edit."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused
from seglib.core.trouble import trouble_of
from seglib.init.propose import Proposal, is_untouched

STUDY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def write_study(proposal: Proposal, home: Path, study: str) -> Path:
    """Set up a study: its folder, a copy of the file, and a commented plan.

    Parameters
    ----------
    proposal : Proposal
        From `propose`.
    home : Path
        The project's folder.
    study : str
        Lower-case letters, digits, ``-`` and ``_``; at most 40.

    Returns
    -------
    Path
        The plan.

    Raises
    ------
    InputRefused
        When the name is not allowed, or the study has a plan already that is no open draft as `init` left it.
    """
    if not STUDY.fullmatch(study):
        raise InputRefused(Finding("P02", "not a name for a study", do="use lower-case letters, digits, - and _"))
    folder = home / "data" / study
    if (folder / "plan.yml").exists() and not is_untouched((folder / "plan.yml").read_text(encoding="utf-8")):
        remedy = "choose another --study, or remove the plan first"
        raise InputRefused(Finding("P02", f"data/{study}/plan.yml exists already", do=remedy))
    text = proposal.plan_text(study)
    try:
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        for file in proposal.sources:
            target = folder / "sources" / file.name
            if target.resolve() != file.resolve():
                copied(file, target)
        (folder / "plan.yml").write_text(text, encoding="utf-8")
    except OSError as error:
        found = error.strerror or type(error).__name__
        finding = Finding("X14", "cannot write the study", f"data/{study}", found=found, do="mend permissions")
        raise trouble_of(error, f"data/{study}") or EnvironmentTrouble(finding) from None
    return folder / "plan.yml"


def copied(file: Path, target: Path) -> None:
    """Copy a file, or a folder that is a table.

    Raises
    ------
    OSError
        When it cannot be written; of a folder that stands there already nothing is kept.
    """
    if file.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(file, target)
    else:
        shutil.copyfile(file, target)
