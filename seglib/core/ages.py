"""Whether a band of age is that of minors, by its numbers and words in the languages that exports use."""

from __future__ import annotations

import re
import unicodedata

ADULT_YEARS, MOST_YEARS = 18, 120
CHILD = re.compile(r"\b(minors?|child(ren)?|kids?|teen(s|agers?)?|infants?|bab(y(?! boom)|ies)|juveniles?|adolescents?|"
                   r"minderj\w*|kind(er)?|jugendliche?r?|mineurs?|enfants?|menor(es)?|niñ[oa]s?)\b")  # fmt: skip
GROWN = re.compile(r"\b(adults?|seniors?|pensioners?|retired|middle.aged|erwachsene?r?|adultes?|adult[oa]s?|of age)\b")
NO_ANSWER = re.compile(r"^(|[-?.–]+|unknown|n/?a|none|null|not (stated|known|given|specified)|prefer not to say|"
                       r"undisclosed|no answer|keine angabe|unbekannt|inconnu|desconocid[oa])$")  # fmt: skip
BELOW = re.compile(
    r"(<|\b(under|below|less than|younger than|unter|jünger als|moins de|menos de|menor(es)? de|u)(?![a-z]))\s*=?\s*\d"
)
UP_TO = re.compile(r"(^-|≤|<=|\b(up to|at most|bis( zu)?|jusqu\W?à|hasta)\b)\s*\d|"
                   r"\d\s*(years?|yrs?|y)?\s*(-$|(and|or|&|und|oder|et|ou|y|o)\s+"
                   r"(under|below|younger|less|jünger|weniger|moins|menos))")  # fmt: skip
BEYOND = re.compile(r"(>(?!=)|\b(over|above|older than|more than|über|älter als|plus de|más de)\b)\s*\d")
FROM = re.compile(r"\d\s*(years?|yrs?|y)?\s*(\+|(and|or|&|und|oder|et|ou|y|o)\s+"
                  r"(over|above|up|older|älter|plus|más|mehr|more))|"
                  r"(≥|>=|\b(from|ab|à partir de|desde)\b)\s*\d")  # fmt: skip


def kind_of_band(band: str) -> str:
    """Say whose age a band is.

    Parameters
    ----------
    band : str
        As delivered.

    Returns
    -------
    str
        "minor" where it ends below 18, or at 18 and begins before; "adult"; "" where it says that the age is not known;
        "unread" where it cannot be read.

    Examples
    --------
    >>> [kind_of_band(text) for text in ("0-17 years", "under 18", "17 and under", "u18", "Minor")]
    ['minor', 'minor', 'minor', 'minor', 'minor']
    >>> [kind_of_band(text) for text in ("18-24", "65+", "under 25", "unknown", "Gen Z")]
    ['adult', 'adult', 'adult', '', 'unread']
    """
    text = unicodedata.normalize("NFKC", band).casefold().strip()
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    if NO_ANSWER.match(text):
        return ""
    if not numbers:
        return "minor" if CHILD.search(text) else "adult" if GROWN.search(text) else "unread"
    if len(numbers) > 2 or max(numbers) > MOST_YEARS:
        return "unread"
    if UP_TO.search(text):
        return "minor" if numbers[-1] <= ADULT_YEARS else "adult"
    if BELOW.search(text):
        return "minor" if numbers[-1] <= ADULT_YEARS else "adult"
    ends_young = numbers[-1] < ADULT_YEARS or (numbers[-1] == ADULT_YEARS > numbers[0])
    if BEYOND.search(text):
        return "minor" if numbers[0] < ADULT_YEARS - 1 else "adult"
    if FROM.search(text):
        return "minor" if numbers[0] < ADULT_YEARS else "adult"
    return "minor" if ends_young else "adult"
