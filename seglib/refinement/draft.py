"""The draft of the next quarter's plan: this quarter's plan, with proposals as comments."""

from __future__ import annotations

import pandas as pd


def draft(plan_text: str, quarter: str, proposals: list[str]) -> str:
    """Put proposals in front of a plan, so that nothing changes until a person takes one over.

    Parameters
    ----------
    plan_text : str
        This quarter's plan.yml.
    quarter : str
        The next quarter.
    proposals : list of str
        Sentences; each becomes a comment.

    Returns
    -------
    str
        YAML text that reads as the same plan.

    Examples
    --------
    >>> print(draft("study: acme", "2026Q4", ["clustering.choice: 4, as now."]))
    # Draft for 2026Q4. Nothing below has changed; these are proposals for you to take over or to delete.
    # - clustering.choice: 4, as now.
    <BLANKLINE>
    study: acme
    """
    lines = [
        f"# Draft for {quarter}. Nothing below has changed; these are proposals for you to take over or to delete."
    ]
    lines += [f"# - {' '.join(proposal.split())}" for proposal in proposals]
    return "\n".join([*lines, "", plan_text])


def proposals(k: int, names: list[str], verdicts: pd.DataFrame, goals: pd.DataFrame | None) -> list[str]:
    """List what the next plan should decide.

    Parameters
    ----------
    k : int
        Segments now.
    names : list of str
        Their names.
    verdicts : DataFrame
        From ``rules.judge``.
    goals : DataFrame or None
        The scorecard's: name, verdict.
    """
    found = verdicts["verdict"]
    if found[verdicts["segment"] > 0].isin(["refit", "retire"]).any():
        said = [f"clustering.choice: auto (now {k}): let the rule choose again, because segments changed."]
    else:
        said = [f"clustering.choice: {k}, so that the segments stay comparable."]
    said += [
        f"segment '{row.name}': {row.verdict}, {row.why}." for row in verdicts[found != "keep"].itertuples(index=False)
    ]
    short = verdicts[(verdicts["verdict"] == "keep") & (verdicts.get("failing", "") != "")]
    said += [f"segment '{row.name}': kept, but look at its {row.failing}." for row in short.itertuples(index=False)]
    said.append("clustering.names: your own words may replace these names: " + "; ".join(names) + ".")
    if goals is not None and {"name", "verdict"} <= set(goals.columns):
        said += [
            f"objective '{row.name}': {row.verdict}; set its next target." for row in goals.itertuples(index=False)
        ]
    return said
