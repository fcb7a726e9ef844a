"""From an unknown orders file to a study: a proposal that says what it understood and what it is unsure of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seglib.core.contract import ORDERS
from seglib.core.errors import Finding, InputRefused, nearest
from seglib.core.home import report_command
from seglib.core.origins import Connection
from seglib.core.plan import Plan
from seglib.core.sections import Rules, Source
from seglib.init.amounts import decimals, has_money, largest, written
from seglib.init.articles import articles
from seglib.init.aside import rules_for
from seglib.init.ask import open_questions
from seglib.init.bothsides import both_sides
from seglib.init.draft import draft
from seglib.init.grouped import OF_THE_ORDER, filled_down, refuse_groups
from seglib.init.guess import Guess, Question, guess
from seglib.init.known import keyed, own_address, refuse_twice, unborne
from seglib.init.leftout import without_others
from seglib.init.lookrows import Progress
from seglib.init.looks import Look
from seglib.init.made import made_of_others
from seglib.init.meanings import meanings
from seglib.init.money import money
from seglib.init.people import People
from seglib.init.piecesback import pieces_back
from seglib.init.positions import without_bodies
from seglib.init.reshape import one_spelling, purchases_only, query
from seglib.init.rhythm import USUAL, Rhythm, rhythm_of
from seglib.init.sentences import always_unsure, counts, currency, dates, ignored, mostly_nameless, scant
from seglib.init.sniff import Sniffed, files_of, sniff
from seglib.init.suborders import once_only
from seglib.init.systems import Known, recognise
from seglib.init.taxed import UNSAID, tax_of
from seglib.init.twofold import sums_of_others, with_sums, without_sums
from seglib.init.zones import zone_of

OPEN = "# open draft of seglib init; unchanged: "


@dataclass(frozen=True)
class Proposal:
    """What an orders file seems to be, and the plan that follows.

    Parameters
    ----------
    file : Path
        The file.
    source : Source
        How to read it, with its columns.
    currency, money_decimals : str, int
        ISO 4217 code, and the decimals that the prices need, 0 to 4.
    rules : Rules
        What happens to cancellations and test orders.
    understood, unsure, beside : tuple of str
        Sentences for the analyst; those of `beside` stand in `understood` too and name columns that are not read.
    connections, given : mapping of str to Connection, and str
        The database that is asked in place of a file, and how the command named it.
    rhythm, tax : Rhythm, str
        Days of the stages and of the window, and whether amounts hold tax.
    """

    file: Path
    source: Source
    currency: str
    money_decimals: int
    rules: Rules
    understood: tuple[str, ...]
    unsure: tuple[str, ...]
    questions: tuple[Question, ...] = ()
    open: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict, repr=False)
    files: tuple[Path, ...] = ()
    people: People | None = None
    connections: Mapping[str, Connection] = field(default_factory=dict)
    given: str = ""
    beside: tuple[str, ...] = ()
    rhythm: Rhythm = USUAL
    tax: str = UNSAID

    @property
    def sources(self) -> list[Path]:
        """The files that the plan reads: those that are joined, else the file, or all that its pattern names."""
        return [] if self.connections else [*self.files] or files_of(self.file)

    def plan_text(self, study: str) -> str:
        """Write the plan; where a column is open, its last line tells whether anyone has edited it since."""
        zone = zone_of(self.looks.get(str(self.source.columns.get("ordered_at")))) or "UTC"
        means = (self.rules, self.unsure, study, self.questions, self.people, self.connections, zone)
        text = draft(self.source, self.currency, self.money_decimals, *means, rhythm=self.rhythm, tax=self.tax)
        Plan.parse(text)
        return f"{text}\n{OPEN}{_digest(text)}\n" if self.open else text

    def text(self, plan: Path, study: str, proof: str = "") -> str:
        """Say what was understood, what is unsure, where the plan lies, and what to type next."""
        parts = {"Understood": self.understood, "Please answer": self._asked(study), "Please check": self.unsure}
        said = [f"{head}:\n" + "".join(f"  {line}\n" for line in lines) for head, lines in parts.items() if lines]
        following = f"Read {plan.as_posix()}, correct it, then type: {self.next_command(study)}"
        return "\n".join([*said, *([proof] if proof else []), following])

    def _asked(self, study: str) -> tuple[str, ...]:
        """Each question with what is assumed and how to answer it."""
        lines = []
        for asked in self.questions:
            key = asked.key.removeprefix("columns.")
            if asked.key in (f"columns.{name}" for name in self.open):
                column = f'--column {key}="{asked.default}"'
                names = self.given or " ".join(file.name for file in self.files) or self.file.name
                how = f"seglib init {names} --study {study} {column}"
            else:
                how = (
                    f"assumed: {asked.default}; else write rules.{key}: {' or '.join(asked.options[1:])} into the plan"
                )
            lines.append(f"{asked.text} - {how}")
        return tuple(lines)

    def next_command(self, study: str) -> str:
        """The command to type after the plan has been read."""
        return report_command(study)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_untouched(plan: str) -> bool:
    """Whether a plan is one that `init` left open and nobody has edited since: another `init` may replace it.

    Examples
    --------
    >>> is_untouched("study: acme")
    False
    """
    text, _, ending = plan.rpartition(f"\n{OPEN}")
    return bool(text) and ending.strip() == _digest(text)


def propose(
    file: Path,
    given: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    packing: Source | None = None,
) -> Proposal:
    """Look at a file and propose which column is which.

    Parameters
    ----------
    file : Path
        CSV with any delimiter and encoding, JSON, Parquet, or Excel, packed or not; or a folder that is a table.
    given : mapping of str to str, optional
        Columns of the contract to columns of the file, as the user said.
    answers : mapping of str to str, optional
        Rules of the plan that the user decided.
    progress : callable, optional
        Called with the number of rows of each batch, as ``tqdm.update`` is.
    packing : Source, optional
        Which table of a zip file is meant, and how much a file may unpack to.

    Raises
    ------
    InputRefused
        With one clear sentence when the file cannot be read or cannot hold orders.
    """
    sniffed = purchases_only(sniff(file, progress, packing=packing))
    refuse_groups(sniffed, file.name)
    known = recognise(sniffed.looks)
    sniffed = once_only(filled_down(without_bodies(without_others(sniffed, known), known), known), known)
    sniffed, known = made_of_others(both_sides(sniffed, known), known)
    guessed = _understood(sniffed, file.name, dict(given or {}), answers or {}, known)
    if _of_the_record(sniffed, guessed):
        sniffed, known = made_of_others(purchases_only(sniff(file, progress, of_list="", packing=packing)), known)
        guessed = _understood(sniffed, file.name, dict(given or {}), answers or {}, known)
    guessed, sniffed = pieces_back(guessed, sniffed)
    guessed, folded = one_spelling(guessed)
    looks, columns = guessed.looks, guessed.columns
    written_so, date_doubt = dates(columns, looks)
    code, code_said, code_doubt = currency(columns, looks)
    digits, decimal_doubt = decimals(columns, looks, code) if has_money(columns) else (2, ())
    rules, rules_said, rules_doubt = rules_for(columns, looks, guessed.rules)
    rules, large_doubt = largest(rules, columns, looks, digits) if has_money(columns) else (rules, ())
    nameless, nameless_doubt = mostly_nameless(guessed)
    rules = rules.model_copy(update={**guessed.rules, **nameless, "not_customers": guessed.nobody})
    pace, (tax, tax_said, tax_doubt) = rhythm_of(guessed, rules, sniffed.is_whole), tax_of(guessed)
    doubts = (*date_doubt, *code_doubt, *decimal_doubt, *large_doubt, *rules_doubt, *tax_doubt, *nameless_doubt)
    said = (*sniffed.understood, *guessed.understood, *code_said, *rules_said, *tax_said, *pace.understood)
    always = (*pace.unsure, *always_unsure(written_so, guessed.look("ordered_at")))
    return Proposal(
        file=file,
        source=_source(sniffed, guessed, written_so, folded),
        currency=code,
        money_decimals=digits,
        rules=rules,
        understood=(*counts(sniffed, guessed), *said, *ignored(guessed)),
        beside=ignored(guessed),
        unsure=(*scant(sniffed, guessed), *sniffed.unsure, *guessed.unsure, *doubts, *always),
        questions=(*open_questions(guessed), *guessed.questions),
        open=guessed.open,
        looks=looks,
        rhythm=pace,
        tax=tax,
    )


def _understood(
    sniffed: Sniffed, label: str, given: dict[str, str], answers: Mapping[str, str], known: Known | None
) -> Guess:
    """Find out which column is which and what the rows mean, with the user's answers."""
    guessed = guess(sniffed.looks, label, given, known)
    refuse_twice(guessed, given, label)
    if known is not None:
        said = (known.text(), *(f"{known.system.title}: {sentence}" for sentence in known.export.knows))
        guessed = replace(guessed, understood=(*guessed.understood, *said))
        guessed = replace(guessed, unsure=(*guessed.unsure, *known.export.doubts))
        guessed = own_address(unborne(guessed, known), known)
    if "amount" not in guessed.open:
        lines, told = without_sums(guessed)
        guessed = articles(sums_of_others(meanings(money(lines, given), given)))
        guessed = with_sums(guessed, told) if told is not lines else guessed
    guessed = keyed(guessed, known) if known is not None else guessed
    return _answered(guessed, answers)


