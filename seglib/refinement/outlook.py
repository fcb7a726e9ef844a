"""How large the segments will be next quarter if nothing changes, and whether last quarter's outlook came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from seglib.methods.forecast import forecast_sizes
from seglib.methods.transitions import LEFT, NEW
from seglib.refinement.change import EVERYONE
from seglib.refinement.frozen import applicable
from seglib.refinement.moves import names_of

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.criteria.features import Features
    from seglib.refinement.refinement import Refinement

OUTLOOK = ["segment", "name", "identity", "before", "customers", "expected", "low", "high"]


def outlook(now: Segmentation, features_before: Features, seed: int) -> pd.DataFrame:
    """Forecast next quarter's sizes from the moves of this one, both quarters labelled by today's rules.

    Parameters
    ----------
    now : Segmentation
        Its frozen rules label last quarter's customers too, so that a moved border is not taken for moved people.
    features_before : Features
    seed : int

    Returns
    -------
    DataFrame
        segment (0: everyone), name, identity, before (customers of last quarter by today's rules), customers (now),
        expected, low, high (95 %); empty where last quarter lacks a criterion.
    """
    if not applicable(now, features_before):
        return pd.DataFrame({name: pd.Series(dtype="str" if name == "name" else "float64") for name in OUTLOOK})
    names = names_of(now)
    old = now.relabel(features_before).select("customer", "segment").to_pandas().set_index("customer")["segment"]
    new = now.labels.select("customer", "segment").to_pandas().set_index("customer")["segment"]
    both = pd.concat([old.map(names).rename("before"), new.map(names).rename("now")], axis=1)
    both = both.fillna({"before": NEW, "now": LEFT})
    moves = both.groupby(["before", "now"]).size().unstack(fill_value=0)
    moves = moves.reindex(index=[*names, NEW], columns=[*names, LEFT], fill_value=0)
    sizes = now.segments.set_index("name")["customers"]
    table = forecast_sizes(moves, sizes, seed).rename(index={"all": EVERYONE})
    own = now.segments.set_index("name")[["segment", "identity", "customers"]].reindex(table.index, fill_value=0)
    then = moves.sum(axis=1).reindex(names)
    own = own.assign(before=[*then, then.sum()], customers=[*sizes, sizes.sum()])
    return own.join(table).rename_axis("name").reset_index()[OUTLOOK]


def looked_ahead(
    now: Segmentation, features_before: Features, seed: int, earlier: Refinement | None, sizes: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the outlook, as much wider as the last one missed, and what to say of both.

    Parameters
    ----------
    now, features_before, seed
        As for `outlook`.
    earlier, sizes
        As for `came_true`.
    """
    times = strain(earlier, sizes)
    table = widened(outlook(now, features_before, seed), times)
    return table, (came_true(earlier, sizes), *(said_of_strain(times) if len(table) else ()))


def strain(earlier: Refinement | None, sizes: pd.DataFrame) -> float:
    """Say how many times wider last quarter's intervals had to be to hold today's sizes; 1 where they held them.

    Parameters
    ----------
    earlier, sizes
        As for `came_true`.
    """
    if earlier is None or earlier.outlook.empty:
        return 1.0
    told = earlier.outlook[earlier.outlook["segment"] > 0].set_index("identity")
    came = sizes.set_index("identity")["rules_customers"].reindex(told.index).fillna(0).astype("float64")
    room = (told["high"] - told["expected"]).where(came > told["expected"], told["expected"] - told["low"])
    times = (came - told["expected"]).abs() / room.where(room > 0)
    return max(1.0, float(times.max())) if times.notna().any() else 1.0


def widened(table: pd.DataFrame, times: float) -> pd.DataFrame:
    """Make intervals wider around what is expected; no size is below 0.

    Examples
    --------
    >>> widened(pd.DataFrame({"expected": [10.0], "low": [8.0], "high": [13.0]}), 2.0).to_numpy().tolist()
    [[10.0, 6.0, 16.0]]
    """
    ends = {side: table["expected"] + times * (table[side] - table["expected"]) for side in ("low", "high")}
    return table.assign(low=ends["low"].clip(lower=0), high=ends["high"])


def said_of_strain(times: float) -> tuple[str, ...]:
    """Say that the intervals of the outlook are wider than the moves alone would make them."""
    if times == 1:
        return ()
    return (
        f"The intervals of the outlook are {times:.1f} times as wide as this quarter's moves alone would make them, as "
        "far as last quarter's missed.",
    )


def came_true(earlier: Refinement | None, sizes: pd.DataFrame) -> str:
    """Say whether last quarter's outlook held, by the rules under which it was made.

    Parameters
    ----------
    earlier : Refinement or None
        Last quarter's.
    sizes : DataFrame
        name and rules_customers: today's customers by last quarter's frozen rules.
    """
    if earlier is None or earlier.outlook.empty:
        return "Last quarter made no outlook, so none can be checked."
    told = earlier.outlook[earlier.outlook["segment"] > 0].set_index("identity")
    found = sizes.set_index("identity")["rules_customers"].reindex(told.index).fillna(0)
    inside = (told["low"] <= found) & (found <= told["high"])
    missed = ", ".join(told.loc[~inside, "name"])
    said = f"Last quarter's outlook held for {int(inside.sum())} of {len(told)} segments, by the rules it was made with"
    return f"{said}; not for {missed}." if missed else f"{said}."
