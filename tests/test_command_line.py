"""The command line: verbs that explain themselves, one sentence and an exit code for everything that is wrong."""

import argparse
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from seglib import __main__ as cli
from seglib.core.errors import Busy, InputRefused, PrivacyRefused
from seglib.core.run import Run
from seglib.report.lab import lab_folder

ROOT = Path(__file__).resolve().parents[1]
ORDERS = "Invoice,Customer ID,Quantity,Price,InvoiceDate\n" + "".join(
    f"{n},{100 + n % 9},2,1.50,2026-0{1 + n % 6}-{1 + n // 6 * 5 % 18:02} 10:00:00\n" for n in range(90)
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty project folder with the notebooks."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["reprot"], 2, "SEG-P03 no such verb - found: reprot - do: did you mean 'report'?"),
        (["report", "--quater", "2026Q3"], 2, "found: --quater - do: did you mean '--quarter'?"),
        (["report", "--study", "nosuch"], 2, "SEG-F01 no plan for this study"),
        (["report", "--study", "../up"], 2, "SEG-P01 not a study's name"),
        (["report", "--study", "demo", "--quarter", "2026Q5"], 2, "SEG-F01 no plan"),
        (["history"], 2, "command not understood"),
        (["init", "nosuch.csv", "--study", "x"], 2, "SEG-F01"),
        (["fetch", "online_retial"], 2, "did you mean 'online_retail'?"),
        (["assign", "new.csv", "--study", "nosuch"], 2, "SEG-F01 no plan for this study"),
        (["assign"], 2, "command not understood"),
        (["report", "--seed", "many"], 2, "command not understood"),
    ],
)
def test_mistake_ends_in_one_sentence(home, capsys, arguments, code, sentence):
    """A wrong word is answered with what is right, never with a traceback."""
    assert cli.main(arguments) == code
    shown = capsys.readouterr().err

    assert sentence in shown
    assert "Traceback" not in shown


def test_help_lists_every_verb(home, capsys):
    """Without a verb the command explains itself."""
    assert cli.main([]) == 0
    shown = capsys.readouterr().out

    assert all(verb in shown for verb in cli.VERBS)


def test_registry_is_listed(home, capsys):
    """fetch without a name shows what there is, with licence and address."""
    assert cli.main(["fetch"]) == 0
    assert "CC BY 4.0" in capsys.readouterr().out


def test_init_says_what_it_understood_and_what_to_type(home, capsys):
    """A small export becomes a study whose plan names the last complete quarter."""
    (home / "my_orders.csv").write_text(ORDERS)

    assert cli.main(["init", str(home / "my_orders.csv"), "--study", "acme"]) == 0
    assert "seglib report --study acme" in capsys.readouterr().out
    assert cli.latest("acme") == "2026Q1"


def test_init_whose_proof_names_lines_to_mend_does_not_end_as_done(home, capsys):
    """The plan is written and the line named; a scheduler sees from the exit code that no report can be made yet."""
    lines = ORDERS.splitlines()
    (home / "my_orders.csv").write_text("\n".join([*lines[:5], lines[5].rpartition(",")[0] + ",#N/A", *lines[6:]]))
    code = cli.main(["init", str(home / "my_orders.csv"), "--study", "acme"])
    said = capsys.readouterr()

    assert code == 2
    assert "To mend before a report" in said.out and "line 6" in said.out
    assert (
        "the plan is written, but a report would be refused - plan.yml - found: 1 thing to mend - do: mend" in said.err
    )
    assert (home / "data" / "acme" / "plan.yml").is_file()


@pytest.mark.wide
def test_V25_too_few_customers_are_refused_before_anything_is_published(home, command):
    """Nine customers are no segmentation: one sentence, exit code 2, no report."""
    (home / "my_orders.csv").write_text(ORDERS)
    cli.main(["init", str(home / "my_orders.csv"), "--study", "acme"])
    done = command(home, "report", "--study", "acme", "--quarter", "2026Q1")

    assert done.returncode == 2
    assert "SEG-V25" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (home / "reports" / "acme" / "2026Q1").exists()


def test_history_backwards_is_refused(home, capsys):
    """The first quarter comes before the last."""
    shutil.copytree(ROOT / "data" / "demo", home / "data" / "demo", ignore=shutil.ignore_patterns("runs"))

    assert cli.main(["history", "--study", "demo", "--from", "2026Q3", "--to", "2026Q2"]) == 2
    assert "the first quarter is after the last" in capsys.readouterr().err


def test_starting_number_must_be_a_notebook(home, capsys):
    """There are ten notebooks."""
    shutil.copytree(ROOT / "data" / "demo", home / "data" / "demo", ignore=shutil.ignore_patterns("runs"))

    assert cli.main(["report", "--study", "demo", "--quarter", "2026Q3", "--from", "11"]) == 2
    assert "not a notebook's number" in capsys.readouterr().err


