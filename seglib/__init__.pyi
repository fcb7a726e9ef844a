__all__ = [
    "Audience",
    "Collection",
    "ContentPlan",
    "Features",
    "Journeys",
    "Objectives",
    "Personas",
    "Refinement",
    "Run",
    "Scorecard",
    "Segmentation",
    "activation",
    "charts",
    "clustering",
    "collection",
    "content",
    "criteria",
    "disclosure",
    "evaluation",
    "journeys",
    "methods",
    "objectives",
    "personas",
    "refinement",
    "teach",
]

from . import (
    activation,
    charts,
    clustering,
    collection,
    content,
    criteria,
    disclosure,
    evaluation,
    journeys,
    methods,
    objectives,
    personas,
    refinement,
    teach,
)
from .activation import Audience
from .clustering import Segmentation
from .collection import Collection
from .content import ContentPlan
from .core.run import Run
from .criteria import Features
from .evaluation import Scorecard
from .journeys import Journeys
from .objectives import Objectives
from .personas import Personas
from .refinement import Refinement
