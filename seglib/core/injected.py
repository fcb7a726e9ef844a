"""Parameters that papermill put into a notebook by hand: only those that the notebook declares may come."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from seglib.core.errors import Finding, InputRefused, nearest

MARK = "# Parameters"  # the first line of the cell that papermill adds


def refuse_unknown_parameters(cells: Sequence[str]) -> None:
    """Refuse a parameter that papermill gave a notebook whose tagged cell does not declare it.

    papermill itself only warns, and the notebook would then work on another quarter than the one that was meant.

    Parameters
    ----------
    cells : sequence of str
        Source of the cells that have run, in their order.

    Raises
    ------
    InputRefused
        P03, with the nearest declared name.
    """
    if wrong := _unknown(cells):
        name, declared = wrong
        finding = Finding("P03", "unknown parameter", "notebook", found=name[:40], do=nearest(name[:40], declared))
        raise InputRefused(finding)


def _unknown(cells: Sequence[str]) -> tuple[str, list[str]] | None:
    """Find the first parameter that was added and never declared.

    Parameters
    ----------
    cells : sequence of str
        Source of the cells that have run, in their order.

    Returns
    -------
    tuple of str and list of str, or None
        The name, and those that are declared: the typed names of the cell before.

    Examples
    --------
    >>> cells = ['study: str = "demo"', '# Parameters\\nstudy = "acme"\\nquartr = "2026Q3"\\n']
    >>> _unknown(cells)
    ('quartr', ['study'])
    >>> _unknown(cells[:1]) is None
    True
    """
    place = next((at for at, cell in enumerate(cells) if cell.startswith(MARK)), None)
    if not place:
        return None
    before = [node for node in _statements(cells[place - 1]) if isinstance(node, ast.AnnAssign)]
    declared = [node.target.id for node in before if isinstance(node.target, ast.Name)]
    given = [node.targets[0] for node in _statements(cells[place]) if isinstance(node, ast.Assign)]
    wrong = [target.id for target in given if isinstance(target, ast.Name) and target.id not in declared]
    return (wrong[0], declared) if wrong and declared else None


def _statements(cell: str) -> list[ast.stmt]:
    try:
        return ast.parse(cell).body
    except SyntaxError:  # a cell with a command of IPython declares nothing
        return []
