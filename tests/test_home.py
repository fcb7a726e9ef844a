"""The home of studies: found like a repository, made by one verb, never among installed programs, kept current."""

import json
import shutil
import stat
import subprocess
import sysconfig
from pathlib import Path

import pytest

from seglib import __main__ as cli
from seglib.core import home as homes
from seglib.core.errors import EnvironmentTrouble, InputRefused, PrivacyRefused
from seglib.core.glossary import PAGE
from seglib.core.home import MARKER, clone, home, report_command, shipped, shown
from seglib.core.steps import STEPS
from seglib.init import new
from seglib.init.new import bring_up_to_date, new_home
from seglib.report.execute import source_of

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An empty current folder, and seglib as if it ran from an installation in `programs`."""
    shipped()  # found once: the files that an installation brings along are those of the clone
    monkeypatch.setattr(homes, "clone", lambda: None)
    monkeypatch.setattr(homes, "shipped", lambda: tmp_path / "here" / "programs" / "seglib" / "shipped")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def studies(installed):
    """A home that `seglib new` made."""
    new_home(Path("studies"))
    return installed / "studies"


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_home_is_the_nearest_marked_folder_upwards(studies, monkeypatch):
    """A notebook that is opened on its own finds the home that it lies in."""
    monkeypatch.chdir(studies / "data" / "demo")

    assert home() == studies


def test_the_folder_that_is_named_wins(studies, tmp_path, monkeypatch):
    """SEGLIB_HOME is stronger than where a command is typed."""
    monkeypatch.chdir(studies)
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))

    assert home() == tmp_path


def test_a_clone_is_a_home_from_anywhere(tmp_path, monkeypatch):
    """Whoever works in a clone need not go there first."""
    monkeypatch.chdir(tmp_path)

    assert home() == ROOT == clone()
    assert (ROOT / MARKER).is_file()


@pytest.mark.parametrize(
    "arguments", [["init", "orders.csv", "--study", "acme"], ["fetch", "online_retail"], ["report"], ["sample"]]
)
def test_X35_without_a_home_nothing_is_written(installed, capsys, arguments):
    """Outside of a home a command says how to make one, and leaves no trace of a customer."""
    (installed / "orders.csv").write_text("customer,amount\n1,2\n")

    assert cli.main(arguments) == 4
    assert "SEG-X35 no home of studies in this folder or above it - do: make one with: seglib new studies" in (
        capsys.readouterr().err
    )
    assert everything(installed) == {"orders.csv"}


def test_X35_our_own_mistake_needs_no_home(installed, capsys, monkeypatch):
    """Where there is no folder for the details of a crash, the sentence says so."""
    monkeypatch.setitem(cli.VERB, "fetch", lambda options: 1 / 0)

    assert cli.main(["fetch"]) == 6
    assert "its details could not be written" in capsys.readouterr().err
    assert everything(installed) == set()


def test_X35_home_that_is_named_must_be_there(tmp_path, monkeypatch):
    """A mistyped SEGLIB_HOME is no place for the files of customers."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path / "stuides"))

    with pytest.raises(EnvironmentTrouble, match="SEG-X35 SEGLIB_HOME names no folder - do: make it"):
        home()


def test_X35_a_removed_current_folder_is_said(installed):
    """Another window may have deleted the folder that a command is typed in."""
    installed.rmdir()

    with pytest.raises(EnvironmentTrouble, match="SEG-X35 the current folder was removed"):
        home()


@pytest.mark.parametrize("name", ["purelib", "stdlib", "scripts"])
def test_R29_a_home_among_programs_is_refused(installed, monkeypatch, name):
    """What an update or an uninstall takes away holds no customers: exit code 5, one sentence."""
    monkeypatch.setenv("SEGLIB_HOME", sysconfig.get_path(name))

    with pytest.raises(PrivacyRefused, match="SEG-R29 the home of studies lies inside an installation") as refused:
        home()
    assert refused.value.exit_code == 5


@pytest.mark.parametrize("place", ["programs/studies", "env/lib/python3/site-packages/studies"])
def test_R29_no_home_is_made_among_programs(installed, place):
    """Beside an installed seglib, wherever that is, and in the packages of any environment."""

    with pytest.raises(PrivacyRefused, match="do: name a folder outside of it"):
        new_home(Path(place))
    assert everything(installed) == set()


