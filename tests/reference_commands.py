"""Writes docs/commands.md: every verb with its options, from the parser itself, and the exit codes from the errors."""

import argparse
import inspect
from pathlib import Path

from seglib.core import errors
from seglib.core.errors import SegError
from seglib.verbs import parser

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "commands.md"
EXAMPLES = {
    "new": ["seglib new studies"],
    "init": [
        "seglib init my_orders.csv --study acme",
        'seglib init orders.csv customers.csv --study acme --column ordered_at="Close Date"',
    ],
    "fetch": ["seglib fetch", "seglib fetch online_retail"],
    "report": [
        "seglib report",
        "seglib report --study acme --quarter 2026Q3 --locked",
        "seglib report --study acme --from 04",
    ],
    "history": ["seglib history --study online_retail --from 2011Q1 --to 2011Q3 --refit-when-asked"],
    "lab": ["seglib lab --study acme --quarter 2026Q3"],
    "assign": ["seglib assign newcomers.csv --study acme --quarter 2026Q3 --into labelled.csv"],
    "verify": ["seglib verify --study acme --quarter 2026Q3", "seglib verify mailchimp_manifest.json"],
    "forget": ["seglib forget C-1042 --study acme --yes"],
    "purge": ["seglib purge --study acme --dry-run"],
    "record": ["seglib record --study acme"],
    "write-back": ["seglib write-back --study acme --connection crm --table crm.segments"],
    "sample": ["seglib sample --into demo_again", "seglib sample --seed 3 --into another_shop"],
    "teach": ["seglib teach class/ada --weeks 4 --seed 7", "seglib teach teacher --seed 7 --solutions"],
    "check": ["seglib check class/ada"],
}
STOPPED = {
    0: "Done.",
    130: "Stopped by Ctrl-C (SIGINT).",
    141: "Nobody reads the output any more.",
    143: "Stopped by SIGTERM.",
}
HEAD = """# The command line

`seglib VERB ...`, or `python -m seglib VERB ...` where no command is on the path. In a clone the targets of make do the
same: `make help` lists them. [Where studies lie](home.md) says which folder a command works in.

Made by `make references` from the parser.
"""
EXITS = """## Exit codes

A scheduler reads the exit code, a person the one line on the standard error: [every code](codes.md) tells what it
means. After any exit code but 0 the last good report is still there.

| code | means |
|---|---|
"""


def verbs() -> dict[str, tuple[str, argparse.ArgumentParser]]:
    """Give each verb with its help and its parser."""
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
    return {name: (helps[name], each) for name, each in action.choices.items()}


def exits() -> dict[int, str]:
    """Give each exit code with its meaning: the docstring of the error that has it."""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SegError)]
    said = {kind.exit_code: str(kind.__doc__).split(";")[0].rstrip(".") for kind in kinds if kind is not SegError}
    return dict(sorted((STOPPED | {code: f"{told}." for code, told in said.items()}).items()))


def options(each: argparse.ArgumentParser) -> list[str]:
    """Write the rows of a verb's words and options."""
    rows = []
    for action in each._actions:
        if not isinstance(action, argparse._HelpAction):
            word = action.metavar or (action.dest.upper() if action.option_strings and action.nargs != 0 else "")
            name = " ".join([*action.option_strings, str(word)]).strip() or action.dest
            must = "yes" if action.required else ""
            rows.append(f"| `{name}` | {must} | {(action.help or '').replace('|', '/')} |")
    return rows


def page() -> str:
    """Write the page."""
    lines = [HEAD]
    for name, (told, each) in verbs().items():
        lines.append(f"## seglib {name}\n\n{told[:1].upper()}{told[1:]}.\n")
        lines += ["```", *EXAMPLES[name], "```\n"] if name in EXAMPLES else []
        lines += ["| word | needed | meaning |", "|---|---|---|", *options(each), ""]
    lines.append(EXITS + "\n".join(f"| {code} | {told} |" for code, told in exits().items()))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
