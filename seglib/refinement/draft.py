"""The draft of the next quarter's plan: this quarter's plan, with proposals as comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from seglib.core.errors import InputRefused
from seglib.core.plan import Plan

if TYPE_CHECKING:
    from seglib.refinement.whole import Whole

NOTHING = "Nothing below has changed; these are proposals for you to take over or to delete."
REFIT = "One decision below has changed, clustering.model; the rest are proposals for you to take over or to delete."

NEXT = {
    "reached": "Set its next target, or close it.",
    "not reached": "Look for the cause first; then keep the target, or set one that is nearer.",
    "cannot tell": "This quarter does not decide: leave the target, unless notebook 01 says that it takes too long "
    "to settle.",
}


def draft(plan_text: str, quarter: str, proposals: list[str], refit_because: str = "") -> str:
    """Put proposals in front of a plan, so that nothing changes until a person takes one over.

    Parameters
    ----------
    plan_text : str
        This quarter's plan.yml.
    quarter : str
        The next quarter.
    proposals : list of str
        Sentences; each becomes a comment.
    refit_because : str
        Why the segments are to be fitted anew; "" where they are not.

    Returns
    -------
    str
        YAML text that reads as the same plan, but for ``clustering.model`` where there is to be a refit.

    Examples
    --------
    >>> print(draft("study: acme", "2026Q4", ["clustering.choice: 4, as now."]))
    # Draft for 2026Q4. Nothing below has changed; these are proposals for you to take over or to delete.
    # - clustering.choice: 4, as now.
    <BLANKLINE>
    study: acme
    """
    text = with_refit(plan_text, refit_because) if refit_because else plan_text
    lines = [f"# Draft for {quarter}. {NOTHING if text == plan_text else REFIT}"]
    lines += [f"# - {' '.join(proposal.split())}" for proposal in proposals]  # a line break would end the comment
    return "\n".join([*lines, "", text])


def with_refit(plan_text: str, because: str) -> str:
    """Set ``clustering.model: refit`` in the text of a plan, with the reason as a comment; all else stays as it is.

    Parameters
    ----------
    plan_text : str
    because : str
        One sentence.

    Returns
    -------
    str
        The same text where the plan says so already, or is written in a way that cannot be changed safely.

    Examples
    --------
    >>> print(with_refit("study: acme\\nsources: {orders: {file: o.csv}}\\nclustering:\\n  choice: 4", "They changed."))
    study: acme
    sources: {orders: {file: o.csv}}
    clustering:
      model: refit  # They changed.
      choice: 4
    """
    line = f"model: refit  # {' '.join(because.split())}"
    head = re.search(r"^clustering:[ \t]*(#.*)?$", plan_text, re.MULTILINE)
    if head is None:
        changed = f"{plan_text.rstrip()}\n\nclustering:\n  {line}\n"
    else:
        body = re.compile(r"(?:\n(?:[ \t].*)?(?=\n|$))*").match(plan_text, head.end())
        inside = body.group() if body else ""
        indent = next(iter(re.findall(r"\n([ \t]+)[^\s#]", inside)), "  ")
        fresh, count = re.subn(rf"\n{indent}model:.*", lambda _: f"\n{indent}{line}", inside)
        inside = fresh if count else f"\n{indent}{line}{inside}"
        changed = plan_text[: head.end()] + inside + plan_text[body.end() if body else head.end() :]
    return changed if _only_refit(plan_text, changed) else plan_text


def _only_refit(before: str, after: str) -> bool:
    """Whether the changed text is the same plan but for the decision to refit."""
    plan = Plan.parse(before)
    wanted = plan.model_copy(update={"clustering": plan.clustering.model_copy(update={"model": "refit"})})
    try:
        return plan != wanted and Plan.parse(after) == wanted
    except InputRefused:
        return False


def proposals(
    k: int,
    names: list[str],
    verdicts: pd.DataFrame,
    goals: pd.DataFrame | None,
    whole: Whole | None = None,
    model: str = "",
) -> list[str]:
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
        The scorecard's: verdict, and the sentence that holds its numbers.
    whole : Whole, optional
        The verdict on the whole; None in a first quarter.
    model : str
        kept, where this quarter was scored with the frozen model; refit, where the plan asked for a refit.
    """
    found = verdicts["verdict"]
    refit, verdict = (whole.refit, whole.sentence) if whole else (False, "")
    if refit:
        said = [
            f"clustering.model: refit, set below. {verdict}",
            f"clustering.choice: auto (now {k}): let the rule choose again.",
        ]
    elif model == "kept":
        said = [f"clustering.model: keep, so that the segments stay comparable and only people can move. {verdict}"]
    elif found[verdicts["segment"] > 0].isin(["refit", "retire"]).any():
        said = [f"clustering.choice: auto (now {k}): let the rule choose again, because segments changed."]
    else:
        said = [f"clustering.choice: {k}, so that the segments stay comparable."]
    if model == "refit" and not refit:
        said.insert(0, "clustering.model: keep (now refit), so that only people can move between these segments.")
    said += [
        f"segment '{row.name}': {row.verdict}, {row.why}." for row in verdicts[found != "keep"].itertuples(index=False)
    ]
    short = verdicts[(verdicts["verdict"] == "keep") & (verdicts.get("failing", "") != "")]
    said += [f"segment '{row.name}': it goes on, and fails: {row.failing}." for row in short.itertuples(index=False)]
    said.append("clustering.names: your own words may replace these names: " + "; ".join(names) + ".")
    if goals is not None:
        said += [f"objective {row['sentence']} {NEXT[row['verdict']]}" for row in goals.to_dict("records")]
    return [" ".join(sentence.split()) for sentence in said]
