"""Results keyed by type: published whole, read back equal, refused when damaged or stale."""

import json
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
import pytest

from seglib.collection import Collection
from seglib.core import store
from seglib.core.errors import Bug, InputRefused
from seglib.core.run import Run

PLAN = "study: acme\nsources: {orders: {file: orders.csv}}\n"


@dataclass(frozen=True)
class Toy:
    """A result with one frame and two facts."""

    STEP: ClassVar[str] = "02_data_collection"

    sizes: pd.DataFrame
    note: str
    pairs: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Later:
    """A result of a step that reads Toy."""

    STEP: ClassVar[str] = "03_criteria"

    count: int


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A study folder with a plan and one source file."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    folder = tmp_path / "data" / "acme"
    (folder / "sources").mkdir(parents=True)
    (folder / "plan.yml").write_text(PLAN)
    (folder / "sources" / "orders.csv").write_text("customer_id,order_id\n")
    return folder


def toy() -> Toy:
    return Toy(pd.DataFrame({"n": [3, 1]}), "two rows", (("a", 1),))


def test_written_result_reads_back_equal(study):
    """Frames and facts survive the round trip with their types."""
    Run.open("acme", "2026Q3").write(toy())
    back = Run.open("acme", "2026Q3").read(Toy)

    pd.testing.assert_frame_equal(back.sizes, toy().sizes)
    assert (back.note, back.pairs) == ("two rows", (("a", 1),))


def test_same_result_gives_the_same_bytes(study):
    """Publishing twice leaves identical files."""
    run = Run.open("acme", "2026Q3")
    run.write(toy())
    first = {p.name: p.read_bytes() for p in run.place(Toy.STEP).iterdir()}
    run.write(toy())

    assert {p.name: p.read_bytes() for p in run.place(Toy.STEP).iterdir()} == first


def test_R17_a_table_with_a_row_per_customer_is_handed_on_without_its_number(study, monkeypatch):
    """The number may differ by a few customers from one on the same page; other tables tell theirs."""
    said = Run.open("acme", "2026Q3").write(toy())
    monkeypatch.setattr(Toy, "UNTOLD", ("sizes",), raising=False)

    assert said == "Toy handed on: sizes 2 rows."
    assert Run.open("acme", "2026Q3").write(toy()) == "Toy handed on: sizes."
    assert {"customers", "held_out"} == {*Collection.UNTOLD}


def test_missing_result_names_the_command(study):
    """A notebook opened too early says which command makes what it needs."""
    with pytest.raises(InputRefused, match="Toy of 2026Q3 is not there yet - do: seglib report .* --from 02"):
        Run.open("acme", "2026Q3").read(Toy)


@pytest.mark.parametrize("name", ["sizes.parquet", "facts.json", "manifest.json"])
def test_X26_damaged_result_is_refused_and_named(study, name):
    """One changed byte anywhere in a published folder is found."""
    run = Run.open("acme", "2026Q3")
    run.write(toy())
    path = run.place(Toy.STEP) / name
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))

    with pytest.raises(InputRefused, match="SEG-X26 does not match its recorded hash - 02_data_collection/.*--from 02"):
        Run.open("acme", "2026Q3").read(Toy)


def test_X26_the_remedy_names_study_quarter_and_step_and_a_damaged_manifest_is_made_again(study):
    """What is printed can be typed as it stands; a step without a whole manifest is not current."""
    run = Run.open("acme", "2026Q3")
    run.write(toy())
    manifest = run.place(Toy.STEP) / "manifest.json"
    manifest.write_text(manifest.read_text().replace("0", "1"))

    assert not run.is_current(Toy.STEP)
    with pytest.raises(InputRefused, match="do: seglib report --study acme --quarter 2026Q3 --from 02"):
        run.read(Toy)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("plan.yml", "acme", "acme\nprivacy: {floor: 20}"), ("sources/orders.csv", "order_id", "order_no")],
)
def test_X27_result_of_other_inputs_is_refused(study, file, old, new):
    """A changed decision or source makes yesterday's result stale."""
    Run.open("acme", "2026Q3").write(toy())
    path = study / file
    path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(InputRefused, match="made from other data, code or decisions"):
        Run.open("acme", "2026Q3").read(Toy)


