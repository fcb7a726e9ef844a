"""A small study as the first page knows it: two segments, one group at stake, and what may be changed of it."""

from types import SimpleNamespace

import pandas as pd

from seglib.core.plan import Plan
from seglib.journeys.incidents import INCIDENTS
from seglib.report.glance import Everything

PLAN = Plan.parse("study: a\ncurrency: GBP\nsources: {orders: {file: o.csv}}\ncriteria: {window_days: 365}")
EFFECT = {
    "campaign": "spring", "segment": 2, "name": "Bargain hunters", "arm": "offer_a", "n": 200, "n_control": 210,
    "rate": 0.4, "rate_control": 0.25, "effect": 0.15, "effect_low": 0.06, "effect_high": 0.24, "p_adjusted": 0.01,
    "asked": False, "revenue_effect": 3.5, "revenue_effect_low": 1.0, "revenue_effect_high": 6.0,
}  # fmt: skip
SEGMENTS = pd.DataFrame(
    {
        "segment": [1, 2], "name": ["Regulars", "Bargain hunters"], "identity": [1, 2], "customers": [100, 300],
        "share": [0.25, 0.75], "revenue_minor": [9_000_000, 1_000_000], "revenue_share": [0.9, 0.1],
        "usable": [True, True], "why": "too small",
    }
)  # fmt: skip
LOSSES = ["segment", "name", "what", "n", "share", "rest", "difference", "difference_low", "difference_high", "passes"]
FRESH = pd.DataFrame(
    {
        "table": ["orders"],
        "first": pd.Timestamp("2024-02-03"),
        "last": pd.Timestamp("2026-09-28"),
        "days_before_as_of": 3,
    }
)
GOALS = pd.DataFrame({"name": ["Keep"], "verdict": ["not reached"], "sentence": ["Keep: from 1% to 0%."]})


LINES = pd.DataFrame(
    {"segment": [1, 1, 1], "claim": ["Orders: 9", "Age: 50", "Price: 4.4"], "n": [100, 80, 12], "members": 100,
     "family": ["rfm", "demographic", "psychographic"]}
)  # fmt: skip
HELD_OUT = pd.DataFrame({"name": ["Regulars"], "reachable": [0], "holdout_low": [None], "holdout_high": [None]})


def typical(**values):
    """Give the typical member of both segments in some criteria."""
    rows = [(s, name, "days", value) for name, value in values.items() for s in (1, 2)]
    return pd.DataFrame(rows, columns=["segment", "criterion", "unit", "typical"])


def study(effects=(), experiments=(("spring", True, "spring: fine."),), **given):
    """Two segments; sixty regulars are at risk, fifty of them may be contacted."""
    planned = pd.DataFrame(
        {"segment": [1, 2], "name": SEGMENTS["name"], "stage": ["at_risk", "active"], "customers": [60, 300],
         "offer": ["Come back", "none"], "spent_minor": [2_000_000.0, None]}
    )  # fmt: skip
    reach = pd.DataFrame({"segment": [1, 1], "stage": "at_risk", "arm": ["contact", "holdout"], "customers": [40, 10]})
    verdicts = pd.DataFrame(
        {"segment": [1, 2], "name": SEGMENTS["name"], "verdict": "keep", "why": "still the same segment"}
    )
    moves = ["from_name", "to_name", "customers", "value_previous_minor", "value_current_minor"]
    parts = {
        "plan": PLAN,
        "objectives": SimpleNamespace(
            notes=(), goals=pd.DataFrame({"name": ["Keep"], "weeks": [9.0], "n_per_arm": [80]})
        ),
        "collection": SimpleNamespace(
            consent=1, contacts=1, present={"orders": ("category",)}, freshness=FRESH, new_words=()
        ),
        "segmentation": SimpleNamespace(
            segments=SEGMENTS, structure="natural", verdict="Natural: groups.", centres=typical(), own_names={}
        ),
        "personas": SimpleNamespace(lines=LINES),
        "journeys": SimpleNamespace(
            source="orders", losses=pd.DataFrame(columns=LOSSES), fixed=True, incidents=pd.DataFrame(columns=INCIDENTS)
        ),
        "content": SimpleNamespace(actions=planned, division=pd.DataFrame()),
        "audience": SimpleNamespace(
            notes=(),
            unsaid=(),
            trials=pd.DataFrame(),
            counts=HELD_OUT,
            manifest={"holdout_share": 0.1, "addresses": True},
        ),
        "scorecard": SimpleNamespace(
            effects=pd.DataFrame(effects, columns=list(EFFECT)),
            experiments=pd.DataFrame(experiments, columns=["campaign", "usable", "sentence"]),
            goals=GOALS.iloc[:0],
            notes=(),
            value_doubts=(),
        ),
        "refinement": SimpleNamespace(
            kept=True, verdicts=verdicts, verdict="Keep: all.", migration=pd.DataFrame(columns=moves), first=True
        ),
        "previous": SimpleNamespace(segments=SEGMENTS.assign(customers=[90, 300])),
        "reach": reach,
    }
    return Everything(**{**parts, **given})


def leaving(what="left after cart", **given):
    """Half of the carts of one segment are left, a fifth of the others'."""
    row = (2, "Bargain hunters", what, 100, 0.5, 0.2, 0.3, 0.17, 0.43, True)
    return SimpleNamespace(
        **{
            "source": "events",
            "losses": pd.DataFrame([row], columns=LOSSES),
            "fixed": True,
            "incidents": pd.DataFrame(columns=INCIDENTS),
            **given,
        }
    )


def goals(verdict, weeks=90.2):
    """One goal that takes so long to settle, with its verdict."""
    slow = SimpleNamespace(notes=(), goals=pd.DataFrame({"name": ["Keep"], "weeks": [weeks], "n_per_arm": [800.0]}))
    told = SimpleNamespace(**{**vars(study().scorecard), "goals": GOALS.assign(verdict=verdict)})
    return {"objectives": slow, "scorecard": told}
