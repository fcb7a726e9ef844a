"""How each destination wants a contact detail written before it is compared or hashed; there is no shared form."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
LEAST_DIGITS = 7  # of a telephone number
EXTENSION = re.compile(r"\s*(?:;?ext(?:n|ension)?[.:=]?|x)\s*\d+$", re.IGNORECASE)
DECIMAL = re.compile(r"\d+[.,]0+")  # a spreadsheet kept the number as a number
GOOGLE_DOMAINS = ("gmail.com", "googlemail.com")


def _trimmed(text: str) -> str:
    """Take the spaces off both ends.

    Examples
    --------
    >>> _trimmed(" Ann ")
    'Ann'
    """
    return text.strip()


def lower(text: str) -> str:
    """Trim and write small.

    Examples
    --------
    >>> lower(" Test@Example.com ")
    'test@example.com'
    """
    return text.strip().lower()


def google_email(text: str) -> str:
    """Write an address as Google compares it: without dots and suffix at Google's own domains, untouched elsewhere.

    Notes
    -----
    Data Manager API, formatting guidelines; the two addresses below are the page's own examples.

    Examples
    --------
    >>> google_email("cloudy.sanfrancisco+shopping@gmail.com")
    'cloudysanfrancisco@gmail.com'
    >>> google_email("user.name+NYC@Example.com")
    'user.name+nyc@example.com'
    """
    name, at, domain = lower(text).rpartition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}" if at and domain in GOOGLE_DOMAINS else lower(text)


def tiktok_email(text: str) -> str:
    """Write an address as TikTok compares it: the suffix after a plus is dropped at every domain.

    Examples
    --------
    >>> tiktok_email("Ann.Lee+tea@Example.com")
    'ann.lee@example.com'
    """
    name, at, domain = lower(text).rpartition("@")
    return f"{name.partition('+')[0]}@{domain}" if at else lower(text)


def mailbox(text: str) -> str:
    """Write an address so that all addresses which any destination takes for one are equal; "" where it is none.

    Examples
    --------
    >>> mailbox("Ann.Lee+tea@googlemail.com") == mailbox("annlee@gmail.com")
    True
    >>> mailbox("Ann.Lee+tea@Example.com"), mailbox("n/a")
    ('ann.lee@example.com', '')
    """
    plain = unicodedata.normalize("NFKC", lower(text))
    name, at, domain = plain.rpartition("@")
    if not at or not ADDRESS.fullmatch(plain):
        return ""
    name = name.partition("+")[0]
    return f"{name.replace('.', '')}@{GOOGLE_DOMAINS[0]}" if domain in GOOGLE_DOMAINS else f"{name}@{domain}"


def e164(text: str, region: str | None = None) -> str:
    """Write a telephone number with its country code and nothing but digits; "" when it cannot be read without a guess.

    Parameters
    ----------
    text : str
        As delivered.
    region : str, optional
        ISO 3166 code of the country of numbers without a country code; these must exist there.

    Notes
    -----
    ITU-T E.164, by the numbering plans of the library phonenumbers. A number without a country code could be anybody's
    abroad, so it is left out where the plan names no country; so are words behind a number, which the library would
    dial, decimals, and what is a number there both with its first digits as the country's code and without.

    Examples
    --------
    >>> e164("+49 (151) 234-56 78"), e164("0049 151 2345678"), e164("0151 2345678")
    ('+491512345678', '+491512345678', '')
    >>> e164("+44 (0)20 7946 0000"), e164("020 7946 0000", "GB"), e164("06 12 34 56 78", "GB")
    ('+442079460000', '+442079460000', '')
    >>> e164("0151 2345678 (Ann)", "DE"), e164("491712345678.0", "DE"), e164("491712345678", "DE")
    ('', '', '')
    """
    plain = text.strip().removeprefix("tel:")
    digits = EXTENSION.sub("", plain)
    if any(char.isalpha() for char in digits) or DECIMAL.fullmatch(digits):
        return ""
    if plain.startswith(("+", "00")):
        return _planned(plain if plain.startswith("+") else f"+{plain[2:]}", None)
    at_home = _planned(plain, region)
    return at_home if region is None or _with_code(plain, region) in ("", at_home) else ""


def _planned(written: str, region: str | None) -> str:
    """Read by the numbering plans: a number of a named country must exist there, any other must be possible."""
    import phonenumbers

    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return ""
    sound = phonenumbers.is_valid_number if region else phonenumbers.is_possible_number
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if sound(number) else ""


def _with_code(plain: str, region: str) -> str:
    """Read a number that begins with the code of its own country as if its plus were lost; "" where that is none."""
    import phonenumbers

    begins = plain.startswith(str(phonenumbers.country_code_for_region(region)))
    return _planned(f"+{plain}", region) if begins else ""


def digits(text: str) -> str:
    """Write a telephone number with its country code and without the plus.

    Examples
    --------
    >>> digits("+374 9382 8222")
    '37493828222'
    """
    return e164(text).lstrip("+")


def number(text: str) -> str:
    """Write a telephone number so that spellings of one number are equal, also without a country code; "" where none.

    Examples
    --------
    >>> number("0049 151 2345678") == number("+49 151 2345678"), number("0151 2345678"), number("n/a")
    (True, '01512345678', '')
    """
    bare = "".join(char for char in text if char.isdigit())
    return digits(text) or (bare if len(bare) >= LEAST_DIGITS else "")


def sha256(text: str) -> str:
    """Hash a normalised text; "" stays "".

    Examples
    --------
    >>> sha256("test@example.com")
    '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b'
    """
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


NORMAL: dict[str, Callable[[str], str]] = {
    "as_is": _trimmed,
    "lower": lower,
    "google_email": google_email,
    "tiktok_email": tiktok_email,
    "e164": e164,
    "digits": digits,
}
