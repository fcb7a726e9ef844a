"""Variants of an offer: who is drawn to which, and whether so many customers can answer the question at all."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.activation.rules import PARTS
from seglib.core.purposes import CHANNELS
from seglib.core.quarters import written_day
from seglib.methods.power import n_per_arm, smallest_effect
from seglib.methods.present import Head, points, present, yes

if TYPE_CHECKING:
    from seglib.core.sections import Offer
    from seglib.core.trials import Trial, Variant

ALPHA, WHOLE = 0.05, "all segments"
COLUMNS = ["campaign", "offer", "segment", "name", "count", "share", "visible", "worth", "needed", "enough", "told"]


def running(offers: Iterable[Offer], as_of: datetime) -> Iterator[tuple[Offer, Trial]]:
    """Give the offers whose variants are still sent after `as_of`, the first moment after the quarter."""
    for offer in offers:
        if offer.trial is not None and offer.trial.until >= as_of.date():
            yield offer, offer.trial


def _way(offer: Offer, variant: Variant) -> tuple[str, str]:
    """Give message and channel of a variant."""
    return variant.message or offer.message, variant.channel or offer.channel


def drawn(
    members: pd.DataFrame,
    offers: Iterable[Offer],
    key: bytes,
    as_of: datetime,
    may: Callable[[str], set[str]],
    before: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Draw a variant for everybody who is to be contacted with an offer that has some.

    Parameters
    ----------
    members : DataFrame
        customer, segment, offer, message, channel, arm.
    offers : iterable of Offer
    key : bytes
        The study's key; each trial uses one derived from it.
    as_of : datetime
        First moment after the quarter: trials that end before it draw nobody.
    may : callable
        Gives the customers who agreed to a purpose. Where variants differ in channel only those take part who agreed to
        all of them: else the variants would go to different people. The others get the offer as it is.
    before : DataFrame, optional
        customer, trial, variant of last quarter; whoever has a variant keeps it until the trial ends.

    Returns
    -------
    DataFrame
        With trial (campaign, also of those held out, who are its control group) and variant, null for all others;
        message and channel are those of the variant.
    """
    rows = members.assign(trial=pd.Series(None, members.index, dtype="string"))
    rows["variant"] = rows["trial"]
    for offer, trial in running(offers, as_of):
        ways = {variant.name: _way(offer, variant) for variant in trial.variants}
        asked = {CHANNELS.get(channel, channel) for _, channel in ways.values()}
        meant = rows["offer"].eq(offer.name) & rows["arm"].isin(["contact", "holdout"])
        for purpose in sorted(asked) if len(asked) > 1 or offer.channel not in {c for _, c in ways.values()} else ():
            meant &= rows["customer"].isin(may(purpose))
        meant, sent = meant.fillna(False).astype(bool), (meant & rows["arm"].eq("contact")).fillna(False).astype(bool)
        rows.loc[meant, "trial"] = trial.campaign
        then = {} if before is None else _then(before, trial)
        rows.loc[sent, "variant"] = allot(rows[sent], trial, key, then)
        for name, (message, channel) in ways.items():
            rows.loc[sent & rows["variant"].eq(name).fillna(False), ["message", "channel"]] = message, channel
    return rows


def _then(before: pd.DataFrame, trial: Trial) -> dict[str, str]:
    known = before[before["trial"].eq(trial.campaign).fillna(False)].dropna(subset="variant")
    return dict(zip(known["customer"], known["variant"], strict=True))


def allot(people: pd.DataFrame, trial: Trial, key: bytes, before: Mapping[str, str]) -> pd.Series[str]:
    """Divide the customers of each segment among the variants, by a keyed hash, so that the shares hold in each.

    Parameters
    ----------
    people : DataFrame
        customer, segment.
    trial : Trial
    key : bytes
    before : mapping from customer to variant
        Who has one keeps it.

    Returns
    -------
    Series of str
        By row.

    Examples
    --------
    >>> from seglib.core.trials import Trial
    >>> halves = [{"name": "plain", "share": 0.5}, {"name": "question", "share": 0.5, "message": "asked"}]
    >>> trial = Trial(campaign="c", variants=halves, until="2026-12-31", worth_share=0.03)
    >>> people = pd.DataFrame({"customer": list("abcdef"), "segment": [1, 1, 1, 1, 2, 2]})
    >>> found = allot(people, trial, bytes(32), {"a": "question"})
    >>> found[0], found.groupby(people["segment"]).value_counts().tolist()
    ('question', [2, 2, 1, 1])
    """
    salt = hmac.digest(key, f"variants {trial.campaign}".encode(), "sha256").hex()
    digest = [hashlib.sha256((salt + customer).encode()).hexdigest() for customer in people["customer"]]
    names = [variant.name for variant in trial.variants]
    total = sum(variant.share for variant in trial.variants)
    edges = [round(edge / total * PARTS) for edge in np.cumsum([variant.share for variant in trial.variants])]
    keyed = people.assign(digest=digest, had=people["customer"].map(before))
    keyed["had"] = keyed["had"].where(keyed["had"].isin(names))
    parts = [_of_segment(part, names, edges) for _, part in keyed.groupby("segment", sort=True)]
    found = pd.concat(parts) if parts else pd.Series(dtype="string")
    return found.reindex(people.index).astype("string")


