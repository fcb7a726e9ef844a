"""What a criterion is: one row that both documents a column and computes it, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import ibis

Family = Literal["rfm", "behavioural", "geographic", "demographic", "psychographic", "firmographic"]
Role = Literal["segmentation", "descriptor", "outcome"]
Sensitivity = Literal["ordinary", "personal", "protected", "special"]
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Clock:
    """The moment as of which everything is computed, and how far back it looks.

    Parameters
    ----------
    as_of : datetime
        Rows at or after this instant do not exist.
    window_days : int or None
        Orders of so many days before `as_of` count; None takes the whole history.
    age_bands : tuple of int
        Ascending ages in years at which a new band starts.
    control_arm : str
        Arm of a campaign that is held back: its customers received nothing.

    Examples
    --------
    >>> Clock(datetime(2026, 10, 1), 365).start
    datetime.date(2025, 10, 1)
    """

    as_of: datetime
    window_days: int | None = 365
    age_bands: tuple[int, ...] = (25, 35, 45, 55, 65)
    control_arm: str = "control"

    @property
    def day(self) -> Any:
        """The last day before `as_of`, as a value of the engine: what was ordered on it is 0 days old."""
        return ibis.date((self.as_of - timedelta(microseconds=1)).date())

    @property
    def start(self) -> date | None:
        """First day of the window; None without a window."""
        return None if self.window_days is None else self.as_of.date() - timedelta(days=self.window_days)

    def inside(self, day: Any) -> Any:
        """Whether a day of the engine lies in the window."""
        return ibis.literal(True) if self.start is None else day >= ibis.date(self.start)

    def days_since(self, day: Any) -> Any:
        """Whole days that have passed since a day of the engine: dates are subtracted, never times."""
        return self.day.delta(day, unit="day")


Expression = Callable[[Any, Clock], Any]


@dataclass(frozen=True)
class Criterion:
    """One column of the features.

    Parameters
    ----------
    name : str
        Column name, with its unit as ending.
    family : {"rfm", "behavioural", "geographic", "demographic", "psychographic", "firmographic"}
    unit : str
        Unit of the values; ``money`` stands for minor units of the study's currency.
    meaning : str
        One sentence for the catalogue.
    source : str
        The prepared table it is computed from (see ``sources``).
    expression : callable of (table, Clock)
        One value per customer.
    needs : tuple of str
        Columns that the study's files must have, such as ``orders.category``. Of several criteria of the same name
        the first whose needs are met is taken.
    role : {"segmentation", "descriptor", "outcome"}
        Only the first may enter the clustering; the others describe the result.
    kind : {"number", "category"}
    clusters : bool
        Whether it enters the clustering when the plan does not say what does.
    whole : bool
        Whether the number is a whole one.
    absent : float or None
        What a customer without any row in the source has; None leaves the value missing.
    sensitivity : {"ordinary", "personal", "protected", "special"}
        ``personal``: about the person or household; ``protected``: a ground of equality law; ``special``: a special
        category of data protection law, which is never computed for the features.
    level : str
        The word of the study's own data that this criterion is about, such as a category; "" for the others.
    follows : bool
        Whether it follows from when, how often and for how much a customer ordered, or grows with it by itself: then a
        difference between segments that were made from these is no evidence.
    """

    name: str
    family: Family
    unit: str
    meaning: str
    source: str
    expression: Expression
    needs: tuple[str, ...] = ()
    role: Role = "segmentation"
    kind: Literal["number", "category"] = "number"
    clusters: bool = False
    whole: bool = False
    absent: float | None = None
    sensitivity: Sensitivity = "ordinary"
    level: str = ""
    follows: bool = False

    def value(self, table: Any, clock: Clock) -> Any:
        """Compute the column, cast to its declared type; a category that is not known says so."""
        value = self.expression(table, clock)
        if self.kind == "category":
            return value.cast("string").fill_null(UNKNOWN)
        return value.cast("int64" if self.whole else "float64")


def share(condition: Any, base: Any) -> Any:
    """Count the rows for which a condition holds, over the rows of a base, 0 to 1."""
    return (condition & base).sum() / base.sum().nullif(0)


def first(word: Any, rank: Any, known: Any = None, age: Any = None) -> Any:
    """Take the word of the lowest rank; ties go to the lowest age where one is given, then to the alphabet."""
    ages = {} if age is None else {"age": age}
    return word.argmin(ibis.struct({"rank": rank, **ages, "word": word}), where=known)
