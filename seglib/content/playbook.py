"""The playbook: one offer of the plan, or an explicit none, for every segment in every stage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from seglib.core import sections as plans
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.plan import Plan
from seglib.core.purposes import CHANNELS
from seglib.disclosure.differences import follows, hold_back
from seglib.disclosure.small_cells import in_rows, nearly_all
from seglib.journeys.lifecycle import STAGES

NONE = "none"
NO_ITEMS = (
    "Next-best products are not computed: orders.csv has neither category, product_name nor product_id. "
    "A category column would allow it."
)


def choose(
    segments: pd.DataFrame, counts: pd.DataFrame, plan: Plan, quarter: str, left_out: Mapping[Any, str] | None = None
) -> pd.DataFrame:
    """Give each segment and stage the first offer of the plan that names both, or an explicit none with its reason.

    Parameters
    ----------
    segments : DataFrame
        segment, name, identity.
    counts : DataFrame
        segment, stage, customers.
    plan : Plan
        Offers and currency.
    quarter : str
        Part of the test's name.
    left_out : mapping of segment to reason, optional
        Segments that get no offer, whatever the plan says.

    Returns
    -------
    DataFrame
        The columns of `ContentPlan.actions`; every pair of segment and stage exactly once.
    """
    check_stages(plan.content.offers)
    rows = segments.merge(pd.DataFrame({"stage": STAGES}), "cross").merge(counts, "left", on=["segment", "stage"])
    rows["customers"] = rows["customers"].fillna(0).astype(int)
    never = left_out or {}
    chosen = [_action(row, plan, quarter, never.get(row["segment"], "")) for row in rows.to_dict("records")]
    return pd.concat([rows, pd.DataFrame(chosen)], axis=1)


def sums(actions: pd.DataFrame) -> pd.DataFrame:
    """Write the sums over segments and stages that a report states: one row each, one column per action.

    Parameters
    ----------
    actions : DataFrame
        segment, stage, offer, cost_minor, cap_per_quarter: one row per segment and stage.

    Returns
    -------
    DataFrame of numbers
        Rows: ("size", segment), ("stage", row of the actions), ("offered", segment, or 0 for all), ("offer", segment
        and offer) count customers; ("cost", segment, or 0 for all) adds what contacts with them cost at most.
    """
    has, segment = actions["offer"] != NONE, actions["segment"]
    cost = (actions["cost_minor"] * actions["cap_per_quarter"]).where(has, 0).to_numpy()
    named = {
        "size": segment,
        "stage": pd.Series(range(len(actions)), actions.index),
        "offered": segment.where(has),
        "offer": (segment.astype(str) + " " + actions["offer"]).where(has),
    }
    rows = {what: pd.get_dummies(group, dtype=int).T for what, group in named.items()}
    rows["offered"].loc[0] = has.astype(int).to_numpy()
    return pd.concat(rows | {"cost": rows["offered"] * cost})


def few(actions: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Name the groups of which notebook 06 says that they are small: beside a stage that holds nearly everybody."""
    most = actions[nearly_all(actions, ["segment"], floor)]
    rows = [
        ((actions["segment"] == row.segment) & (actions.index != row.Index)).astype(int) for row in most.itertuples()
    ]
    return pd.DataFrame(rows, columns=actions.index, dtype=int)


def stated(actions: pd.DataFrame, floor: int) -> dict[str, pd.DataFrame]:
    """Choose which of the `sums` are stated, so that no small group follows from all that is.

    Sizes are always stated; stages are as notebook 06 states them.

    Returns
    -------
    dict of DataFrame
        The rows of `sums`, by their first label: shown, low and high. Where it is shown both are the sum, else they are
        the range that follows from what is.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": 1, "stage": ["new", "active", "lapsed"], "customers": [36, 150, 4]})
    >>> rows = rows.assign(offer=["hello", "tea", "none"], cost_minor=50, cap_per_quarter=1)
    >>> said = stated(rows, 10)
    >>> said["offer"].to_dict("index")["1 hello"], said["offer"].to_dict("index")["1 tea"]
    ({'shown': False, 'low': 0.0, 'high': 40.0}, {'shown': True, 'low': 150.0, 'high': 150.0})
    """
    rows = sums(actions)
    what = rows.index.get_level_values(0)
    told = pd.Series(what == "size", rows.index)
    told[what == "stage"] = ~in_rows(actions, ["segment"], floor).to_numpy()
    asked = rows[~what.isin(["size", "stage"])]
    elsewhere = few(actions, floor)
    told[asked.index] = ~hold_back(actions["customers"], rows[told], asked, floor, elsewhere)
    exact = (rows @ actions["customers"]).astype(float)
    table = pd.DataFrame({"shown": told, "low": exact, "high": exact})
    table.loc[~told, ["low", "high"]] = follows(actions["customers"], rows[told], rows[~told], floor, elsewhere)
    return {word: table[what == word].droplevel(0) for word in ("size", "stage", "offered", "offer", "cost")}


