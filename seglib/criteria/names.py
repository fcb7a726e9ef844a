"""What people call a criterion."""

from __future__ import annotations

WORDS = {  # where the name without its unit would be jargon
    "recency_days": "days since last order",
    "tenure_days": "days since first order",
    "gap_days": "days between orders",
    "monetary_minor": "revenue",
    "breadth_count": "variety",
    "return_count": "orders returned",
}


def plain(name: str) -> str:
    """Name a criterion for people: no unit at the end, no underscores.

    Examples
    --------
    >>> plain("order_value_minor"), plain("top_channel"), plain("order_count"), plain("recency_days")
    ('order value', 'top channel', 'orders', 'days since last order')
    """
    if name in WORDS:
        return WORDS[name]
    counted = f"{name.removesuffix('_count')}s" if name.endswith("_count") else name
    for ending in ("_minor", "_days", "_flag", "_years", "_answer"):
        counted = counted.removesuffix(ending)
    return counted.replace("_", " ")
