"""From an unknown orders file to a study: a proposal that says what it understood and what it is unsure of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seglib.core.contract import ORDERS
from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused
from seglib.core.plan import Plan
from seglib.core.quarters import last_complete
from seglib.core.sections import Rules, Source
from seglib.core.start.amounts import MONEY, decimals, largest, written
from seglib.core.start.aside import rules_for
from seglib.core.start.draft import draft
from seglib.core.start.guess import JOINED_ORDER, Guess, guess
from seglib.core.start.looks import Look
from seglib.core.start.names import plain, words
from seglib.core.start.reshape import purchases_only, query, spelled_twice
from seglib.core.start.sniff import Sniffed, files_of, sniff

STUDY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
FEWEST_CUSTOMERS = 50
WINDOW_DAYS = 365
CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Proposal:
    """What an orders file seems to be, and the plan that follows.

    Parameters
    ----------
    file : Path
        The file.
    source : Source
        How to read it, with its columns.
    currency : str
        ISO 4217 code.
    money_decimals : int
        Decimals that the prices need, 0 to 4.
    rules : Rules
        What happens to cancellations and test orders.
    understood, unsure : tuple of str
        Sentences for the analyst.
    """

    file: Path
    source: Source
    currency: str
    money_decimals: int
    rules: Rules
    understood: tuple[str, ...]
    unsure: tuple[str, ...]

    def text(self, plan: Path, study: str) -> str:
        """Say what was understood, what is unsure, where the plan lies, and what to type next."""
        understood = [f"  {sentence}" for sentence in self.understood]
        unsure = [f"  {sentence}" for sentence in self.unsure]
        following = f"Read {plan.as_posix()}, correct it, then type: {self.next_command(study)}"
        return "\n".join(["Understood:", *understood, "", "Please check:", *unsure, "", following])

    def next_command(self, study: str) -> str:
        """The command to type after the plan has been read."""
        return f"seglib report --study {study}"


def propose(file: Path) -> Proposal:
    """Look at a file and propose which column is which.

    Parameters
    ----------
    file : Path
        CSV with any delimiter and encoding, Parquet, or Excel.

    Raises
    ------
    InputRefused
        With one clear sentence when the file cannot be read or does not hold orders.
    """
    sniffed = purchases_only(sniff(file))
    guessed = guess(sniffed.looks, file.name)
    sniffed, guessed, folded = _one_spelling(sniffed, guessed)
    looks, columns = sniffed.looks, guessed.columns
    if "currency" in columns and looks[columns["currency"]].unique.str.islower().any():
        guessed = guessed.with_columns({"currency": None})
    dates, date_doubt = _dates(columns, looks)
    currency, currency_said, currency_doubt = _currency(columns, looks)
    digits, decimal_doubt = decimals(columns, looks, currency)
    rules, rules_said, rules_doubt = rules_for(columns, looks)
    rules, large_doubt = largest(rules, columns, looks, digits)
    csv = sniffed.source.csv.model_copy(update=written(columns, looks))
    misnamed = {name: "" for name in ORDERS.names if name in looks and name not in guessed.columns}
    made = {"csv": csv, "date_format": dates, "columns": {**guessed.columns, **misnamed}}
    made["query"] = query(sniffed, guessed, folded)
    made["file"] = None if made["query"] else sniffed.source.file
    source = sniffed.source.model_copy(update=made)
    understood = (*_counts(sniffed, columns), *sniffed.understood, *guessed.understood, *currency_said, *rules_said)
    doubts = (
        *_scant(sniffed, columns),
        *sniffed.unsure,
        *guessed.unsure,
        *date_doubt,
        *currency_doubt,
        *decimal_doubt,
        *large_doubt,
        *rules_doubt,
    )
    ignored = _ignored(columns, looks)
    return Proposal(file, source, currency, digits, rules, (*understood, *ignored), (*doubts, *_always_unsure(dates)))


def _one_spelling(sniffed: Sniffed, guessed: Guess) -> tuple[Sniffed, Guess, tuple[str, ...]]:
    """Read addresses in small letters where the same person is written in two ways."""
    name = guessed.columns["customer_id"]
    if not spelled_twice(name, sniffed.looks):
        return sniffed, guessed, ()
    look = sniffed.looks[name]
    looks = {**sniffed.looks, name: replace(look, values=look.values.str.strip().str.lower())}
    said = f"'{name}' is read in small letters: some addresses differ by capitals or spaces only"
    return replace(sniffed, looks=looks), guessed.with_columns({}, said), (name,)


def write_study(proposal: Proposal, home: Path, study: str) -> Path:
    """Set up a study: its folder, a copy of the file, and a commented plan.

    Parameters
    ----------
    proposal : Proposal
        From `propose`.
    home : Path
        The project's folder.
    study : str
        Lower-case letters, digits, ``-`` and ``_``; at most 40.

    Returns
    -------
    Path
        The plan.

    Raises
    ------
    InputRefused
        When the name is not allowed or the study has a plan already.
    """
    if not STUDY.fullmatch(study):
        raise InputRefused(Finding("P02", "not a name for a study", do="use lower-case letters, digits, - and _"))
    folder = home / "data" / study
    if (folder / "plan.yml").exists():
        remedy = "choose another --study, or remove the plan first"
        raise InputRefused(Finding("P02", f"data/{study}/plan.yml exists already", do=remedy))
    text = draft(proposal.source, proposal.currency, proposal.money_decimals, proposal.rules, proposal.unsure, study)
    Plan.parse(text)
    try:
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        for file in files_of(proposal.file):
            target = folder / "sources" / file.name
            if target.resolve() != file.resolve():
                shutil.copyfile(file, target)
        (folder / "plan.yml").write_text(text, encoding="utf-8")
    except OSError as error:
        found = error.strerror or type(error).__name__
        raise EnvironmentTrouble(Finding("X14", "cannot write the study", f"data/{study}", found=found)) from None
    return folder / "plan.yml"


def _counts(sniffed: Sniffed, columns: Mapping[str, str]) -> tuple[str, ...]:
    looks, order = sniffed.looks, columns["order_id"]
    times = looks[columns["ordered_at"]].times().dropna()
    orders = f"{len(looks[order].unique):,} orders, " if order in looks else ""
    customers = len(looks[columns["customer_id"]].unique)
    whole = "" if sniffed.is_whole else "the first "
    period = f"{times.min():%Y-%m-%d} to {times.max():%Y-%m-%d}"
    first = f"{whole}{sniffed.rows:,} rows: {customers:,} customers, {orders}{period}"
    return (first, *(f"{field} is '{name}'" for field, name in columns.items() if name != JOINED_ORDER))


def _scant(sniffed: Sniffed, columns: Mapping[str, str]) -> tuple[str, ...]:
    """What a report will miss because the file is short; of a part of a file only that it is one."""
    if not sniffed.is_whole:
        return (f"only the first {sniffed.rows:,} rows were looked at",)
    looks = sniffed.looks
    times, customers = looks[columns["ordered_at"]].times().dropna(), len(looks[columns["customer_id"]].unique)
    days = (times.max() - times.min()).days + 1
    said: tuple[str, ...] = ()
    if customers < FEWEST_CUSTOMERS:
        said += (f"{customers} customers are too few for segments: a report needs {FEWEST_CUSTOMERS}",)
    if last_complete(times.max().to_pydatetime()).as_of <= times.min():
        said += ("the orders reach the end of no quarter, so there is none to report: add the other months",)
    if days < WINDOW_DAYS:
        said += (f"the orders cover {days} days, and behaviour is looked at over {WINDOW_DAYS} (criteria.window_days)",)
    return said


def _dates(columns: Mapping[str, str], looks: Mapping[str, Look]) -> tuple[str | None, tuple[str, ...]]:
    dates = looks[columns["ordered_at"]].dates
    if dates is None or dates.rival is None:
        return (dates.format if dates else None), ()
    doubt = f"dates are read as {dates.format}, though {dates.rival} fits as well: {dates.evidence}"
    return dates.format, (doubt,)


def _currency(columns: Mapping[str, str], looks: Mapping[str, Look]) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Find the currency in its column, in signs, in a column's name, or in the commonest country."""
    if "currency" in columns:
        codes = looks[columns["currency"]].filled.str.upper().value_counts()
        doubt = (f"{len(codes)} currencies stand in the file; a study has one",) if len(codes) > 1 else ()
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
    if "country" in columns:
        country = looks[columns["country"]].filled.mode()
        code = words()["currency_of_country"].get(plain(str(country.iloc[0]))) if len(country) else None
        if code:
            return code, (), (f"the currency is not in the file; {code} is that of the commonest country",)
    return "EUR", (), ("the currency is not in the file; EUR is a guess",)


def _ignored(columns: Mapping[str, str], looks: Mapping[str, Look]) -> tuple[str, ...]:
    rest = [name for name in looks if name not in columns.values()]
    facts = [name for name in rest if plain(name) in {*words()["facts"], *words()["personal"]}]
    said: tuple[str, ...] = ()
    if rest:
        said += (f"not needed and not read: {', '.join(rest)[:300]}",)
    if facts:
        remedy = "they can be used from a customers file with one row per customer"
        said += (f"facts about customers: {', '.join(facts)[:200]}; {remedy}",)
    return said


def _always_unsure(date_format: str | None) -> tuple[str, ...]:
    zone = "the time zone is set to UTC: write the shop's own, for example Europe/Amsterdam"
    if date_format and "UTC" in date_format:
        zone = "the file's times are in UTC, so the time zone is UTC: quarters begin at midnight there"
    return (
        zone,
        "customers are profiled on the declared basis legitimate_interest, because there is no consent table: confirm "
        "it with whoever is responsible for data protection, or deliver consent.csv",
    )
