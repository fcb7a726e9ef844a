"""Special categories of personal data, by the name of a column or question."""

from __future__ import annotations

import re
from itertools import pairwise

# fmt: off
SPECIAL_WORDS = frozenset((
    "race", "racial", "faith", "church", "mosque", "synagogue", "creed", "belief", "beliefs", "philosophy", "dna",
    "health", "healthcare", "illness", "disease", "diseases", "medical", "medication", "medicine", "medicines",
    "pharmacy", "pregnancy", "pregnant", "hiv", "sexuality", "sexual", "homosexual", "gay", "lesbian", "transgender",
    "criminal", "conviction", "convictions",
))
# fmt: on
SPECIAL_STEMS = (
    "ethnic",
    "religi",
    "politic",
    "genetic",
    "biometr",
    "diagnos",
    "disab",
    "gesundheit",
    "krankh",
    "schwanger",
)
SPECIAL_PAIRS = (("trade", "union"), ("sex", "life"), ("skin", "colour"), ("skin", "color"), ("blood", "pressure"))


def special(name: str) -> bool:
    """Say whether a name speaks of a special category: GDPR, articles 9 and 10.

    Examples
    --------
    >>> [special(name) for name in ("religion", "spent_on_health_share", "political_view", "trade_union_member")]
    [True, True, True, True]
    >>> [special(name) for name in ("embrace_change", "racecar", "polite_service", "motive_price")]
    [False, False, False, False]
    """
    words = re.split(r"[\W_]+", name.casefold())
    pairs = set(pairwise(words))
    return any(word in SPECIAL_WORDS or word.startswith(SPECIAL_STEMS) for word in words) or not pairs.isdisjoint(
        SPECIAL_PAIRS
    )
