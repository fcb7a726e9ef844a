"""What the pages of a report say, without kernels and pictures: the notebooks' own cells, run in this process."""

import ast
import html
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from seglib.charts.style import Picture
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.report import front
from seglib.report.pages import table_html

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def write_pages(study: str, quarter: str, folder: Path) -> Run:
    """Take the ten steps of a quarter as the notebooks do, and write what each shows: tables, sentences, alt texts."""
    folder.mkdir(parents=True, exist_ok=True)
    run = Run.open(study, quarter)
    with _undrawn():
        for step in STEPS:
            shown = _shown(NOTEBOOKS / f"{step.name}.ipynb", {"study": study, "quarter": quarter, "seed": 0})
            (folder / f"{step.name}.html").write_text("\n".join(map(_written, shown)), encoding="utf-8")
        (folder / "index.html").write_text(front.first_page(run, front.frame_of(run)), encoding="utf-8")
    return run


def _shown(notebook: Path, given: dict[str, Any]) -> Iterator[Any]:
    """Run the code cells of a notebook and give the value of each cell's last line."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), notebook.name, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(given)
        if last is not None:
            yield eval(compile(ast.Expression(last.value), notebook.name, "eval"), names)  # noqa: S307  # our own cells


def _written(value: Any) -> str:
    if isinstance(value, Picture):
        return f'<img src="" alt="{html.escape(value.alt)}">'
    if isinstance(value, pd.DataFrame):
        return table_html(value.to_html())
    return "" if value is None else f"<p>{html.escape(str(value))}</p>"


class _undrawn:
    """Leave figures undrawn: only their alternative text is kept."""

    def __enter__(self) -> None:
        loaded = [module for name, module in sys.modules.items() if name.startswith("seglib.") and module]
        self.real = [(module, module.finish) for module in loaded if hasattr(module, "finish")]
        for module, _ in self.real:
            module.finish = lambda _, alt: Picture(b"", alt, 1)

    def __exit__(self, *_: object) -> None:
        for module, finish in self.real:
            module.finish = finish
