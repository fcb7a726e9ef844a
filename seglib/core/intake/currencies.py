"""Amounts in other currencies, brought into the plan's by a table of rates: by the day of the order, and counted."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.core.contract import RATES
from seglib.core.engine import Table
from seglib.core.errors import EXAMPLES_PER_KIND, Finding, InputRefused
from seglib.core.intake.findings import Note
from seglib.core.intake.values import Texts
from seglib.core.privacy import private_folder
from seglib.core.sources.apart import stage_apart

if TYPE_CHECKING:
    from seglib.core.intake.desk import Desk

RATE = "decimal(19, 9)"
CODE = "currency_code"


def converted(desk: Desk, lines: Table) -> Table:
    """Bring the money of order lines into the plan's currency, where the plan names a table of rates.

    Every amount of a line is multiplied by the rate that holds on the day of its order, and rounded half up to the
    plan's smallest unit. Whoever lacks a rate is refused, once per currency.

    Parameters
    ----------
    desk : Desk
    lines : Table
        As `lines.order_lines` gives them: with `currency_code` where there are rates.

    Returns
    -------
    Table
        The same lines without the code.
    """
    if CODE not in lines.columns:
        return lines
    plan, engine = desk.run.plan, desk.engine
    rates = engine.memory(_held(desk))
    rates = rates.mutate(rate=rates.rate.cast(RATE))
    on = [lines[CODE] == rates.code, lines.ordered_on >= rates.from_on, lines.ordered_on < rates.to_on]
    joined = lines.left_join(rates, on)
    own = joined[CODE] == plan.currency
    money = [name for name in lines.columns if name.endswith("_minor")]
    has_money = reduce(or_, (joined[name].fill_null(0) != 0 for name in money))  # a refund or a cost alone needs a rate
    joined = joined.mutate(is_own=own, has_money=has_money, lacks=~own & joined.rate.isnull() & has_money)
    kept = desk.kept(joined.drop("code", "from_on", "to_on"), "orders-currencies")
    _count(desk, kept)
    factor = kept.is_own.ifelse(ibis.literal("1").cast(RATE), kept.rate)
    inner = (CODE, "rate", "is_own", "has_money", "lacks")
    return kept.mutate(**{name: _times(kept[name], factor) for name in money}).drop(*inner)


def _times(money: Any, rate: Any) -> Any:
    product = money.cast("decimal(19, 0)") * rate
    return product.cast("decimal(38, 9)").round(0).try_cast("int64")


def _count(desk: Desk, lines: Table) -> None:
    """Say how many lines of each currency were converted, and refuse those without a rate."""
    rates, plan = desk.run.plan.rates, desk.run.plan
    others = lines.filter(~lines.is_own & lines.has_money)
    first = ibis.window(group_by=CODE, order_by=["lacks_not", "source_file", "source_line"])
    placed = others.mutate(lacks_not=~others.lacks)
    placed = placed.mutate(
        place=ibis.row_number().over(first),
        rows=placed.count().over(group_by=CODE),
        lacking=placed.lacks.sum().over(group_by=CODE),
    )
    each = placed.filter(placed.place == 0).order_by(ibis.desc("rows"), CODE).limit(EXAMPLES_PER_KIND)
    by = f" by the rates of {rates.origin}" if rates is not None and rates.origin else ""
    held = rates.holds_days if rates is not None else 0
    for row in desk.engine.frame(each).to_dict("records"):
        if row["lacking"]:
            what = f"no rate of {row[CODE]} for {row['ordered_on']:%Y-%m-%d}, nor in the {held} days before"
            do = "add it to the table of rates, or let a rate hold for longer (rates.holds_days)"
            found = f"{row['lacking']:,} of {row['rows']:,} rows"
            desk.refused.append(Finding("V12", what, row["source_file"], row["source_line"], "currency", found, do))
        else:
            what = f"amounts in {row[CODE]} brought into {plan.currency}{by}"
            desk.notes.append(Note("V12", what, "notice", "orders", int(row["rows"]), int(row["source_line"])))


def _held(desk: Desk) -> pd.DataFrame:
    """Read the table of rates: code, from_on, to_on (not itself) and rate as text; empty where it is refused."""
    rates = desk.run.plan.rates
    empty = {"code": "str", "from_on": "datetime64[us]", "to_on": "datetime64[us]", "rate": "str"}
    nothing = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in empty.items()})
    if rates is None:
        return nothing
    try:
        target = desk.work / "rates-text.parquet"
        staged = stage_apart("rates", rates.source, RATES, desk.run.data / "sources", target)
        raw = Texts(RATES, desk.engine.table(staged.path), staged.columns, rates.source, desk.run.plan)
        texts = raw.localised(desk.engine, private_folder(desk.work / "rates"))
        wrong = texts.check(desk.engine)
    except InputRefused as error:
        wrong = list(error.findings)
    if wrong:
        desk.refused.extend(wrong)
        return nothing
    values = texts.values()
    typed = texts.table.select(
        "source_line", code=values["code"], day=values["day"], rate=texts.exact("rate").cast(RATE)
    )
    frame = desk.engine.frame(typed.order_by("code", "day", "source_line"))
    frame = frame.assign(code=frame["code"].str.upper(), day=pd.to_datetime(frame["day"]))
    twice, low = frame.duplicated(["code", "day"]), ~(frame["rate"].astype(float) > 0)
    for mask, what in ((twice, "two rates of one currency for one day"), (low, "a rate is not above zero")):
        if mask.any():
            file, line = rates.file, int(frame.loc[mask, "source_line"].iloc[0])
            desk.refused.append(
                Finding("V12", what, file, line, "rate", f"{int(mask.sum()):,} rows", "correct the table")
            )
    last = frame["day"] + timedelta(days=rates.holds_days + 1)
    following = frame.groupby("code")["day"].shift(-1).fillna(pd.Timestamp.max.floor("D"))
    ends = last.where(last < following, following)
    kept = frame.assign(from_on=frame["day"], to_on=ends, rate=frame["rate"].astype(str))[list(empty)]
    return kept[~twice & ~low].reset_index(drop=True)
