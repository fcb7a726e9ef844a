"""Which column of an unknown export is which column of orders, by its name and by its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.sources.told import is_told
from seglib.init.looks import Look
from seglib.init.names import means, plain, rank, with_tax, words
from seglib.init.nopeople import named_beside, refuse_suppliers
from seglib.init.roles import (
    COMES_BACK,
    Lists,
    Roles,
    blank_share,
    contenders,
    digits_lost,
    evidence,
    pairs,
    roles,
)
from seglib.init.systems import Known

JOINED_ORDER = "customer_id + ordered_at"
ORDER_NAME = re.compile(r"#?[A-Za-z]{0,5}-?\d+")
CURRENCY = re.compile(r"[A-Z]{3}|[a-z]{3}")
KINDS_COUNT = {"status": 50, "channel": 100, "category": 5_000, "currency": 30}
MONTH = re.compile(r"(?i)(19|20)\d\d[-/_. ]?([01]?\d|q[1-4])|([a-z]{3,9}[-/_. ]*)?(19|20)\d\d|[a-z]{3}[-/_. ]\d\d")
FEWEST_MONTHS = 3
CUT = r"\d(\.\d+)?[eE]\+\d+"
LONGEST_NUMBER = 40
FEWEST_ROWS = 20  # fewer customers may all be on their first order
STATE_OR_PLACE = ("state", "estado", "etat", "stage")
NEEDS = {"who bought": ("customer_id",), "when": ("ordered_at",), "for how much": ("amount", "unit_price")}
NUMBERS = ("unit_price", "quantity", "amount", "discount", "cost")


@dataclass(frozen=True)
class Question:
    """What nobody but the user knows: a plan key, the sentence, the answers that are possible, and the one assumed."""

    key: str
    text: str
    options: tuple[str, ...]
    default: str


@dataclass(frozen=True)
class Guess:
    """What the columns seem to be.

    Parameters
    ----------
    columns : dict
        Column of the contract to column of the file.
    looks : dict
        The file's columns, and those put together from several.
    lists : dict
        Column that was put together to its parts.
    understood, unsure : tuple of str
        Sentences for the analyst.
    rules : dict
        Rules of the plan that the values decide: discount, cost, refunded, amounts.
    nobody : tuple of str
        Customer ids that stand for many people.
    questions : tuple of Question
        What no column decides.
    open : dict
        Column of the contract that was not found to the columns that may be it.
    once_per_order : bool
        Whether the amount is the order's total, repeated on each of its lines.
    known : Known or None
        The system whose export it is, where its header tells.
    """

    columns: Mapping[str, str]
    looks: Mapping[str, Look] = field(default_factory=dict)
    lists: Lists = field(default_factory=dict)
    understood: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    rules: Mapping[str, object] = field(default_factory=dict)
    nobody: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    open: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    once_per_order: bool = False
    known: Known | None = None

    def with_columns(self, changes: Mapping[str, str | None], understood: str = "", unsure: str = "") -> Guess:
        """Return a guess with some columns changed or, for None, dropped, and one sentence more."""
        merged = {**self.columns, **changes}
        return replace(
            self,
            columns={key: name for key, name in merged.items() if name is not None},
            understood=self.understood + ((understood,) if understood else ()),
            unsure=self.unsure + ((unsure,) if unsure else ()),
        )

    def ruled(self, key: str, value: object, understood: str = "", unsure: str = "") -> Guess:
        """Return a guess with one rule more, and a sentence."""
        return replace(self.with_columns({}, understood, unsure), rules={**self.rules, key: value})

    def asking(self, question: Question) -> Guess:
        """Return a guess with one question more."""
        return replace(self, questions=(*self.questions, question))

    def name(self, field: str) -> str | None:
        """Column of the file that is a column of the contract; None where there is none."""
        return self.columns.get(field)

    def look(self, field: str) -> Look | None:
        """What the column of a field looks like."""
        return self.looks.get(self.columns.get(field, ""))


def guess(
    looks: Mapping[str, Look], label: str, given: Mapping[str, str] | None = None, known: Known | None = None
) -> Guess:
    """Decide which column is which.

    Parameters
    ----------
    looks : mapping of str to Look
        The file's columns.
    label : str
        Name of the file, for messages.
    given : mapping of str to str, optional
        Columns of the contract to columns of the file, as the user said; they are not doubted.
    known : Known, optional
        The system whose export it is: its columns are tried first.

    Raises
    ------
    InputRefused
        When no column can say who bought, when, or for how much, or a given column is not in the file.
    """
    given = dict(given or {})
    _check_given(given, looks, label)
    if known is not None and known.export.no_orders:
        what = f"these rows are no orders: this is '{known.export.title}' of {known.system.title}"
        raise InputRefused(Finding("F07", what, label, 1, found=", ".join(looks)[:300], do=known.export.no_orders))
    keys = ("order_id", "customer_id", "ordered_at")
    read = {name: look for name, look in looks.items() if known is None or name not in known.unread()}
    who = roles(read, {key: _candidates(key, read, known) for key in keys}, given)
    made = replace(_named(who, given, known), known=known)
    if known is not None and known.export.nobody and "customer_id" not in made.columns:
        what = f"these orders name no customer: this is '{known.export.title}' of {known.system.title}"
        raise InputRefused(Finding("F07", what, label, 1, found=", ".join(looks)[:300], do=known.export.nobody))
    if known is None:
        refuse_suppliers(made.columns, looks, given, label)
    made = _supplied(made, label)
    if "customer_id" in made.columns:
        _refuse_one_row_each(made.columns, made.looks, label)
    if plain(made.columns.get("order_id", "")) == "id" and "order_id" not in given:
        made = made.with_columns({}, unsure="'id' is taken as the order number: is it one per order, or one per line?")
    if "order_id" not in made.columns:
        sentence = "no column numbers the orders: lines of one customer at the same time count as one order"
        sentence += "".join(f", unless '{name}' does: --column order_id=\"{name}\"" for name in _numbering(made)[:1])
        made = made.with_columns({"order_id": JOINED_ORDER}, unsure=sentence)
    made = replace(made, looks={**looks, **made.looks})
    return _customer_doubts(made) if "customer_id" in made.columns else made


def _numbering(made: Guess) -> list[str]:
    """List the columns of unknown name that are different on every row and may number the orders."""
    free = [look for name, look in made.looks.items() if name not in made.columns.values()]
    full = [look for look in free if len(look.unique) == len(look.values) and not look.decimals and not look.dates]
    return [look.name for look in full if look.unique.str.len().max() <= LONGEST_NUMBER]


def _check_given(given: Mapping[str, str], looks: Mapping[str, Look], label: str) -> None:
    """Refuse a column that the user named and the file does not have."""
    for key, name in given.items():
        if name not in looks:
            what = f"no column '{name[:60]}' for {key}"
            known = ", ".join(looks)[:300]
            raise InputRefused(Finding("F07", what, label, 1, found=known, do=nearest(name, list(looks))))


def _named(who: Roles, given: Mapping[str, str], known: Known | None) -> Guess:
    """Columns by name: who, which and when first, then every other field that is left."""
    first = {"order_id": who.order_id, "customer_id": who.customer_id, "ordered_at": who.ordered_at}
    columns = {field: name for field, name in first.items() if name} | dict(given)
    taken = {*columns.values(), *(part for parts in who.lists.values() for part in parts)}
    for key in words()["fields"]:
        if key not in columns and key not in first:
            found = [name for name in _candidates(key, who.looks, known) if name not in taken]
            if found:
                columns[key] = found[0]
                taken.add(found[0])
    return Guess(columns, who.looks, who.lists, who.understood, nobody=who.nobody)


def _supplied(made: Guess, label: str) -> Guess:
    """Fill what no name tells with the only column that can be it; else leave it open, with the candidates."""
    for need, fields in NEEDS.items():
        if {*fields} & {*made.columns}:
            continue
        found = contenders(fields[0], made.looks, [*made.columns.values()])
        if not found:
            _refuse_without(made.columns, made.looks, label)
        if len(found) == 1 and fields[0] != "customer_id":
            said = f"no name says {need}; {evidence(made.looks[found[0]])} is the only column that can"
            made = made.with_columns({fields[0]: found[0]}, unsure=said)
        else:
            made = replace(made, open={**made.open, fields[0]: tuple(found)})
    return made


def _candidates(field: str, looks: Mapping[str, Look], known: Known | None = None) -> list[str]:
    """List the columns whose name and values suit a field, best first: those of a known system, then by name."""
    if known is not None and field in known.never:
        return []
    told = known.names(field) if known else ()
    if field == "customer_id" and known is not None and (own := known.own()):
        looks = {name: look for name, look in looks.items() if name not in own}  # who was paid is no customer
    first = [name for name in told if name in looks and _suits(field, looks[name], True)]
    if field == "customer_id" and known is not None and known.export.nobody:
        return first  # an export that may name no customer: no other name makes one, such as that of an article
    named = [(p, with_tax(n), n) for n in looks if (p := rank(n, field)) is not None and not is_told(n)]
    fitting = [name for *_, name in sorted(named) if name not in first and _suits(field, looks[name])]
    return [*first, *(sorted(fitting, key=lambda name: not _cancels(looks[name])) if field == "status" else fitting)]


def _cancels(look: Look) -> bool:
    """Whether a column has few kinds of values, and one of them means a cancellation or return."""
    return len(look.unique) <= KINDS_COUNT["status"] and any(
        means(str(kind), "cancelled_words") for kind in look.unique
    )


def _suits(field: str, look: Look, is_known: bool = False) -> bool:
    """Whether the values of a column can be what a field needs; a vague name of a known system is no doubt."""
    if not len(look.unique):
        return False
    if field == "ordered_at":
        return look.dates is not None
    if field in NUMBERS:
        return look.is_number
    if field == "currency":
        return bool(look.unique.str.fullmatch(CURRENCY.pattern).all()) and len(look.unique) <= KINDS_COUNT[field]
    if field == "status" and not is_known and plain(look.name) in (*words()["type_names"], *STATE_OR_PLACE):
        return _cancels(look)
    if field in ("customer_id", "order_id"):
        is_name = field == "order_id" and plain(look.name) == "name" and not is_known
        is_id = not is_name or bool(look.unique.str.fullmatch(ORDER_NAME.pattern).mean() > 0.9)
        return is_id and not (look.is_plain_number and look.decimals > 0)
    return len(look.unique) <= KINDS_COUNT.get(field, len(look.values))


def _refuse_without(columns: Mapping[str, str], looks: Mapping[str, Look], label: str) -> None:
    """Refuse a file that cannot be orders, saying what is missing and which columns it has."""
    missing = [need for need, fields in NEEDS.items() if not {*fields} & {*columns}]
    named = {name: field for field in ("ordered_at", "amount") for name in looks if rank(name, field) is not None}
    unfit = [name for name, field in named.items() if field not in columns and not _suits(field, looks[name])]
    what = f"these are not orders: no column says {' or '.join(missing)}"
    found = ", ".join(looks)[:300] + (f"; '{unfit[0]}' does not hold times or amounts" if unfit else "")
    remedy = "export order lines with customer, order number, date and amount; where they stand in several files, name "
    remedy += "them all and they are joined: seglib init orders.csv customers.csv products.csv --study acme"
    if sum(bool(MONTH.fullmatch(name.strip())) for name in looks) >= FEWEST_MONTHS:
        what += "; months stand side by side as columns"
    raise InputRefused(Finding("F07", what, label, 1, found=found, do=remedy))


def _refuse_one_row_each(columns: Mapping[str, str], looks: Mapping[str, Look], label: str) -> None:
    """Refuse a file that sums up customers: each stands on one row, and no column numbers orders."""
    customers = looks[columns["customer_id"]].filled
    if "order_id" in columns or len(customers) < FEWEST_ROWS or customers.duplicated().any():
        return
    what = "these are customers, not orders: each stands on one row, and no column numbers orders"
    remedy = "export order lines with customer, order number, date and amount"
    raise InputRefused(Finding("F07", what, label, 1, found=", ".join(looks)[:300], do=remedy))


def _customer_doubts(made: Guess) -> Guess:
    looks = made.looks
    name = made.columns["customer_id"]
    order = looks.get(made.columns["order_id"])
    if plain(name) in words()["personal"]:
        is_mail = bool(looks[name].unique.str.contains("@").mean() > 0.5)
        sentence = (
            f"customers are told apart by '{name}', {'an address' if is_mail else 'a name that several may share'}"
        )
        made = made.with_columns({}, unsure=f"{sentence}; it becomes a pseudonym, but a customer number is safer")
    if order is not None and pairs(order, looks[name])[1] <= COMES_BACK:
        sentence = f"hardly any customer of '{name}' has a second order: is it the customer, or a number of the order?"
        made = made.with_columns({}, unsure=sentence)
    for cut in (one for one in (looks[name], order) if one is not None and one.unique.str.fullmatch(CUT).any()):
        sentence = f"'{cut.name}' holds numbers like 1.2E+12: a spreadsheet has cut them; export them as text"
        made = made.with_columns({}, unsure=sentence)
    for lost in (one for one in (looks[name], order) if one is not None and digits_lost(one)):
        sentence = f"the last digits of '{lost.name}' were lost before it came, since it was stored as a decimal number"
        made = made.with_columns({}, unsure=f"{sentence}: export it as text, or different ids count as one")
    if (nameless := blank_share(looks[name], order)) > 0:
        said = f"{nameless:.0%} of the rows have no customer; they are set aside"
        made = made.with_columns({}, said, named_beside(looks, made.lists.get(name, (name,)), made.columns.values()))
    return made
