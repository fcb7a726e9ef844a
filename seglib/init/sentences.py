"""The sentences of `init`: what the file holds, its dates and currency, what is missing, what is not read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from seglib.core.intake.times import ZONE
from seglib.core.quarters import last_complete
from seglib.init.amounts import MONEY
from seglib.init.guess import Guess
from seglib.init.looks import Look
from seglib.init.names import plain, words
from seglib.init.roles import blank_share
from seglib.init.sniff import Sniffed
from seglib.init.zones import zone_said

FEWEST_CUSTOMERS = 50
UNREAD, FACTS = "not needed and not read", "facts about customers"
WINDOW_DAYS = 365
USUAL_NAMELESS_SHARE = 0.45  # a little below the limit that a plan has by itself
CODE = re.compile(r"[A-Z]{3}")


def counts(sniffed: Sniffed, guessed: Guess) -> tuple[str, ...]:
    """Say how many rows, customers and orders there are, from when to when, and which column is which."""
    looks, columns = guessed.looks, guessed.columns
    order, customer, when = (guessed.look(field) for field in ("order_id", "customer_id", "ordered_at"))
    facts = [f"{len(customer.unique):,} customers"] if customer is not None else []
    facts += [f"{len(order.unique):,} orders"] if order is not None else []
    times = when.times().dropna() if when is not None else None
    facts += [f"{times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}"] if times is not None and len(times) else []
    first = f"{sniffed.rows:,} rows" if sniffed.is_whole else sniffed.part
    first += f": {', '.join(facts)}" if facts else ""
    return (first, *(f"{field} is '{name}'" for field, name in columns.items() if name in looks))


def scant(sniffed: Sniffed, guessed: Guess) -> tuple[str, ...]:
    """What a report will miss because the file is short; of a part of a file only that it is one."""
    if not sniffed.is_whole:
        return (f"only {sniffed.part} were looked at",)
    customer, when = guessed.look("customer_id"), guessed.look("ordered_at")
    if customer is None or when is None:
        return ()
    times, customers = when.times().dropna(), len(customer.unique)
    days = (times.max() - times.min()).days + 1
    said: tuple[str, ...] = ()
    if customers < FEWEST_CUSTOMERS:
        said += (f"{customers} customers are too few for segments: a report needs {FEWEST_CUSTOMERS}",)
    if last_complete(times.max().to_pydatetime()).as_of <= times.min():
        said += ("the orders reach the end of no quarter, so there is none to report: add the other months",)
    if days < WINDOW_DAYS:
        said += (f"the orders cover {days} days, and behaviour is looked at over {WINDOW_DAYS} (criteria.window_days)",)
    return said


def mostly_nameless(guessed: Guess) -> tuple[dict[str, float], tuple[str, ...]]:
    """Raise the plan's limit where most rows name no customer, and say so: a till knows few of its customers."""
    customer = guessed.look("customer_id")
    share = blank_share(customer, guessed.look("order_id")) if customer is not None else 0.0
    if share <= USUAL_NAMELESS_SHARE:
        return {}, ()
    limit = min(1.0, math.ceil(20 * share + 1) / 20)
    said = f"{share:.0%} of the rows name no customer: the plan allows {limit:.0%} (rules.missing_customer_max_share)"
    return {"missing_customer_max_share": limit}, (said,)


def dates(columns: Mapping[str, str], looks: Mapping[str, Look]) -> tuple[str | None, tuple[str, ...]]:
    """Say how times are written, and that another way fits as well."""
    found = looks[columns["ordered_at"]].dates if "ordered_at" in columns else None
    zoned = found is not None and (found.format or "").endswith(ZONE)
    unread = ("the zone behind the times, such as PST, is not read: they are taken as what that clock showed",)
    if found is None or found.rival is None:
        return (found.format if found else None), unread if zoned else ()
    doubt = f"dates are read as {found.format}, though {found.rival} fits as well: {found.evidence}"
    return found.format, (doubt,)


def currency(columns: Mapping[str, str], looks: Mapping[str, Look]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Find the currency in its column, in signs, in a column's name, or in the commonest country."""
    if "currency" in columns:
        codes = looks[columns["currency"]].filled.str.upper().value_counts()
        doubt = (
            (f"{len(codes)} currencies stand in the file; a study has one: name a table of rates (rates: in the plan)",)
            if len(codes) > 1
            else ()
        )
        return str(codes.index[0]), (f"the currency is {codes.index[0]}, as the file says",), doubt
    for field in MONEY[:2]:
        look = looks.get(columns.get(field, ""))
        if look is not None:
            known = {*words()["currency_of_country"].values(), *words()["currency_of_sign"].values()}
            named = re.search(rf"(?<![A-Z])({'|'.join(sorted(known))})(?![A-Z])", look.name.upper())
            signs = [words()["currency_of_sign"].get(sign, sign if CODE.fullmatch(sign) else "") for sign in look.signs]
            code = named.group(1) if named else next(filter(None, signs), "")
            if code:
                return code, (f"the currency is {code}, as '{look.name}' says",), ()
    written = re.compile(rf"(?<![A-Za-z])({'|'.join(sorted({*words()['currency_of_country'].values()}))})(?![A-Za-z])")
    for name in (name for name, look in looks.items() if look.is_number and written.search(name)):
        code = written.findall(name)[-1]
        return code, (f"the currency is {code}, as '{name}' says",), ()
    if "country" in columns:
        country = looks[columns["country"]].filled.mode()
        code = words()["currency_of_country"].get(plain(str(country.iloc[0]))) if len(country) else None
        if code:
            return code, (), (f"the currency is not in the file; {code} is that of the commonest country",)
    return "EUR", (), ("the currency is not in the file; EUR is a guess",)


def ignored(guessed: Guess) -> tuple[str, ...]:
    """Name the columns that are not read, and those that tell facts about customers."""
    parts = {part for parts in guessed.lists.values() for part in parts}
    used = {*guessed.columns.values(), *guessed.lists, *parts}
    rest = [name for name in guessed.looks if name not in used]
    facts = [name for name in rest if plain(name) in {*words()["facts"], *words()["personal"]}]
    said: tuple[str, ...] = ()
    if rest:
        said += (f"{UNREAD}: {', '.join(rest)[:300]}",)
    if facts:
        remedy = "they can be used from a customers file with one row per customer"
        said += (f"{FACTS}: {', '.join(facts)[:200]}; {remedy}",)
    return said


def always_unsure(date_format: str | None, when: Look | None) -> tuple[str, ...]:
    """Say what no file tells: the time zone, and on what basis customers are profiled."""
    zone = zone_said(when)
    if date_format and "UTC" in date_format:
        zone = "the file's times are in UTC, so the time zone is UTC: quarters begin at midnight there"
    return (
        zone,
        "customers are profiled on the declared basis legitimate_interest, because there is no consent table: confirm "
        "it with whoever is responsible for data protection, or deliver consent.csv",
    )