def _of_the_record(sniffed: Sniffed, guessed: Guess) -> bool:
    """Whether the money of a nested file stands on the record, and would be repeated for each element of a list."""
    money = [name for field in ("unit_price", "amount") if (name := guessed.name(field))]
    return bool(sniffed.in_list and money) and not {*money} & sniffed.in_list


def given_columns(said: Sequence[str]) -> dict[str, str]:
    """Read what the user said about columns: a field of orders, an equals sign, the column's name in the file.

    Raises
    ------
    InputRefused
        When there is no equals sign or no such field.

    Examples
    --------
    >>> given_columns(["ordered_at=Close Date"])
    {'ordered_at': 'Close Date'}
    """
    given = {}
    for text in said:
        field, mark, name = text.partition("=")
        if not mark or field.strip() not in ORDERS.names:
            remedy = 'write --column ordered_at="Close Date"' if not mark else nearest(field.strip(), ORDERS.names)
            raise InputRefused(Finding("P03", "not a column of orders", found=text[:40], do=remedy))
        given[field.strip()] = name.strip()
    return given


def _answered(guessed: Guess, answers: Mapping[str, str]) -> Guess:
    """Put the user's answers in place of what was assumed."""
    left = tuple(question for question in guessed.questions if question.key not in answers)
    known = {question.key: answers[question.key] for question in guessed.questions if question.key in answers}
    said = tuple(f"rules.{key} is {value}, as you said" for key, value in known.items())
    rules = {**guessed.rules, **known}
    return replace(guessed, rules=rules, questions=left, understood=(*guessed.understood, *said))


