"""Which segment a customer was in when a message was sent: one that stood before, or none."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.engine import Table
    from seglib.core.quarters import Quarter

UNPLACED = -1  # no segment stood before the message: the customer counts under everybody only


def placed(
    people: Table, quarter: Quarter, fixed: Segmentation, since: datetime, earlier: Segmentation | None
) -> Table:
    """Give each contacted customer the segment that stood when the message was sent.

    Orders that follow a message must not decide in which segment its effect is looked for: segments made from them
    would show a difference that is none.

    Parameters
    ----------
    people : Table
        customer, sent_at, and more.
    quarter : Quarter
        The quarter whose results are read.
    fixed : Segmentation
        The segments by which results are read.
    since : datetime
        From when on they stood.
    earlier : Segmentation or None
        Segments of two quarters ago, for messages of the quarter before this one; read by their identity in `fixed`.

    Returns
    -------
    Table
        `people` with `segment`: a number of `fixed`, or -1 where none stood before the message or the customer was in
        none.
    """
    with_now = people.left_join(_labels(fixed), "customer").drop("customer_right")
    none = ibis.null("int64")
    now = (with_now.sent_at >= since).ifelse(with_now.segment, none)
    if earlier is None:
        return with_now.mutate(segment=now.fill_null(UNPLACED))
    numbers = dict(zip(fixed.segments["identity"], fixed.segments["segment"], strict=True))
    pairs = zip(earlier.segments["segment"], earlier.segments["identity"], strict=True)
    known = [(int(old), int(numbers[identity])) for old, identity in pairs if identity in numbers]
    both = with_now.left_join(_labels(earlier).rename(old="segment"), "customer").drop("customer_right")
    then = ibis.cases(*((both.old == old, new) for old, new in known), else_=none) if known else none
    before = (both.sent_at >= quarter.previous.start) & (both.sent_at < since)
    stood = ibis.coalesce((both.sent_at >= since).ifelse(both.segment, none), before.ifelse(then, none))
    return both.mutate(segment=stood.fill_null(UNPLACED)).drop("old")


def _labels(segmentation: Segmentation) -> Table:
    return segmentation.labels.select("customer", segment=segmentation.labels.segment.cast("int64"))
