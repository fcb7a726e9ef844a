"""What the values of a column look like: numbers, times, blanks, repetition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from seglib.core.intake.monthwords import in_english
from seglib.core.intake.times import read_times
from seglib.core.sources.typed import NOISE_DECIMALS
from seglib.init.written import formats_of

ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?")
PROBE_COUNT = 60
FIRST_COUNT = 4
ALMOST_ALL_SHARE = 0.98
MOST_SHARE = 0.5
ERRORS = r"#[A-Z0-9/]+[!?]?|(?i:n/?a|null|none|nan|error|-+|\?+)"
YEARS = (1980, 2100)
COUNTED = {
    "unix seconds": r"\d{9,10}",
    "unix milliseconds": r"\d{12,13}",
    "unix microseconds": r"\d{15,16}",
    "excel days": r"[2-6]\d{4}(\.\d+)?",
}
PLAIN = {".": r"[-+]?\d+(\.\d+)?|[-+]?\.\d+", ",": r"[-+]?\d+(,\d+)?"}
GROUPED = {
    ".": r"[-+]?(\d+|\d{1,3}([,' \u00a0\u202f]\d{3})+)(\.\d+)?|[-+]?\.\d+",
    ",": r"[-+]?(\d+|\d{1,3}([.' \u00a0\u202f]\d{3})+)(,\d+)?",
}
SIGNS = r"(?:US|CA|C|AU|A|NZ|HK|SG|S|MX|R) ?\$|zł|Kč|kr\.?|[€£$¥₹₽₩₺₫฿₴₦₱₪]|[A-Z]{3}"
DRESSED = rf"\(?[-+]?\s*({SIGNS})?\s*[-+]?\d[\d.,' \u00a0\u202f]*\s*({SIGNS})?\)?-?"
NEGATIVES = {"brackets": r"\(([^()]*\d[^()]*)\)", "after": r"([^-]*\d[^-]*)-"}


@dataclass(frozen=True)
class Dates:
    """How the times of a column are written.

    Parameters
    ----------
    format : str or None
        Format of strptime; None for ISO 8601, which needs none.
    rival : str or None
        Another format that reads every value as well: then only evidence decides.
    evidence : str
        Why the first was chosen over the second.
    """

    format: str | None
    rival: str | None = None
    evidence: str = ""


@dataclass(frozen=True)
class Look:
    """One column of a file as text, and what can be seen in it.

    Parameters
    ----------
    name : str
        Name in the file.
    values : Series
        Text, with missing values where the file is blank.
    mark : str
        Decimal mark of the file's other columns where they leave no doubt; it settles what 1.234 is.

    Examples
    --------
    >>> look = Look("When", pd.Series(["1/2/2026", "1/13/2026", None], dtype="str"))
    >>> look.dates.format, round(look.blank_share, 2)
    ('%m/%d/%Y', 0.33)
    """

    name: str
    values: pd.Series[str]
    mark: str = ""

    @cached_property
    def filled(self) -> pd.Series[str]:
        """Values that are not blank, without surrounding spaces."""
        return self.values.dropna().str.strip()

    @cached_property
    def unique(self) -> pd.Series[str]:
        """Distinct values."""
        return self.filled.drop_duplicates()

    @cached_property
    def bare(self) -> pd.Series[str]:
        """Distinct values without currency signs, brackets and a minus at the end."""
        return self.unique.str.replace(rf"{SIGNS}|[()]|-$", "", regex=True).str.strip()

    @cached_property
    def marked(self) -> pd.Series[str]:
        """Bare values with a point or comma: all others are the same number under either mark."""
        return self.bare[self.bare.str.contains("[.,]")]

    @property
    def blank_share(self) -> float:
        """Share of rows without a value."""
        return 1 - len(self.filled) / max(1, len(self.values))

    def number_share(self, decimal: str = ".") -> float:
        """Share of distinct values that are plain numbers."""
        return float(self.unique.str.fullmatch(PLAIN[decimal]).mean()) if len(self.unique) else 0.0

    @cached_property
    def may_be_thousands(self) -> bool:
        """Whether every mark is followed by exactly three digits: 1,234 may be a thousand or a fraction."""
        tails = self.marked.str.extract(r"^[-+]?\d{1,3}[.,](\d+)$")[0].dropna()
        return len(tails) > 0 and bool((tails.str.len() == 3).all())

    @cached_property
    def decimal(self) -> str:
        """The decimal mark under which more values are numbers; a comma only when it cannot mark thousands."""
        if self.may_be_thousands:
            return self.mark or "."
        comma = self.marked.str.fullmatch(GROUPED[","]).sum() > self.marked.str.fullmatch(GROUPED["."]).sum()
        return "," if comma else "."

    @cached_property
    def is_number(self) -> bool:
        """Whether nearly all values are numbers, perhaps with a currency sign or thousands separators."""
        return self._nearly_all(PLAIN[self.decimal]) or self._nearly_all(DRESSED)

    @cached_property
    def is_plain_number(self) -> bool:
        """Whether nearly all values are numbers as the intake reads them."""
        return self._nearly_all(PLAIN[self.decimal])

    def _nearly_all(self, form: str) -> bool:
        """Whether nearly all values fit; a few lines to mend, such as #N/A, make no other column of it."""
        fits = self.unique.str.fullmatch(form)
        if not len(fits) or not fits.any():
            return False
        if fits.mean() >= ALMOST_ALL_SHARE:
            return True
        wrong = self.unique[~fits]
        rows = float((~self.filled.isin(wrong)).mean())
        return rows >= (MOST_SHARE if wrong.str.fullmatch(ERRORS).all() else ALMOST_ALL_SHARE)

    @cached_property
    def signs(self) -> tuple[str, ...]:
        """Currency signs and codes before or after the numbers."""
        found = self.unique.str.extractall(f"({SIGNS})")[0] if len(self.unique) else self.unique
        return tuple(sorted(set(found)))

    @cached_property
    def negative(self) -> str:
        """How amounts below zero are written, in the words of the plan: before, brackets or after."""
        found = [how for how, form in NEGATIVES.items() if self.unique.str.fullmatch(form).any()]
        return found[0] if len(found) == 1 else "before"

    def thousands(self, decimal: str) -> tuple[str, ...]:
        """Marks between groups of three digits, other than the decimal mark."""
        found = self.unique.str.extractall(r"\d([.,' \u00a0\u202f])(?=\d{3}(?!\d))")[0]
        return tuple(sorted(set(found) - {decimal}))

    @cached_property
    def numbers(self) -> pd.Series[float]:
        """Values as numbers, row by row; missing where there is none."""
        text = self.values.str.strip()
        for form in NEGATIVES.values():
            text = text.str.replace(rf"^{form}$", r"-\1", regex=True)
        text = text.str.replace(r"[^\d.,+-]", "", regex=True)
        text = text.str.replace(".", "").str.replace(",", ".") if self.decimal == "," else text.str.replace(",", "")
        return pd.to_numeric(text, errors="coerce").astype(float)

    @cached_property
    def decimals(self) -> int:
        """Largest number of decimals that any value needs; what binary fractions add beyond the ninth is noise."""
        tail = self.bare.str.extract(rf"\{self.decimal}(\d+)$")[0].dropna()
        tail = tail.map(_without_noise).str.rstrip("0")
        return int(tail.str.len().max()) if len(tail) else 0

    @cached_property
    def dates(self) -> Dates | None:
        """How its times are written; None when they are no times."""
        if not len(self.unique):
            return None
        if self.unique.str.fullmatch(ISO.pattern).mean() >= ALMOST_ALL_SHARE:
            return Dates(None)
        for form, pattern in COUNTED.items():
            if self.unique.str.fullmatch(pattern).mean() >= ALMOST_ALL_SHARE:
                return Dates(form)
        if self.number_share() >= ALMOST_ALL_SHARE and not self.unique.str.fullmatch(r"\d{8}|\d{14}").any():
            return None
        probe = self.unique.sample(min(PROBE_COUNT, len(self.unique)), random_state=0)
        likely = formats_of({month: in_english(probe[:FIRST_COUNT], month).tolist() for month in ("", "%B", "%b")})
        fitting = [form for form in likely if _fits(probe, form) >= ALMOST_ALL_SHARE]
        shares = {form: _fits(self.unique, form) for form in fitting}
        best = sorted((f for f in fitting if shares[f] >= ALMOST_ALL_SHARE), key=lambda f: -shares[f])
        if not best:
            return None
        return _decide(self.filled, best, shares)

    def times(self) -> pd.Series[pd.Timestamp]:
        """Values as instants, row by row; missing where there is none."""
        text = self.values.str.strip()
        if self.dates is None or self.dates.format is None:
            return pd.to_datetime(text.str.slice(0, 19), format="ISO8601", errors="coerce")
        times: pd.Series[pd.Timestamp] = read_times(text, self.dates.format).dt.tz_localize(None)
        return times


