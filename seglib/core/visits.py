"""Which events belong to a visit of web or app, and in which order they usually come."""

from __future__ import annotations

from seglib.core.engine import Table

WAY = ("visit", "search", "view", "cart", "checkout", "purchase")


def visits_only(events: Table) -> Table:
    """Leave out events that answer a campaign and are no step of a visit, such as a coupon redeemed at a till."""
    if "campaign" not in events.columns:
        return events
    return events.filter(events.campaign.isnull() | events.event.isin(WAY))
