"""The first page of a report, and the list of all reports."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.activation.audience import Audience
from seglib.charts.glance import glance
from seglib.charts.style import Picture, colour
from seglib.clustering.purses import untold
from seglib.clustering.segmentation import Segmentation
from seglib.collection.collection import Collection
from seglib.content.content_plan import ContentPlan
from seglib.core.quarters import PATTERN, written_day
from seglib.core.run import Run
from seglib.criteria.names import plain
from seglib.evaluation.scorecard import Scorecard
from seglib.journeys.journeys import Journeys
from seglib.methods.present import whole_percent
from seglib.objectives.objectives import Objectives
from seglib.personas.personas import Personas
from seglib.refinement.refinement import Refinement
from seglib.report.advice import actions
from seglib.report.cautions import careful, lacking
from seglib.report.digest import PDF
from seglib.report.glance import Everything, cards, money, spell, standing
from seglib.report.overtime import FILE
from seglib.report.pages import css, environment, links
from seglib.report.workbook import NAME as WORKBOOK

LEAD = re.compile(r'<p class="lead">([^<]*)</p>')  # the first sentence of a report is its summary
NUMBERS = re.compile(r" \([^()]*\)|(?<=[a-z]) \d\.\d\d(?=,|$)")  # beside a verdict; notebook 10 shows them
COUNTS = {  # what money in a report is
    "net": "what was charged for goods, less what came back",
    "gross": "what was charged for goods, before returns",
}
TAXED = {"with": ", with tax", "without": ", without tax", "unsaid": ""}
TONE = {
    "reached": "good",
    "not reached": "bad",
    "cannot tell": "warn",
    "keep": "good",
    "refit": "warn",
    "retire": "bad",
}


def frame_of(run: Run) -> dict[str, Any]:
    """Return what every page of a report shows around its content."""
    return {
        "study_title": run.plan.title or run.study,
        "quarter": run.quarter.text,
        "footer": f"Computed as of {written_day(run.quarter.as_of)}, {run.plan.timezone}. Money is {run.plan.money}: "
        f"{COUNTS[run.plan.money]}{TAXED[run.plan.tax]}. Groups of fewer than "
        f"{run.plan.privacy.floor} customers are not shown. Personas describe groups, not people.",
    }


def _gather(run: Run) -> Everything:
    """Read what the ten notebooks handed on."""
    audience = run.read(Audience)
    return Everything(
        run.plan,
        run.read(Objectives),
        run.read(Collection),
        run.read(Segmentation),
        run.read(Personas),
        run.read(Journeys),
        run.read(ContentPlan),
        audience,
        run.read(Scorecard),
        run.read(Refinement),
        run.previous(Segmentation),
        reach=reach(
            run.engine.frame(audience.members.select("segment", "stage", "arm").order_by("segment", "stage", "arm"))
        ),
        until=written_day(run.quarter.next.as_of - timedelta(days=1)),
    )


def reach(members: pd.DataFrame) -> pd.DataFrame:
    """Count who is contacted and who is held out, per segment and stage.

    Parameters
    ----------
    members : DataFrame
        segment, stage, arm: one row per customer.
    """
    return members.groupby(["segment", "stage", "arm"]).size().rename("customers").reset_index()


def first_page(run: Run, frame: dict[str, Any], over_time: dict[str, Any] | None = None) -> str:
    """Draw the page for somebody who reads nothing else; `over_time` is what `overtime.view` gives."""
    everything = _gather(run)
    shown = cards(everything)
    for card in shown:
        card["picture"] = _embedded(_picture(everything.segmentation, card))
        card["colour"] = colour(card["identity"])
        card["tone"] = TONE.get(card["verdict"], "")
        card["why"] = NUMBERS.sub("", card["why"])
    return (
        environment()
        .get_template("front.html.j2")
        .render(
            frame={**frame, "links": links(), "here": "index.html", "title": "At a glance", "css": css()},
            lead=_lead(everything),
            cards=shown,
            standing=standing(everything),
            goals=_goals(everything.scorecard),
            view=over_time,
            actions=actions(everything),
            until=everything.until,
            careful=careful(everything),
            lacking=lacking(everything),
            basis=_basis(everything),
            digest={"PDF": PDF, "Excel": WORKBOOK} if run.plan.digest else {},
        )
    )


def _lead(everything: Everything) -> str:
    segments = everything.segmentation.segments
    top = ""
    if not untold(segments):
        first = segments.nlargest(1, "revenue_share").iloc[0]
        top = f"{first['name']} are {whole_percent(first['share'])} of the customers and bring "
        top += f"{whole_percent(first['revenue_share'])} of the revenue. "
    total = money(everything.plan, float(segments["revenue_minor"].sum()))
    return (
        f"{int(segments['customers'].sum()):,} customers in {len(segments)} segments spent {total} "
        f"{spell(everything)}. {top}{everything.scorecard.check()}"
    )


def _basis(everything: Everything) -> list[str]:
    natural = [everything.segmentation.verdict] if everything.segmentation.structure == "natural" else []
    first = [everything.refinement.verdict] if everything.refinement.first else []
    return [everything.collection.accounts_for(), *natural, *first]


def _picture(segmentation: Segmentation, card: dict[str, Any]) -> Picture:
    rows = segmentation.centres[segmentation.centres["segment"] == card["segment"]]
    bars = rows.assign(label=[plain(name) for name in rows["criterion"]])[["label", "deviation"]]
    return glance(card["name"], card["identity"], bars)


def _goals(scorecard: Scorecard) -> list[dict[str, Any]]:
    rows = scorecard.verdicts().assign(tone=scorecard.goals["verdict"].map(TONE).fillna("").to_list())
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _embedded(picture: Picture) -> dict[str, Any]:
    """Turn a picture into what an img element needs: data, alt text and width."""
    data = base64.b64encode(picture.png).decode()
    return {"src": f"data:image/png;base64,{data}", "alt": picture.alt, "width": picture.width}


def list_of_reports(folder: Path) -> str:
    """Draw the list of all studies and quarters, the newest first.

    Parameters
    ----------
    folder : Path
        The reports folder.
    """
    studies: dict[str, list[dict[str, str]]] = {}
    views: dict[str, Any] = {}
    found = [page for page in folder.glob("*/*/index.html") if PATTERN.fullmatch(page.parent.name)]
    for page in sorted(found, reverse=True):
        study, quarter = page.parts[-3:-1]
        lead = LEAD.search(page.read_text(encoding="utf-8"))
        summary = unescape(lead[1]) if lead else ""
        studies.setdefault(study, []).append({"quarter": quarter, "summary": summary})
        told = page.with_name(FILE)
        views.setdefault(study, json.loads(told.read_text(encoding="utf-8")) if told.is_file() else None)
    shown = {"studies": dict(sorted(studies.items())), "views": views, "css": css()}
    return environment().get_template("list.html.j2").render(**shown)
