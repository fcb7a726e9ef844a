"""Rows that leave blank what the first row of their order says: they take it from there, in the order of the file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


class Above:
    """The last row that said which order it is of, over all batches of a file.

    Parameters
    ----------
    names : sequence of str
        Columns to fill, that of the order's number first; none where nothing is filled.

    Examples
    --------
    >>> rows = pa.record_batch({"order_id": ["A", None, "B"], "city": ["X", "Y", None], "amount": ["1", "2", "3"]})
    >>> Above(["order_id", "city"]).filled(rows).to_pydict()
    {'order_id': ['A', 'A', 'B'], 'city': ['X', 'Y', None], 'amount': ['1', '2', '3']}
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.last: dict[str, pa.Array] = {}

    def filled(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Fill blank cells of the rows below an order's first row."""
        names = [name for name in self.names if name in batch.schema.names]
        if not names or not len(batch):
            return batch
        bare = {name: _bare(batch.column(name)) for name in names}
        is_first = pc.is_valid(bare[names[0]]).to_numpy(zero_copy_only=False)
        place = np.maximum.accumulate(np.where(is_first, np.arange(len(batch)), -1))
        for name in names:
            before = self.last.get(name, pa.nulls(1, pa.string()))
            said = pa.concat_arrays([before, bare[name].cast(pa.string())]).take(pa.array(place + 1))
            self.last[name] = said.slice(len(said) - 1)
            at = batch.schema.get_field_index(name)
            filled = pc.if_else(pc.is_valid(bare[name]), batch.column(name), said)
            batch = batch.set_column(at, batch.schema.field(at), filled)
        return batch


def _bare(text: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), pa.scalar(None, pa.string()), text)
