"""Orders that a file tells beside their parts: a parent order with its sub-orders, and lines repeated per payment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from seglib.core.states import kind_of, state_of
from seglib.init.looks import Look
from seglib.init.names import counted, plain, rank
from seglib.init.reshape import ROWS, quoted
from seglib.init.sniff import Sniffed
from seglib.init.sums import CENT, NEARLY_ALL
from seglib.init.systems import Known

PARENT = re.compile(r"parent|haupt|main|mother|master|padre|principal|pedidopai|mere|ouder|rodzic|overordnet|nadrz")
BESIDE = (
    "pay|zahl|pago|pagam|betaal|tender|paiement",
    "shipment|sendung|tracking|parcel|paket|package",
    "review|bewert",
)
OF_LINES = ("unit_price", "product_id", "product_name", "quantity")
LEAST_ORDERS = 3
WHOLE = "(of the whole order)"


def once_only(sniffed: Sniffed, known: Known | None) -> Sniffed:
    """Leave out rows that tell an order a second time.

    Parameters
    ----------
    sniffed : Sniffed
        An opened file.
    known : Known or None
        The system whose export it is; then its own file says what its rows are.
    """
    if known is not None or len(sniffed.files) != 1 or sniffed.grouped:
        return sniffed
    numbers = [n for n, look in sniffed.looks.items() if rank(n, "order_id") is not None and not look.blank_share]
    for order in sorted(numbers, key=lambda n: rank(n, "order_id") or 0)[:2]:
        for found in (_without_parts(sniffed, order), _once_per_line(sniffed, order)):
            if found is not sniffed:
                return found
    return sniffed


def _without_parts(sniffed: Sniffed, order: str) -> Sniffed:
    """Of parent orders and their sub-orders with the same money, keep the one that tells the articles."""
    own = sniffed.looks[order].values.str.strip()
    for name, look in ((name, look) for name, look in sniffed.looks.items() if PARENT.search(plain(name))):
        parent = look.values.str.strip().where(look.values.str.strip() != own)
        is_part = parent.isin({*own}).fillna(False).astype(bool)
        if is_part.sum() < LEAST_ORDERS:
            continue
        if not _same_money(sniffed, own, parent, is_part) or _is_undone(sniffed, is_part):
            continue
        return _kept_once(sniffed, order, name, is_part, own.isin({*parent[is_part]}).astype(bool))
    return sniffed


def _same_money(sniffed: Sniffed, own: pd.Series[str], parent: pd.Series[str], is_part: pd.Series[bool]) -> bool:
    """Whether the parts of an order come to its money, and were made on the same day."""
    looks = [look for look in sniffed.looks.values() if look.is_number and look.decimals and look.dates is None]
    days = [look for look in sniffed.looks.values() if look.dates is not None and not look.blank_share]
    for look in looks:
        parts = look.numbers[is_part].groupby(parent[is_part]).sum()
        whole = look.numbers.groupby(own).sum().reindex(parts.index)
        met = ((parts - whole).abs() <= CENT)[parts.abs() > CENT]
        if len(met) < LEAST_ORDERS or met.mean() < NEARLY_ALL:
            continue
        for when in days:
            day = when.times().dt.normalize()
            first = day.groupby(own).first()
            if (day[is_part] == parent[is_part].map(first)).mean() >= NEARLY_ALL:
                return True
    return False


def _is_undone(sniffed: Sniffed, is_part: pd.Series[bool]) -> bool:
    """Whether a word on the parts says that they are refunds."""
    for look in (one for one in sniffed.looks.values() if len(one.unique) <= 50 and not one.is_number):
        words = look.values[is_part].dropna()
        told = words.map({w: kind_of(str(w)) == "refund" or state_of(str(w)) == "refunded" for w in words.unique()})
        if len(words) and float(told.mean()) > 1 - NEARLY_ALL:
            return True
    return False


def _kept_once(sniffed: Sniffed, order: str, name: str, is_part: pd.Series[bool], is_whole: pd.Series[bool]) -> Sniffed:
    """Drop the parts, or the parents where only the parts tell articles."""
    lines = [look for n, look in sniffed.looks.items() if any(rank(n, field) is not None for field in OF_LINES)]
    only_parts = any(look.values[is_part].notna().all() and look.values[is_whole].isna().all() for look in lines)
    blank = f"coalesce(trim({quoted(name)}), '')"
    if only_parts:
        only = f"trim({quoted(order)}) not in (select {blank} from {ROWS})"
        rows, dropped = ~is_whole, "orders that are the sum of sub-orders"
    else:
        only = f"({blank} = trim({quoted(order)}) or {blank} not in (select trim({quoted(order)}) from {ROWS}))"
        rows, dropped = ~is_part, "sub-orders of orders that stand in the file"
    count = counted(int((~rows).sum()), "row")
    said = f"'{name}' names the order that a row is a part of: {count} of {dropped} left out (the query of the plan)"
    kept = _kept(sniffed, rows, only, said)
    if not only_parts:
        return kept
    text = f"coalesce(nullif(trim({quoted(name)}), ''), {quoted(order)})"
    whole = f"{order} {WHOLE}"
    values = kept.looks[name].values.str.strip().fillna(kept.looks[order].values)
    looks = {n: look for n, look in kept.looks.items() if n not in (order, name)} | {whole: Look(whole, values)}
    return replace(kept, looks=looks, made={**kept.made, whole: text})


def _once_per_line(sniffed: Sniffed, order: str) -> Sniffed:
    """Keep the lines once where they are repeated for each payment, shipment or review of their order."""
    for form in BESIDE:
        beside = [n for n in sniffed.looks if n != order and re.search(form, plain(n)) and rank(n, "status") is None]
        rest = [n for n in sniffed.looks if n not in beside]
        if not any(rank(n, field) is not None for n in rest for field in OF_LINES):
            continue
        for name in (n for n in beside if not sniffed.looks[n].decimals and not sniffed.looks[n].blank_share):
            if not _is_crossed(sniffed, order, name, rest):
                continue
            own, key = (sniffed.looks[n].values.str.strip() for n in (order, name))
            rows = key == key.groupby(own).transform("min")
            pair = f"(trim({quoted(order)}), trim({quoted(name)}))"
            only = f"{pair} in (select trim({quoted(order)}), min(trim({quoted(name)})) from {ROWS} group by 1)"
            count = counted(int((~rows).sum()), "row")
            said = (
                f"each line of an order is repeated for each '{name}': {count} left out (the query of the plan), and "
            )
            kept = _kept(sniffed, rows, only, f"{said}{', '.join(beside)[:100]} not read")
            return replace(kept, looks={n: look for n, look in kept.looks.items() if n in rest})
    return sniffed


def _is_crossed(sniffed: Sniffed, order: str, name: str, rest: Sequence[str]) -> bool:
    """Whether every value of a column has the same rows of its order beside it."""
    frame = pd.DataFrame({n: sniffed.looks[n].values for n in rest}).fillna("")
    lines = pd.util.hash_pandas_object(frame, index=False)
    own, key = (sniffed.looks[n].values.str.strip() for n in (order, name))
    keys = key.groupby(own).nunique()
    several = keys.index[keys > 1]
    here = own.isin(several)
    if len(several) < LEAST_ORDERS:
        return False
    each = pd.Series(1, index=lines.index)[here].groupby([own[here], lines[here], key[here]]).size()
    facts = each.groupby(level=[0, 1]).agg(["min", "max", "size"])
    wanted = keys.reindex(facts.index.get_level_values(0)).to_numpy()
    is_even = (facts["min"] == facts["max"]) & (facts["size"].to_numpy() == wanted)
    return float(is_even.groupby(level=0).all().mean()) >= NEARLY_ALL


def _kept(sniffed: Sniffed, rows: pd.Series[bool], only: str, said: str) -> Sniffed:
    looks = {name: Look(name, look.values[rows], look.mark) for name, look in sniffed.looks.items()}
    both = f"{sniffed.only} and {only}" if sniffed.only else only
    return replace(sniffed, looks=looks, rows=int(rows.sum()), only=both, understood=(*sniffed.understood, said))
