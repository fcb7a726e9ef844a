"""What became of the segments, as people read it."""

from __future__ import annotations

import pandas as pd

from seglib.criteria import plain
from seglib.methods.present import Head, chance, percent, present, whole

FATES = {
    "survive": "continues",
    "split": "split off",
    "merge": "merged",
    "new": "new",
    "dissolved": "gone",
}


class Tables:
    """Frames with readable heads, from the results of `Refinement`."""

    identity: pd.DataFrame
    migration: pd.DataFrame
    drift: pd.DataFrame
    verdicts: pd.DataFrame
    draft_plan: str
    currency: str
    minor_per_major: int

    def fates(self) -> pd.DataFrame:
        """Show what became of each segment."""
        heads: dict[str, Head] = {
            "name": "segment",
            "previous": "last quarter",
            "event": "what became of it",
            "overlap": ("customers in common", percent),
            "came_from": "most members came from",
        }
        return present(self.identity.assign(event=self.identity["event"].map(FATES)), heads)

    def moves(self, floor: int = 10) -> pd.DataFrame:
        """Show who moved where with which money, largest moves first, without moves of fewer than `floor`."""
        rows = self.migration[self.migration["customers"] >= floor]
        rows = rows.sort_values("customers", ascending=False, kind="stable")
        money = ["value_previous_minor", "value_current_minor"]
        heads: dict[str, Head] = {
            "from_name": "from",
            "to_name": "to",
            "customers": ("customers", whole),
            "value_previous_minor": (f"revenue before ({self.currency})", whole),
            "value_current_minor": (f"revenue now ({self.currency})", whole),
        }
        return present(rows.assign(**(rows[money] / self.minor_per_major)), heads)

    def changes(self) -> pd.DataFrame:
        """Show the criteria that changed, in everyone first."""
        rows = self.drift[self.drift["verdict"] != "none"].assign(criterion=lambda f: f["criterion"].map(plain))
        rows = rows.sort_values(["segment", "psi"], ascending=[True, False], kind="stable")
        heads: dict[str, Head] = {
            "name": "who",
            "criterion": "what changed",
            "psi": ("stability index", "{:.2f}".format),
            "ks": ("largest gap", "{:.2f}".format),
            "p_adjusted": ("p, adjusted", chance),
            "verdict": "verdict",
        }
        return present(rows, heads)

    def judged(self) -> pd.DataFrame:
        """Show the verdict on every segment, with its reason."""
        return present(self.verdicts, {"name": "segment", "verdict": "verdict", "why": "why"})

    def proposals(self) -> tuple[str, ...]:
        """List what the draft of the next plan proposes."""
        lines = self.draft_plan.splitlines()
        return tuple(line.removeprefix("# - ") for line in lines if line.startswith("# - "))
