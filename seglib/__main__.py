"""The command line: one verb for each thing that a person or a scheduler asks for."""

from __future__ import annotations

from seglib.core.early import loaded, loading

loading(__name__)

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from seglib.core.ending import exit_code_of, orderly, say
from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused, nearest
from seglib.core.home import home, shipped, shown
from seglib.core.privacy import owner_only
from seglib.core.run import Run
from seglib.core.steps import STEPS
from seglib.keeping import do_forget, do_purge, do_record, do_write_back
from seglib.verbs import VERBS, parser

loaded()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 input, 3 busy, 4 environment, 5 privacy, 6 our mistake.

    130, 143 and 141 say that it was stopped by Ctrl-C or SIGTERM, or that nobody reads its output any more.

    Examples
    --------
    >>> main(["report", "--study", "nosuchstudy"])
    2
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = argparse.Namespace()
    with owner_only(), orderly():
        return exit_code_of(lambda: _obey(given, options), options)


def _obey(given: list[str], options: argparse.Namespace) -> None:
    if given and not given[0].startswith("-") and given[0] not in VERBS:
        raise InputRefused(Finding("P03", "no such verb", found=given[0][:40], do=nearest(given[0], VERBS)))
    _parse(given, options)
    if options.verb is None:
        say(parser().format_help().rstrip())
    else:
        VERB[options.verb](options)


def _parse(given: list[str], options: argparse.Namespace) -> None:
    """Parse so that an unknown option is answered by its own verb, which knows the nearest name."""
    _, rest = parser().parse_known_args(given, options)
    if rest:
        verbs = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
        known = verbs.choices.get(options.verb, parser())
        known.error("unrecognized arguments: " + " ".join(rest))


def do_report(options: argparse.Namespace) -> None:
    """Make one report; an invented study makes its previous quarter first, so that there is a past of today's data."""
    from seglib.report.make import make_report

    first = int(options.first) if options.first.isdecimal() else None
    if options.first and (first is None or first > len(STEPS)):
        remedy = "write 01 to 10, or 00 to read the sources again as well"
        raise InputRefused(Finding("P03", "not a notebook's number", found=options.first[:10], do=remedy))
    say_versions(options)
    follow_version()
    ask_again(options, first)
    run = _run(options)
    before = Run.open(options.study, run.quarter.previous.text, options.seed)
    if run.plan.synthetic and not all(before.is_current(step.name) for step in STEPS):
        make_report(before, say)
    page = make_report(run, say, first, options.cell_seconds)
    say(f"\n{shown(page)}")


def do_history(options: argparse.Namespace) -> None:
    """Make several quarters in order, each with its past."""
    from seglib.report.history import make_history

    say_versions(options)
    follow_version()
    first = Run.open(options.study, options.first, options.seed)
    last = Run.open(options.study, options.last, options.seed)
    quarters = first.quarter.through(last.quarter)
    if not quarters:
        raise InputRefused(Finding("P01", "the first quarter is after the last", do="swap --from and --to"))
    make_history(options.study, quarters, options.seed, say, options.refit_when_asked)


def say_versions(options: argparse.Namespace) -> None:
    """Say which libraries are not those that the tests ran with, or refuse them where ``--locked`` asks for that."""
    from seglib.core.libraries import strangers, told

    if sentence := told(strangers(), bool(getattr(options, "locked", False))):
        say(sentence)


def ask_again(options: argparse.Namespace, first: int | None) -> None:
    """Ask databases again where the last quarter is wanted, whichever that is, or the sources are to be read again."""
    if not options.quarter or first == 0:
        Run.open(options.study, "2000Q1").ask_databases(say, anew=True)


def follow_version() -> None:
    """Bring the notebooks and the demo of a home up to date, and say so."""
    from seglib.init.new import bring_up_to_date

    for sentence in bring_up_to_date(home()):
        say(sentence)


def _run(options: argparse.Namespace) -> Run:
    """Open the run that the options name, and note which quarter it is."""
    options.quarter = options.quarter or latest(options.study)
    return Run.open(options.study, options.quarter, options.seed)


def latest(study: str) -> str:
    """Name the last quarter that the study's orders cover completely."""
    from seglib.core.intake.coverage import latest_quarter

    return latest_quarter(Run.open(study, "2000Q1")).text


def do_new(options: argparse.Namespace) -> None:
    """Make a home of studies."""
    from seglib.init.new import new_home

    for line in new_home(options.folder):
        say(line)


def do_init(options: argparse.Namespace) -> None:
    """Propose a plan for a file of orders, or for the answer of a database."""
    from tqdm import tqdm

    from seglib.init.ask import ask
    from seglib.init.propose import given_columns
    from seglib.init.study import write_study
    from seglib.init.trial import prove, refuse_unready, told

    place = home()
    given = given_columns(options.column)
    with _looking(options, place) as (look, finished):
        with tqdm(desc="      rows looked at", unit="", unit_scale=True, leave=False, disable=None) as bar:
            proposal = look(given, progress=bar.update)
        if proposal.questions and sys.stdin.isatty() and sys.stdout.isatty():
            answers = ask(proposal.questions, input, say)
            named = {k.removeprefix("columns."): v for k, v in answers.items() if k.startswith("columns.")}
            proposal = look(given | named, {k: v for k, v in answers.items() if "." not in k})
        final = finished(proposal)
        plan = write_study(final, place, options.study)
        trial = prove(proposal)
        say(final.text(Path(shown(plan)), options.study, proof=told(trial)))
        refuse_unready(trial, final.next_command(options.study))


