"""Keep last quarter's frozen segments, or take the ones that today's data would make: the decision and its evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.clustering.build import apart, centres, segments, sums
from seglib.clustering.purses import untold, why
from seglib.clustering.scorer import Scorer, assign, assign_rfm
from seglib.clustering.space import sample
from seglib.criteria.names import plain
from seglib.methods.choice import verdict
from seglib.methods.clusterers import Fit, Labels
from seglib.methods.models import METHODS
from seglib.methods.present import Head, percent, present, yes
from seglib.methods.quality import quality
from seglib.methods.stability import Stability, adjusted_rand

if TYPE_CHECKING:
    from seglib.clustering.candidates import Candidates
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.plan import Plan
    from seglib.criteria.features import Features
    from seglib.methods.structure import Structure

KEPT, REFIT = "kept", "refit"
LONGEST = 60  # characters of a decision that a sentence can hold
ASTRAY = (
    "Constructed: today's customers form natural groups, but the kept segments do not follow them closely enough "
    "(found again {stability:.2f}). Use the segments as a convention, and see notebook 10 on a refit."
)
WISHED = "Fitted anew, because the plan says so (clustering.model: refit)."


@dataclass(frozen=True, eq=False)
class Decision:
    """Which segments are handed on, and how the other ones compare.

    Parameters
    ----------
    segmentation : Segmentation
        Handed on: last quarter's segments by their frozen scorer with the refit as their shadow, or the refit.
    models : DataFrame
        As ``Segmentation.models``.
    why : str
        One sentence.
    """

    segmentation: Segmentation
    models: pd.DataFrame
    why: str

    def table(self) -> pd.DataFrame:
        """Show the kept model and the refit side by side, both measured on today's customers and today's scale."""
        heads: dict[str, Head] = {
            "model": "model",
            "k": "segments",
            "smallest_share": ("smallest segment", percent),
            "silhouette": ("silhouette", "{:.2f}".format),
            "found_again": ("found again", "{:.2f}".format),
            "weakest": ("weakest segment", "{:.2f}".format),
            "chosen": ("handed on", yes),
        }
        words = {KEPT: "last quarter's, frozen", REFIT: "refit on today's customers"}
        return present(self.models.assign(model=self.models["model"].map(words)), heads)

    def agreement(self) -> str:
        """Say how far the two models agree on today's customers, and which handed-on segments miss a floor."""
        rows, rand, own = self.segmentation.segments, self.models["rand"].iloc[0], self.models.query("chosen").iloc[0]
        missed = [f"{row.name} ({row.why})" for row in rows[~rows["usable"]].itertuples(index=False)]
        if (floor := self.segmentation.stability_floor) > own["found_again"]:
            missed.insert(0, f"the whole (found again with {own['found_again']:.2f}, floor {floor:.2f})")
        floors = f"Below the floors: {'; '.join(missed)}." if missed else "All that is handed on passes the floors."
        if pd.isna(rand):
            return f"There is no frozen model to compare with. {floors}"
        return f"On today's customers the two models agree with an adjusted Rand index of {rand:.2f}. {floors}"


def keep_or_refit(candidates: Candidates, previous: Segmentation | None, plan: Plan, seed: int) -> Decision:
    """Decide whether last quarter's frozen segments go on, and measure them beside a refit.

    Parameters
    ----------
    candidates : Candidates
        Today's divisions; the plan's choice among them is the refit.
    previous : Segmentation or None
        Last quarter's.
    plan : Plan
        ``clustering.model`` decides; ``criteria`` says what the model was learnt from.
    seed : int

    Returns
    -------
    Decision
        The segments of the refit have last quarter's names where they hold the same customers.
    """
    features, settings = candidates.features, candidates.settings
    made = basis(features, plan)
    fresh = replace(candidates.pick(settings.choice).named_like(previous, features), basis=made)
    measured = _Measured(candidates, seed)
    hindered = obstacle(previous, candidates, made)
    refit = measured.row(REFIT, fresh, measured.again(fresh.scorer))
    if previous is None or hindered:
        said = f"Fitted anew: {hindered}." if settings.model == "keep" else WISHED
        alone = pd.DataFrame([{**refit, "rand": float("nan"), "chosen": True}])
        return Decision(_complete(fresh, alone), alone, said)
    kept, row = _kept(previous, fresh, measured)
    keep = settings.model == "keep"
    models = pd.DataFrame([row, refit]).assign(rand=_rand(kept), chosen=[keep, not keep])
    said = f"{kept.notes[0] if keep else WISHED} {_side_by_side(models, settings.stability_floor)}"
    if keep and row["found_again"] < settings.stability_floor:
        said += (
            " They go on all the same, because the plan says keep; notebook 10 proposes a refit for the next quarter."
        )
    return Decision(_complete(kept if keep else fresh, models), models, said)


