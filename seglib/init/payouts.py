"""Tables of payouts: what the customer paid, the fee that the shop pays, and what is left for it."""

from __future__ import annotations

import re
from itertools import permutations

import pandas as pd

from seglib.init.figures import percent
from seglib.init.guess import Guess
from seglib.init.names import WORD_ENDS
from seglib.init.sums import CENT, LEAST_TELLING, NEARLY_ALL, names_of

FEE = {
    *("fee", "fees", "commission", "commissions", "gebühr", "gebühren", "gebuehr", "provision", "frais", "tarifa"),
    *("tarifas", "comisión", "comision", "comisiones", "comissão", "taxa", "taxas", "commissione", "commissioni"),
}
DUE = re.compile(
    r"(?i)\bdue\b|balance|outstanding|remaining|offen|ausstehend|restbetrag|solde|reste|pendiente|saldo|openstaand"
)
CHARGED = re.compile(
    r"(?i)tax\w*\W+(?:and\W+)?fees|fees\W+(?:and\W+)?tax|"
    r"deliver|handl|servic|shipp|addition|book|versand|liefer|envio|envío|livraison|spediz"
)


def is_fee(name: str) -> bool:
    """Whether a name says a fee that the shop pays, and not one that its customers are charged.

    Examples
    --------
    >>> [is_fee(name) for name in ("Fee", "Card Processing Fees", "Delivery fee", "Coffee")]
    [True, True, False, False]
    """
    return bool({*WORD_ENDS.split(name.lower())} & FEE) and not CHARGED.search(name)


def with_what_is_due(made: Guess, frame: pd.DataFrame) -> Guess:
    """Take the whole where the amount is what was paid of it so far, such as a deposit, and the rest is due.

    Parameters
    ----------
    made : Guess
        With an amount, by its name.
    frame : DataFrame
        The number columns.
    """
    paid = made.columns.get("amount")
    if paid not in frame:
        return made
    for due, whole in permutations([name for name in names_of(frame) if name != paid], 2):
        if not DUE.search(due) or DUE.search(whole):
            continue
        added = frame[paid] + frame[due].fillna(0)
        tested = added.notna() & frame[whole].notna() & (added > CENT)
        met = ((added - frame[whole]).abs() <= CENT)[tested]
        if (frame[due][tested] > CENT).sum() >= LEAST_TELLING and met.mean() >= NEARLY_ALL:
            said = f"'{paid}' and '{due}' are '{whole}' on {percent(float(met.mean()))} of {int(tested.sum()):,} rows: "
            return made.with_columns({"amount": whole}, f"{said}what is due was charged as well, so '{whole}' counts")
    return made


def before_fees(made: Guess, frame: pd.DataFrame) -> Guess:
    """Take the amount before the fee, where the one that was taken is after it.

    Parameters
    ----------
    made : Guess
        With an amount, by its name.
    frame : DataFrame
        The number columns.
    """
    left = made.columns.get("amount")
    if left not in frame:
        return made
    fees = [name for name in names_of(frame) if is_fee(name) and name != left]
    for whole, fee in (
        (one, other) for one, other in permutations(names_of(frame), 2) if other in fees and one != left
    ):
        off = frame[fee].abs().fillna(0)
        tested = frame[[whole, left]].notna().all(axis=1)
        if is_fee(whole) or (off[tested] > CENT).sum() < LEAST_TELLING:
            continue
        met = ((frame[whole] - off - frame[left]).abs() <= CENT)[tested]
        signed = ((frame[whole] - frame[fee].fillna(0) - frame[left]).abs() <= CENT)[tested]
        share = float(max(met.mean(), signed.mean()))
        if share >= NEARLY_ALL and frame[whole].abs().sum() > frame[left].abs().sum():
            said = f"'{whole}' less '{fee}' is '{left}' on {percent(share)} of {int(tested.sum()):,} rows: "
            return made.with_columns({"amount": whole}, f"{said}the fee is the shop's own, so '{whole}' counts")
    return made