def _of_segment(part: pd.DataFrame, names: list[str], edges: list[int]) -> pd.Series[str]:
    """Fill up each variant to its share of the segment with those who have none yet, in the order of the hash."""
    ends = [(len(part) * edge + PARTS // 2) // PARTS for edge in edges]
    target = pd.Series(np.diff([0, *ends]), names)
    lack = (target - part["had"].value_counts().reindex(names, fill_value=0)).clip(lower=0)
    places = [
        ((at + 0.5) / number, order, name) for order, (name, number) in enumerate(lack.items()) for at in range(number)
    ]
    new = part[part["had"].isna()].sort_values(["digest", "customer"], kind="stable")
    filled = pd.Series([name for *_, name in sorted(places)][: len(new)], new.index, dtype="object")
    return part["had"].astype("object").fillna(filled)


def foreseen(
    members: pd.DataFrame, offers: Iterable[Offer], as_of: datetime, ordered: set[str], floor: int
) -> pd.DataFrame:
    """Say of each trial and segment which difference between two variants so many customers would show.

    Parameters
    ----------
    members : DataFrame
        From `drawn`, with the segment's name.
    offers : iterable of Offer
    as_of : datetime
    ordered : set of str
        Customers who ordered in the last days, as many as an answer has time for: the share to start from.
    floor : int
        Smallest group that is shown.

    Returns
    -------
    DataFrame
        `COLUMNS`: campaign, offer, segment (0: all together), name, count (customers of the smallest variant), share
        who ordered lately, visible (smallest difference that shows four times out of five), worth (that would decide),
        needed (customers per variant for it), enough, told (whether anything may be said of so few). Each variant is
        compared with the first, and the error level is divided by the number of comparisons.
    """
    rows = []
    for offer, trial in running(offers, as_of):
        inside = members[members["trial"].eq(trial.campaign).fillna(False) & members["variant"].notna()]
        sent = members[members["arm"] == "contact"]
        parts = [(int(p["segment"].iloc[0]), str(p["name"].iloc[0]), p) for _, p in inside.groupby("segment")]
        for segment, name, part in [(0, WHOLE, inside), *parts]:
            others = len(sent if segment == 0 else sent[sent["segment"] == segment]) - len(part)
            found = _power(part, trial, ordered)
            told = found["count"] >= floor and not 0 < others < floor
            about = {"campaign": trial.campaign, "offer": offer.name, "segment": segment, "name": name}
            rows.append(about | found | {"told": told, "people": len(part)})
    return _guarded(pd.DataFrame(rows, columns=[*COLUMNS, "people"]), floor)


def _power(part: pd.DataFrame, trial: Trial, ordered: set[str]) -> dict[str, Any]:
    names = [variant.name for variant in trial.variants]
    sizes = part["variant"].value_counts().reindex(names, fill_value=0)
    share = float(part["customer"].isin(ordered).mean()) if len(part) else float("nan")
    found = {"count": int(sizes.min()), "share": share, "worth": trial.worth_share}
    if not sizes.min():
        return found | {"visible": float("inf"), "needed": float("nan"), "enough": False}
    alpha = ALPHA / (len(names) - 1)
    least = min(2 / (1 / sizes.iloc[0] + 1 / size) for size in sizes.iloc[1:])
    base = min(max(share, 0.5 / least), 1 - 0.5 / least)
    visible = smallest_effect(base, int(least), alpha=alpha)
    possible = base + trial.worth_share < 1
    needed = n_per_arm(base, base + trial.worth_share, alpha=alpha) if possible else float("nan")
    return found | {"visible": visible, "needed": needed, "enough": visible <= trial.worth_share}


def _guarded(rows: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Say nothing of all together either where that would give away those of whom nothing is said."""
    for campaign, part in rows.groupby("campaign"):
        hidden = part[(part["segment"] > 0) & ~part["told"].astype(bool)]
        unsaid = int(hidden["people"].sum())
        if 0 < unsaid < floor:
            rows.loc[(rows["campaign"] == campaign) & (rows["segment"] == 0), "told"] = False
    return rows.drop(columns="people")


def about(count: float, floor: int) -> str:
    """Write a number so roughly that nobody can be told apart by it.

    Examples
    --------
    >>> about(617, 10), about(14, 10)
    ('about 620', 'fewer than 20')
    """
    step = 2 * floor
    return f"about {round(count / step) * step:,}" if count >= step else f"fewer than {step}"


def table(rows: pd.DataFrame, floor: int) -> pd.DataFrame:
    """Show what each trial can answer, all segments first."""
    told = rows["told"].astype(bool)
    shown = rows.assign(
        customers=[about(n, floor) if t else "" for n, t in zip(rows["count"], told, strict=True)],
        shows=[_visible(v) if t else "" for v, t in zip(rows["visible"], told, strict=True)],
        verdict=rows["enough"].where(told, False).astype(bool),
    )
    heads: dict[str, Head] = {"campaign": "trial", "name": "segment", "customers": "customers per variant"}
    heads |= {"shows": "a difference shows from", "worth": ("would decide", lambda share: points(share).lstrip("+"))}
    return present(shown, heads | {"verdict": ("can be answered", yes)})


def _visible(share: float) -> str:
    return points(share).lstrip("+") if share < 1 else "more than is possible"


def sentences(rows: pd.DataFrame, offers: Iterable[Offer], as_of: datetime, floor: int) -> tuple[str, ...]:
    """Say of each trial, before anything is sent, whether it can be answered, and for which segments it cannot."""
    said = []
    for offer in offers:
        trial = offer.trial
        if trial is None:
            continue
        lead, day = f"{trial.campaign}:", written_day(trial.until)
        if trial.until < as_of.date():
            said.append(
                f"{lead} its planned end, {day}, is over, so '{offer.name}' goes out without variants. Write the "
                "better one into the offer."
            )
            continue
        part = rows[rows["campaign"] == trial.campaign].set_index("segment")
        said.append(f"{lead} {len(trial.variants)} variants of '{offer.name}' until {day}. {_answer(part, floor)}")
    return tuple(said)


def unanswerable(rows: pd.DataFrame) -> list[str]:
    """Warn of the trials that all their customers together are too few to answer.

    Parameters
    ----------
    rows : DataFrame
        From `foreseen`.

    Examples
    --------
    >>> asked = pd.DataFrame({"campaign": ["a", "b"], "segment": 0, "told": True, "enough": [True, False]})
    >>> unanswerable(asked)
    ['b: its customers are too few to tell the variants apart; notebook 08 says how many it takes.']
    """
    if rows.empty:
        return []
    small = rows[(rows["segment"] == 0) & ~(rows["enough"].astype(bool) & rows["told"].astype(bool))]
    said = "its customers are too few to tell the variants apart; notebook 08 says how many it takes"
    return [f"{campaign}: {said}." for campaign in small["campaign"]]


def _answer(part: pd.DataFrame, floor: int) -> str:
    whole: dict[Any, Any] = part[part.index == 0].to_dict("records")[0]
    if not whole["told"]:
        return "Too few customers get one for any answer."
    size, shows, worth = about(whole["count"], floor), _visible(whole["visible"]), _visible(whole["worth"])
    text = f"With {size} customers in the smallest, a difference from {shows} on would show four times out of five; "
    text += f"{worth} would decide"
    if not whole["enough"]:
        need = "" if math.isnan(whole["needed"]) else f", which takes {whole['needed']:,.0f} customers in each"
        return (
            f"{text}{need}. The question is too small to be answered: let more segments have the offer, draw fewer "
            "variants, or look for a larger difference (worth_share)."
        )
    small = part[(part.index > 0) & ~(part["enough"].astype(bool) & part["told"].astype(bool))]["name"]
    alone = (
        f" Too small for an answer of their own: {', '.join(small)}; read them with all the others."
        if len(small)
        else ""
    )
    return f"{text}, so all segments together can answer.{alone}"
