"""The words of the command line: its verbs, their options, and how a wrong word is answered."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from seglib.core.errors import Finding, InputRefused, nearest

WHERE = (
    "Start with: seglib new studies, then in that folder: seglib report (the demo shop), or: seglib init my_orders.csv "
    "--study acme. Studies lie in the folder that SEGLIB_HOME names, else in the nearest one with a seglib.toml, from "
    "the current folder upwards. Exit codes: 0 done, 2 input refused, 3 busy, 4 environment, 5 privacy, 6 our mistake."
)
VERBS = (
    *("new", "init", "fetch", "report", "history", "lab", "assign", "verify", "forget", "purge", "record"),
    *("write-back", "sample"),
    *("teach", "check"),
)


class Parser(argparse.ArgumentParser):
    """argparse that answers a wrong word in the form of every other message."""

    def error(self, message: str) -> NoReturn:
        """Refuse with one line and exit code 2, naming the nearest option."""
        options = [name for action in self._actions for name in action.option_strings]
        wrong = message.rpartition("unrecognized arguments: ")[2].split(" ")[0]
        if wrong.startswith("--"):
            raise InputRefused(Finding("P03", "unknown parameter", found=wrong[:40], do=nearest(wrong, options)))
        raise InputRefused(Finding("P03", "command not understood", found=message, do=f"{self.prog} --help"))


def parser() -> Parser:
    """Describe every verb and its options."""
    top = Parser(
        prog="seglib",
        description="Customer segmentation, done properly: from raw orders to a quarterly report.",
        epilog=WHERE,
    )
    verbs = top.add_subparsers(dest="verb", metavar="VERB", parser_class=Parser)
    new = verbs.add_parser("new", help="make a folder for studies, with the notebooks and the demo shop in it")
    new.add_argument("folder", type=Path, help="a new or empty folder")
    _about_a_file(verbs.add_parser("init", help="look at a file of orders and propose a plan for it"))
    fetch = verbs.add_parser("fetch", help="download a public data set and set up its study")
    fetch.add_argument("name", nargs="?", default="", help="name in the registry; without it the registry is listed")
    _about_a_report(verbs.add_parser("report", help="make the report of a quarter"))
    history = verbs.add_parser("history", help="make the reports of several quarters, each with its past")
    _about(history)
    _about_quarters(history)
    _about_versions(history)
    lab = verbs.add_parser("lab", help="open JupyterLab with a study's run ready")
    _about(lab)
    lab.add_argument("--quarter", default="", help="for example 2026Q3; default: the last one that the data cover")
    assign = verbs.add_parser("assign", help="give the customers of a file the segments of a finished quarter")
    assign.add_argument("file", type=Path, help="one row per customer with the criteria that made the segments")
    _about(assign)
    assign.add_argument("--quarter", default="", help="for example 2026Q3; default: the last one that the data cover")
    assign.add_argument("--into", type=Path, default=None, help="file to write (default: beside the file)")
    verify = verbs.add_parser("verify", help="check a finished quarter, or a delivery's files, for damage")
    verify.add_argument("manifest", type=Path, nargs="?", default=None, help="manifest of a delivery, wherever it lies")
    _about(verify)
    verify.add_argument("--quarter", default="", help="for example 2026Q3; default: the last one that the data cover")
    _about_keeping(verbs)
    _about_a_table(verbs.add_parser("write-back", help="put segment and service tier into a table of your database"))
    _about_a_sample(verbs.add_parser("sample", help="make the demo shop's data again"))
    _about_a_course(verbs.add_parser("teach", help="make a student's folder: a shop of their own and exercises"))
    check = verbs.add_parser("check", help="say of every task of a course whether it is done, how far off, and a hint")
    check.add_argument("folder", type=Path, help="a folder that teach made, or one within it")
    return top


def _about_keeping(verbs: Any) -> None:
    forget = verbs.add_parser("forget", help="take a person out of every result of a study, for good")
    forget.add_argument("customer", help="the customer's id, as in the source files")
    forget.add_argument("--study", required=True, help="folder under data/")
    forget.add_argument("--yes", action="store_true", help="do it; without this it is only said what would happen")
    old = verbs.add_parser("purge", help="remove what is older than the plan keeps it (retention), and say why")
    old.add_argument("--study", required=True, help="folder under data/")
    old.add_argument("--dry-run", action="store_true", help="only say what would go")
    drafts = verbs.add_parser("record", help="draft the record of processing and the text for customers from the plan")
    drafts.add_argument("--study", required=True, help="folder under data/")


def _about_a_table(back: argparse.ArgumentParser) -> None:
    _about(back)
    back.add_argument("--quarter", default="", help="for example 2026Q3; default: the last one that the data cover")
    back.add_argument(
        "--connection", required=True, metavar="NAME", help="a connection of the plan; its user may write"
    )
    own = "a table of its own, made where there is none (default: seglib_segments)"
    back.add_argument("--table", default="seglib_segments", help=own)


def _about_a_sample(sample: argparse.ArgumentParser) -> None:
    sample.add_argument("--into", type=Path, default=None, help="folder to write into (default: data/demo)")
    another = "draw another shop of the same kind, into a folder of its own"
    sample.add_argument("--seed", type=int, default=None, help=another)


def _about_a_course(teach: argparse.ArgumentParser) -> None:
    teach.add_argument("folder", type=Path, help="a new or empty folder")
    teach.add_argument(
        "--weeks", type=int, default=4, help="weeks of the course, 1 to 10 (default 4); 1 and 2 have fewer"
    )
    teach.add_argument("--seed", type=int, default=7, help="same seed, same shop (default 7)")
    teach.add_argument("--solutions", action="store_true", help="the same with solutions, for the teacher")


def _about_a_file(init: argparse.ArgumentParser) -> None:
    several = "CSV, JSON, Parquet or Excel file with orders, or a folder; several are joined where their keys meet"
    init.add_argument("file", type=Path, nargs="*", help=several)
    variable = "environment variable with the address of a database, in place of a file, or a connection of the plan"
    init.add_argument("--connection", default="", metavar="NAME", help=variable)
    init.add_argument("--query", default="", metavar="SELECT", help="what is asked of it: one SELECT statement")
    init.add_argument("--inside", default=None, metavar="NAME", help="which table of a zip file is meant")
    most = "how many millions of bytes a packed file may unpack to, where more than usual is right"
    init.add_argument("--unpacked-max-mb", type=int, default=None, metavar="MB", help=most)
    init.add_argument("--study", required=True, help="name of the new study: a-z, 0-9, - and _")
    say_so = 'which column is which, for example ordered_at="Close Date"; may stand several times'
    init.add_argument("--column", action="append", default=[], metavar="FIELD=NAME", help=say_so)


def _about_a_report(report: argparse.ArgumentParser) -> None:
    _about(report)
    report.add_argument("--quarter", default="", help="for example 2026Q3; default: the last one that the data cover")
    anew = "make this notebook and all after it anew, for example 04"
    report.add_argument("--from", dest="first", default="", help=anew)
    report.add_argument("--cell-seconds", type=int, default=900, help="time limit of a cell (default 900)")
    _about_versions(report)


def _about_versions(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--locked", action="store_true", help="refuse where libraries are not those of requirements.lock")


def _about_quarters(history: argparse.ArgumentParser) -> None:
    history.add_argument("--from", dest="first", required=True, help="first quarter")
    history.add_argument("--to", dest="last", required=True, help="last quarter")
    anew = "make segments anew in each quarter after one that asks for it, although the plan keeps them"
    history.add_argument("--refit-when-asked", action="store_true", help=anew)


def _about(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--study", default="demo", help="folder under data/ (default: demo)")
    verb.add_argument("--seed", type=int, default=0, help="same seed, same result (default 0)")
