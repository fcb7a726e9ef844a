"""What a notebook may show: tables of aggregates, never one row per customer."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd

from seglib.core.contract import PERSONAL
from seglib.core.injected import refuse_unknown_parameters

SHOWN = {  # whole sentences, and the same text in every kernel and terminal
    "display.max_colwidth": None,
    "display.max_columns": 40,
    "display.width": 120,
    "display.expand_frame_repr": True,
}
PER_CUSTOMER = frozenset({*PERSONAL, "customer", "comment"})


def prepare() -> None:
    """Set how frames are printed; in a kernel, also keep frames with a row per customer from being displayed.

    Raises
    ------
    InputRefused
        P03, in a notebook to which papermill gave a parameter that it does not declare.
    """
    for option, value in SHOWN.items():
        pd.set_option(option, value)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        refuse_unknown_parameters([str(cell) for cell in shell.user_ns.get("In", ())])
        for kind in (pd.DataFrame, pd.Series):
            shell.display_formatter.formatters["text/html"].for_type(kind, _html)
            shell.display_formatter.formatters["text/plain"].for_type(kind, _plain)


def _withheld(frame: pd.DataFrame | pd.Series[Any]) -> str:
    """Say why a frame is not displayed; an empty text when it may be.

    Examples
    --------
    >>> _withheld(pd.DataFrame({"segment": ["Regulars"], "customers": [40]}))
    ''
    >>> _withheld(pd.DataFrame({"customer": ["a1"], "segment": [0]}))
    'SEG-R13 not shown: one row per customer (column customer) - do: show counts or means per segment instead'
    """
    columns = [frame.name] if isinstance(frame, pd.Series) else list(frame.columns)
    found = sorted(PER_CUSTOMER.intersection(str(name) for name in (*columns, *frame.index.names)))
    if not found:
        return ""
    named = f"column{'s' if len(found) > 1 else ''} {', '.join(found)}"
    return f"SEG-R13 not shown: one row per customer ({named}) - do: show counts or means per segment instead"


def _html(frame: Any) -> str | None:
    """Nothing for a withheld frame, so that its sentence stands alone; a series has no table of its own."""
    return frame._repr_html_() if hasattr(frame, "_repr_html_") and not _withheld(frame) else None


def _plain(frame: Any, printer: Any, _: bool) -> None:
    printer.text(_withheld(frame) or repr(frame))
