__all__ = [
    "Segmentation",
    "by_rules",
    "clearness",
    "closeness",
    "compare",
    "crm_verdict",
    "explain",
    "findings",
    "from_crm",
    "keep_or_refit",
    "label_file",
    "layers",
    "recognised",
    "rule_changes",
    "spread",
    "why_named",
]

from .crm import crm_verdict, from_crm, recognised
from .explanation import explain
from .manual import by_rules, findings, rule_changes
from .model import keep_or_refit
from .naming import why_named
from .newcomers import label_file
from .segmentation import Segmentation, compare
from .separation import clearness, closeness, spread
from .two_layers import layers
