"""How each destination wants a contact detail written before it is compared or hashed; there is no shared form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+")
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
GOOGLE_DOMAINS = ("gmail.com", "googlemail.com")


def trimmed(text: str) -> str:
    """Take the spaces off both ends.

    Examples
    --------
    >>> trimmed(" Ann ")
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


def e164(text: str) -> str:
    """Write a telephone number with its country code and nothing but digits; "" when the country code is missing.

    Notes
    -----
    ITU-T E.164. A number without a country code could be anybody's abroad, so it is left out rather than guessed.

    Examples
    --------
    >>> e164("+49 (151) 234-56 78"), e164("0049 151 2345678"), e164("0151 2345678")
    ('+491512345678', '+491512345678', '')
    """
    digits = re.sub(r"[\s()./\-\u00a0]", "", text)
    international = f"+{digits[2:]}" if digits.startswith("00") else digits
    return international if NUMBER.fullmatch(international) else ""


def digits(text: str) -> str:
    """Write a telephone number with its country code and without the plus.

    Examples
    --------
    >>> digits("+374 9382 8222")
    '37493828222'
    """
    return e164(text).lstrip("+")


def sha256(text: str) -> str:
    """Hash a normalised text; "" stays "".

    Examples
    --------
    >>> sha256("test@example.com")
    '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b'
    """
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


NORMAL: dict[str, Callable[[str], str]] = {
    "as_is": trimmed,
    "lower": lower,
    "google_email": google_email,
    "tiktok_email": tiktok_email,
    "e164": e164,
    "digits": digits,
}
