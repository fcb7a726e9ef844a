"""What a card may quote: a text that enough members wrote, and that names nobody."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.core.errors import speakable
from seglib.core.plan import Plan
from seglib.core.special import special
from seglib.personas.words import sensitive

if TYPE_CHECKING:
    from seglib.collection.collection import Collection
    from seglib.core.engine import Table

QUOTES = ["segment", "name", "quote", "customers"]
PER_CARD, LONGEST = 3, 160
SPACES = "[\t\n\x0b\f\r \u00a0\u2000-\u200b\u202f\u3000]+"
ENDS = "^ | ?[.!?\u2026]* ?$"
NOBODY = "Cards quote nobody: no text that may be quoted was written by at least {} customers of a segment."
UNFIT = (
    "Texts that enough customers wrote, but that may name somebody, touch special categories of personal data or "
    "look down on people, are not quoted"
)
NAMES_SOMEBODY = re.compile(r"\d([\s()./-]?\d){5}|https?:|www\.")  # a telephone, an order, a customer; a link


def _plain(text: Any) -> Any:
    """Bring texts of the engine, composed as intake leaves them, to the form in which they are compared.

    Examples
    --------
    >>> from seglib.core.engine import Engine
    >>> engine = Engine.open()
    >>> rows = engine.memory(pd.DataFrame({"text": [" It  is LATE!", "it is late ..", "It is, late?"]}))
    >>> engine.frame(rows.mutate(text=_plain(rows.text)))["text"].tolist()
    ['it is late', 'it is late', 'it is, late']
    """
    return text.lower().re_replace(SPACES, " ").re_replace(ENDS, "")


def quotes(
    segments: pd.DataFrame, labels: Table, collection: Collection, plan: Plan, as_of: datetime
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Find the texts that enough members of a segment wrote, apart from spaces, case and the last mark.

    Parameters
    ----------
    segments : DataFrame
        segment and name of those that get a card.
    labels : Table
        customer, segment.
    collection : Collection
        Its comments of the window of criteria, before `as_of`.
    plan : Plan
        Floor and window.
    as_of : datetime

    Returns
    -------
    tuple of DataFrame and notes
        segment, name, quote, customers (who wrote it); at most three for each segment, the most frequent first. The
        notes say what is quoted and what is not.
    """
    floor, none = plan.privacy.floor, pd.DataFrame(columns=QUOTES).astype({"segment": "int64", "customers": "int64"})
    if "feedback" not in collection.present:
        return none, ("Cards quote nobody: there is no table feedback. One with a column comment would allow it.",)
    if collection.comments is None:
        return none, ("Cards quote nobody: the table feedback has no column comment.",)
    shared = _shared(collection.comments, labels, plan, as_of)
    shared = shared[shared["segment"].isin(segments["segment"])]
    may = shared["text"].map(quotable).astype(bool)
    kept = shared[may].groupby("segment").head(PER_CARD).merge(segments[["segment", "name"]])
    said = f"A card quotes a text only where at least {floor} customers of its segment wrote it"
    notes = [f"{said}, apart from spaces, capitals and the last mark." if len(kept) else NOBODY.format(floor)]
    if not may.all():
        notes.append(f"{UNFIT}: {int((~may).sum())}.")
    told = kept.assign(quote=[textwrap.shorten(text, LONGEST, placeholder=" ...") for text in kept["comment"]])
    return told[QUOTES].reset_index(drop=True), tuple(notes)


def quotable(text: str) -> bool:
    """Say whether a text may be quoted: no address, number or link in it, and no word that a persona must not carry.

    Examples
    --------
    >>> [quotable(text) for text in ("delivery takes too long", "ask ann@example.com", "call 0151 234567", "i was ill")]
    [True, False, False, False]
    """
    return not (speakable(text) != text or NAMES_SOMEBODY.search(text) or sensitive(text) or special(text))


def _shared(comments: Table, labels: Table, plan: Plan, as_of: datetime) -> pd.DataFrame:
    """Count the customers of each segment behind each text; in the spelling of most, the most frequent text first."""
    told = comments.filter(comments.answered_at < as_of)
    if plan.criteria.window_days:
        told = told.filter(told.answered_at >= as_of - timedelta(days=plan.criteria.window_days))
    member = labels.filter(labels.segment.notnull()).select("customer", "segment")
    rows = told.mutate(text=_plain(told.comment)).inner_join(member, "customer")
    rows = rows.filter(rows.text != "")
    counted = rows.group_by("segment", "text").agg(customers=rows.customer.nunique())
    enough = counted.filter(counted.customers >= plan.privacy.floor)
    spelt = rows.group_by("segment", "text", "comment").agg(writers=rows.customer.nunique())
    frame: pd.DataFrame = spelt.inner_join(enough, ["segment", "text"]).to_pandas()
    best = frame.sort_values(["writers", "comment"], ascending=[False, True]).drop_duplicates(["segment", "text"])
    return best.sort_values(["segment", "customers", "text"], ascending=[True, False, True], ignore_index=True)