def _complete(handed_on: Segmentation, models: pd.DataFrame) -> Segmentation:
    """Add the two models, and whose money is not shown by its final name."""
    return replace(handed_on, models=models, notes=(*handed_on.notes, *why(untold(handed_on.segments))))


def _side_by_side(models: pd.DataFrame, floor: float) -> str:
    """Say how well the kept model and the refit are found again: the number on which the decision rests."""
    again = models.set_index("model")["found_again"]
    return (
        f"On samples of today's customers the frozen segments would be found again with {again[KEPT]:.2f}, those of a "
        f"refit with {again[REFIT]:.2f} (1: exactly alike); at least {floor:.2f} is asked."
    )


def basis(features: Features, plan: Plan) -> dict[str, str]:
    """List the decisions that a frozen model rests on; with another one its numbers would mean something else."""
    settings, criteria = plan.clustering, plan.criteria
    items = {name: item.model_dump(mode="json") for name, item in criteria.items.items()}
    own = {name: one.kind for name, one in criteria.attributes.items() if one.role == "segmentation"}
    return {
        "currency": f"{features.currency}, {features.minor_per_major} minor units",
        "clustering.method": settings.method,
        "clustering.transforms": _written(settings.transforms),
        "criteria.window_days": str(criteria.window_days),
        "criteria.gaps": _written(criteria.gaps),
        "criteria.items": _written(items),
        **({"criteria.attributes": _written(own)} if own else {}),
    }


def obstacle(previous: Segmentation | None, candidates: Candidates, made: Mapping[str, str]) -> str:
    """Say why last quarter's model cannot be used on today's customers; "" when it can."""
    if previous is None:
        return "there is no quarter before whose segments could be kept"
    settings, k = candidates.settings, previous.k
    changed = [_changed(place, then, made[place]) for place, then in previous.basis.items() if then != made[place]]
    if changed:
        return changed[0]
    used, wanted = (
        {*previous.scorer.scaling.names, *previous.scorer.scaling.constant},
        {*candidates.features.use, *settings.categories},
    )
    if used != wanted:
        gone, new = (", ".join(sorted(map(plain, names))) or "none" for names in (used - wanted, wanted - used))
        return f"the criteria that make the segments changed since last quarter (gone: {gone}; new: {new})"
    if settings.choice not in ("auto", k):
        return f"the plan asks for {settings.choice} segments (clustering.choice), and the frozen model has {k}"
    if METHODS[candidates.way.method].labels is None and max(candidates.fits) < k <= settings.largest_count:
        return f"there are too few different customers for the {k} segments of the frozen model"
    if not settings.smallest_count <= k <= settings.largest_count:
        return (
            f"the plan allows {settings.smallest_count} to {settings.largest_count} segments, the frozen model has {k}"
        )
    counts = previous.scorer.label(sample(candidates.features, settings)).value_counts()
    empty = [
        name
        for number, name in zip(previous.segments["segment"], previous.segments["name"], strict=True)
        if number not in counts
    ]
    return f"by the frozen rules hardly anybody is left in {', '.join(empty)}" if empty else ""


def _changed(place: str, then: str, now: str) -> str:
    short = f", from {then or 'nothing'} to {now or 'nothing'}" if max(len(then), len(now)) <= LONGEST else ""
    return f"{place} changed since last quarter{short}"


def _written(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True) if values else ""


