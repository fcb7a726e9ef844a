"""The commented plan that a new study starts with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from seglib.core.contract import CUSTOMERS, ORDERS, TableContract
from seglib.core.origins import Connection
from seglib.core.sections import Csv, Rules, Source
from seglib.init.guess import Question
from seglib.init.newplan import PLAN
from seglib.init.people import People
from seglib.init.rhythm import USUAL, Rhythm

SHOWN = 5
CHOICES = {
    "amounts": "or minor, where amounts are written in cents",
    "discount": "or order, order_repeated, share, included (see docs/money.md)",
    "cost": "or piece: what the column of costs is about",
    "refunded": "or order, order_repeated: where the refunded amount stands",
}
WORDS = {"kinds": "what each kind of row is", "states": "what each state of an order means"}
ATTRIBUTES = "  # attributes: {education: {sensitivity: personal}}  # columns of your own in the customers file"
NOT_MEANT = "not read: the file's column of this name means something else"


def draft(
    source: Source,
    currency: str,
    decimals: int,
    rules: Rules,
    unsure: Sequence[str],
    study: str,
    questions: Sequence[Question] = (),
    people: People | None = None,
    connections: Mapping[str, Connection] | None = None,
    timezone: str = "UTC",
    rhythm: Rhythm = USUAL,
    tax: str = "unsaid",
) -> str:
    """Write the plan of a new study as YAML with a comment for every decision.

    Parameters
    ----------
    source : Source
        How the orders are read.
    currency, decimals : str, int
        ISO 4217 code, and decimals of money, 0 to 4.
    rules : Rules
        Cancellations and test orders.
    unsure : sequence of str
        Sentences to put at the top.
    study : str
        Name of the study.
    questions : sequence of Question
        What no column decides: each stands beside the line of the plan that answers it.
    people : People, optional
        A file of customers.
    connections : mapping of str to Connection, optional
        Databases that the plan asks.
    timezone : str
        Of the shop.
    rhythm : Rhythm
        Days of the stages and of the window.
    tax : str
        Whether amounts hold tax: with, without or unsaid.

    Examples
    --------
    >>> draft(Source(file="o.csv"), "EUR", 2, Rules(), ["the time zone"], "acme").splitlines()[2:4]
    ['# To be checked:', '#   - the time zone']
    """
    asked = {question.key: question for question in questions}
    doubts = "\n".join(["# To be checked:", *(f"#   - {_line(sentence)}" for sentence in unsure)]) + "\n"
    if asked:
        lines = (f"#   - {key if '.' in key else f'rules.{key}'}: {_line(q.text)}" for key, q in asked.items())
        doubts = "\n".join(["# To be answered:", *lines]) + "\n" + doubts
    return PLAN.format(
        study=study,
        timezone=timezone,
        unsure=doubts,
        currency=currency,
        decimals=decimals,
        connections=_connections(connections or {}),
        source=_indent(_source(source, asked), 4),
        people=f"  customers:\n{_indent(_people(people), 4)}" if people else "  # customers: {file: customers.csv}",
        attributes=_attributes(people) if people and people.attributes else ATTRIBUTES,
        rules=_indent(_rules(rules, asked), 2),
        largest=rules.amount_max_minor,
        nameless=rules.missing_customer_max_share,
        rhythm=rhythm,
        tax=tax,
    )


def _connections(connections: Mapping[str, Connection]) -> str:
    """Write databases as YAML; no address stands in a plan."""
    if not connections:
        return ""
    lines = [f"{name}: {{driver: {each.driver}, uri_env: {each.uri_env}}}" for name, each in connections.items()]
    head = "\nconnections:                       # databases: the address stands in the environment, nowhere else\n"
    return head + _indent(lines, 2) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """Write text as a YAML scalar in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _indent(lines: Sequence[str], spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in lines)


