"""Can the segment be guessed from what a CRM knows of somebody who has not bought yet?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from seglib.clustering.space import mixed_by_values
from seglib.criteria.criterion import UNKNOWN
from seglib.criteria.guard import circular
from seglib.criteria.names import plain
from seglib.disclosure.small_cells import blank
from seglib.methods.present import Head, present, whole
from seglib.methods.shares import bounded
from seglib.methods.typing_tool import OUTER, TypingTool, typing_tool

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features

SAMPLE_ROWS = 4_000
KNOWN = ("geographic", "demographic", "firmographic")  # families that need no behaviour
PROTECTED = ("gender",)  # nobody is to be treated by it, and a guess would do that
NOTHING = (
    "No typing tool: the study knows nothing of a customer before the first order. "
    "A customers file with columns such as country, region or industry would allow it."
)


def from_crm(segmentation: Segmentation, features: Features, seed: int = 0) -> TypingTool | None:
    """Fit a typing tool that guesses the segment from descriptors, on at most 4,000 customers.

    Parameters
    ----------
    segmentation : Segmentation
    features : Features
        Its descriptors of place, person and firm are the columns that a CRM has, but for what follows from the orders.
    seed : int

    Returns
    -------
    TypingTool, or None where no such column varies
    """
    rows = features.catalogue[features.catalogue["family"].isin(KNOWN)]
    names = [str(name) for name in rows.loc[rows["role"] == "descriptor", "name"] if name not in PROTECTED]
    if not names:
        return None
    both = features.values.inner_join(segmentation.labels.select("customer", "segment"), "customer")
    drawn = both.order_by(both.customer.cast("string").hexdigest("sha256")).limit(SAMPLE_ROWS)
    rows = features.catalogue[features.catalogue["clusters"].astype(bool) | features.catalogue["name"].isin(names)]
    frame = mixed_by_values(drawn.select("segment", *rows["name"]).to_pandas())
    own = set(rows.loc[circular(rows, frame), "name"])
    names = [name for name in names if name not in own]
    frame = frame[["segment", *names]]
    frame = frame[frame.groupby("segment")["segment"].transform("size") >= OUTER]
    words = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    frame[words] = frame[words].mask(frame[words] == UNKNOWN)
    varied = [name for name in names if frame[name].nunique() > 1]
    if not varied or frame["segment"].nunique() < 2:
        return None
    return typing_tool(frame[varied], frame["segment"], seed)


def crm_verdict(tool: TypingTool | None) -> str:
    """Say how good the typing tool is, or why there is none."""
    return tool.verdict() + f" It asks for: {', '.join(map(plain, tool.columns))}." if tool else NOTHING


def recognised(tool: TypingTool | None, segmentation: Segmentation, floor: int = 10) -> pd.DataFrame | str:
    """Show which segments the typing tool recognises: customers looked at, share of them typed right."""
    if tool is None:
        return NOTHING
    names = segmentation.segments.set_index("segment")["name"]
    rows = tool.by_label
    heads: dict[str, Head] = {"name": "segment", "n": ("customers", whole), "right": "guessed right"}
    right = bounded(rows["found"], rows["n"], floor)
    return present(rows.assign(name=rows["label"].map(names), right=right, n=blank(rows["n"], floor)), heads)