def test_X27_another_seed_is_another_result(study):
    """The seed is part of what a result depends on."""
    Run.open("acme", "2026Q3", seed=0).write(toy())

    with pytest.raises(InputRefused, match="made from other"):
        Run.open("acme", "2026Q3", seed=1).read(Toy)


def test_decision_of_a_later_step_leaves_earlier_results_alone(study):
    """Changing an offer does not ask for the data to be read again."""
    Run.open("acme", "2026Q3").write(toy())
    (study / "plan.yml").write_text(PLAN + "content: {budget: 100}\n")

    assert Run.open("acme", "2026Q3").read(Toy).note == "two rows"


def test_stale_input_makes_what_follows_stale(study):
    """A decision about criteria reaches step 03 and not step 02."""
    run = Run.open("acme", "2026Q3")
    run.write(toy())
    run.write(Later(1))
    (study / "plan.yml").write_text(PLAN + "criteria: {window_days: 180}\n")
    changed = Run.open("acme", "2026Q3")

    assert changed.is_current(Toy.STEP)
    assert not changed.is_current(Later.STEP)


def test_previous_quarter_is_none_at_the_start(study):
    """A first quarter has no past, and that is no error."""
    assert Run.open("acme", "2026Q3").previous(Toy) is None


def test_previous_quarter_is_found(study):
    """What last quarter handed on can be read a quarter later."""
    Run.open("acme", "2026Q2").write(toy())
    found = Run.open("acme", "2026Q3").previous(Toy)

    assert found is not None
    assert found.note == "two rows"


@dataclass(frozen=True)
class Newer:
    """What a later version of the code expects of Toy."""

    STEP: ClassVar[str] = Toy.STEP
    rows: pd.DataFrame
    added: int


def test_X27_a_past_result_of_another_version_is_refused(study):
    """A fact that this version needs is not in last quarter's file: the sentence says how to make it again."""
    Run.open("acme", "2026Q2").write(toy())

    with pytest.raises(InputRefused, match="Newer of 2026Q2 was made by another version - do: seglib report"):
        Run.open("acme", "2026Q3").previous(Newer)


def test_the_same_quarter_a_year_ago_is_found(study):
    """Four quarters back, and not before there is one."""
    Run.open("acme", "2025Q3").write(toy())
    run = Run.open("acme", "2026Q3")

    assert run.previous(Toy) is None
    assert run.previous(Toy, quarters=4).note == "two rows"


def test_published_files_are_private(study):
    """Only the owner can read a run, whatever the umask."""
    run = Run.open("acme", "2026Q3")
    run.write(toy())

    assert run.folder.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in run.place(Toy.STEP).iterdir()} == {0o600}


def test_P10_manifest_holds_seed_versions_and_hashes(study):
    """The receipt says what a result was made of."""
    Run.open("acme", "2026Q3", seed=7).write(toy())
    body = json.loads((study / "runs/2026Q3/02_data_collection/manifest.json").read_text())

    key = body["parameters"].pop("key")
    assert body["parameters"] == {"study": "acme", "quarter": "2026Q3", "seed": 7}
    assert len(key) == 16
    assert body["files"].keys() == {"sizes.parquet", "facts.json"}
    assert body["inputs"] == {
        "2026Q2/02_data_collection": "none",
        "sources/orders.csv": store.sha256_file(study / "sources" / "orders.csv"),
    }


def test_foreign_type_is_our_mistake(study):
    """Only the types of the ten steps can be read."""
    with pytest.raises(Bug, match="int is not a type that a step hands on"):
        Run.open("acme", "2026Q3").read(int)


@pytest.mark.parametrize("name", ["../up", "A", "", "a/b", "x" * 41, "a b"])
def test_P01_study_name_is_plain(study, name):
    """A study's name cannot leave the data folder."""
    with pytest.raises(InputRefused, match="not a study's name"):
        Run.open(name, "2026Q3")