@contextmanager
def _looking(options: argparse.Namespace, place: Path) -> Iterator[tuple[Callable[..., Any], Callable[[Any], Any]]]:
    """Give what looks at the files, or at the answer of a database, and what makes a plan of the proposal."""
    from seglib.core.address import refuse_address
    from seglib.core.sources.apart import endure
    from seglib.init.fromdb import looking, refuse_both
    from seglib.init.joining import propose_joined
    from seglib.init.propose import propose
    from seglib.init.sniff import files_of, said_of_packing

    refuse_both(options.file, options.connection, options.query)
    if options.connection:
        with looking(options.connection, options.query, place / "data" / options.study, say) as both:
            yield both
        return
    packing = said_of_packing(options.inside, options.unpacked_max_mb)
    for file in options.file:
        refuse_address(file)
    endure([each for file in options.file for each in files_of(file)], source=packing)
    look = partial(propose_joined, options.file) if len(options.file) > 1 else partial(propose, options.file[0])
    yield partial(look, packing=packing), lambda proposal: proposal


def do_fetch(options: argparse.Namespace) -> None:
    """Download a public data set, or list the registry."""
    from seglib.init.datasets import fetch, listing

    if not options.name:
        say(listing())
        return
    say(fetch(options.name, home(), progress=True).text())


def do_lab(options: argparse.Namespace) -> None:
    """Open JupyterLab on the study's notebooks, with every result they read in place."""
    from seglib.report.lab import lab_folder

    run = _run(options)
    do_report(argparse.Namespace(**vars(options), first="", cell_seconds=900))
    os.environ["SEGLIB_HOME"] = str(home())
    command = [sys.executable, "-m", "jupyterlab", str(lab_folder(run)), "--log-level=ERROR"]
    if hasattr(os, "geteuid") and not os.geteuid():
        command.append("--allow-root")  # in a container there is nobody else; it asks for a token and listens here only
    say("JupyterLab opens in the browser; to end it, press Ctrl-C here.")
    ended = subprocess.run(command, check=False).returncode
    if ended not in (0, -signal.SIGINT):
        do = "read its message above, or open the notebooks in another editor"
        raise EnvironmentTrouble(Finding("X22", "JupyterLab does not start", found=f"exit code {ended}", do=do))


def do_assign(options: argparse.Namespace) -> None:
    """Give the customers of a file their segments, by the frozen rules of a quarter."""
    from seglib.clustering.newcomers import label_file
    from seglib.clustering.segmentation import Segmentation
    from seglib.core.sources.apart import endure

    run = _run(options)
    endure([options.file])
    say(label_file(options.file, run.read(Segmentation), run.engine, options.into).text())


def do_verify(options: argparse.Namespace) -> None:
    """Check a delivery where a manifest is named, else a quarter."""
    from seglib.report.verify import verify_delivery, verify_quarter

    if options.manifest is not None:
        say(verify_delivery(options.manifest))
        return
    for line in verify_quarter(_run(options)):
        say(line)


def do_sample(options: argparse.Namespace) -> None:
    """Write the demo shop's data, and its plan where there is none; with a seed another shop, elsewhere."""
    from seglib.demo_shop import write
    from seglib.demo_shop.shop import SEED

    if options.seed is not None and (options.into is None or options.seed < 0):
        what, do = "another shop needs a folder of its own and a seed from 0 on", "name the folder with --into"
        raise InputRefused(Finding("P03", what, do=do))
    folder = options.into or home() / "data" / "demo"
    write(folder, SEED if options.seed is None else options.seed)
    if not (folder / "plan.yml").exists():
        shutil.copyfile(shipped() / "data" / "demo" / "plan.yml", folder / "plan.yml")
    say(f"demo shop written to {folder.name}/")


def do_teach(options: argparse.Namespace) -> None:
    """Make the folder of one student, or the teacher's."""
    from seglib.teach.folder import make

    for line in make(options.folder, options.weeks, options.seed, options.solutions):
        say(line)


def do_check(options: argparse.Namespace) -> None:
    """Say of every task whether it is done."""
    from seglib.teach.course import look

    for line in look(options.folder):
        say(line)


VERB: dict[str, Callable[[argparse.Namespace], None]] = {
    "new": do_new,
    "init": do_init,
    "fetch": do_fetch,
    "report": do_report,
    "history": do_history,
    "lab": do_lab,
    "assign": do_assign,
    "verify": do_verify,
    "forget": do_forget,
    "purge": do_purge,
    "record": do_record,
    "write-back": do_write_back,
    "sample": do_sample,
    "teach": do_teach,
    "check": do_check,
}

if __name__ == "__main__":
    sys.exit(main())
