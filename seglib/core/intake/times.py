"""Instants as local times of the study: whatever was declared becomes ISO text without an offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.errors import Finding, InputRefused
from seglib.core.intake.findings import Fault
from seglib.core.intake.monthwords import in_english
from seglib.core.sources.batches import batches

DAY, CLOCK = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
NAIVE = rf"^{DAY}([T ]{CLOCK})?$"
AWARE = rf"^{DAY}[T ]{CLOCK} ?(Z|[+-]\d{{2}}(:?\d{{2}})?)$"
PLACEHOLDER = r"^(0000|0001|9999)-|^1900-01-01"
ORDER_UNKNOWN = r"^\d{1,2}[/.-]\d{1,2}[/.-](\d{2}|\d{4})\b"
ZONE, ZONED = " %Z", r"^(.*\S) (?!(?:AM|PM|UTC)$)[A-Z]{2,5}$"
CHANGE_YEARS = 20
COUNTED: dict[str, tuple[Literal["s", "ms", "us", "D"], str]] = {
    "unix seconds": ("s", "1970-01-01"),
    "unix milliseconds": ("ms", "1970-01-01"),
    "unix microseconds": ("us", "1970-01-01"),
    "excel days": ("D", "1899-12-30"),
}
INSTANTS = (
    "%z",
    "unix ",
)  # formats whose times are the same everywhere, so the plan's zone decides what a clock showed
KINDS = {
    "blank": Fault("V14", "blank time", "export the line again with its time, or without it if it is a sum of others"),
    "placeholder": Fault("V18", "placeholder instead of a date", "leave unknown dates out of the export"),
    "no day": Fault("V14", "no such day or time", "correct it in the export"),
    "ambiguous": Fault("V14", "ambiguous date", "set date_format of this source, for example '%d/%m/%Y %H:%M'"),
    "not a date": Fault("V14", "not a date", "write 2026-09-30 or 2026-09-30T14:05:00, or set date_format"),
    "format": Fault("V14", "does not fit date_format", "correct date_format of this source"),
    "offset": Fault("V15", "time with an offset among times without", "export all times with an offset, or none"),
}


def zone_of(name: str) -> ZoneInfo:
    """Return the plan's time zone; InputRefused when there is none of that name.

    Examples
    --------
    >>> zone_of("Europe/Amsterdam").key
    'Europe/Amsterdam'
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        remedy = "write a name like Europe/Amsterdam"
        raise InputRefused(Finding("P05", "no such time zone", "plan.yml, timezone", do=remedy)) from None


@dataclass(frozen=True)
class Clock:
    """How one source writes its times.

    Parameters
    ----------
    zone : ZoneInfo
        The study's time zone.
    date_format : str or None
        The plan's `date_format`, in the letters of strptime.
    """

    zone: ZoneInfo
    date_format: str | None = None

    def local(self, text: pd.Series) -> pd.Series:
        """Convert text to naive local times; what does not fit becomes missing.

        Examples
        --------
        >>> Clock(ZoneInfo("Europe/Paris")).local(pd.Series(["2025-09-30T23:30:00-05:00"]))[0]
        Timestamp('2025-10-01 06:30:00')
        """
        aware = text.str.match(AWARE[:-1] + r"\Z")
        parsed = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
        parsed[aware] = self._shift(pd.to_datetime(text[aware], format="ISO8601", utc=True, errors="coerce"))
        if self.date_format:
            rest = read_times(text[~aware], self.date_format)
            parsed[~aware] = self._shift(rest) if _is_instant(self.date_format) else rest.astype("datetime64[us]")
        return parsed

    def _shift(self, instants: pd.Series) -> pd.Series:
        local: pd.Series = instants.dt.tz_convert(self.zone).dt.tz_localize(None).astype("datetime64[us]")
        return local


def _is_instant(date_format: str | None) -> bool:
    """Whether times in this format name an instant, wherever the shop is."""
    return any(part in (date_format or "") for part in INSTANTS)


def read_times(text: pd.Series, date_format: str) -> pd.Series:
    """Read times in a format of strptime, with months in any known language, or counted: seconds since 1970, days.

    Examples
    --------
    >>> read_times(pd.Series(["45292.25", "x"]), "excel days").tolist()
    [Timestamp('2024-01-01 06:00:00'), NaT]
    >>> read_times(pd.Series(["05-Jan-2026 06:33 PM PST"]), "%d-%b-%Y %I:%M %p %Z").tolist()
    [Timestamp('2026-01-05 18:33:00')]
    """
    if date_format.endswith(ZONE):  # the clock on the wall is read, the zone's abbreviation behind it is not
        text, date_format = text.str.extract(ZONED)[0], date_format.removesuffix(ZONE)
    if date_format not in COUNTED:
        return pd.to_datetime(
            in_english(text, date_format), format=date_format, utc="%z" in date_format, errors="coerce"
        )
    unit, origin = COUNTED[date_format]
    counted = pd.to_numeric(text, errors="coerce").astype(float)
    found: pd.Series = pd.to_datetime(counted, unit=unit, origin=origin, errors="coerce").dt.round("ms")
    return found.dt.tz_localize("UTC") if _is_instant(date_format) else found


