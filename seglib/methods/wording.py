"""Words that claim a cause: a sentence may use them only with the test that shows it."""

from __future__ import annotations

import re

CAUSAL = (
    *("because of", "caused", "causes", "led to", "leads to", "thanks to", "due to", "resulted in", "results in"),
    *("drove", "drives", "boosted", "boosts", "impact of", "effect of the campaign", "paid off", "brought about"),
)
DOUBLE_DIPPING = ("significantly different segments", "segments differ significantly", "significant difference between")
_CAUSAL = re.compile(r"\b(" + "|".join(CAUSAL) + r")\b", re.IGNORECASE)
_TWICE = re.compile("|".join(DOUBLE_DIPPING), re.IGNORECASE)


def causal_words(text: str) -> tuple[str, ...]:
    """List the words of a text that claim a cause.

    Examples
    --------
    >>> causal_words("The offer boosted sales, thanks to the new segments.")
    ('boosted', 'thanks to')
    >>> causal_words("Revenue rose by 4%.")
    ()
    """
    return tuple(match.group(0).lower() for match in _CAUSAL.finditer(text))


def supported(text: str, test: str = "") -> str:
    """Give a sentence back if its words are no stronger than its evidence.

    Parameters
    ----------
    text : str
        What is to be said.
    test : str
        Name of the experiment that shows a cause, "" without one.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    ValueError
        When the text claims a cause without a test, or tests segments on what made them (double dipping: Kriegeskorte
        et al. 2009, Nature Neuroscience 12, 535-540).

    Examples
    --------
    >>> supported("Sales rose thanks to the offer.", test="summer_offer")
    'Sales rose thanks to the offer.'
    >>> supported("Sales rose thanks to the offer.")
    Traceback (most recent call last):
    ValueError: a sentence without a test must not claim a cause (got 'thanks to'). Say what was seen, or name the test.
    """
    causes, twice = causal_words(text), _TWICE.search(text)
    if causes and not test:
        what = "a sentence without a test must not claim a cause"
        raise ValueError(f"{what} (got '{causes[0]}'). Say what was seen, or name the test.")
    if twice:
        what = "segments must not be tested on the criteria that made them"
        raise ValueError(f"{what} (got '{twice.group(0)}'). Describe them instead.")
    return text
