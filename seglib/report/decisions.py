"""The plan against itself and against the data, before the first notebook: what would stop a later one is said now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from seglib.activation.formats import OWN_FORMATS, known_formats, read_format
from seglib.clustering.manual import PLACE, check_scores
from seglib.clustering.naming import neutral
from seglib.clustering.segmentation import Segmentation
from seglib.clustering.space import mixed
from seglib.content.messages import check as check_messages
from seglib.content.playbook import check_stages
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.criteria.catalogue import ALL, NAMES, available, chosen, refuse_taken
from seglib.criteria.criterion import Criterion
from seglib.criteria.gaps import FLAG
from seglib.criteria.guard import divide
from seglib.criteria.mix import MIXES, slug
from seglib.criteria.own import attributes
from seglib.methods.rule_text import atoms
from seglib.methods.rules import read
from seglib.objectives.checks import check as check_goals
from seglib.objectives.checks import refuse_words

if TYPE_CHECKING:
    from seglib.core.plan import Plan
    from seglib.core.run import Run

ANSWER, LINES = "_answer", "straight_line_flag"  # what surveys give
OF_WORDS = re.compile("|".join(mix.name.replace("{}", r"\w+") for mix in MIXES))  # criteria that the data name
GIVEN = re.compile(r".* buyers(?: \d+)?")  # names that notebook 04 gives by itself


def refuse_decisions(run: Run) -> None:
    """Check every decision of a plan that can be checked without any data.

    Raises
    ------
    InputRefused
        With one finding for each, all together.
    PrivacyRefused
        R22: segments are asked for that are made from a special category.
    """
    plan = run.plan
    divide(_declared(plan), plan.criteria.use)
    found = [
        *_refused(lambda: refuse_words(plan.objectives)),
        *_refused(lambda: neutral(plan.clustering.names.values(), "plan.yml, clustering.names")),
        *_refused(lambda: neutral({**plan.clustering.rules, **plan.clustering.rfm.rules}, PLACE)),
        *_refused(lambda: check_scores(plan.clustering.rfm)),
        *_refused(lambda: check_messages(plan.content)),
        *_refused(lambda: check_stages(plan.content.offers)),
        *(mixed(plan.clustering)),
        *_refused(lambda: refuse_taken(plan.criteria)),
        *_criteria(plan),
        *_made(plan),
        *_destinations(plan, run.data / OWN_FORMATS),
        *_segments(run),
    ]
    if found:
        raise InputRefused(found)


def refuse_unmet(run: Run) -> None:
    """Check the decisions that name columns or words of the data, once the sources have been read.

    Raises
    ------
    InputRefused
        With one finding for each, all together.
    """
    goals = _refused(lambda: check_goals(run.plan.objectives, run.tables))
    found = [*goals, *_not_there(run), *_not_asked(run), *_arms(run)]
    if found:
        raise InputRefused(found)


def _refused(check: Callable[[], object]) -> tuple[Finding, ...]:
    try:
        check()
    except InputRefused as refusal:
        return refusal.findings
    return ()


def _declared(plan: Plan) -> tuple[Criterion, ...]:
    return (*ALL, *attributes(plan.criteria.attributes))


def _named(plan: Plan) -> Iterator[tuple[str, str]]:
    """List every criterion that the plan names, with its place: for segments, for gaps, and in rules."""
    yield from ((name, "plan.yml, criteria.use") for name in plan.criteria.use)
    yield from ((name, "plan.yml, criteria.gaps") for name in plan.criteria.gaps)
    money = {name.removesuffix("_minor") for name in NAMES if name.endswith("_minor")}
    for rule, tree in read(plan.clustering.rules, PLACE).items():
        for name in dict.fromkeys(atom.name for atom in atoms(tree)):
            if name not in money:
                yield name, f"{PLACE}.{rule}"


def _criteria(plan: Plan) -> Iterator[Finding]:
    """Find names of criteria that no study can have: neither declared, nor of the data's own words or survey items."""
    try:
        named = [*_named(plan)]
    except InputRefused as refusal:
        yield from refusal.findings
        return
    yield from (_unknown(plan, name, place) for name, place in named if not _possible(plan, name))


