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
