"""The words that segments are named with, and what must be true of the members for each."""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd


class Word(NamedTuple):
    """What to call a segment that is clearly high or low in a criterion; all words are neutral.

    Some words claim something of the members themselves, not only beside all others. Such a word is used where the
    typical member bears it out: `high` from `high_from` on, `low` up to `low_to`; elsewhere `more` and `less` compare.
    """

    criterion: str
    high: str
    low: str
    high_from: float = -math.inf
    low_to: float = math.inf
    more: str = ""
    less: str = ""

    def said(self, away: float, typical: float | None) -> str:
        """Choose the word for a distance from everyone and the value of a typical member, where it is known.

        Examples
        --------
        >>> tenure = Word("tenure_days", "long-standing", "new", 365, NEW_DAYS, "earlier-seen", "later-seen")
        >>> tenure.said(-1.2, 30.0), tenure.said(-1.2, 754.0), tenure.said(0.9, 112.0)
        ('new', 'later-seen', 'earlier-seen')
        """
        if away > 0:
            return self.more if typical is not None and typical < self.high_from else self.high
        return self.less if typical is not None and typical > self.low_to else self.low

    def compares(self, said: str) -> bool:
        """Whether a word of this pair says nothing of the members alone, so that it must hold beside everyone.

        Examples
        --------
        >>> tenure = Word("tenure_days", "long-standing", "new", 365, NEW_DAYS, "earlier-seen", "later-seen")
        >>> tenure.compares("later-seen"), tenure.compares("new"), Word("breadth_count", "w", "n").compares("w")
        (True, False, True)
        """
        absolute = {self.high: math.isfinite(self.high_from), self.low: math.isfinite(self.low_to)}
        return not absolute.get(said, False)


TENURE = "tenure_days"
NOT_STABLE = "not stable: another sample would mix it"  # why a segment that is large enough cannot be used
NEW_DAYS, PAST_DAYS = 60, 180  # as the stage of that name; a first order sooner after the data begin may be none

WORDS: tuple[Word, ...] = (  # in the order in which they stand in a name; days, orders and shares of a typical member
    Word("recency_days", "long-quiet", "recently active", 90, 90, "quieter", "less quiet"),
    Word(TENURE, "long-standing", "new", 365, NEW_DAYS, "earlier-seen", "later-seen"),
    Word("order_count", "frequent", "occasional", 3, 4, "more frequent", "less frequent"),
    Word("gap_days", "slow-rhythm", "quick-rhythm", 30, 60, "slower-rhythm", "quicker-rhythm"),
    Word("session_count", "often browsing", "rarely browsing", 3, 4, "more browsing", "less browsing"),
    Word("monetary_minor", "high-spending", "low-spending"),
    Word("order_value_minor", "large-basket", "small-basket"),
    Word("units_per_order", "bulk", "few-item", 5, 5, "more-item", "fewer-item"),
    Word("breadth_count", "wide-range", "narrow-range"),
    Word("discount_share", "discount", "full-price", 0.5, 0.25, "more-discount", "less-discount"),
    Word("return_share", "often sending back", "seldom sending back", 0.2, 0.1, "more sent back", "less sent back"),
    Word("return_count", "sending-back", "keeping", 1, 0, "more-sent-back", "less-sent-back"),
    Word("weekend_share", "weekend", "weekday", 0.5, 0.25, "more-weekend", "less-weekend"),
    Word("evening_share", "evening", "daytime", 0.5, 0.25, "more-evening", "less-evening"),
    Word("top_channel_share", "one-channel", "many-channel", 0.9, 0.7, "fewer-channel", "more-channel"),
)


def surely_new(tenure_days: pd.Series[float], past_days: float) -> pd.Series[float]:
    """Let nobody pass for new whose first order lies too soon after the data begin to be surely the first.

    Parameters
    ----------
    tenure_days : Series of float
        Days since the first order of a typical member.
    past_days : float
        Days since the first order of all.

    Returns
    -------
    Series of float
        The same days, but at least one more than a new customer has where the past before them is too short.

    Examples
    --------
    >>> surely_new(pd.Series([24.0, 72.0]), past_days=91).tolist(), surely_new(pd.Series([24.0]), 400).tolist()
    ([61.0, 72.0], [24.0])
    """
    return tenure_days.where(past_days - tenure_days >= PAST_DAYS, tenure_days.clip(lower=NEW_DAYS + 1))


def untrue_word(word: Word, name: str, typical: float, everyone: float) -> str:
    """Give the word of a criterion that a name holds although the typical member contradicts it; else nothing.

    A word that compares is contradicted where the typical member is not on that side of everyone.

    Examples
    --------
    >>> orders = Word("order_count", "frequent", "occasional", 3, 4, "more frequent", "less frequent")
    >>> untrue_word(orders, "Frequent buyers", 2.0, 1.0), untrue_word(orders, "More frequent buyers", 2.0, 1.0)
    ('frequent', '')
    >>> untrue_word(orders, "More frequent buyers", 2.0, 5.0)
    'more frequent'
    """
    spoken = f" {name.lower()} "
    for said, side in ((word.more, 1), (word.less, -1)):
        if said and f" {said} " in spoken:
            if side * (typical - everyone) <= 0:
                return said
            spoken = spoken.replace(f" {said} ", " ")  # "frequent" is a part of "more frequent"
    ends = ((word.high, 1, typical < word.high_from), (word.low, -1, typical > word.low_to))
    for said, side, wrong in ends:
        aside = word.compares(said) and side * (typical - everyone) <= 0
        if (wrong or aside) and f" {said} " in spoken:
            return said
    return ""
