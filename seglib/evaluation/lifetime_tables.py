"""What lies ahead as people read it."""

from __future__ import annotations

import pandas as pd

from seglib.evaluation.hindsight import word
from seglib.methods.present import Head, amount, percent, present, spans, whole
from seglib.methods.shares import bounded


class LifetimeTables:
    """Frames with readable heads, from the forecasts of `Scorecard`."""

    clv: pd.DataFrame
    clv_checks: pd.DataFrame
    clv_trials: pd.DataFrame
    minor_per_major: int
    currency: str
    floor: int

    def lifetime(self) -> pd.DataFrame:
        """Show what a customer of each segment is expected to bring; the interval is that of the last amount."""
        main = self._main_units()
        heads: dict[str, Head] = {
            "name": "segment",
            "customers": ("customers", whole),
            "revenue_minor": (f"revenue ({self.currency})", amount),
            "margin_minor": ("margin", amount),
            "interval": "95% interval",
        }
        heads = {name: head for name, head in heads.items() if name != "margin_minor" or main[name].notna().any()}
        return present(main.assign(interval=_ends(main, "low_minor", "high_minor")), heads)

    def outlook(self) -> pd.DataFrame:
        """Show how far single customers may differ, who orders next quarter, and whether the last forecast held."""
        main = self._main_units()
        checked = ["" if pd.isna(ratio) else f"{ratio:.2f} ({word(ratio)})" for ratio in main["check_ratio"]]
        heads: dict[str, Head] = {
            "name": "segment",
            "one": f"95% of single customers ({self.currency})",
            "next_quarter_share": ("order next quarter", percent),
            "checked": "last forecast: expected / came",
        }
        return present(main.assign(one=_ends(main, "one_low_minor", "one_high_minor"), checked=checked), heads)

    def _main_units(self) -> pd.DataFrame:
        money = [name for name in self.clv.columns if name.endswith("_minor")]
        return self.clv.assign(**(self.clv[money].astype("float64") / self.minor_per_major))

    def forecast_check(self) -> pd.DataFrame:
        """Show by repeat order days so far, and in all, how many order days were expected and how many came."""
        rows = self.clv_checks[self.clv_checks["view"].isin(["frequency", "quarter"])]
        total = "all, " + rows["label"]
        label = rows["label"].where(rows["view"] == "frequency", total)
        heads: dict[str, Head] = {
            "label": "repeat order days before",
            "customers": ("customers", whole),
            "expected": ("order days expected", whole),
            "came": ("order days that came", whole),
            "ratio": ("expected / came", "{:.2f}".format),
        }
        ratio = rows["expected"] / rows["came"].where(rows["came"] > 0)
        return present(rows.assign(label=label, ratio=ratio).sort_values(["view", "place"]), heads)

    def forecast_models(self) -> pd.DataFrame:
        """Show how other models and a simple rule would have foreseen the quarter."""
        heads: dict[str, Head] = {
            "label": "model",
            "expected": ("order days expected", whole),
            "came": ("order days that came", whole),
            "error": ("mean miss per customer (order days)", "{:.2f}".format),
        }
        return present(self.clv_checks[self.clv_checks["view"] == "model"], heads)

    def next_order_trials(self) -> pd.DataFrame:
        """Show how well each model foresaw who would order, quarter by quarter; lower scores are better."""
        heads: dict[str, Head] = {
            "quarter": "quarter",
            "model": "model",
            "customers": ("customers", whole),
            "foreseen_share": ("foreseen to order", percent),
            "ordered": "ordered",
            "brier": ("Brier score", "{:.4f}".format),
            "log_loss": ("log loss", "{:.3f}".format),
        }
        rows = self.clv_trials
        return present(rows.assign(ordered=bounded(rows["ordered_share"], rows["customers"], self.floor)), heads)


def _ends(frame: pd.DataFrame, low: str, high: str) -> list[str]:
    """Write intervals whose ends are rounded to what chance allows: without the small change where there is none.

    Examples
    --------
    >>> _ends(pd.DataFrame({"low": [228.0, 25.2], "high": [249.0, 31.0]}), "low", "high")
    ['228 to 249', '25.20 to 31.00']
    """
    entire = (frame[[low, high]].astype("float64") % 1 == 0).all(axis=1)
    exact, whole_ones = spans(frame, amount, low, high), spans(frame, whole, low, high)
    return [there if flag else here for flag, here, there in zip(entire, exact, whole_ones, strict=True)]