def _source(sniffed: Sniffed, guessed: Guess, date_format: str | None, folded: tuple[str, ...]) -> Source:
    """Write down how the orders are read."""
    csv = sniffed.source.csv.model_copy(update=written(guessed.columns, guessed.looks))
    misnamed = {name: "" for name in ORDERS.names if name in guessed.looks and name not in guessed.columns}
    columns = {field: guessed.lists.get(name, name) for field, name in guessed.columns.items()}
    made: dict[str, object] = {"csv": csv, "date_format": date_format, "columns": {**columns, **misnamed}}
    used = {*guessed.columns.values(), *(part for parts in guessed.lists.values() for part in parts)}
    made["fill_down"] = _first_rows(sniffed, guessed)
    made["query"] = query(sniffed, folded, used)
    made["file"] = None if made["query"] else sniffed.source.file
    return sniffed.source.model_copy(update=made)


def _first_rows(sniffed: Sniffed, guessed: Guess) -> tuple[str, ...]:
    """What only the first row of an order tells, that which marks such a row first: its number, else its time."""
    fields = [f for f in OF_THE_ORDER if {*sniffed.grouped} & {*_parts(guessed, f)}]
    return tuple(fields if "order_id" in fields else sorted(fields, key=lambda f: f != "ordered_at"))


def _parts(guessed: Guess, field: str) -> tuple[str, ...]:
    name = guessed.columns.get(field, "")
    return guessed.lists.get(name, (name,))