def test_new_home_holds_notebooks_demo_and_a_page(studies):
    """Ten notebooks with their outputs, the demo with its truth, the data dictionary, and where what lies."""
    found = everything(studies)

    assert {f"notebooks/{step.name}.ipynb" for step in STEPS} <= found
    assert {"README.md", ".gitignore", "data/README.md", "data/demo/plan.yml", "data/demo/truth/worth.csv"} <= found
    assert len([name for name in found if name.startswith("data/demo/sources/")]) == 6
    assert (studies / "data/demo/sources/orders.csv").read_bytes() == (
        ROOT / "data/demo/sources/orders.csv"
    ).read_bytes()


def test_only_the_owner_enters_the_data_of_a_home(studies):
    """data/ is private whatever the umask; reports are there to be read."""
    modes = {name: stat.S_IMODE((studies / name).stat().st_mode) for name in ("data", "reports")}

    assert modes["data"] == 0o700
    assert modes["reports"] & 0o700 == 0o700


def test_new_says_what_to_type(installed, capsys):
    """The commands that follow, with the folder's name as a shell wants it."""
    assert cli.main(["new", "our studies"]) == 0
    shown_text = capsys.readouterr().out

    assert "cd 'our studies'" in shown_text
    assert "seglib report" in shown_text
    assert "unset SEGLIB_HOME" not in shown_text


def test_new_says_when_another_folder_is_named(installed, monkeypatch):
    """Commands in the new folder would go elsewhere."""
    monkeypatch.setenv("SEGLIB_HOME", str(installed))

    assert any("unset SEGLIB_HOME" in line for line in new_home(Path("studies")))


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("full", "SEG-P02 the folder is not empty - found: full"),
        ("full/orders.csv", "SEG-P02 the folder is not empty"),
        ("studies", "SEG-P02 a home of studies is here already - found: studies - do: make a study in it with"),
        ("studies/acme", "SEG-P02 a home of studies is here already - found: studies"),
    ],
)
def test_new_overwrites_nothing(studies, monkeypatch, folder, sentence):
    """A folder with anything in it, and a home or a folder of one, stay as they are."""
    monkeypatch.chdir(studies.parent)
    Path("full").mkdir()
    Path("full/orders.csv").write_text("mine")
    before = everything(studies.parent)

    with pytest.raises(InputRefused, match=sentence):
        new_home(Path(folder))
    assert everything(studies.parent) == before


@pytest.mark.parametrize("existed", [True, False])
def test_new_leaves_nothing_half_made(installed, monkeypatch, existed):
    """On a full disk the folder is as it was, so that the same command works later."""
    if existed:
        (installed / "studies").mkdir()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new, "_mark", full)

    with pytest.raises(EnvironmentTrouble, match="SEG-X14 cannot write the home of studies - found: No space left"):
        new_home(Path("studies"))
    assert everything(installed) == ({"studies"} if existed else set())


def test_R29_plans_and_notebooks_alone_go_into_a_repository(studies):
    """git adds decisions and notebooks of a home; sources, keys, results, reports and strays stay out."""
    for name in (
        "data/acme/plan.yml",
        "data/acme/sources/orders.csv",
        "data/acme/private/pseudonym.key",
        "data/acme/runs/2026Q3/x.parquet",
        "data/acme/notebooks/04_clustering.ipynb",
        "data/seglib-error.txt",
        "reports/acme/index.html",
        "notebooks/export.csv",
        "export.csv",
    ):
        (studies / name).parent.mkdir(parents=True, exist_ok=True)
        (studies / name).write_text("x")
    git = ["git", "-C", str(studies)]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = [*git, "ls-files", "--others", "--exclude-standard"]
    added = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split()

    pages = [".gitignore", "README.md", "data/README.md", "data/acme/plan.yml", "data/demo/plan.yml", "seglib.toml"]
    assert sorted(added) == sorted([*pages, *(f"notebooks/{step.name}.ipynb" for step in STEPS)])


def rewritten(path: Path, old: str, new_text: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new_text), encoding="utf-8")


