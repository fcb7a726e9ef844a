__all__ = [
    "Features",
    "accounts",
    "appraise",
    "compute",
    "survey",
]

from .features import Features, accounts, appraise, compute, survey
