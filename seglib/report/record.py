"""Two drafts from a plan: the record of processing that a controller keeps, and what customers are told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seglib.activation.formats import OWN_FORMATS, Format, read_format
from seglib.core.contract import CUSTOMER
from seglib.core.plan import Plan
from seglib.core.purposes import CHANNELS, PROFILING, SERVICE

FILL = "TO FILL IN:"
RECORD, NOTICE = "record_of_processing.draft.md", "text_for_customers.draft.md"
ARTICLES = {
    "consent": "consent (GDPR, Article 6(1)(a))",
    "contract": "performance of a contract (GDPR, Article 6(1)(b))",
    "legitimate_interest": "legitimate interest (GDPR, Article 6(1)(f))",
    "public_data": "data that the person made public, and a legitimate interest in them (GDPR, Article 6(1)(f))",
}
ADVICE = (
    "This is a draft, made from the plan of the study by seglib. It says what seglib does. What it cannot know is "
    f"marked {FILL[:-1]}. Have it checked by whoever is responsible for data protection before anybody relies on it."
)
SECURITY = (
    "Customers stand in results under pseudonyms made with a secret key of the study; contact details lie apart, in a "
    "folder that only its owner can open, and are joined in for a delivery and nowhere else.",
    "Whether somebody may be profiled or contacted is decided before anything is computed, and once more, from the "
    "words as they are then, when a delivery is finished; a file with one person without consent is not published.",
    "Nobody known to be under 18, and nobody whose age band cannot be read, is profiled or contacted.",
    "Special categories of personal data (GDPR, Articles 9 and 10) are not computed.",
    "Nothing is handed on over a network by itself: deliveries are files, which a person or a program of the house "
    "carries.",
)
WRITTEN_BACK = (
    "Write-back, which a person starts, puts segment and service tier into a table of the house's database, "
    f"over the network where that is elsewhere. {FILL} who may read that table, and how long its rows are kept."
)
NOBODY = "nobody gets anything: the plan has no consent table"


def forms_of(plan: Plan, data: Path | None = None) -> list[Format]:
    """Read the formats of the plan's destinations, the main one first.

    Parameters
    ----------
    plan : Plan
    data : Path, optional
        The study's folder, in which formats of its own may lie.
    """
    names = dict.fromkeys((plan.activation.destination, *plan.activation.destinations))
    return [read_format(name, data / OWN_FORMATS if data else None) for name in names]


def record(plan: Plan, forms: Sequence[Format]) -> str:
    """Draft the record of processing activities that GDPR, Article 30(1), asks of a controller.

    Parameters
    ----------
    plan : Plan
    forms : sequence of Format
        Of the plan's destinations, as `forms_of` gives them.

    Returns
    -------
    str
        Markdown; each line that a person must complete begins with ``TO FILL IN``.

    Examples
    --------
    >>> plan = Plan.parse("study: acme\\nconsent: {basis: contract}\\nsources: {orders: {file: o.csv}}")
    >>> "performance of a contract" in record(plan, forms_of(plan))
    True
    """
    name = plan.title or plan.study
    parts = [
        f"# Record of processing: segments of the customers of {name}",
        ADVICE,
        "## Controller (Article 30(1)(a))",
        f"{FILL} name and contact details of the controller, of its representative and of the data protection officer.",
        "## Purposes and legal bases (b)",
        _table(("purpose", "what is done", "on what basis"), _purposes(plan, forms)),
        *([f"Note of the plan on the basis: {plan.consent.note}"] if plan.consent.note else []),
        "## Whose data, and which (c)",
        "Customers, and whoever else stands in the files that are read. seglib reads these columns, where the "
        "files have them, and no others:",
        _table(("table", "column", "what it is"), _data(plan)),
        "## Who receives them (d)",
        _table(("recipient", "what they get", "for"), _recipients(plan, forms)),
        "## Transfers to third countries (e)",
        f"{FILL} for each recipient above, where it processes the data, and on what ground they may go there.",
        "## How long they are kept (f)",
        _table(("what", "for how long"), _kept(plan)),
        "## Security (g)",
        "\n".join(f"- {line}" for line in _security(plan)),
        "## Decisions about single persons (Article 22)",
        "Who belongs to which segment, who is offered what and who gets which service is decided by rule. "
        f"{FILL} that none of it has legal or similarly significant effects, or why it may.",
    ]
    return "\n\n".join(parts) + "\n"


def notice(plan: Plan, forms: Sequence[Format]) -> str:
    """Draft what customers are told about it, in plain words (GDPR, Articles 13 and 14; CCPA, notice at collection).

    Parameters
    ----------
    plan, forms
        As for `record`.

    Examples
    --------
    >>> plan = Plan.parse("study: acme\\nconsent: {basis: contract}\\nsources: {orders: {file: o.csv}}")
    >>> notice(plan, forms_of(plan)).splitlines()[0]
    '# What we do with your data: groups of customers'
    """
    words = {"orders": "what you ordered", "events": "what you looked at on our website or in our app"}
    words |= {"contacts": "which messages we sent you", "feedback": "what you answered when we asked you"}
    words |= {"customers": "what we know of you as a customer, such as where you live"}
    words |= {"engagement": "how often you took part in our channels"}
    known = [said for name, said in words.items() if name in plan.sources]
    sharing = [form.title for form in forms if form.shares]
    parts = [
        "# What we do with your data: groups of customers",
        ADVICE,
        f"**Who we are.** {FILL} the company, and how to reach it and its data protection officer.",
        f"**What we do.** We look at {_and(known)}, and put customers who behave alike into groups. With the groups we "
        "decide which offers may interest you, and see whether our shop serves its customers well.",
        f"**Why we may.** {_why(plan)}",
        f"**What we send you.** {_sent(plan, forms)}",
        f"**Who else gets your data.** {_others(forms)}",
        "**How long.** " + "; ".join(f"{what}: {how}" for what, how in _kept(plan)) + ".",
        "**What you can do.** You can ask what we know of you, have it corrected or deleted, and object at any time: "
        "to being put into a group, to any kind of message"
        + (", and to our choosing a service for you" if plan.activation.house else "")
        + f". It costs you nothing and changes nothing about your orders. {FILL} how to do so, and the authority to "
        "which one can complain.",
    ]
    if sharing:
        parts.append(
            f"**Do not sell or share my personal information.** We hand lists of addresses, hashed, to {_and(sharing)} "
            "to show you advertisements there. Under Californian law this counts as sharing. You can refuse it: "
            f"{FILL} the link."
        )
    return "\n\n".join(parts) + "\n"


def write_drafts(plan: Plan, data: Path, folder: Path) -> tuple[Path, Path]:
    """Write both drafts into a folder, over those of an earlier time; a text that you have edited has another name.

    Parameters
    ----------
    plan : Plan
    data : Path
        The study's folder.
    folder : Path
        Where to write, such as the study's reports.

    Returns
    -------
    tuple of Path and Path
    """
    forms = forms_of(plan, data)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ((RECORD, record(plan, forms)), (NOTICE, notice(plan, forms))):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder / RECORD, folder / NOTICE


def _basis(plan: Plan) -> str:
    own = ARTICLES.get(plan.consent.basis or "", f"{FILL} on what basis" if "consent" not in plan.sources else "")
    if "consent" not in plan.sources or plan.consent.basis == "consent":
        return own
    asked = f"{ARTICLES['consent']}, where the consent table speaks of {PROFILING}"
    return f"{asked}; else {own}" if own else asked


def _purposes(plan: Plan, forms: Sequence[Format]) -> list[tuple[str, str, str]]:
    agreed = f"{ARTICLES['consent']}, recorded in the consent table" if "consent" in plan.sources else NOBODY
    rows = [("segments of customers", "criteria, segments, personas, stages, metrics and forecasts", _basis(plan))]
    for form in forms:
        rows.append((f"messages: {form.purpose}", f"list for {form.title}{_held_out(plan)}", agreed))
    if plan.evaluation.margin_share is not None:
        rows.append(("sales", "list of whom sales may approach", f"{agreed}; purpose {plan.activation.sales_purpose}"))
    if plan.activation.house:
        what = "segment and service tier by customer number, for systems of the house"
        rows.append(("service", what, f"{_basis(plan)}; not for whoever said no to {SERVICE}"))
    rows.append(("reports", f"numbers of groups of at least {plan.privacy.floor} customers", _basis(plan)))
    return rows


def _held_out(plan: Plan) -> str:
    if plan.rules.holdout_arm:
        return "; some are held out, whom the company chose"
    return "; some are held out by lot" if plan.activation.holdout_share else ""


def _data(plan: Plan) -> list[tuple[str, str, str]]:
    rows = []
    for name, source in plan.sources.items():
        contract = plan.contract(name)
        named = [column for column in contract.columns if source.columns.get(column.name) or column == CUSTOMER]
        for column in named if source.columns else contract.columns:
            rows.append((name, column.name, column.meaning))
    return rows


def _recipients(plan: Plan, forms: Sequence[Format]) -> list[tuple[str, str, str]]:
    rows = []
    for form in forms:
        cells = [
            f"{c.value.replace('_', ' ')}{' (hashed)' if c.hashed else ''}" for c in form.columns if c.value != "text"
        ]
        counts = "; counts as sharing under the CCPA" if form.shares else ""
        rows.append((form.title, f"{', '.join(cells)}; and whom it must leave alone", f"{form.purpose}{counts}"))
    if plan.evaluation.margin_share is not None:
        rows.append(("sales, in the house", "names, contact details, segment's code, expected money", "approach"))
    if plan.activation.house:
        rows.append(("systems of the house", "customer number, segment's code, service tier", SERVICE))
    rows.append(("readers of the report", f"numbers of groups of at least {plan.privacy.floor}", "decisions"))
    return rows


def _kept(plan: Plan) -> list[tuple[str, str]]:
    held = plan.retention
    days = {
        "results by pseudonym": held.results_days,
        "files for other systems": held.deliveries_days,
        "reports": held.reports_days,
        "files that are read": held.sources_days,
        "notes about mistakes of the program, without personal data": held.errors_days,
    }
    for_good = "for good: keyed hashes, so that nobody comes back with a later file"
    told = [(what, f"{n:,} days" if n else f"{FILL} no end is set in the plan (retention)") for what, n in days.items()]
    return [*told, ("who asked to be forgotten, and addresses that bounced or complained", for_good)]


def _security(plan: Plan) -> tuple[str, ...]:
    small = (
        f"No report tells a number of fewer than {plan.privacy.floor} customers, nor one from which it would follow."
    )
    wish = (
        "One command takes a person who asks out of every result and delivery that seglib keeps, and of later ones; "
        "it names the source files, databases and recipients where a person must still delete them."
    )
    back = (WRITTEN_BACK,) if plan.activation.house and plan.connections else ()
    return (*SECURITY, *back, small, wish, f"{FILL} who can reach the machine, and how it is protected and backed up.")


def _why(plan: Plan) -> str:
    said = {
        "contract": "It belongs to what we have agreed with you.",
        "legitimate_interest": "We have a legitimate interest in knowing our customers; you can object to it.",
        "public_data": "The data were made public by you, and we have a legitimate interest in them; you can object.",
        "consent": "You have agreed to it, and can take that back.",
    }
    own = said.get(plan.consent.basis or "", "")
    if "consent" not in plan.sources or plan.consent.basis == "consent":
        return own or f"{FILL} on what basis."
    one = f" {FILL} keep the first where the consent table speaks of {PROFILING}, else the second." if own else ""
    return f"{said['consent']} {own}{one}".strip()


def _ways(forms: Sequence[Format]) -> str:
    words = {"email": "e-mail", "sms": "text message", "post": "letter", "ads": "advertisement", SERVICE: "service"}
    purposes = dict.fromkeys(CHANNELS.get(form.purpose, form.purpose) for form in forms)
    return _and([words.get(purpose, purpose) for purpose in purposes])


def _sent(plan: Plan, forms: Sequence[Format]) -> str:
    if "consent" not in plan.sources:
        return f"Nothing by this: we have no record of what you agreed to. {FILL} what you are sent otherwise."
    lot = "" if plan.rules.holdout_arm else ", drawn by lot"
    some = f" Some customers get nothing for a while{lot}, so that we learn whether our messages are any good."
    is_some = plan.rules.holdout_arm or plan.activation.holdout_share
    agreed = f"Only what you have agreed to, by the way that you have agreed to: {_ways(forms)}."
    return f"{agreed}{some if is_some else ''}"


def _others(forms: Sequence[Format]) -> str:
    named = _and([form.title for form in forms])
    return f"Those who deliver our messages: {named}. {FILL} what they are, where they work and what binds them."


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    every = (heads, ["---"] * len(heads), *rows)
    lines = [[" ".join(cell.split()).replace("|", "/") for cell in line] for line in every]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
