"""Words that no persona may carry: special categories of personal data, and words that look down on people."""

from __future__ import annotations

import re

from seglib.core.errors import Finding, PrivacyRefused

SPECIAL = {  # Article 9 GDPR, and life events that are read as such; a star stands for any ending
    "health": "diabet* asthma* cancer* depress* disab* ill illness* sick patient patients pregnan* fertil* obes* "
    "overweight allerg* handicap* addict* alcoholic* dement* autis* hiv menopaus* incontinen* impoten* disease* "
    "medicat*",
    "religion or belief": "muslim* islam islamic christian* catholic* protestant* jew jews jewish hindu* buddhis* "
    "sikh* atheis* kosher halal religio*",
    "origin": "ethnic* racial blacks whites asians africans arabs latino* hispanic* gypsy gypsies migrant* immigrant* "
    "refugee*",
    "politics or union": "conservatives socialist* communist* leftist* republicans democrats unionis* trade-union* "
    "populist*",
    "sexual life": "gay gays lesbian* queer homosexual* bisexual* transgender* transsexual* sexual*",
    "family and life events": "mother mothers mum mums mom moms father fathers dad dads widow* divorc* single-parent* "
    "unemployed bereav* newlywed*",
}
STIGMA = (
    "poor cheap cheapskate* stingy greedy lazy stupid dumb fat ugly loser* deadbeat* hopeless worthless useless "
    "desperate naive gullible freeload* scroung* moron* idiot* parasite* geriatric* senile spinster* "
    "housewife housewives chav* weirdo*"
)
TOPICS = {**SPECIAL, "words that look down on people": STIGMA}


def _pattern(words: str) -> re.Pattern[str]:
    parts = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in words.split()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


PATTERNS = {topic: _pattern(words) for topic, words in TOPICS.items()}


def sensitive(text: str) -> str:
    """Name the topic of the first word that a persona must not carry, "" where there is none.

    Parameters
    ----------
    text : str
        A name or a line.

    Examples
    --------
    >>> sensitive("Diabetics with small baskets"), sensitive("Young mothers"), sensitive("Long-quiet occasional buyers")
    ('health', 'family and life events', '')
    >>> sensitive("United Arab Emirates"), sensitive("The poor")
    ('', 'words that look down on people')
    """
    return next((topic for topic, pattern in PATTERNS.items() if pattern.search(text)), "")


def refuse(names: list[str]) -> None:
    """Refuse names that say more about people than what they buy.

    Parameters
    ----------
    names : list of str
        Names of segments.

    Raises
    ------
    PrivacyRefused
        R23, with the place of the name and its topic, never the name itself.

    Examples
    --------
    >>> refuse(["Regulars", "Young mothers"])
    Traceback (most recent call last):
    seglib.core.errors.PrivacyRefused: SEG-R23 segment 2 has a name about family and life events - plan.yml, ...
    """
    found = [(place, topic) for place, name in enumerate(names, start=1) if (topic := sensitive(name))]
    if found:
        raise PrivacyRefused(
            [
                Finding(
                    "R23",
                    f"segment {place} has a name about {topic}",
                    "plan.yml",
                    column="clustering.names",
                    do="name what members do, such as 'Frequent small baskets'",
                )
                for place, topic in found
            ]
        )
