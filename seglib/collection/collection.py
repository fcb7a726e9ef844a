"""Notebook 02: the study's tables, checked, counted, consented and pseudonymised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from seglib.collection.absent import missing
from seglib.collection.near import near, standing
from seglib.collection.unseen import compared
from seglib.core.intake import OPTIONAL, Intake, SixTables
from seglib.core.intake.account import NOT_PROFILED, account, of_few
from seglib.core.intake.rules import CAME_BACK, COME_OFF, INPUT, KEPT, OFF
from seglib.core.intake.told import told_words
from seglib.disclosure.small_cells import in_rows, too_near
from seglib.methods.present import Head, percent, present, whole, yes

if TYPE_CHECKING:
    from seglib.core.run import Run

LATER = "after_quarter"
RULES = {  # how a reader calls the rules that set lines aside
    INPUT: "came in",
    "missing_customer": "no customer named",
    "contradictory": "several customers",
    "duplicates": "exact copies",
    "free_lines": "no price or quantity",
    "superseded": "replaced by a later row",
    "ignored": "no sale by kind",
    "returns": "refunds",
    "nothing_charged": "free after discount",
    "nothing_kept": "came back whole",
    LATER: "after the quarter's end",
    NOT_PROFILED: "no profiling allowed",
}
IDLE = "customers without an order"  # as intake says it


def called(rule: str) -> str:
    """Name a rule as a reader does.

    Examples
    --------
    >>> called("missing_customer"), called("test_orders")
    ('no customer named', 'test orders')
    """
    return RULES.get(rule, rule.replace("_", " "))


@dataclass(frozen=True)
class Collection(SixTables):
    """The six tables, for customers who may be profiled.

    Parameters
    ----------
    missing : tuple of str
        One sentence for each thing that this study cannot compute, and the file that would allow it.
    currency : str
        ISO 4217 code.
    money_decimals : int
        Decimal digits of the minor unit.
    floor : int
        Counts of customers below it are shown as blank.
    data_note : str
        What the plan says of these data that no check can find out.
    new_words : tuple of str
        One sentence for each state or kind that last quarter's orders did not hold.
    senders : int
        Customers who sent everything back that they had ever bought.
    """

    STEP: ClassVar[str] = "02_data_collection"
    KEYS: ClassVar[dict[str, tuple[str, ...]]] = Intake.KEYS
    UNTOLD: ClassVar[tuple[str, ...]] = ("customers", "held_out")  # a row per customer: few may follow from the number

    missing: tuple[str, ...]
    currency: str = ""
    money_decimals: int = 2
    floor: int = 2
    data_note: str = ""
    new_words: tuple[str, ...] = ()
    senders: int = 0

    def has(self, table: str, column: str) -> bool:
        """Whether the study's source of a table really carries a column."""
        return column in self.present.get(table, ())

    def quality(self) -> pd.DataFrame:
        """Show what was found while reading: one row per kind and file; counts below the floor are blank."""
        names = {"what": "finding", "severity": "what happened", "example_line": "first line", "do": "remedy"}
        found = self.findings.rename(columns=names)
        line = found["first line"].astype("Int64").mask(found["first line"] == 0)
        count = self._blanked(found["count"]).mask(
            (found["count"] == 0) | ((found["finding"] == IDLE) & self._few_idle)
        )
        shown: dict[str, Any] = {
            "count": count.map(whole, na_action="ignore").astype("object").fillna(""),
            "first line": line.mask(count.isna()),
        }
        return found.assign(**shown)

    def waterfall_table(self) -> pd.DataFrame:
        """Show where lines and money went: the rules that set lines aside, in their order, between input and kept.

        Returns
        -------
        DataFrame
            rule, meaning, lines, share of lines, money (main units), customers (blank below the floor).
        """
        table, unit = self.waterfall, 10**self.money_decimals
        is_used = (table["rows"] > 0) | (table["money_minor"] != 0) | table["rule"].isin([INPUT, KEPT])
        few = table["rule"].isin(of_few(table, self.floor))
        used = table[is_used | few]
        shown = {
            "rule": used["rule"].map(called),
            "meaning": used["meaning"],
            "lines": used["rows"].map(whole).mask(few, ""),
            "share of lines": (used["rows"] / max(1, int(table["rows"].iloc[0]))).map(percent).mask(few, ""),
            f"money ({self.currency})": (used["money_minor"] / unit).map("{:,.2f}".format).mask(few, ""),
            "customers": self._blanked(used["customers"])
            .mask((used["rule"] == INPUT) & self._near().get(INPUT, False))
            .map(whole, na_action="ignore")
            .astype("object")
            .fillna(""),
        }
        return pd.DataFrame(shown).reset_index(drop=True)

    def states_table(self) -> pd.DataFrame:
        """Show every state and kind that the orders hold, and what it was taken for.

        Returns
        -------
        DataFrame
            column, word, taken for, by whose word, lines, money (main units), customers; numbers are blank where fewer
            customers than the floor have the word, and such words that nobody knows are shown together.
        """
        table = told_words(self.words, self.floor)
        close = near(table["customers"], standing(self.consents, self.waterfall), self.floor)
        money = (table["money_minor"].astype("Float64") / 10**self.money_decimals).map(
            "{:,.2f}".format, na_action="ignore"
        )
        shown = {
            "column": table["column"],
            "word": table["shown"],
            "taken for": table["taken_for"],
            "by": table["by"],
            "lines": table["lines"].map(whole, na_action="ignore"),
            f"money ({self.currency})": money,
            "customers": table["customers"].mask(close).map(whole, na_action="ignore"),
        }
        return pd.DataFrame(shown).astype("object").fillna("")

    def consent_table(self) -> pd.DataFrame:
        """Show how many customers each purpose may be used for, and why not.

        Counts below the floor are blank, and so is what would give them away: all purposes have the same customers.
        """
        share = self.consents["customers"] / self.consents.groupby("purpose")["customers"].transform("sum")
        people, kept = standing(self.consents, self.waterfall)
        hidden = in_rows(self.consents, ["purpose"], self.floor) | (1 <= people - kept < self.floor)
        customers = self.consents["customers"].astype("Int64").mask(hidden)
        told = self.consents.assign(customers=customers, share=share.where(customers.notna() | (share == 1)))
        heads: dict[str, Head] = {"purpose": "purpose", "allowed": ("allowed", yes), "reason": "reason"}
        return present(told, heads | {"customers": ("customers", whole), "share": ("share of customers", percent)})

    def freshness_table(self) -> pd.DataFrame:
        """Show how old the last row of each table is; blank where few customers are told, or follow from two."""
        days = {name: self.freshness[name].dt.strftime("%Y-%m-%d") for name in ("first", "last")}
        named = {"days_before_as_of": "days before the quarter's end", "first": "first day", "last": "last day"}
        counts = {name: self.freshness[name].map(whole) for name in ("rows", "customers")}
        close = self.freshness["table"].map(self._near())
        counts["customers"] = counts["customers"].mask(close, "")
        counts["rows"] = counts["rows"].mask(close & (self.freshness["rows"] == self.freshness["customers"]), "")
        end = (self.freshness["last"] + pd.to_timedelta(self.freshness["days_before_as_of"], unit="D")).dt.round("D")
        age = (end - self.freshness["last"].dt.normalize()).dt.days.astype("Int64")  # by the day: some have no hours
        told = self.freshness.assign(**days, **counts, days_before_as_of=age)
        few = self.freshness["customers"].between(1, self.floor - 1)
        if few.any():
            told = told.astype({"days_before_as_of": "object"})
            told.loc[few, told.columns.drop("table")] = ""
        return told.rename(columns=named)

    def caution(self) -> str:
        """Say what the plan warns of, in its own words."""
        return self.data_note or "The plan says nothing special of these data (data_note in plan.yml)."

    def accounts_for(self) -> str:
        """Say in one sentence that everything which came in is kept or set aside."""
        rows = self.waterfall.set_index("rule")[["rows", "money_minor"]]
        came, kept, off = rows.loc[INPUT], rows.loc[KEPT], rows.reindex(list(OFF), fill_value=0)["money_minor"]
        aside = rows.drop(index=[INPUT, KEPT, *OFF], errors="ignore")
        adds_up = bool((came == kept + aside.sum() + [0, off.sum()]).all())
        ending = "the parts add up to the unit" if adds_up else "THE PARTS DO NOT ADD UP"
        return (
            f"{came['rows']:,} lines over {self._money(came['money_minor'])} came in: "
            f"{kept['rows']:,} ({kept['rows'] / came['rows']:.1%}) over {self._money(kept['money_minor'])} are kept, "
            f"{self._aside(aside)}{self._later()}{self._off(off)}; {ending}."
            f"{self._uncounted()}{self._senders()}"
        )

    def _aside(self, aside: pd.DataFrame) -> str:
        """Say how much is set aside, and by how many rules."""
        used = int((aside["rows"] > 0).sum())
        if not used:
            return "none is set aside"
        money = self._money(aside["money_minor"].sum())
        return f"{aside['rows'].sum():,} over {money} are set aside by {used} rule{'' if used == 1 else 's'}"

    def _senders(self) -> str:
        """Name the customers who sent everything back: they are customers, and no buyers."""
        few = "not told, as few customers follow from it" if self._few_idle else f"{self.senders:,}"
        few = few if self.senders >= self.floor else f"fewer than {self.floor}"
        told = f" Customers who sent everything back, spent {self._money(0)} and are no buyers: {few}."
        return told if self.senders else ""

    def _uncounted(self) -> str:
        """Name the rules whose lines are counted nowhere, as few customers have them."""
        few = of_few(self.waterfall, self.floor)
        told = f" Lines that fewer than {self.floor} customers have are counted nowhere: {', '.join(map(called, few))}."
        return told if few else ""

    @property
    def untold(self) -> tuple[str, ...]:
        """Name the tables whose rows are not counted: those of few people who are left out would follow."""
        gated = (self.waterfall["rule"] == NOT_PROFILED).any()
        return self.UNTOLD if gated else (*self.UNTOLD, "orders", "returns")

    @property
    def _few_idle(self) -> bool:
        """Whether few customers have no order, or few sent all of theirs back: the one number gives the other away."""
        idle = int(self.findings.loc[self.findings["what"] == IDLE, "count"].sum())
        return any(0 < count < self.floor for count in (idle, self.senders))

    def _near(self) -> dict[str, bool]:
        """Say of each table, and of the whole input, whether its number of customers would give few away."""
        falls = self.waterfall.set_index("rule")["customers"]
        counts = pd.concat([self.freshness.set_index("table")["customers"], falls.loc[[INPUT]]])
        found = too_near(counts, self.floor, standing(self.consents, self.waterfall))
        return {str(name): bool(is_near) for name, is_near in found.items()}

    def _off(self, off: pd.Series[int]) -> str:
        """Say how much of kept lines was discount, and how much came back."""
        called = {COME_OFF: "discounts", CAME_BACK: "refunds"}
        told = [f"{called[str(rule)]} of {self._money(money)}" for rule, money in off.items() if money]
        return f", and {' and '.join(told)} come off the kept lines" if told else ""

    def _later(self) -> str:
        """Say how many lines are only of a later time, as these are no fault of the data."""
        later = int(self.waterfall.loc[self.waterfall["rule"] == LATER, "rows"].sum())
        return f" ({later:,} of them lie after the quarter's end)" if later else ""

    def _money(self, minor: Any) -> str:
        return f"{minor / 10**self.money_decimals:,.{min(2, self.money_decimals)}f} {self.currency}"

    def _blanked(self, customers: pd.Series[int]) -> pd.Series[int]:
        """Hide counts of customers that are positive and below the floor."""
        return customers.astype("Int64").mask(customers.between(1, self.floor - 1))


def collect(run: Run) -> Collection:
    """Take the checked tables of a run, for customers who may be profiled only.

    Parameters
    ----------
    run : Run
        The quarter; its sources are read when that has not happened yet.

    Returns
    -------
    Collection
        Lazy tables, and the frames of intake; the waterfall has one row more where people may not be profiled.
    """
    intake = run.tables
    profiled = intake.people.filter(intake.people.may_profile)
    who, senders = profiled.select("customer"), (profiled.order_count == 0) & (profiled.back_minor > 0)
    given = {name: getattr(intake, name) for name in ("orders", "returns", *OPTIONAL)}
    tables: dict[str, Any] = {n: None if t is None else t.semi_join(who, "customer") for n, t in given.items()}
    told: dict[str, Any] = account(run, intake, who, tables)
    made = Collection(
        **tables,
        present=intake.present,
        **told,
        words=intake.words,
        missing=missing(intake.present),
        currency=run.plan.currency,
        money_decimals=run.plan.money_decimals,
        floor=run.plan.privacy.floor,
        data_note=run.plan.data_note,
        uncovered_days=intake.uncovered_days,
        senders=int(run.engine.scalar(senders.sum().fill_null(0))),
    )
    return compared(made, run.previous(Collection), made._money)