def _made(plan: Plan) -> Iterator[Finding]:
    """Find what cannot make segments: a criterion of another kind, a word that is no category, a bent descriptor."""
    use, declared = plan.criteria.use, _declared(plan)
    known = {criterion.name for criterion in declared}
    yield from _refused(lambda: chosen(declared, [name for name in use if name in known]))
    clustered = set(use) or {criterion.name for criterion in ALL if criterion.clusters}
    for name in plan.clustering.transforms:
        if name not in clustered and (use or not _possible(plan, name)):
            do = nearest(name, sorted(clustered))
            yield Finding("P05", f"'{name[:40]}' does not make segments", "plan.yml, clustering.transforms", do=do)
    words = sorted({each.name for each in declared if each.kind == "category" and each.role != "outcome"})
    for name in plan.clustering.categories if plan.clustering.method == "mixed" else ():
        if name not in words:
            what = f"'{name[:40]}' is not a category that may make segments"
            yield Finding("P05", what, "plan.yml, clustering.categories", do=nearest(name, words))


def _possible(plan: Plan, name: str) -> bool:
    return _certain(plan, name) or "feedback" in plan.sources


def _certain(plan: Plan, name: str) -> bool:
    """Whether a name is declared, or one of the data's own words: not what a survey asked."""
    name = name.removesuffix(FLAG)
    return name in NAMES or name in plan.criteria.attributes or bool(OF_WORDS.fullmatch(name))


def _unknown(plan: Plan, name: str, place: str, more: Iterable[str] = ()) -> Finding:
    known = [*more, *plan.criteria.attributes, *NAMES]
    return Finding("P05", f"no criterion called '{name[:40]}'", place, do=nearest(name, known))


def _destinations(plan: Plan, own: Path) -> Iterator[Finding]:
    known, settings = known_formats(own), plan.activation
    named = [("destination", settings.destination), *(("destinations", name) for name in settings.destinations)]
    for key, name in named:
        if name not in known:
            place, do = f"plan.yml, activation.{key}", nearest(name, known)
            yield Finding("P05", "unknown destination", place, found=name[:40], do=do)
            continue
        yield from _refused(partial(read_format, name, own))


def _segments(run: Run) -> Iterator[Finding]:
    """Find segments of offers that no segment can be called: not by the plan, last quarter or notebook 04."""
    offers = [(place, name) for place, offer in enumerate(run.plan.content.offers) for name in offer.segments]
    strange = [(place, name) for place, name in offers if not GIVEN.fullmatch(name)]
    own = set(run.plan.clustering.names.values())
    if not any(name not in own for _, name in strange):
        return
    before = run.previous(Segmentation)
    known = sorted(own | (set() if before is None else set(before.segments["name"])))
    for place, name in strange:
        if name not in known:
            where = f"plan.yml, content.offers[{place}].segments"
            hint = nearest(name, known) if known else "there are no own names yet"
            do = f"{hint}; clustering.names gives a segment a name of your own"
            yield Finding("P05", "no segment can be called so", where, found=name[:40], do=do)


def _not_there(run: Run) -> Iterator[Finding]:
    present = run.tables.present
    there = {criterion.name for criterion in available(lambda table, column: column in present.get(table, ()))}
    for name in run.plan.criteria.use:
        if name in NAMES and name not in there:
            needs = next(criterion.needs for criterion in ALL if criterion.name == name)
            do = f"add {', '.join(needs)} or leave it out"
            yield Finding("P05", f"'{name}' cannot be computed", "plan.yml, criteria.use", do=do)


def _not_asked(run: Run) -> Iterator[Finding]:
    """Find criteria that could only be the answers to a question which no row of feedback has."""
    asked, named = run.tables.feedback, [*_named(run.plan)]
    strange = [(name, place) for name, place in named if not _certain(run.plan, name) and name != LINES]
    if asked is None or not strange:
        return
    items = run.engine.frame(asked.select("item").distinct().order_by("item"))["item"].dropna()
    answers = [f"{slug(str(item))}{ANSWER}" for item in items]
    for name, place in strange:
        if name.removesuffix(FLAG) not in answers:
            yield _unknown(run.plan, name, place, answers)


def _arms(run: Run) -> Iterator[Finding]:
    """Compare the arms that the plan names with those of the contacts, once a campaign has two."""
    contacts, settings = run.tables.contacts, run.plan.evaluation
    if contacts is None:
        return
    arms = run.engine.frame(contacts.select("arm").distinct().order_by("arm"))["arm"].dropna().tolist()
    stated = "control_arm" in settings.model_fields_set
    if len(arms) > 1 and stated and settings.control_arm not in arms:
        do = nearest(settings.control_arm, arms)
        found = settings.control_arm[:40]
        yield Finding("P05", "no arm of contacts is called so", "plan.yml, evaluation.control_arm", found=found, do=do)
    for arm in arms:
        if settings.arms and arm not in settings.arms:
            do = f"add '{arm[:40]}: 1', or whatever its planned weight is"
            yield Finding("P05", "an arm of contacts without a weight", "plan.yml, evaluation.arms", found=arm, do=do)
