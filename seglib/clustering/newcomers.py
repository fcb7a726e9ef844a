"""Segments for customers of a file, by the frozen rules of a quarter: nothing is learnt anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.clustering.scorer import assign
from seglib.core.errors import Finding, InputRefused
from seglib.core.privacy import private_file
from seglib.core.sources.bytecheck import Faults
from seglib.core.sources.readers import Reader, open_readers
from seglib.init.sniff import sniff

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.engine import Engine

ENDING = "_segments.csv"
IDS = ("customer", "customer_id")
UNCHECKED = "Only customers who may be profiled belong in such a file: consent is not looked up here."


@dataclass(frozen=True)
class Labelled:
    """A file of customers with their segments.

    Parameters
    ----------
    path : Path
        The new file: customer, segment, name; readable by its owner only.
    customers : int
    filled_count : int
        Customers of whom at least one criterion was missing; the frozen median stands in.
    counts : dict from name of segment to customers
    """

    path: Path
    customers: int
    filled_count: int
    counts: dict[str, int]

    def text(self) -> str:
        """Say what was written, and what to know about it."""
        per = ", ".join(f"{name} {count:,}" for name, count in self.counts.items())
        gaps = f" {self.filled_count:,} with a missing value got the median of the quarter for it."
        return "\n".join(
            [
                f"{self.customers:,} customers got a segment: {per}.{gaps if self.filled_count else ''}",
                UNCHECKED,
                str(self.path),
            ]
        )


def label_file(file: Path, segmentation: Segmentation, engine: Engine, into: Path | None = None) -> Labelled:
    """Give every customer of a file the segment of the nearest frozen centre.

    Parameters
    ----------
    file : Path
        CSV, Parquet or Excel; one row per customer with ``customer`` and the criteria that made the segments, under
        the names of the catalogue. Money may stand in main units under the name without ``_minor``. An empty cell
        is a missing value; other columns are ignored.
    segmentation : Segmentation
        Its scorer is applied.
    engine : Engine
    into : Path, optional
        The new file; beside the old one when omitted.

    Returns
    -------
    Labelled
        The same labels for each customer alone and for all together.

    Raises
    ------
    InputRefused
        F07, when a column is missing; V01, when a customer stands there twice; V09, when a value is no number.
    """
    frame = _read_criteria(file, segmentation)
    labels = engine.frame(assign(engine.memory(frame.assign(row=range(len(frame)))), segmentation.scorer))
    labels = labels.sort_values("row", ignore_index=True, kind="stable")
    names = segmentation.segments.set_index("segment")["name"]
    told = labels.assign(name=labels["segment"].map(names))[["customer", "segment", "name"]]
    target = into or file.with_name(file.stem + ENDING)
    told.to_csv(target, index=False)
    private_file(target)
    counts = told["segment"].value_counts().reindex(names.index, fill_value=0)
    return Labelled(
        path=target,
        customers=len(told),
        filled_count=int(frame[list(segmentation.scorer.scaling.names)].isna().any(axis=1).sum()),
        counts=dict(zip(map(str, names), counts.astype(int).tolist(), strict=True)),
    )


def _read_criteria(file: Path, segmentation: Segmentation) -> pd.DataFrame:
    """Read and check the columns that the scorer needs: customer, and one column of numbers per criterion."""
    reader = open_readers(file, file.name, sniff(file).source)[0]
    needed = {name: _place(name, reader.header) for name in segmentation.scorer.scaling.names}
    customer = next((name for name in IDS if name in reader.header), None)
    absent = [name for name, place in needed.items() if place is None]
    if absent or customer is None:
        raise InputRefused(_absent([*([] if customer else ["customer"]), *absent], needed, file.name))
    text = _text(reader, [customer, *(str(place) for place in needed.values())])
    ids, faults = text.iloc[:, 1].str.strip(), Faults()
    for line in text.loc[ids.eq("") | ids.isna(), "line"]:
        faults.add(Finding("V04", "customer without an id", file.name, int(line), do="give every row its id"))
    for line in text.loc[ids.duplicated() & ids.notna(), "line"]:
        faults.add(Finding("V01", "customer stands there twice", file.name, int(line), do="one row per customer"))
    columns: dict[str, Any] = {"customer": ids}
    for i, (name, place) in enumerate(needed.items()):
        scale = 1 if place == name else segmentation.minor_per_major
        columns[name] = _numbers(text.iloc[:, i + 2], text["line"], str(place), file.name, faults) * scale
    if faults.shown:
        raise InputRefused(faults.findings())
    return pd.DataFrame(columns)


def _place(name: str, header: Sequence[str]) -> str | None:
    return next((place for place in (name, name.removesuffix("_minor")) if place in header), None)


def _text(reader: Reader, wanted: Sequence[str]) -> pd.DataFrame:
    """Bring columns into memory as text, with the line of each row in front."""
    faults = Faults()
    places = [reader.header.index(name) for name in wanted]
    parts = [
        pd.DataFrame({"line": lines.to_numpy(), **{f"c{i}": column.to_pandas() for i, column in enumerate(columns)}})
        for columns, lines in reader.batches(places, faults)
    ]
    if faults.shown:
        raise InputRefused(faults.findings())
    if not parts:
        raise InputRefused(Finding("F03", "no rows", reader.label, do="one row per customer"))
    return pd.concat(parts, ignore_index=True)


def _numbers(values: pd.Series[Any], lines: pd.Series[Any], column: str, label: str, faults: Faults) -> pd.Series[Any]:
    text = values.fillna("").astype(str).str.strip()
    numbers: pd.Series[Any] = pd.to_numeric(text, errors="coerce").astype("float64")
    numbers = numbers.where(np.isfinite(numbers))
    do = "write plain numbers with a decimal point; leave the cell empty where nothing is known"
    for line in lines[text.ne("") & numbers.isna()]:
        faults.add(Finding("V09", "not a number", label, int(line), column, do=do))
    return numbers


def _absent(absent: Sequence[str], needed: dict[str, Any], label: str) -> Finding:
    do = f"one row per customer with customer, {', '.join(needed)}; for order lines make a report, it computes them"
    return Finding("F07", f"column{'s' if len(absent) > 1 else ''} missing: {', '.join(absent)}", label, do=do)