def broken(_: argparse.Namespace) -> None:
    """A mistake of ours whose message quotes a row."""
    raise RuntimeError("row of anna@example.com")


def test_our_own_mistake_is_one_sentence_and_a_private_file_of_its_own(home, capsys, monkeypatch):
    """The message names a file for this study, quarter and time, which holds places in the code and no data."""
    (home / "data").mkdir()
    monkeypatch.setitem(cli.VERB, "report", broken)

    assert cli.main(["report", "--study", "acme", "--quarter", "2026Q3"]) == 6
    shown = capsys.readouterr().err
    (details,) = (home / "data").iterdir()
    assert re.fullmatch(r"seglib-error-acme-2026Q3-\d{8}T\d{6}-\d{6}\.txt", details.name)
    assert f"SEG-BUG stopped by RuntimeError - found: the places in the code are in data/{details.name}" in shown
    assert "test_command_line.py, line" in details.read_text()
    assert "anna" not in shown + details.read_text()
    assert details.stat().st_mode & 0o777 == 0o600


def test_the_last_ten_mistakes_are_kept(home, monkeypatch):
    """A crash of one study does not overwrite that of another, and a study's odd name is no part of a file's."""
    (home / "data").mkdir()
    monkeypatch.setitem(cli.VERB, "report", broken)
    for number in range(12):
        cli.main(["report", "--study", f"shop{number:02d}" if number else "../up"])
    kept = sorted(path.name[:19] for path in (home / "data").iterdir())

    assert kept == [f"seglib-error-shop{number:02d}" for number in range(2, 12)]


@pytest.mark.parametrize(("error", "code"), [(InputRefused, 2), (Busy, 3), (PrivacyRefused, 5), (MemoryError, 4)])
def test_every_kind_of_refusal_has_its_exit_code(home, monkeypatch, error, code):
    """Schedulers read the exit code."""

    def refuse(_: argparse.Namespace) -> None:
        raise error([])

    monkeypatch.setitem(cli.VERB, "fetch", refuse)

    assert cli.main(["fetch"]) == code


def test_interruption_publishes_nothing_and_says_so(home, capsys, monkeypatch):
    """Ctrl-C ends in a sentence."""

    def stop(_: argparse.Namespace) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.VERB, "fetch", stop)

    assert cli.main(["fetch"]) == 130
    assert "nothing was published" in capsys.readouterr().err


def test_lab_of_another_study_gets_notebooks_with_its_parameters(home):
    """The copies open on the study's own quarter; what an analyst changed in them is kept."""
    (home / "my_orders.csv").write_text(ORDERS)
    cli.main(["init", str(home / "my_orders.csv"), "--study", "acme"])
    run = Run.open("acme", "2026Q1", seed=3)
    folder = lab_folder(run)
    (folder / "05_personas.ipynb").write_text("mine")
    first = nbformat.read(folder / "04_clustering.ipynb", as_version=4)
    cell = next(c for c in first.cells if "injected-parameters" in c.metadata.get("tags", []))

    assert len(list(folder.glob("*.ipynb"))) == 10
    assert 'study = "acme"' in cell.source
    assert (lab_folder(run) / "05_personas.ipynb").read_text() == "mine"


def test_lab_of_the_demo_is_the_notebooks_folder(home):
    """The demo's notebooks need no copies."""
    shutil.copytree(ROOT / "data" / "demo", home / "data" / "demo", ignore=shutil.ignore_patterns("runs"))

    assert lab_folder(Run.open("demo", "2026Q3")) == home / "notebooks"


@pytest.mark.parametrize(("user", "ended", "code"), [(0, 0, 0), (1000, -2, 0), (1000, 1, 4)])
def test_lab_starts_in_a_container_and_says_when_it_does_not(home, capsys, monkeypatch, user, ended, code):
    """Root alone asks JupyterLab to run as root; to end it by Ctrl-C is no error, not to start at all is one."""
    shutil.copytree(ROOT / "data" / "demo", home / "data" / "demo", ignore=shutil.ignore_patterns("runs"))
    asked = []
    monkeypatch.setattr(cli.os, "geteuid", lambda: user)
    monkeypatch.setattr(cli, "do_report", lambda options: None)
    monkeypatch.setattr(
        cli.subprocess, "run", lambda command, **_: asked.append(command) or SimpleNamespace(returncode=ended)
    )

    assert cli.main(["lab", "--study", "demo", "--quarter", "2026Q3"]) == code
    assert ("--allow-root" in asked[0]) is (user == 0)
    assert ("JupyterLab does not start" in capsys.readouterr().err) is (code == 4)
