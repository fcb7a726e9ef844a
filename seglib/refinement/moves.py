"""Who moved where, with which money; small groups hidden, so that none can be computed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.core.errors import Bug, Finding
from seglib.disclosure.dominance import dominated, largest_two
from seglib.disclosure.small_cells import determined, suppress, written
from seglib.methods import transitions
from seglib.methods.present import Head, amount, present, shown, whole

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.engine import Table
    from seglib.criteria.features import Features

NEW, LEFT = transitions.NEW, transitions.LEFT
MIGRATION = ["from_name", "to_name", "customers", "value_previous_minor", "value_current_minor"]
BALANCE = {
    "previous_count": "previous_customers",
    "new_count": "new",
    "moved_in_count": "moved_in",
    "moved_out_count": "moved_out",
    "left_count": "left",
    "value_previous_minor": "previous_revenue_minor",
}
RULES = ["rules_customers", "rules_revenue_minor"]
SIZES = ["segment", "name", "identity", *BALANCE.values(), *RULES, "customers", "revenue_minor", "usable", "why"]


def people(labels: Table, names: pd.Series[str], features: Features, *wanted: str, rows: int = 0) -> pd.DataFrame:
    """Bring customers with their segment's name, their money and more criteria into memory.

    Parameters
    ----------
    labels : Table
        customer, segment.
    names : Series from segment to name
    features : Features
    wanted : str
        Criteria beside the money.
    rows : int
        At most so many customers, drawn by the hash of their pseudonym; 0 for all.

    Returns
    -------
    DataFrame by customer
        name, monetary_minor and the criteria.
    """
    values = features.values.select("customer", *dict.fromkeys([*wanted, "monetary_minor"]))
    joined = values.inner_join(labels.select("customer", "segment"), "customer")
    if rows and features.customers > rows:
        joined = joined.order_by(joined.customer.hexdigest("sha256"), joined.customer).limit(rows)
    frame: pd.DataFrame = joined.to_pandas().set_index("customer").sort_index()
    return frame.assign(name=frame.pop("segment").map(names))


def names_of(segmentation: Segmentation) -> pd.Series[str]:
    """Give the name of each segment."""
    return segmentation.segments.set_index("segment")["name"]


def migrate(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Count moves of customers and money between two quarters of `people`, and check them against both."""
    sides = (before["name"], now["name"], before["monetary_minor"], now["monetary_minor"])
    moves = transitions.migration(*sides)
    try:
        transitions.check_adds_up(moves, *sides)
    except ValueError as error:
        raise Bug(Finding("BUG", str(error), do="report it with the run folder")) from None
    return moves.set_axis(MIGRATION, axis=1)


def concentrated(before: pd.DataFrame, now: pd.DataFrame, floor: int) -> bool:
    """Whether the money of some move that is shown is nearly all one customer's, in either of two quarters of `people`.

    Examples
    --------
    >>> before = pd.DataFrame({"name": "A", "monetary_minor": [900, 5, 4]}, index=list("abc"))
    >>> now = pd.DataFrame({"name": ["A", "A", "B"], "monetary_minor": [7, 5, 4]}, index=list("abc"))
    >>> concentrated(before, now, 2), concentrated(before, now, 3)
    (True, False)
    """
    both = before.join(now, how="outer", lsuffix="_before", rsuffix="_now").fillna(
        {"name_before": NEW, "name_now": LEFT}
    )
    pair = [both["name_before"], both["name_now"]]
    large = both.groupby(pair).size() >= floor
    for side, absent in (("before", NEW), ("now", LEFT)):
        parts = largest_two(both[f"monetary_minor_{side}"].fillna(0), pair)[large]
        parts = parts[parts.index.get_level_values(f"name_{side}") != absent]
        if any(dominated(parts.loc[[move]]) for move in parts.index):
            return True
    return False


