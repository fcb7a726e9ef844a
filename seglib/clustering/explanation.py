"""Each segment in a few plain conditions: as sentences, as SQL, and how often they are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from seglib.clustering.space import mixed_by_values
from seglib.criteria.features import Features
from seglib.criteria.names import plain
from seglib.methods.present import percent, plain_number
from seglib.methods.rule_sql import identifier, literal, sql
from seglib.methods.rule_text import Compare, Every, Missing, Node, Not
from seglib.methods.surrogate import Surrogate, surrogate

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation

SAMPLE_ROWS = 6_000
SIGNS = {">": "above", "<=": "at most", ">=": "at least", "<": "below", "=": "exactly", "!=": "not"}
ENOUGH = 0.8  # from this share on the conditions may stand for the segments


@dataclass(frozen=True)
class Explanation:
    """A short definition of every segment that a person can read and a database can run.

    Parameters
    ----------
    tree : Surrogate
        Its labels are the segments' numbers.
    names : dict from segment to name
    units : dict from criterion to unit
    currency, minor_per_major : str, int
    """

    tree: Surrogate
    names: dict[int, str]
    units: dict[str, str]
    currency: str
    minor_per_major: int

    def table(self) -> pd.DataFrame:
        """Say who is in each segment, and how far to trust it.

        Returns
        -------
        DataFrame with segment, who, members found (share of its members whom the conditions find), right when said
        (share of those found who are members)
        """
        by = self.tree.by_label.set_index("label")
        rows = []
        for number, name in self.names.items():
            said = self.say(self.tree.rules[number]) if number in self.tree.rules else "no short condition finds it"
            found, right = (by[column].get(number, float("nan")) for column in ("found", "right"))
            rows.append(
                (name, said, "" if pd.isna(found) else percent(found), "" if pd.isna(right) else percent(right))
            )
        return pd.DataFrame(rows, columns=["segment", "who", "members found", "right when said"])

    def verdict(self) -> str:
        """Say in one sentence whether the conditions may stand for the segments."""
        tree = self.tree
        measured = (
            f"On {tree.held_out:,} customers that they were not learnt from, the conditions name the right segment for "
            f"{percent(tree.fidelity)} ({percent(tree.low)} to {percent(tree.high)})."
        )
        if tree.low >= ENOUGH:
            return f"{measured} They may stand for the segments in a meeting; the labels stay the frozen ones."
        return f"{measured} That is too few to stand for the segments: use them as a rough picture only."

    def conditions(self) -> pd.DataFrame:
        """Return the same definitions as conditions of SQL: segment, condition."""
        rows = [(self.names[number], sql(node)) for number, node in self.tree.rules.items()]
        return pd.DataFrame(rows, columns=["segment", "condition in SQL"])

    def statement(self, table: str = "customers") -> str:
        """Return one SQL statement that gives every row of a table of criteria its segment.

        Parameters
        ----------
        table : str
            One row per customer, with ``customer`` and the criteria that the conditions name.
        """
        cases = [f"    WHEN {sql(node)}\n      THEN {literal(self.names[n])}" for n, node in self.tree.rules.items()]
        return "\n".join(
            ['SELECT "customer",', "  CASE", *cases, '  END AS "segment"', f"FROM {identifier(table)}"],
        )

    def say(self, node: Node) -> str:
        """Write a rule as a person would say it.

        Examples
        --------
        >>> from seglib.methods.rule_text import parse
        >>> tree = Surrogate({}, 2, 1.0, 1.0, 1.0, 9, pd.DataFrame())
        >>> told = Explanation(tree, {}, {"recency_days": "days", "order_value_minor": "money"}, "EUR", 100)
        >>> told.say(parse("order_value_minor > 5000 and recency_days <= 30"))
        'order value above EUR 50, and days since last order at most 30'
        >>> told.say(parse("((order_count > 1 and order_count <= 2) and recency_days <= 9) or order_count > 2"))
        'orders above 1 up to 2, and days since last order at most 9; or orders above 2'
        """
        if isinstance(node, Missing):
            return f"{plain(node.name)} not known"
        if isinstance(node, Compare):
            return f"{plain(node.name)} {SIGNS[node.sign]} {self._value(node)}"
        if isinstance(node, Not):
            return f"not ({self.say(node.part)})"
        if isinstance(node, Every):
            low, high = node.parts[0], node.parts[-1]
            if _is_range(node) and isinstance(low, Compare) and isinstance(high, Compare):
                return f"{plain(low.name)} above {self._value(low)} up to {self._value(high)}"
            return ", and ".join(self.say(part) for part in node.parts)
        joint = "; or " if any(isinstance(p, Every) and not _is_range(p) for p in node.parts) else " or "
        return joint.join(self.say(part) for part in node.parts)

    def _value(self, atom: Compare) -> str:
        if isinstance(atom.value, str):
            return f"'{atom.value}'"
        unit = self.units.get(atom.name, "")
        if unit == "money":
            return f"{self.currency} {plain_number(atom.value / self.minor_per_major)}"
        return percent(atom.value) if unit == "share" else plain_number(atom.value)


def _is_range(node: Every) -> bool:
    names = [part.name for part in node.parts if isinstance(part, Compare)]
    return len(node.parts) == len(names) == 2 and len(set(names)) == 1


def explain(segmentation: Segmentation, features: Features) -> Explanation:
    """Learn a short definition of every segment from the criteria that made them.

    Parameters
    ----------
    segmentation : Segmentation
    features : Features
        At most 6,000 customers are read; of more, those are drawn by the hash of their pseudonym.

    Returns
    -------
    Explanation
        Its fidelity is measured on the third of the customers that was held out.
    """
    names = segmentation.scorer.scaling.names
    both = features.values.inner_join(segmentation.labels.select("customer", "segment"), "customer")
    drawn = both.order_by(both.customer.cast("string").hexdigest("sha256")).limit(SAMPLE_ROWS)
    frame = mixed_by_values(drawn.select("segment", *names).to_pandas())
    gaps = features.catalogue.set_index("name")["missing_share"]
    fill = {scale.name: scale.fill for scale in segmentation.scorer.scaling.columns if gaps[scale.name] > 0}
    units = features.catalogue.set_index("name")["unit"]
    return Explanation(
        tree=surrogate(frame[list(names)], frame["segment"], fill),
        names=dict(zip(segmentation.segments["segment"], segmentation.segments["name"], strict=True)),
        units={name: str(units[name]) for name in names},
        currency=features.currency,
        minor_per_major=features.minor_per_major,
    )