def _without_noise(digits: str) -> str:
    """Round digits behind the mark where a binary fraction has made them many."""
    return digits if len(digits) <= NOISE_DECIMALS else f"{float('0.' + digits):.{NOISE_DECIMALS}f}"[2:]


def _fits(values: pd.Series[str], form: str) -> float:
    times = read_times(values, form)
    return float(times.dt.year.between(*YEARS).mean())


def _decide(values: pd.Series[str], best: list[str], shares: dict[str, float]) -> Dates:
    """Choose between day first and month first: a value above 12 decides, else the order of the rows."""
    first = best[0]
    rivals = [form for form in best[1:] if shares[form] == shares[first]]
    if not rivals:
        return Dates(first)
    rising = {form: _rising(values, form) for form in (first, rivals[0])}
    chosen, other = sorted(rising, key=lambda form: -rising[form])
    if rising[chosen] - rising[other] > 0.01:
        return Dates(chosen, other, "read so, the rows are in the order of time")
    return Dates(first, rivals[0], "nothing in the data decides; day before month is the wider custom")


def _rising(values: pd.Series[str], form: str) -> float:
    steps = read_times(values, form).diff().dropna().dt.total_seconds()
    return float(max((steps >= 0).mean(), (steps <= 0).mean())) if len(steps) else 0.0