def sizes(now: Segmentation, before: Segmentation, moves: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Put the way from last quarter's to this quarter's size beside the sizes that the segmentation itself states."""
    table = moves.set_axis(["from_segment", "to_segment", "customers_count", *MIGRATION[3:]], axis=1)
    balance = transitions.balance(table).rename(columns=BALANCE)[[*BALANCE.values()]]
    ruled = counts.groupby("frozen")[["customers", "revenue_minor"]].sum().set_axis(RULES, axis=1)
    own = now.segments.set_index("name")[["segment", "identity", "customers", "revenue_minor", "usable", "why"]]
    both = own.join([balance, ruled], how="outer").rename_axis("name").reset_index()
    gone = both["segment"].isna()
    both["identity"] = both["identity"].fillna(both["name"].map(before.segments.set_index("name")["identity"]))
    both["why"] = both["why"].mask(gone, "not there any more")
    both["usable"] = both["usable"].mask(gone, False).astype(bool)
    numbers = [name for name in SIZES if name not in ("name", "usable", "why")]
    both[numbers] = both[numbers].fillna(0).astype("int64")
    return both.sort_values(["segment", "name"], kind="stable")[SIZES].reset_index(drop=True)


FIRST = "First quarter: there is no earlier one to compare with."


class Moves:
    """The moves between two quarters, from the results of `Refinement`."""

    migration: pd.DataFrame
    sizes: pd.DataFrame
    first: bool
    told: bool
    moves_told: bool
    currency: str
    minor_per_major: int
    floor: int

    def matrix(self, column: str = "customers") -> pd.DataFrame:
        """Give the moves as a table: from each segment and "new" (rows) to each segment and "left" (columns)."""
        wide = self.migration.pivot_table(
            index="from_name", columns="to_name", values=column, fill_value=0, aggfunc="sum"
        )
        order = list(self.sizes["name"])
        rows = [*(n for n in order if n in wide.index), NEW]
        columns = [*(n for n in order if n in wide.columns), LEFT]
        table = wide.reindex(index=rows, columns=columns, fill_value=0).astype("float64")
        table.loc[NEW, LEFT] = np.nan
        return table

    def hidden(self) -> pd.DataFrame:
        """Say which moves are not shown exactly: those below the floor, and those that would give one away."""
        return suppress(self.matrix(), self.floor, *self.open_sums())

    def written(self) -> pd.DataFrame:
        """Write the table of moves: a count, a range where the count would give another away, "" below the floor."""
        return written(self.matrix(), self.floor, *self.open_sums())

    def open_sums(self) -> tuple[list[str], list[str]]:
        """Name the sums that are not published: how many came and left, where either number is below the floor."""
        table = self.matrix()
        totals = (table.loc[NEW].sum(), table[LEFT].sum())
        small = any(0 < total < self.floor for total in totals)
        return ([NEW], [LEFT]) if small else ([], [])

    def balance(self) -> pd.DataFrame | str:
        """Show, per segment, the way from last quarter's customers and revenue to this quarter's.

        What is blank is below the floor, or would let somebody compute what is below the floor.
        """
        if self.first:
            return FIRST
        table, hidden, unpublished = self.matrix(), self.hidden(), self.open_sums()
        whole_ = self.sizes.set_index("name")
        words = ["new", "moved_in", "moved_out", "left"]
        counts = whole_[words].astype("float64")
        for name in whole_.index:
            for word, part in _parts(table, name).items():
                if not determined(hidden, part, *unpublished):
                    counts.loc[name, word] = np.nan
        scale = self.minor_per_major
        money = whole_[["previous_revenue_minor", "revenue_minor"]] / scale
        before, now = (shown(money[name] if self.told else len(money) * [np.nan], amount) for name in money)
        rows = whole_.assign(**counts, before=before, now=now)
        heads: dict[str, Head] = {
            "name": "segment",
            "previous_customers": ("before", whole),
            "new": ("+ new", whole),
            "moved_in": ("+ moved in", whole),
            "moved_out": ("- moved out", whole),
            "left": ("- left", whole),
            "customers": ("= now", whole),
            "before": f"{self.currency} before",
            "now": f"{self.currency} now",
        }
        return present(rows.reset_index(), heads)

    def moves(self) -> pd.DataFrame | str:
        """Show who moved where with which money, largest moves first, without moves below the floor.

        Where the exact number would give a smaller move away, a range is shown and no money.
        """
        if self.first:
            return FIRST
        said, hidden = self.written(), self.hidden()
        rows = self.migration[self.migration["customers"] >= self.floor]
        rows = rows.sort_values("customers", ascending=False, kind="stable")
        pairs = list(zip(rows["from_name"], rows["to_name"], strict=True))
        exact = [np.nan if hidden.loc[pair] else 1 / self.minor_per_major for pair in pairs]
        rows = rows.assign(customers=[said.loc[pair] for pair in pairs])
        money = ["value_previous_minor", "value_current_minor"]
        heads: dict[str, Head] = {
            "from_name": "from",
            "to_name": "to",
            "customers": "customers",
            "value_previous_minor": (f"revenue before ({self.currency})", whole),
            "value_current_minor": (f"revenue now ({self.currency})", whole),
        }
        if not self.moves_told:
            heads = {name: (head[0], "{}".format) if name in money else head for name, head in heads.items()}
            return present(rows.assign(**dict.fromkeys(money, "not shown")), heads)
        return present(rows.assign(**rows[money].mul(exact, axis=0)), heads)

    def adds_up(self) -> str:
        """Prove that previous + new - left = now, in customers and in money, and say so.

        Raises
        ------
        Bug
            When the migration table and the segments' own sizes differ.
        """
        if self.first:
            return "First quarter: nothing to add up yet."
        moves, sizes = self.migration, self.sizes
        new, left = moves["from_name"] == NEW, moves["to_name"] == LEFT
        counts = [int(moves.loc[rows, "customers"].sum()) for rows in (~new, new, left, ~left)]
        then, now = (int(moves[name].sum()) for name in ("value_previous_minor", "value_current_minor"))
        own = [tuple(sizes[name].sum() for name in names) for names in (MADE, PAID)]
        if counts[0] + counts[1] - counts[2] != counts[3] or own != [
            (counts[0], counts[3], counts[3]),
            (then, now, now),
        ]:
            raise Bug(Finding("BUG", "the migration table does not add up", do="report it with the run folder"))
        ends = f"{counts[0]:,} customers before and {counts[3]:,} now, {self._money(then)} and {self._money(now)}: "
        if self.open_sums()[0]:
            few = f"it adds up. How many came and how many left is not shown: one of them is fewer than {self.floor}."
            return ends + few
        if not self.moves_told:
            return f"{ends}it adds up. What moved is not shown, as nearly all of it may be one customer's."
        came = int(moves.loc[new, "value_current_minor"].sum())
        went = int(moves.loc[left, "value_previous_minor"].sum())
        grown = now - then - came + went
        return (
            f"{counts[0]:,} customers before + {counts[1]:,} new - {counts[2]:,} left = {counts[3]:,} now; "
            f"{self._money(then)} before + {self._money(came)} from new customers - {self._money(went)} of those who "
            f"left {'+' if grown >= 0 else '-'} {self._money(abs(grown))} from those who stayed = {self._money(now)}."
        )

    def _money(self, minor: int) -> str:
        return f"{self.currency} {minor / self.minor_per_major:,.0f}"


MADE = ("previous_customers", "customers", "rules_customers")
PAID = ("previous_revenue_minor", "revenue_minor", "rules_revenue_minor")


def _parts(table: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """Give the cells whose sum is each number of a segment's balance."""
    row, column = (np.asarray(axis == name) for axis in (table.index, table.columns))
    new, left = (np.asarray(axis == word) for axis, word in ((table.index, NEW), (table.columns, LEFT)))
    cells = {
        "new": np.outer(new, column),
        "moved_in": np.outer(~new & ~row, column),
        "moved_out": np.outer(row, ~left & ~column),
        "left": np.outer(row, left),
    }
    return {word: pd.DataFrame(part, table.index, table.columns) for word, part in cells.items()}
