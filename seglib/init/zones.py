"""The time zone that the times of a file tell, where they are written with their distance from UTC."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from seglib.init.looks import Look

OFFSET = r"[T ]\d{1,2}:\d{2}.*?([+-]\d{2}):?(\d{2})$"
USUAL = (
    *("Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Halifax", "America/Sao_Paulo", "America/Bogota", "America/Mexico_City"),
    *("America/Santiago", "Europe/Istanbul", "Africa/Cairo", "Africa/Johannesburg", "Asia/Dubai", "Asia/Karachi"),
    *("Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"),
    *("Australia/Adelaide", "Australia/Brisbane", "Pacific/Auckland", "Africa/Lagos"),
)
MOST = 2_000


def zone_of(look: Look | None) -> str | None:
    """Name a usual time zone in which the times of a column are written.

    Parameters
    ----------
    look : Look or None
        The column of times.

    Returns
    -------
    str or None
        ``"UTC"`` where all are; None where the times do not say it, or lie in several zones.

    Examples
    --------
    >>> both = pd.Series(["2026-01-05 09:00:00 +0100", "2026-07-05T09:00:00+02:00"], dtype="str")
    >>> zone_of(Look("at", both)), zone_of(Look("at", both.str[:19])) is None
    ('Europe/Berlin', True)
    """
    if look is None or not len(look.unique):
        return None
    times = look.unique.head(MOST)
    found = times.str.extract(OFFSET)
    if found.isna().any(axis=None):
        return None
    minutes = found[0].astype(int) * 60 + (found[0].str[0] + found[1]).astype(int)
    if not minutes.any():
        return "UTC"
    at = pd.to_datetime(times, format="mixed", utc=True, errors="coerce")
    if at.isna().any():
        return None
    return next((zone for zone in USUAL if _fits(at, minutes, zone)), None)


def zone_said(look: Look | None) -> str:
    """Say which time zone the plan has, and why; what is left to check.

    Examples
    --------
    >>> zone_said(None)
    "the time zone is set to UTC: write the shop's own, for example Europe/Amsterdam"
    """
    zone = zone_of(look)
    if look is None or zone in (None, "UTC"):
        return "the time zone is set to UTC: write the shop's own, for example Europe/Amsterdam"
    return f"the time zone is set to {zone}, whose hours '{look.name}' has: write the shop's own where it is another"


def _fits(at: pd.Series[pd.Timestamp], minutes: pd.Series[int], zone: str) -> bool:
    local = at.dt.tz_convert(ZoneInfo(zone)).dt.tz_localize(None)
    ahead = (local - at.dt.tz_localize(None)).dt.total_seconds() / 60
    return bool((ahead == minutes).all())
