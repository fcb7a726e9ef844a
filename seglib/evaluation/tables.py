"""The scorecard as people read it."""

from __future__ import annotations

import pandas as pd

from seglib.evaluation.health import together
from seglib.methods.kpis import WORDS
from seglib.methods.present import (
    Head,
    Write,
    amount,
    chance,
    percent,
    present,
    spoken,
    spoken_spans,
    whole,
    yes,
)


class Tables:
    """Frames with readable heads, from the results of `Scorecard`."""

    goals: pd.DataFrame
    kpis: pd.DataFrame
    effects: pd.DataFrame
    experiments: pd.DataFrame
    decomposition: pd.DataFrame
    minor_per_major: int
    currency: str

    def verdicts(self) -> pd.DataFrame:
        """Show the goals with their verdicts."""
        told = {name: spoken(self.goals[name], self.goals["unit"], self.currency) for name in _NUMBERS}
        interval = spoken_spans(self.goals, self.currency)
        measured = self.goals["metric"].map(WORDS) + self.goals["population"].map(OF_WHOM).fillna("")
        heads: dict[str, Head] = {
            "name": "goal",
            "verdict": "verdict",
            "metric": "what is measured",
            "baseline": "quarter before",
            "target": "target",
            "result": "result",
            "interval": "95% interval",
            "n": ("customers", whole),
            "guard": "guardrail",
        }
        guard = [f"{WORDS[name]}: {word}" if word else "" for name, word in _guards(self.goals)]
        return present(self.goals.assign(**told, interval=interval, metric=measured, guard=guard), heads)

    def sentences(self) -> tuple[str, ...]:
        """Say of each goal whether it was reached."""
        return tuple(self.goals["sentence"])

    def factors(self) -> pd.DataFrame:
        """Show revenue as the product of its three factors, and its change as the sum of three parts."""
        rows = self.decomposition.set_index("part")
        minor = rows.pop("change_minor")
        units = pd.Series(_PART_UNITS).reindex(rows.index)
        told = {str(quarter): spoken(rows[quarter], units, self.currency) for quarter in rows.columns}
        before, now = rows.iloc[:, 0], rows.iloc[:, -1]
        change = ["" if not a > 0 else f"{b / a - 1:+.0%}" for a, b in zip(before, now, strict=True)]
        change = change if minor.notna().any() else ["cannot tell"] * len(rows)
        parts = ["" if pd.isna(v) else f"{v / self.minor_per_major:+,.0f} {self.currency}" for v in minor]
        shown = {"part": [WORDS[part] for part in rows.index], **told, "change": change}
        return pd.DataFrame(shown | {"of the change of revenue": parts})

    def by_segment(self) -> pd.DataFrame:
        """Show the metrics, one row each, with one column per segment."""
        told = self.kpis.assign(said=spoken(self.kpis["value"], self.kpis["unit"], ""))
        told["said"] = told["said"].str.replace(r" (orders|customers)$", "", regex=True)
        told["said"] = told["said"].mask(told["bound"] != "", told["bound"])
        wide = told.pivot_table(index="metric", columns="name", values="said", aggfunc="first", sort=False)
        order = told.drop_duplicates("segment").sort_values("segment", kind="stable")["name"]
        money = told.drop_duplicates("metric").set_index("metric")["unit"].eq("money") & bool(self.currency)
        words = [f"{WORDS[name]} ({self.currency})" if money[name] else WORDS[name] for name in wide.index]
        shown = wide[order].fillna("").set_axis(words, axis=0)
        return shown.rename_axis(index="metric", columns=None).reset_index()

    def health(self) -> pd.DataFrame:
        """Show of each campaign whether its groups have the planned sizes."""
        heads: dict[str, Head] = {
            "campaign": "campaign",
            "customers": ("customers", whole),
            "arms": "groups",
            "srm_p": ("p: sizes", chance),
            "segment_srm_p": ("p: in segments", chance),
            "complete_share": ("windows over", percent),
            "heterogeneity_p": ("p: same effect", chance),
            "usable": ("usable", yes),
        }
        return present(self.experiments, heads)

    def campaigns(self) -> tuple[str, ...]:
        """Say what each campaign showed, or why it shows nothing."""
        return together(self.experiments) or ("No campaign of this quarter can be measured.",)

    def tests(self) -> pd.DataFrame:
        """Show the effects that were measured, the clearest first within a campaign."""
        rows = self.effects.sort_values(["campaign", "p_adjusted", "segment"], kind="stable")
        heads: dict[str, Head] = {
            "campaign": "campaign",
            "name": "segment",
            "arm": "group",
            "sizes": "customers / control",
            "rates": "who ordered",
            "difference": "difference in points",
            "relative": ("relative", _relative),
            "visible": ("visible from", visible),
        }
        heads |= {"asked": ("asked by the plan", yes)} if rows["asked"].any() else {}
        heads |= {"p_adjusted": ("p, adjusted", chance)}
        told = rows.assign(
            sizes=_pairs(rows, "n", "n_control", whole),
            rates=_pairs(rows, "rate", "rate_control", percent),
            difference=_with_interval(100 * rows[_EFFECT].astype(float)),
        )
        return present(told, heads)

    def returns(self) -> pd.DataFrame:
        """Show what a contact brought per customer, and its return on cost; only where there is a return."""
        known = self.effects[self.effects["roi"].notna()]
        heads: dict[str, Head] = {
            "campaign": "campaign",
            "name": "segment",
            "arm": "group",
            "each": (f"cost per customer ({self.currency})", amount),
            "revenue_effect": (f"extra revenue per customer ({self.currency})", amount),
            "said": "return on cost",
        }
        said = _with_interval(known[_RETURN].astype(float))
        return present(known.assign(each=known["cost"] / known["n"], said=said), heads)


_EFFECT = ["effect", "effect_low", "effect_high"]
_RETURN = ["roi", "roi_low", "roi_high"]
OF_WHOM = {"new": " of new customers", "existing": " of existing customers"}
_NUMBERS = ("baseline", "target", "result")
_PART_UNITS = {"buyers": "", "order_frequency": "", "order_value": "money", "revenue": "money"}


def visible(share: float) -> str:
    """Write the smallest difference of shares that would show.

    Examples
    --------
    >>> visible(0.153), visible(float("inf"))
    ('15.3 points', 'none')
    """
    return f"{100 * share:.1f} points" if share < 1 else "none"


def _relative(share: float) -> str:
    return f"{share:+.0%}" if round(100 * share) else "none"


def _with_interval(ends: pd.DataFrame) -> list[str]:
    """Write a value and its interval in one text."""
    return [f"{value:+.1f} ({low:+.1f} to {high:+.1f})" for value, low, high in ends.to_numpy()]


def _guards(goals: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(goals["guardrail"], goals["guardrail_verdict"], strict=True))


def _pairs(rows: pd.DataFrame, left: str, right: str, write: Write) -> list[str]:
    """Write a group's number and that of the control group."""
    return [f"{write(a)} / {write(b)}" for a, b in zip(rows[left], rows[right], strict=True)]
