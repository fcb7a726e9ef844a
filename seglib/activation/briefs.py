"""One page for each team, cut from one table, so that no two teams hear different numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.methods.tiers import TIERS

WHAT = {
    "marketing": ("contacted", "held out", "not allowed", "no offer"),
    "sales": ("on the sales list", "expected from the list"),
    "service": TIERS,
}
ABOUT = {
    "marketing": "Write to those who are contacted, and to nobody who is held out: they show what happens anyway.",
    "sales": "Approach the list from the top. It is ordered by what an approach is expected to add, not by turnover.",
    "service": "Premium customers reach a person first; self-service customers get the guided pages first.",
}


def brief(master: pd.DataFrame, team: str) -> pd.DataFrame:
    """Cut the page of a team from the master table.

    Parameters
    ----------
    master : DataFrame
        As `Audience.master` gives it.
    team : {"marketing", "sales", "service"}

    Raises
    ------
    InputRefused
        P03, for another team.

    Examples
    --------
    >>> brief(pd.DataFrame({"segment": ["A"], "customers": ["12"], "premium": ["10"]}), "service").columns.tolist()
    ['segment', 'customers', 'premium']
    """
    if team not in WHAT:
        raise InputRefused(Finding("P03", "no such team", found=team[:40], do=nearest(team, WHAT)))
    return master[[column for column in master.columns if column in ("segment", "customers") or fits(column, team)]]


def fits(column: str, team: str) -> bool:
    """Whether a column of the master table belongs to a team; money columns end in their currency."""
    return column.startswith(WHAT[team]) if team == "sales" else column in WHAT[team]


def pages(master: pd.DataFrame, study: str, quarter: str) -> Mapping[str, str]:
    """Write the page of every team as Markdown: file name to text."""
    return {f"brief_{team}.md": _page(brief(master, team), team, study, quarter) for team in WHAT}


def _page(table: pd.DataFrame, team: str, study: str, quarter: str) -> str:
    rows = [list(table.columns), ["---"] * table.shape[1], *table.astype(str).to_numpy().tolist()]
    lines = ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    text = "\n".join(lines)
    return f"# {team.capitalize()}: {study}, {quarter}\n\n{ABOUT[team]}\n\n{text}\n\nBlank: too few to show.\n"