def _source(source: Source, asked: Mapping[str, Question], contract: TableContract = ORDERS) -> list[str]:
    if source.connection:
        lines = [
            f"connection: {source.connection}",
            "query: |  # kept once asked; seglib report without --quarter, or with --from 00, asks again",
        ]
        lines += [f"  {line}".rstrip() for line in str(source.query).splitlines()]
    elif source.query:
        lines = ["query: >-  # sees the files of sources/ as tables, named without their endings", f"  {source.query}"]
    else:
        lines = [f"file: {_quoted(source.file or '')}  # in sources/; a pattern such as orders_*.csv.gz reads several"]
    if source.inside:
        lines.append(f"inside: {_quoted(source.inside)}  # the table in the zip file")
    if source.unpacked_max_mb:
        lines.append(f"unpacked_max_mb: {source.unpacked_max_mb}  # a packed file that holds more is refused")
    if source.sheet:
        lines.append(f"sheet: {_quoted(source.sheet)}")
    if source.header:
        lines.append(f"header: {source.header}  # line of the column names; what stands above is not read")
    lines.append(f"csv: {{{_csv(source.csv)}}}")
    if source.date_format:
        lines.append(f"date_format: {_quoted(source.date_format)}  # never guessed at each run")
    if source.fill_down:
        lines.append(f"fill_down: [{', '.join(source.fill_down)}]  # of rows below the first of their order")
    lines.append("columns:  # name inside seglib: name in the file")
    meanings = {column.name: column.meaning for column in contract.columns}
    said = {field: meanings.get(field, "") if name else NOT_MEANT for field, name in source.columns.items()}
    lines += [f"  {field}: {_names(name)}  # {said[field]}" for field, name in source.columns.items()]
    for key, question in asked.items():
        if key.startswith("columns."):
            names = " or ".join(_quoted(name) for name in question.options[:SHOWN])
            lines.append(f"  # {key.removeprefix('columns.')}: OPEN, write one of: {_line(names)}")
    return lines


def _people(people: People) -> list[str]:
    """Read the file of customers; what may be an attribute stands commented."""
    lines = _source(people.source, {}, CUSTOMERS)
    return lines + [f"  # {own}: {_quoted(name)}" for own, (name, *_) in people.attributes.items()]


def _attributes(people: People) -> str:
    """Propose attributes as comments: whoever takes the # away decides that they describe segments."""
    lines = ["# attributes:  # columns of customers that describe segments: take the # away here and under sources"]
    for own, told in people.attributes.items():
        about = f"family: {told.family}, kind: {told.kind}, sensitivity: {told.sensitivity}"
        lines.append(f"#   {own}: {{{about}}}")
    return _indent(lines, 2)


def _names(name: str | Sequence[str]) -> str:
    return _quoted(name) if isinstance(name, str) else f"[{', '.join(_quoted(part) for part in name)}]"


def _csv(csv: Csv) -> str:
    text = f"delimiter: {_quoted(csv.delimiter)}, encoding: {csv.encoding}, decimal: {_quoted(csv.decimal)}"
    text += f", thousands: {_quoted(csv.thousands)}" if csv.thousands else ""
    text += f", signs: [{', '.join(_quoted(sign) for sign in csv.signs)}]" if csv.signs else ""
    return text + (f", negative: {csv.negative}" if csv.negative != "before" else "")


def _rules(rules: Rules, asked: Mapping[str, Question]) -> list[str]:
    prefix = _quoted(rules.cancelled_prefix) if rules.cancelled_prefix else "null"
    lines = [
        f"{key}: {getattr(rules, key)}  # {f'ASSUMED: {_line(asked[key].text)}' if key in asked else meaning}"
        for key, meaning in CHOICES.items()
        if key in asked or key in rules.model_fields_set
    ]
    lines += [f"{key}: {{{_pairs(getattr(rules, key))}}}  # {m}" for key, m in WORDS.items() if getattr(rules, key)]
    return [
        *lines,
        f"cancelled_prefix: {prefix}  # order numbers that start so are cancellations",
        f"cancelled_status: {_listed(rules.cancelled_status)}",
        f"test_status: {_listed(rules.test_status)}",
        f"not_products: {_listed(rules.not_products)}  # postage, fees",
        f"discount_lines: {_listed(rules.discount_lines)}  # articles whose lines are discounts of their order",
        f"not_customers: {_listed(rules.not_customers)}  # the till, guests, a marketplace: no single customers",
    ]


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(_quoted(value) for value in values)}]"


def _pairs(values: Mapping[str, str]) -> str:
    return ", ".join(f"{_quoted(key)}: {value}" for key, value in values.items())
