"""Sales that a file tells twice as documents of two kinds: an order and its invoice, an invoice and its payment."""

from __future__ import annotations

import re
from itertools import combinations

import pandas as pd

from seglib.core.states import kind_of
from seglib.init.figures import line_money, order_key, percent
from seglib.init.guess import Guess
from seglib.init.kinds import decided, is_type

INVOICE = re.compile(r"(?i)invoice|rechnung|facture|factura|fatura|fattura|factuur|faktur|bill\b|счет|счёт")
ORDER = re.compile(
    r"(?i)order|auftrag|bestell|commande|pedido|orden\b|ordine|ordre|zamow|objednav|заказ|confirm|bestat|bestät"
)
PAYMENT = re.compile(
    r"(?i)payment|zahlung|paiement|pago|pagamento|betaling|cobro|zaplata|wplata|receipt|delivery|liefer"
)
CAME = re.compile(r"(?i)return|retour|r[üu]ck(?:gabe|sendung|lieferung)|devol|\breso\b|zwrot|\brma\b")
CREDITED = re.compile(r"(?i)credit|gutschrift|avoir|abono|nota|korrekt|refund|erstatt|rembours|reembols|rimbors")
LEAST_DOCUMENTS = 10  # from which on most of them decide; of fewer each must
FEWEST_DOCUMENTS = 2
BELOW_ZERO = 0.9  # of the rows of a kind
SAME_SHARE, BY_CHANCE = 0.8, 0.5  # documents with an equal one of the other kind; the same among other customers


def documents_twice(made: Guess) -> Guess:
    """Leave out the kind of documents whose customers and money are those of another kind.

    Parameters
    ----------
    made : Guess
        Order, customer, money and kinds are known.

    Returns
    -------
    Guess
        With the column `kind` and the rule `kinds`; the same where no two kinds tell the same sales.
    """
    taken = made.columns.get("kind")
    known_system = made.known is not None or made.once_per_order or made.look("customer_id") is None
    if known_system or made.look("order_id") is None or not {"amount", "unit_price"} & {*made.columns}:
        return made
    for name in [taken] if taken else [n for n, look in made.looks.items() if is_type(look)]:
        known = decided(made) if taken else {}
        each = _documents(made, name)
        sales = [k for k in each if known.get(k, kind_of(k)) not in ("ignore", "refund") and _place(k) is not None]
        for pair in combinations(sales, 2):
            keep, drop = sorted(pair, key=lambda kind: _place(kind) or 0)
            if _place(keep) == _place(drop):
                continue
            share = _same(each[drop], each[keep])
            least = SAME_SHARE if len(each[drop]) >= LEAST_DOCUMENTS else 1.0
            if share < least or _same(_others(each[drop]), each[keep]) > BY_CHANCE:
                continue
            text = (
                f"by '{name}' the rows '{drop}' tell the sales of the rows '{keep}' again: customer and money are the "
            )
            said = f"{text}same on {percent(share)} of {len(each[drop]):,}, so they are left out (rules.kinds)"
            known |= {drop: "ignore", keep: "sale"}
            columns = {key: None for key, one in made.columns.items() if one == name and key != "kind"}
            return documents_twice(made.with_columns({**columns, "kind": name}).ruled("kinds", known, said))
        made = _beside_invoices(_given_back_twice(made, name), name) if taken else made
    return made


def _given_back_twice(made: Guess, name: str) -> Guess:
    """Of goods that came back and the credit for them, both documents of their own, the credit counts."""
    known = decided(made)
    each = _documents(made, name, is_back=True)
    back = [kind for kind in each if known.get(kind) == "refund"]
    credit = [kind for kind in back if CREDITED.search(kind) and not CAME.search(kind)]
    for kind in [one for one in back if CAME.search(one) and not CREDITED.search(one)]:
        if any(_same(each[kind], each[one]) == 1 for one in credit):
            said = (
                f"by '{name}' the rows '{kind}' tell of goods for which other rows give the money back: customer and "
            )
            said += "money are the same, so they are left out (rules.kinds)"
            known = {**known, kind: "ignore"}
            made = made.ruled("kinds", known, said)
    return made


def _beside_invoices(made: Guess, name: str) -> Guess:
    """Of invoices and what was paid of them below zero the invoices count; say which other documents count as well."""
    known = decided(made)
    kinds, money = made.looks[name].values.str.strip(), line_money(made)
    seen = [str(kind) for kind in kinds.dropna().unique()]
    below = {kind: float((money[kinds == kind] < 0).mean()) for kind in seen}
    if not any(
        _place(kind) == 0 and known.get(kind, "sale") == "sale" and below[kind] < 1 - BELOW_ZERO for kind in seen
    ):
        return made
    paid = [k for k in seen if _place(k) == 2 and known.get(k) == "sale" and below[k] > BELOW_ZERO]
    if paid:
        credits = [k for k in seen if known.get(k) == "refund" and below[k] > BELOW_ZERO]
        paid += [k for k in seen if known.get(k) == "refund" and below[k] < 1 - BELOW_ZERO] if credits else []
        told = ", ".join(f"'{kind}'" for kind in paid)
        made = made.with_columns({}, f"by '{name}' the rows {told} settle invoices: they are no sales (rules.kinds)")
        known |= dict.fromkeys(paid, "ignore")
    again = [k for k in seen if (_place(k) or 0) > 0 and known.get(k, "sale") == "sale"]
    if again:
        told = ", ".join(again)
        doubt = f"by '{name}' rows of these kinds count beside the invoices: {told[:200]}; where they are orders, "
        doubt += f'deliveries or payments of the same sales, write ignore for them, such as {{"{again[0]}": ignore}}, '
        made = made.with_columns({}, unsure=f"{doubt}into rules.kinds of the plan")
    return made.ruled("kinds", known)


def _place(kind: str) -> int | None:
    """An invoice before an order, and that before a payment or a delivery: what was charged counts."""
    forms = (PAYMENT, 2), (INVOICE, 0), (ORDER, 1)
    return next((place for form, place in forms if form.search(kind)), None)


def _documents(made: Guess, name: str, is_back: bool = False) -> dict[str, pd.DataFrame]:
    """Customer and money of each document above zero, or of any without its sign; numbers of one kind only."""
    kinds, who = made.looks[name].values.str.strip(), made.looks[made.columns["customer_id"]].values
    rows = pd.DataFrame({"kind": kinds, "order": order_key(made), "who": who, "money": line_money(made)}).dropna()
    rows["money"] = rows["money"].abs() if is_back else rows["money"]
    each = rows.groupby(["kind", "order"], as_index=False).agg(who=("who", "first"), money=("money", "sum"))
    each = each[each["money"] > 0].assign(money=lambda frame: frame["money"].round(2))
    each = each[~each["order"].duplicated(keep=False)]
    found = {str(kind): part.reset_index(drop=True) for kind, part in each.groupby("kind", sort=False)}
    return {kind: part for kind, part in found.items() if len(part) >= FEWEST_DOCUMENTS}


def _others(each: pd.DataFrame) -> pd.DataFrame:
    """The same money with other customers."""
    people = sorted(each["who"].unique())
    following = dict(zip(people, people[1:] + people[:1], strict=True))
    return each.assign(who=each["who"].map(following))


def _same(one: pd.DataFrame, other: pd.DataFrame) -> float:
    """Share of documents that have one of the same customer and money among the others, each counted once."""
    counts = one.groupby(["who", "money"]).size().to_frame("one")
    counts["other"] = other.groupby(["who", "money"]).size()
    return float(counts.min(axis=1).where(counts["other"].notna(), 0).sum() / len(one))
