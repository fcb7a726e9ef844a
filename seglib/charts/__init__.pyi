__all__ = [
    "answers",
    "audience",
    "cohorts",
    "comeback",
    "distributions",
    "drift",
    "effects",
    "fingerprints",
    "forecast",
    "goals",
    "migration",
    "next_best",
    "outlook",
    "portraits",
    "profiles",
    "quality_by_size",
    "relevance",
    "retention",
    "scorecard",
    "separation",
    "sizes",
    "stability_across",
    "stability_by_size",
    "stages",
    "steps",
    "transitions",
    "waterfall",
    "worth",
]

from .across import stability_across
from .activation import audience
from .apart import profiles, separation
from .clustering import fingerprints, quality_by_size, sizes, stability_by_size
from .collection import waterfall
from .content import next_best
from .criteria import distributions, relevance
from .evaluation import effects, retention, scorecard
from .journeys import answers, cohorts, comeback, stages, steps, transitions
from .lifetime import forecast, worth
from .objectives import goals
from .personas import portraits
from .refinement import drift, migration, outlook