def budget(actions: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Give what it costs when every customer with an offer is reached as often as the cap allows.

    Returns
    -------
    DataFrame
        segment (0 = all, the last row), name, customers, cost_minor, share of the plan's budget.
    """
    offered = actions[actions["offer"] != NONE]
    offered = offered.assign(cost_minor=offered["customers"] * offered["cost_minor"] * offered["cap_per_quarter"])
    sums = offered.groupby("segment")[["customers", "cost_minor"]].sum().astype("int64")
    rows = (
        actions[["segment", "name"]]
        .drop_duplicates()
        .join(sums, on="segment")
        .fillna({"customers": 0, "cost_minor": 0})
    )
    total = {"segment": 0, "name": "all", **rows[["customers", "cost_minor"]].sum().to_dict()}
    rows = pd.concat([rows, pd.DataFrame([total])], ignore_index=True).astype({"customers": int, "cost_minor": int})
    limit = None if plan.content.budget is None else plan.content.budget * 10**plan.money_decimals
    rows["share"] = rows["cost_minor"] / limit if limit else float("nan")
    return rows


def _action(row: dict[Any, Any], plan: Plan, quarter: str, never: str) -> dict[str, Any]:
    """Choose one segment's offer in one stage; `never` is why it may not have one."""
    fits = [
        o for o in plan.content.offers if row["stage"] in o.stages and (not o.segments or row["name"] in o.segments)
    ]
    if never or not fits:
        lacking = (
            "no offer of the plan names this stage and segment" if plan.content.offers else "the plan has no offers"
        )
        why = never or lacking
        blank = dict.fromkeys(("message", "tone", "timing", "channel", "purpose"), "") | {
            "cost_minor": 0,
            "cap_per_quarter": 0,
        }
        return {"offer": NONE, "example": False, **blank, "hypothesis": "", "test": "", "why": why}
    offer = fits[0]
    stage = row["stage"].replace("_", " ")
    return {
        "offer": offer.name,
        "example": offer.example,
        "message": offer.message,
        "tone": offer.tone,
        "timing": offer.timing,
        "channel": offer.channel,
        "purpose": CHANNELS.get(offer.channel, offer.channel),
        "cost_minor": int((Decimal(str(offer.cost)) * 10**plan.money_decimals).to_integral_value()),
        "cap_per_quarter": offer.cap_per_quarter,
        "hypothesis": offer.hypothesis
        or f"We expect more of the {stage} customers in '{row['name']}' to order with '{offer.name}' than without; "
        "measured by the share who order, against the hold-out.",
        "test": f"{quarter}-{row['segment']:02d}-{row['stage']}",
        "why": "",
    }


def marked(actions: pd.DataFrame) -> pd.Series[str]:
    """Name the offers of actions, and say of each that is only an example that it is one.

    Examples
    --------
    >>> marked(pd.DataFrame({"offer": ["Come back", "none"], "example": [True, False]})).tolist()
    ['Come back (example)', 'none']
    """
    return actions["offer"].where(~actions["example"].astype(bool), actions["offer"] + " (example)")


def check_stages(offers: tuple[plans.Offer, ...]) -> None:
    """Refuse an offer for a stage that does not exist."""
    findings = [
        Finding(
            "P05", f"no stage called '{stage}'", f"plan.yml, content.offers[{place}].stages", do=nearest(stage, STAGES)
        )
        for place, offer in enumerate(offers)
        for stage in offer.stages
        if stage not in STAGES
    ]
    if findings:
        raise InputRefused(findings)


def discreet(rows: pd.DataFrame, said: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Put what is `stated` in the place of the numbers of a `budget`: low, high, cost_low, cost_high."""
    ends = {
        name: rows["segment"].map(said[what][end]).fillna(0.0)
        for what, start in (("offered", ""), ("cost", "cost_"))
        for end in ("low", "high")
        for name in [f"{start}{end}"]
    }
    return rows[["segment", "name"]].assign(**ends)


def notes_of(
    content: plans.Content, names: list[str], item: str, given: Collection[str], campaigns: Collection[str] | None
) -> tuple[str, ...]:
    """Say what the plan lacks, which of its words meet nothing, and which file or decision would allow more.

    Parameters
    ----------
    content : Content
    names : list of str
        Names of the segments.
    item : str
        What a next purchase is; "" where nothing tells.
    given : collection of str
        Offers that some segment and stage gets.
    campaigns : collection of str or None
        Campaigns of the contacts; None without contacts.

    Examples
    --------
    >>> told = plans.Content(offers=(plans.Offer(name="tea", message="m", segments=("Regular",), tested_by=("may",)),))
    >>> for note in notes_of(told, ["Regulars"], "category", [], ["May"])[1:]:
    ...     print(note)
    Offer 'tea': no segment is called 'Regular'; did you mean 'Regulars'?.
    Offer 'tea' reaches nobody: no segment and stage that it names is left for it.
    Offer 'tea': no campaign is called 'may'; did you mean 'May'?.
    """
    notes = [] if content.offers else ["The plan has no offers: add them under content.offers in plan.yml."]
    if content.offers and not content.messages:
        notes.append("No message can be shown: add the texts under content.messages in plan.yml.")
    examples = [f"“{offer.name}”" for offer in content.offers if offer.example]
    if examples:
        notes.append(
            f"{', '.join(examples)}: only {'an example' if len(examples) == 1 else 'examples'}, nobody decided on "
            "this. Write what the company offers into content.offers, and take “example: true” away."
        )
    for offer in content.offers:
        unknown = [name for name in offer.segments if name not in names]
        notes += [f"Offer '{offer.name}': no segment is called '{u}'; {nearest(u, names)}." for u in unknown]
        if offer.name not in given:
            notes.append(f"Offer '{offer.name}' reaches nobody: no segment and stage that it names is left for it.")
        tried = [] if campaigns is None else [name for name in offer.tested_by if name not in campaigns]
        notes += [f"Offer '{offer.name}': no campaign is called '{c}'; {nearest(c, campaigns or [])}." for c in tried]
    used = {offer.message for offer in content.offers}
    varied = [variant.message for offer in content.offers if offer.trial for variant in offer.trial.variants]
    used |= {message for message in varied if message}
    idle = [name for name in content.messages if name not in used]
    notes += [f"No offer uses the message '{name}'." for name in idle]
    if not item:
        notes.append(NO_ITEMS)
    elif item != "category":
        notes.append("orders.csv has no category: next-best shows the most common products instead.")
    return tuple(notes)