class _Measured:
    """Measures any division of today's sample on today's scale."""

    def __init__(self, candidates: Candidates, seed: int) -> None:
        self.frame = sample(candidates.features, candidates.settings)
        self.x = candidates.scaling.apply(self.frame)
        self.candidates, self.seed = candidates, seed

    def labels(self, scorer: Scorer) -> Labels:
        """Give the sample its segments, 0 to k - 1."""
        return np.asarray(scorer.label(self.frame).to_numpy(dtype=np.int64) - 1)

    def again(self, scorer: Scorer) -> Stability:
        """Ask whether these segments would be found again today."""
        method, pairs = METHODS[self.candidates.way.method], self.candidates.settings.bootstrap_pairs
        return method.found_again(self.x, self.labels(scorer), self.seed, pairs)

    def row(self, model: str, segmentation: Segmentation, again: Stability) -> dict[str, Any]:
        """Measure one model."""
        fit = Fit(self.labels(segmentation.scorer), np.zeros((segmentation.k, self.x.shape[1])), 0.0)
        return {
            "model": model,
            "k": segmentation.k,
            "structure": segmentation.structure,
            "smallest_share": float(segmentation.segments["share"].min()),
            "silhouette": quality(self.x, fit, self.seed).silhouette,
            "found_again": again.mean,
            "weakest": min(again.jaccard),
        }


def _kept(previous: Segmentation, fresh: Segmentation, measured: _Measured) -> tuple[Segmentation, dict[str, Any]]:
    """Score today's customers with last quarter's frozen model, and put the refit beside them as the shadow."""
    features, again = measured.candidates.features, measured.again(previous.scorer)
    old = previous.segments.sort_values("segment", ignore_index=True, kind="stable")
    names = [fresh.own_names.get(name, name) for name in old["name"]]
    identities = previous.identities | dict(zip(names, map(int, old["identity"]), strict=True))
    both = assign(features.values, fresh.scorer).rename(shadow="segment")  # no join: short for the engine
    labelled = assign_rfm(assign(both, previous.scorer), fresh.rfm)
    totals = sums(assign(features.values, previous.scorer), features)
    counted = labelled.group_by("segment", "rfm_segment").aggregate(customers=labelled.count())
    counted = counted.order_by("segment", "rfm_segment").to_pandas()
    kept = replace(
        fresh,
        labels=labelled.select("customer", "segment", "rfm_segment", "shadow"),
        segments=segments(totals, names, identities, list(again.jaccard), measured.candidates.settings),
        scorer=previous.scorer,
        k=previous.k,
        centres=centres(totals, apart(_today(previous.scorer, measured), totals), features),
        rfm_table=counted.assign(name=[names[segment - 1] for segment in counted["segment"]]),
        identities=identities,
        age_quarters=previous.age_quarters + 1,
        notes=_notes(previous, features),
        shadow_segments=fresh.segments,
        shadow_centres=fresh.centres,
    )
    row = measured.row(KEPT, kept, again)
    kept = _judged(kept, measured.candidates.structure, row["silhouette"], again.mean)
    return kept, {**row, "structure": kept.structure}


def _judged(kept: Segmentation, found: Structure, silhouette: float, again: float) -> Segmentation:
    """Say of the kept segments themselves whether they are natural: clearer than data without groups could be cut."""
    if found.word == "natural" and silhouette <= found.bound:
        return replace(kept, structure="constructed", verdict=ASTRAY.format(stability=again))
    return replace(kept, structure=found.word, verdict=verdict(found, again))


def _today(scorer: Scorer, measured: _Measured) -> Scorer:
    """Put the centre of today's members where the frozen centre was, on the frozen scale."""
    scaled, labels = scorer.scaling.apply(measured.frame), measured.labels(scorer)
    means = [scaled[labels == segment].mean(axis=0) for segment in range(scorer.k)]
    return Scorer(scorer.scaling, tuple(tuple(float(value) for value in mean) for mean in means))


def _rand(kept: Segmentation) -> float:
    """Compare the kept segments with their shadow, on all customers."""
    pairs = kept.labels.group_by("segment", "shadow").aggregate(customers=kept.labels.count())
    counts = pairs.order_by("segment", "shadow").to_pandas()
    wide = counts.pivot_table(index="segment", columns="shadow", values="customers", fill_value=0)
    return adjusted_rand(wide.to_numpy(dtype=np.int64))


def _notes(previous: Segmentation, features: Features) -> tuple[str, ...]:
    known = features.catalogue.set_index("name")["missing_share"]
    filled = sorted({plain(name) for name in previous.scorer.scaling.names if known[name] > 0})
    age = previous.age_quarters + 1
    ago = f"{age} quarters" if age > 1 else "one quarter"
    why = (
        f"Kept: last quarter's {previous.k} segments by their frozen rules, fitted {ago} ago (clustering.model: keep)."
    )
    fill = f"Where not known, the median of the quarter of the fit stands in: {', '.join(filled)}."
    return (why, fill) if filled else (why,)
