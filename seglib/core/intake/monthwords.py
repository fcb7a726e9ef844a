"""Names of months in the languages of exports, as the English ones that formats of time are made for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

WORD = re.compile(r"[^\W\d_]{3,}\.?")
ENGLISH = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FULL = {
    "spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "french": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "german": "januar februar märz april mai juni juli august september oktober november dezember",
    "italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "danish": "januar februar marts april maj juni juli august september oktober november december",
    "polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
}
SHORT = {
    "spanish": "ene feb mar abr may jun jul ago sept oct nov dic",
    "portuguese": "jan fev mar abr mai jun jul ago set out nov dez",
    "french": "janv févr mars avr mai juin juil août sept oct nov déc",
    "german": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "german, three letters": "jan feb mrz apr mai jun jul aug sep okt nov dez",
    "italian": "gen feb mar apr mag giu lug ago set ott nov dic",
    "dutch": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}


def _table(texts: Iterable[str], english: Sequence[str]) -> dict[str, str]:
    said = {word: english[place] for text in texts for place, word in enumerate(text.split())}
    return said | {word.lower(): word for word in english}


TABLES = {"%B": _table(FULL.values(), ENGLISH), "%b": _table(SHORT.values(), [name[:3] for name in ENGLISH])}


def in_english(text: pd.Series[str], date_format: str) -> pd.Series[str]:
    """Write names of months in English where a format has them, in full or short as the format asks.

    Examples
    --------
    >>> in_english(pd.Series(["5 de enero de 2026", "3. März 2026"]), "%d de %B de %Y").tolist()
    ['5 de January de 2026', '3. March 2026']
    """
    wanted = next((form for form in TABLES if form in date_format), "")
    if not wanted:
        return text

    def said(match: re.Match[str]) -> str:
        return TABLES[wanted].get(match.group().rstrip(".").lower(), match.group())

    return text.str.replace(WORD, said, regex=True)
