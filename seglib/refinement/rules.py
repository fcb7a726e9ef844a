"""The written rule by which a segment is kept, refitted or retired, and what it must fulfil to be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.clustering.words import NOT_STABLE
from seglib.core.steady import steady, steady_column
from seglib.criteria.names import plain
from seglib.disclosure.cycles import half_of
from seglib.methods.drift import SIGNIFICANT
from seglib.methods.shares import bounded
from seglib.refinement.whole import Whole

if TYPE_CHECKING:
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.sections import Refinement as Settings
    from seglib.core.sections import Selection

AGEING = ("tenure_days",)  # grows by itself with every quarter, so its drift is no reason to refit
SHARES = ("size", "value", "action", "reachability")
VERDICTS = ["segment", "name", "verdict", "why", "use", "failing"]
FITNESS = ["segment", "name", "check", "value", "floor", "passed"]


def _drifted(drift: pd.DataFrame, psi: float) -> pd.DataFrame:
    """Keep the rows of a drift table whose change is both large and not chance.

    Parameters
    ----------
    drift : DataFrame
        With psi, psi_noise and p_adjusted.
    psi : float
        The plan's limit; what psi shows by chance in samples of this size is taken off first.

    Examples
    --------
    >>> drift = pd.DataFrame({"psi": [0.4, 0.4], "psi_noise": [0.0, 0.3], "p_adjusted": [0.001, 0.001]})
    >>> len(_drifted(drift, 0.25))
    1
    """
    return drift[(steady(drift["p_adjusted"]) < SIGNIFICANT) & (steady(drift["psi"] - drift["psi_noise"]) >= psi)]


def fitness(now: Segmentation, audience: pd.DataFrame | None, selection: Selection) -> pd.DataFrame:
    """Measure what a segment must fulfil to be used, each beside its floor.

    Parameters
    ----------
    now : Segmentation
    audience : DataFrame or None
        The audience's counts: segment, customers, with_offer, reachable; None when it has not been made.
    selection : Selection
        What the plan fixed before any segment was known.

    Returns
    -------
    DataFrame
        segment, name, check, value, floor, passed (missing where it is not known). Size and stability: as in notebook
        04. Distinctness: distance of the centre from the most similar segment, in the criterion in which the two
        differ most, in robust standard deviations. Value: share of the revenue. Action: share of the segment for
        whom the plan has an offer. Reachability: share of those who may be contacted.
    """
    rows = now.segments.set_index("segment")
    share, revenue = (rows[name] / max(rows[name].sum(), 1) for name in ("customers", "revenue_minor"))
    nobody = pd.Series(np.nan, rows.index)
    offered, reached = nobody, nobody
    if audience is not None:
        counted = audience.set_index("segment").reindex(rows.index)
        offered = counted["with_offer"] / counted["customers"]
        reached = counted["reachable"] / counted["with_offer"].where(counted["with_offer"] > 0)
    measured = {
        "size": (share, now.size_floor_share),
        "stability": (rows["jaccard"], now.stability_floor),
        "distinctness": (_apart(now), selection.distinct_deviations),
        "value": (revenue, selection.value_share),
        "action": (offered, selection.offer_share),
        "reachability": (reached, selection.reachable_share),
    }
    found = [
        pd.DataFrame({"segment": rows.index, "name": rows["name"], "check": name, "value": value, "floor": floor})
        for name, (value, floor) in measured.items()
    ]
    table = pd.concat(found, ignore_index=True)
    passed = (steady_column(table["value"]) >= table["floor"]).astype("boolean").mask(table["value"].isna())
    return table.assign(passed=passed)[FITNESS]


def _apart(now: Segmentation) -> pd.Series[Any]:
    """Give the distance of each segment from the one most like it, where the two differ most."""
    made = now.centres[now.centres["segment"] > 0].dropna(subset=["deviation"])
    places = made.pivot(index="segment", columns="criterion", values="deviation")
    apart = np.abs(places.to_numpy()[:, None] - places.to_numpy()[None]).max(axis=2)
    np.fill_diagonal(apart, np.inf)
    return pd.Series(apart.min(axis=1), places.index)


def judge(
    identity: pd.DataFrame,
    sizes: pd.DataFrame,
    drift: pd.DataFrame,
    frozen: pd.DataFrame,
    fitness: pd.DataFrame,
    settings: Settings,
    shadow: str = "",
    floor: int = 10,
) -> pd.DataFrame:
    """Give every segment of either quarter its verdict; the first rule that holds decides.

    1. A segment of last quarter that has no successor: ``retire``.
    2. Too small, or not stable: ``retire``. A kept segment that is large and only not found again: ``refit``.
    3. A segment that was not there last quarter: ``new``.
    4. Too like another one (distinctness): ``refit``. So is a kept segment of which a refit on today's customers, who
       form natural groups, makes several, or which it merges or dissolves; in a continuum that is only another cut.
    5. Today's and last quarter's rules, both applied to today's customers, overlap in it by less than
       ``same_segment_overlap``: ``refit``.
    6. Last quarter's rules would put less than 1 - ``moved_share_to_refit`` of its customers into it: ``refit``.
    7. Else ``keep``; what drifted inside by ``drift_psi`` or more is named (tenure apart, which grows by itself).

    What to do with it: ``retire`` as above, or where size, stability or distinctness fails; ``act`` where all six
    checks are passed and the verdict is keep; else ``watch``.

    Parameters
    ----------
    identity : DataFrame
        segment (0 when gone), name, previous, came_from; of a kept model also event and the segments of the refit.
    sizes : DataFrame
        name, customers, usable, why.
    drift : DataFrame
        criterion, name, psi, psi_noise, p_adjusted.
    frozen : DataFrame by name
        shared: overlap (Jaccard) of the segment by today's and by last quarter's rules; followed: the share of its
        customers whom last quarter's rules put into it too.
    fitness : DataFrame
        From `fitness`.
    settings : Refinement
        The plan's section.
    shadow : str
        Whether the customers form natural groups, where the model was kept; "" where it was fitted this quarter.
    floor : int
        Smallest number of customers that may be told: no share of a segment tells fewer.

    Returns
    -------
    DataFrame
        segment (0 for a segment that is gone), name, verdict, why, use, failing (names of the checks that fail or are
        not known).
    """
    by_name, rules = sizes.set_index("name").to_dict("index"), frozen.to_dict("index")
    steady = drift[~drift["criterion"].isin(AGEING)]
    large = _drifted(steady, settings.drift_psi)
    remade = _remade(identity) if shadow == "natural" else {}
    rows = []
    for row in identity[(identity["segment"] > 0) | (not shadow)].to_dict("records"):
        own = fitness[fitness["segment"] == row["segment"]]
        failing = list(own.loc[~own["passed"].fillna(False).astype(bool), "check"])
        facts = {**by_name[row["name"]], "shared": 0.0, "followed": 0.0, **rules.get(row["name"], {}), **row}
        facts |= {
            "floor": floor,
            "failing": failing,
            "kept": bool(shadow),
            "remade": remade.get(row["name"], ""),
        }
        facts |= {"found": {one["check"]: (one["value"], one["floor"]) for one in own.to_dict("records")}}
        verdict, why = _judge_one(facts, large[large["name"] == row["name"]], settings)
        use = "retire" if verdict == "retire" else "act" if verdict == "keep" and not failing else "watch"
        rows.append((row["segment"], row["name"], verdict, why, use, ", ".join(failing)))
    return pd.DataFrame(rows, columns=VERDICTS)


def _judge_one(facts: dict[Any, Any], inside: pd.DataFrame, settings: Settings) -> tuple[str, str]:
    """Apply the written rule to one segment; each reason holds the number that it rests on."""
    if facts["segment"] == 0:
        return "retire", "no segment of this quarter continues it"
    if not facts["usable"]:
        loose = facts["why"] == NOT_STABLE
        beside = _beside(facts, "stability" if loose else "size")
        if facts["kept"] and loose:
            return "refit", f"not found again on today's customers{beside}"
        return "retire", f"{facts['why']}{beside}"
    if not facts["previous"]:
        origin = f"; most of its customers come from {facts['came_from']}" if facts["came_from"] else ""
        return "new", "no segment of last quarter behaves like it" + origin
    if "distinctness" in facts["failing"]:
        return "refit", f"hardly differs from the segment most like it{_beside(facts, 'distinctness')}"
    if facts["remade"]:
        return "refit", facts["remade"]
    wanted = percent(settings.same_segment_overlap)
    if facts["shared"] < settings.same_segment_overlap:
        return "refit", f"old and new rules share {_exact(facts, 'shared')} of it; the plan asks for {wanted}"
    if facts["followed"] < 1 - settings.moved_share_to_refit:
        least = percent(1 - settings.moved_share_to_refit)
        said = f"last quarter's rules would put only {_exact(facts, 'followed')} of its customers here"
        return "refit", f"{said}; the plan asks for {least}"
    alike = f" (old and new rules share about {_near(facts, 'shared')} of it, at least {wanted} asked)"
    same = f"still the same segment{_beside(facts, 'stability') if facts['kept'] else alike}"
    return "keep", same + _changed(inside, settings.drift_psi)


def _exact(facts: dict[Any, Any], name: str) -> str:
    """Write a share of a segment; where it would tell few of its customers, or all but a few, only the bound."""
    return bounded([facts[name]], facts.get("customers", np.nan), facts["floor"], percent)[0] or percent(facts[name])


def _near(facts: dict[Any, Any], name: str) -> str:
    """Write a share in steps of five points, and of half the floor of customers: it must not give a move away."""
    step = max(0.05, half_of(facts["floor"]) / facts.get("customers", np.inf))
    return percent(min(1.0, round(facts[name] / step) * step))


def _beside(facts: dict[Any, Any], check: str) -> str:
    """Write what was found for a check, beside its floor."""
    value, floor = facts["found"].get(check, (np.nan, np.nan))
    return "" if pd.isna(value) else f" ({check} {found(check, value)}, at least {found(check, floor)} asked)"


def _changed(inside: pd.DataFrame, limit: float) -> str:
    """Name what drifted inside a segment, each with its stability index above chance."""
    if inside.empty:
        aged = ", ".join(map(plain, AGEING))
        return f", and its members are much as they were (no stability index reaches {limit:g}, {aged} apart)"
    pairs = zip(inside["criterion"], inside["psi"] - inside["psi_noise"], strict=True)
    return "; read its persona again, as these changed inside it (stability index above chance): " + ", ".join(
        f"{plain(name)} {index:.2f}" for name, index in pairs
    )


def found(check: str, value: float) -> str:
    """Write what was found for a check.

    Examples
    --------
    >>> found("size", 0.031), found("stability", 0.6)
    ('3%', '0.60')
    """
    return f"{value:.0%}" if check in SHARES else f"{value:.2f}"


def _remade(identity: pd.DataFrame) -> dict[str, str]:
    """Say of each kept segment what a refit would make of it, where that is not the same segment."""
    pieces = identity[identity["segment"] == 0].groupby("came_from")["name"].agg(", ".join)
    words = {
        "split": "a refit on today's customers takes {} out of it",
        "merge": "a refit on today's customers merges it with another one",
        "dissolved": "a refit on today's customers has no such segment",
    }
    own = identity[(identity["segment"] > 0) & identity["event"].isin(list(words))]
    return {row["name"]: words[row["event"]].format(pieces.get(row["name"], "")) for row in own.to_dict("records")}


def percent(share: float) -> str:
    """Write a share for people.

    Examples
    --------
    >>> percent(0.354)
    '35%'
    """
    return f"{100 * share:.0f}%"


def overall(
    verdicts: pd.DataFrame, sizes: pd.DataFrame, agreement: float | None, because: str = "", floor: int = 10
) -> Whole:
    """Decide what to do with the segmentation as a whole, and say why.

    Parameters
    ----------
    verdicts : DataFrame
        From ``judge``.
    sizes : DataFrame
        name, customers.
    agreement : float or None
        Share of customers whom last quarter's frozen rules put into the segment that they have now.
    because : str
        Why a kept model as a whole is out of date; "" where it is not.
    floor : int
        Smallest number of customers that may be told.

    Examples
    --------
    >>> verdicts = pd.DataFrame({"segment": [1, 2, 0], "name": ["A", "B", "C"], "verdict": ["keep", "refit", "retire"]})
    >>> overall(verdicts, pd.DataFrame({"name": ["A", "B", "C"], "customers": [90, 10, 0]}), 0.95).sentence
    "Keep: 90% of today's customers are in segments that are to be kept (asked: half). Gone since last quarter: C."
    """
    kept = sizes["name"].isin(verdicts.loc[verdicts["verdict"] == "keep", "name"])
    share = sizes.loc[kept, "customers"].sum() / sizes["customers"].sum()
    gone = verdicts.loc[verdicts["segment"] == 0, "name"]
    lost = f" Gone since last quarter: {', '.join(gone)}." if len(gone) else ""
    if because:
        return Whole(True, f"{because}.")
    kept_share = f"{percent(share)} of today's customers are in segments that are to be kept (asked: half).{lost}"
    if share >= 0.5:
        return Whole(False, kept_share)
    (same,) = bounded([np.nan if agreement is None else agreement], sizes["customers"].sum(), floor, percent)
    frozen = f" Last quarter's rules would put {same} where they are now." if same else ""
    return Whole(True, f"only {kept_share}{frozen}")
