"""What the words of a consent table mean: a purpose as we write it, one in other words, or perhaps any of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

import pandas as pd

PROFILING, SALE, SERVICE = "profiling", "sale_or_share", "service"
PURPOSES = (PROFILING, "email", "sms", "post", "ads", SALE, SERVICE)
CHANNELS = {"social": "ads", "search": "ads", "display": "ads", "letter": "post", "catalogue": "post"}
IN_OTHER_WORDS = {  # words by the purposes that they may mean; without spaces, signs and capitals
    ("email",): "email emails mailing mailings newsletter newsletters emailmarketing emailnewsletter",
    ("email", "post"): "mail mails mailshot mailshots",
    ("sms",): "sms text texts textmessage textmessages mobile mms",
    ("post",): "post postal letter letters catalogue catalog directmail print",
    ("ads",): "ads ad advertising advertisement advertisements targeting retargeting social display search",
    (SERVICE,): "service customerservice servicelevel support",
    (SALE,): "saleorshare saleshare sale sell selling share sharing saleorsharing thirdparty thirdparties",
    (PROFILING,): "profiling profile profiles personalisation personalization segmentation",
}
REFUSING = {  # words that say no by themselves, whatever status stands beside them
    (SALE,): "donotsell donotsellorshare donotshare gpc optoutofsale saleoptout",
    PURPOSES: "donotcontact optout unsubscribe unsubscribed",
}
YES = ("granted", "grant", "given", "yes", "y", "true", "t", "1", "on", "active", "opt-in", "opted in", "subscribed",
       "accepted", "agreed", "ja", "oui", "si", "sí", "sim")  # fmt: skip


def bare(word: str) -> str:
    """Bring a word to the form in which spellings of one purpose are equal.

    Examples
    --------
    >>> bare("E-Mail "), bare("sale or share")
    ('email', 'saleorshare')
    """
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(char for char in folded if char.isalnum())


def _purposes_of(word: str) -> tuple[tuple[str, ...], bool]:
    """Say which purposes a word of the consent table may mean, and whether it says no by itself.

    Parameters
    ----------
    word : str
        As delivered; blank where the row names no purpose.

    Returns
    -------
    tuple of tuple of str and bool
        All purposes for a word that nobody knows: then a withdrawal is a withdrawal of everything.

    Examples
    --------
    >>> _purposes_of("newsletter"), _purposes_of("Do not sell")
    ((('email',), False), (('sale_or_share',), True))
    >>> _purposes_of("all")[0] == _purposes_of("")[0] == PURPOSES
    True
    """
    plain = bare(word)
    for table, says_no in ((IN_OTHER_WORDS, False), (REFUSING, True)):
        for purposes, words in table.items():
            if plain in words.split():
                return purposes, says_no
    return PURPOSES, False


def meanings(words: Iterable[str], given: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """List what each word of a consent table counts for.

    Parameters
    ----------
    words : iterable of str
        Distinct words in small letters, trimmed; "" for rows without one.
    given : mapping
        The plan's `consent.purposes`: from a word to the purposes that it means; none of them: it is ignored.

    Returns
    -------
    DataFrame
        word, purpose, is_sure (a grant counts too), says_no. A word that is not known also stands for itself, so that
        notebook 02 shows it.

    Examples
    --------
    >>> meanings(["email", "e-mail"], {}).to_numpy().tolist()
    [['email', 'email', True, False], ['e-mail', 'e-mail', True, False], ['e-mail', 'email', False, False]]
    >>> meanings(["news"], {"News": ["email"]}).to_numpy().tolist()
    [['news', 'email', True, False]]
    """
    said = {bare(word): tuple(purposes) for word, purposes in given.items()}
    rows: list[tuple[str, str, bool, bool]] = []
    for word in words:
        if bare(word) in said:
            rows += [(word, purpose, True, False) for purpose in said[bare(word)]]
        elif word in PURPOSES:
            rows.append((word, word, True, False))
        else:
            purposes, says_no = _purposes_of(word)
            rows += [(word, word, True, False)] if word else []
            rows += [(word, purpose, False, says_no) for purpose in purposes]
    frame = pd.DataFrame(rows, columns=["word", "purpose", "is_sure", "says_no"])
    return frame.astype({"word": "str", "purpose": "str", "is_sure": "bool", "says_no": "bool"})
