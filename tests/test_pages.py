"""The pages that people read: links lead somewhere, commands are understood, examples give what stands below them."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import build_site
import pytest
import reference_commands
import yaml

from seglib import charts
from seglib.verbs import parser

ROOT = Path(__file__).resolve().parents[1]
SKILL = "skills/seglib/SKILL.md"
PAGES = build_site.written()
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.S | re.M)
RUNS = re.compile(r"<!-- runs -->\n```python\n(.*?)```\n+```text\n(.*?)```", re.S)
COMMAND = re.compile(r"(?:^|[\s`/])(?:python -m )?seglib ((?:[a-z]+(?:-[a-z]+)*)(?: [^`\n]*)?)")
ENDS = r' >>|  #| && |\s#|" -Working'
WORDS_AFTER = ("is", "has", "was", "with", "as", "and", "or", "in", "does", "itself", "at", "for", "that", "acme")
EXAMPLES = ["docs/methods.md", SKILL]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    """Names that a link may end in: headings as they are shown, without signs, and anchors that are written."""
    lines = [line for line, is_open in build_site.outside_code(text_of(page)) if is_open]
    heads = [re.sub(r"[`*]|\[|\]\([^)]*\)", "", line.lstrip("#").strip()) for line in lines if re.match(r"#+ ", line)]
    slugs = {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}
    return slugs | set(re.findall(r'id="([^"]+)"', text_of(page)))


def links(page: str) -> Iterator[str]:
    for line, is_open in build_site.outside_code(text_of(page)):
        for _, target in build_site.LINK.findall(re.sub(r"`[^`]*`", "", line)) if is_open else ():
            if not re.match(r"[a-z]+:", target):
                yield target


def commands(page: str) -> tuple[list[str], list[str]]:
    """Commands of blocks, and those of sentences, which may leave words out."""
    blocks = [body for _, kind, body in FENCE.findall(text_of(page)) if kind not in ("python", "text")]
    lines = [line for block in blocks for line in block.splitlines() if "seglib " in line]
    whole = [re.split(ENDS, match[1])[0].strip() for line in lines for match in COMMAND.finditer(line)]
    named = [each.split("seglib ", 1)[1] for each in re.findall(r"`((?:python -m )?seglib [^`\n]+)`", text_of(page))]
    return [each for each in whole if is_verb(each)], [each for each in named if is_verb(each)]


def is_verb(command: str) -> bool:
    """Whether it begins with a verb: in blocks of messages and tables other words can follow the name."""
    first = command.split(" ")[0]
    return bool(re.fullmatch(r"[a-z]+(-[a-z]+)*", first)) and first not in WORDS_AFTER and "..." not in command


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(page):
    """Links between pages, to files of the project and to places within a page."""
    broken = []
    for target in links(page):
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        name = path.resolve().relative_to(ROOT).as_posix()
        if (not path.exists() and name not in build_site.MADE) or (
            anchor and path.suffix == ".md" and anchor not in anchors(name)
        ):
            broken.append(target)

    assert broken == []


def test_every_page_is_in_the_navigation_once():
    """Whoever adds a page finds it in the site: in a group, else under More, and never twice."""
    shown = [page for group in build_site.navigation() for pages in group.values() for page in pages]
    wanted = [build_site.MOVED.get(page, page) for page in {*build_site.written(), *build_site.MADE}]

    assert sorted(shown) == sorted(wanted)
    assert len(shown) >= 30


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_is_understood(page):
    """Verbs and options are those of the real parser; whoever copies a line is not refused for its words."""
    whole, named = commands(page)
    for command in whole:
        assert parser().parse_args(shlex.split(command)).verb == command.split(" ")[0], command
    for command in named:
        words = shlex.split(command)
        known = {name for action in reference_commands.verbs()[words[0]][1]._actions for name in action.option_strings}

        assert {word.split("=")[0] for word in words if word.startswith("--")} <= known, command


def test_the_commands_of_the_pages_are_found():
    """The search finds commands in blocks, in sentences and in the lines of schedulers."""
    assert "report --study acme --locked" in commands("docs/scheduling.md")[0]
    assert "forget C-1042 --study acme --yes" in commands("docs/privacy.md")[0]
    assert "purge --study acme" in commands("docs/home.md")[1]
    assert len(commands(SKILL)[0]) >= 8


@pytest.mark.parametrize("page", EXAMPLES)
def test_examples_print_what_stands_below_them(page):
    """Each block runs after those before it, and its output is the one that is shown."""
    names: dict[str, object] = {}
    blocks = RUNS.findall(text_of(page))
    for code, wanted in blocks:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(code, names)

        assert said.getvalue() == wanted, code

    assert len(blocks) == text_of(page).count("<!-- runs -->") > 0


def block(page: str, mark: str) -> str:
    return re.search(rf"<!-- {mark} -->\n```\w*\n(.*?)```", text_of(page), re.S)[1]


def test_lines_for_cron_have_five_fields_and_a_command():
    """Minute, hour, day, month, weekday, within their ranges; no sign that cron would read as a new line."""
    lines = block("docs/scheduling.md", "cron").splitlines()
    most = (59, 23, 31, 12, 7)
    for line in lines:
        *fields, command = line.split(" ", 5)
        numbers = [[int(part) for part in field.split(",")] if field != "*" else [] for field in fields]

        assert all(number <= top for given, top in zip(numbers, most, strict=True) for number in given)
        assert "%" not in command
        assert shutil.which("sh") is None or subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0

    assert len(lines) == 2


@pytest.mark.wide
@pytest.mark.skipif(os.name != "posix", reason="cron is of Unix")
def test_a_line_of_cron_runs_in_an_almost_empty_environment(tmp_path):
    """As cron starts it: by sh, with HOME and hardly anything else; what it says goes into the log."""
    line = block("docs/scheduling.md", "cron").splitlines()[1].split(" ", 5)[5]
    program = tmp_path / "seglib-env" / "bin" / "seglib"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m seglib "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    study = tmp_path / "studies" / "data" / "acme"
    study.mkdir(parents=True)
    (study / "plan.yml").write_text("study: acme\nsources: {orders: {file: orders.csv}}\n", encoding="utf-8")
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["/bin/sh", "-c", line], env=environment, cwd=tmp_path, check=False)
    said = (tmp_path / "seglib.log").read_text(encoding="utf-8")

    assert done.returncode == 0, said
    assert "nothing is older than the plan keeps it" in said


def test_the_steps_of_the_workflow_are_commands_that_hold():
    """The workflow is YAML with one job; each line of shell has the right form."""
    workflow = yaml.safe_load(block("docs/scheduling.md", "workflow"))
    steps = workflow["jobs"]["report"]["steps"]
    lines = [step["run"] for step in steps if "run" in step]

    assert [line.split()[0] for line in lines] == ["python", "seglib", "seglib"]
    assert workflow["permissions"] == {"contents": "read"}
    assert all(subprocess.run(["sh", "-n", "-c", line], check=False).returncode == 0 for line in lines)


def test_the_file_for_airflow_is_python_and_its_command_is_understood():
    """It is compiled, and not run: Airflow is not among our libraries."""
    code = block("docs/scheduling.md", "airflow")
    command = re.search(r'bash_command="([^"]+)"', code)[1]

    assert compile(code, "airflow", "exec") is not None
    assert parser().parse_args(shlex.split(command)[1:]).study == "acme"


def test_the_gallery_shows_every_chart():
    """Each chart has a figure of the notebooks, the code that draws it and a description."""
    shown = list(build_site.figures())

    assert {name for name, *_ in shown} == set(charts.__all__)
    assert all(len(build_site._alt(build_site._picture(stem, number))) > 20 for _, _, stem, number in shown)


def test_a_page_keeps_its_links_in_the_site():
    """Pages that are called otherwise there are followed, folders lose their link, code stays as it is."""
    linked: set[str] = set()
    text = (
        "[t](../data/README.md#orders) [h](../README.md) [f](../tests) [p](../data/demo/plan.yml)\n```\n[x](y.md)\n```"
    )
    told = build_site.relinked(text, "docs/home.md", linked)

    assert told == "[t](../data/tables.md#orders) [h](../index.md) f [p](../data/demo/plan.yml)\n```\n[x](y.md)\n```"
    assert linked == {"data/demo/plan.yml"}


@pytest.mark.wide
@pytest.mark.skipif(not (ROOT / ".venv-site").exists(), reason="make site was never run here")
def test_the_site_is_built_and_loads_nothing_from_elsewhere():
    """Pages, notebooks and the gallery are there; the search brings its words along."""
    tool = ROOT / ".venv-site" / "bin" / "zensical"
    settings = build_site.build()
    built = [str(tool), "build", "--strict", "--clean", "--config-file", str(settings)]
    done = subprocess.run(built, capture_output=True, text=True, check=False, cwd=ROOT)
    build_site.finish()
    site = ROOT / "build" / "site"

    assert done.returncode == 0, done.stdout + done.stderr
    assert "silhouette" in (site / "search.js").read_text(encoding="utf-8")
    assert (site / "docs" / "gallery.html").is_file()
    assert 'src="../assets/offline.js"' in (site / "docs" / "plan.html").read_text(encoding="utf-8")