def localise(
    engine: Engine, table: Table, names: list[str], clock: Clock, folder: Path
) -> tuple[Table, list[str], list[str]]:
    """Rewrite times with an offset or in the declared format as naive local ISO text.

    Parameters
    ----------
    table : Table
        Text columns.
    names : list of str
        Columns that hold times or days.
    clock : Clock
        Zone and format.
    folder : Path
        Private folder of this table, for the translations.

    Returns
    -------
    Table and two lists of str
        The table, the columns that mix times with and without an offset (nobody can say what those mean), and the
        columns without any offset, which are what a clock on the wall showed.
    """
    if not names:
        return table, [], []
    counts = engine.frame(table.aggregate(**_counts(table, names))).iloc[0]
    mixed = [name for name in names if counts[f"{name}_aware"] and counts[f"{name}_naive"]]
    for name in names:
        other = counts[f"{name}_all"] - counts[f"{name}_naive"] - counts[f"{name}_aware"]
        if name not in mixed and (counts[f"{name}_aware"] or (other and clock.date_format)):
            table = _translated(engine, table, name, clock, folder / f"{name}.parquet")
    instant = _is_instant(clock.date_format)
    return table, mixed, [name for name in names if not counts[f"{name}_aware"] and not instant]


def clock_changes(zone: ZoneInfo, last_year: int, years: int = CHANGE_YEARS) -> list[tuple[datetime, datetime]]:
    """List the spans of local time that a change of clocks skips or shows twice.

    Examples
    --------
    >>> [f"{a:%m-%d %H:%M} to {b:%H:%M}" for a, b in clock_changes(ZoneInfo("Europe/London"), 2026, years=1)]
    ['03-29 01:00 to 02:00', '10-25 01:00 to 02:00']
    """
    steps = pd.date_range(f"{last_year + 1 - years}-01-01", f"{last_year + 1}-01-01", freq="30min", tz="UTC")
    plain = steps.tz_localize(None)
    offset = pd.Series(steps.tz_convert(zone).tz_localize(None) - plain)
    turns = offset.index[offset.diff().fillna(pd.Timedelta(0)) != pd.Timedelta(0)]
    ends = [sorted((plain[turn] + offset[turn - 1], plain[turn] + offset[turn])) for turn in turns]
    return [(first.to_pydatetime(), last.to_pydatetime()) for first, last in ends]


def at_change(time: Any, spans: list[tuple[datetime, datetime]]) -> Any:
    """Whether a local time lies in one of the spans; midnight, as a day without a time of day is read, does not."""
    inside = ibis.or_(*((time >= first) & (time < last) for first, last in spans))
    return inside & (time != time.cast("date").cast("timestamp"))


def fault(text: Any, mixed: bool, date_format: str | None, blank: bool) -> Any:
    """Say what is wrong with a localised time, as a key of `KINDS`; null where it is sound."""
    bare = trimmed(text)
    empty = text.isnull() | (bare == "")
    known = bare.re_search(NAIVE)
    branches = [
        (empty, "blank" if blank else ibis.null("string")),
        (bare.re_search(PLACEHOLDER), "placeholder"),
        (known & bare.try_cast("timestamp").notnull(), ibis.null("string")),
        (known, "no day"),
        (bare.re_search(AWARE), "offset" if mixed else "no day"),
        (ibis.literal(bool(date_format)), "format"),
        (bare.re_search(ORDER_UNKNOWN), "ambiguous"),
    ]
    if mixed:
        branches.insert(1, (bare.re_search(AWARE), "offset"))
    return ibis.cases(*branches, else_="not a date")


def _counts(table: Table, names: list[str]) -> dict[str, Any]:
    counts = {}
    for name in names:
        bare = trimmed(table[name])
        counts[f"{name}_all"] = (bare != "").sum().fill_null(0)
        counts[f"{name}_naive"] = bare.re_search(NAIVE).sum().fill_null(0)
        counts[f"{name}_aware"] = bare.re_search(AWARE).sum().fill_null(0)
    return counts


def _translated(engine: Engine, table: Table, name: str, clock: Clock, path: Path) -> Table:
    strange = table.select(text=table[name]).filter(lambda t: ~trimmed(t.text).re_search(NAIVE)).distinct()
    schema = pa.schema([("text", pa.string()), ("local", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        for batch in batches(engine, strange, path.with_suffix(".distinct")):
            text = batch.column("text").to_pandas()
            local = pa.array(_checked(clock, text), pa.timestamp("us")).cast(pa.string())
            writer.write_batch(pa.record_batch([batch.column("text").cast(pa.string()), local], schema=schema))
    found = engine.table(path)
    joined = table.left_join(found, table[name] == found.text)
    return joined.mutate(**{name: ibis.coalesce(joined.local, joined[name])}).select(table.columns)


def _checked(clock: Clock, text: pd.Series) -> pd.Series:
    try:
        return clock.local(text.str.strip())
    except ValueError:
        remedy = f"use the letters of strptime, for example '%d/%m/%Y %H:%M', or one of: {', '.join(COUNTED)}"
        raise InputRefused(Finding("P05", "not a date format", "plan.yml, date_format", do=remedy)) from None