@pytest.fixture
def older(installed, tmp_path, monkeypatch):
    """A home that an earlier version made, whose notebooks began with other words and whose demo had no readme."""
    old = tmp_path / "old"
    shutil.copytree(ROOT / "notebooks", old / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(ROOT / "data", old / "data", ignore=shutil.ignore_patterns("runs", "private"))
    (old / PAGE).parent.mkdir()
    shutil.copyfile(ROOT / PAGE, old / PAGE)
    for notebook in (old / "notebooks").iterdir():
        rewritten(notebook, "## What we start from", "## What we began with")
    (old / "data" / "demo" / "truth" / "README.md").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(new, "shipped", lambda: old)
        new_home(Path("studies"))
    return installed / "studies"


def test_files_that_nobody_changed_follow_the_version(older):
    """Notebooks get their new words, what is new is added, and each is said once."""
    said = bring_up_to_date(older)

    assert len([line for line in said if line.endswith("is now as this version of seglib has it")]) == len(said) == 11
    assert "## What we start from" in (older / "notebooks" / "04_clustering.ipynb").read_text(encoding="utf-8")
    assert (older / "data" / "demo" / "truth" / "README.md").is_file()
    assert bring_up_to_date(older) == ()


def test_a_notebook_that_was_only_run_is_unchanged(older):
    """Outputs are not what a notebook says."""
    path = older / "notebooks" / "01_objectives.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell.update({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})
    path.write_text(json.dumps(notebook), encoding="utf-8")
    bring_up_to_date(older)

    assert "## What we start from" in path.read_text(encoding="utf-8")


def test_what_a_person_changed_or_removed_stays_so(older):
    """Own words in a notebook and a demo that was thrown away outlive every version; the change is said once."""
    mine = older / "notebooks" / "05_personas.ipynb"
    rewritten(mine, "## What we began with", "## Our own words")
    shutil.rmtree(older / "data" / "demo")
    said = [line for line in bring_up_to_date(older) if "05_personas" in line]

    assert said == [
        "notebooks/05_personas.ipynb was changed here and stays so, though this version of seglib has another"
    ]
    assert "## Our own words" in mine.read_text(encoding="utf-8")
    assert not (older / "data" / "demo").exists()
    assert bring_up_to_date(older) == ()


def test_a_clone_is_never_changed(tmp_path):
    """Only what `seglib new` wrote is brought up to date."""
    (tmp_path / MARKER).write_bytes((ROOT / MARKER).read_bytes())

    assert bring_up_to_date(tmp_path) == ()
    assert everything(tmp_path) == {MARKER}


def test_a_marker_that_cannot_be_read_is_named(tmp_path):
    """Whoever edits seglib.toml by hand learns what to do."""
    (tmp_path / MARKER).write_text("files = [")

    with pytest.raises(InputRefused, match=r"cannot be read - seglib.toml - do: leave it empty"):
        bring_up_to_date(tmp_path)


def test_report_runs_the_notebooks_of_the_home_else_its_own(studies, monkeypatch):
    """A notebook that a person removed is read from where it was installed."""
    monkeypatch.chdir(studies)
    (studies / "notebooks" / "02_data_collection.ipynb").unlink()

    assert source_of(STEPS[0]) == studies / "notebooks" / "01_objectives.ipynb"
    assert source_of(STEPS[1]) == ROOT / "notebooks" / "02_data_collection.ipynb"


@pytest.mark.wide
def test_sample_brings_the_whole_demo_back(studies, monkeypatch, capsys):
    """A demo that was thrown away is there again with its plan, as the refusal says."""
    monkeypatch.chdir(studies)
    shutil.rmtree("data/demo")

    assert cli.main(["report", "--quarter", "2026Q3"]) == 2
    assert "do: bring it back with: seglib sample" in capsys.readouterr().err
    assert cli.main(["sample"]) == 0
    assert Path("data/demo/plan.yml").read_bytes() == (ROOT / "data/demo/plan.yml").read_bytes()
    assert Path("data/demo/sources/orders.csv").read_bytes() == (ROOT / "data/demo/sources/orders.csv").read_bytes()


def test_remedies_can_be_typed_where_they_are_read(studies, monkeypatch):
    """With make in a clone, with seglib in a home."""
    monkeypatch.chdir(studies)
    here = report_command("acme", "2026Q3", "04")
    monkeypatch.undo()

    assert here == "seglib report --study acme --quarter 2026Q3 --from 04"
    assert report_command("acme") == "make report STUDY=acme"


def test_paths_are_written_as_seen_from_here(studies, monkeypatch):
    """From a folder below, the way leads up."""
    monkeypatch.chdir(studies / "notebooks")

    assert shown(studies / "reports" / "index.html") == "../reports/index.html"
