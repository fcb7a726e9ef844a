"""The verb verify: a quarter and a delivery are what they were when they were made, or it says what is not."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from seglib import __main__ as cli
from seglib.activation.formats import read_format
from seglib.activation.lists import write
from seglib.core.errors import InputRefused
from seglib.core.run import Run
from seglib.core.store import seal, sha256_file
from seglib.report import verify

PEOPLE = pd.DataFrame({"customer": ["a", "b"], "email": ["a@example.com", "b@example.com"]})


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """The manifest of a delivery of two people, copied away from its study."""
    form = read_format("mailchimp")
    write(PEOPLE, form, tmp_path, {"quarter": "2026Q3"}, before=[])
    return tmp_path / form.manifest_file


def test_O08_a_whole_delivery_is_confirmed(delivery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files, rows and key are said, and the exit code is 0."""
    code = cli.main(["verify", str(delivery)])

    assert code == 0
    assert "4 files and 2 rows as they were delivered" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_O08_a_file_that_was_cut_off_is_named(delivery: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    """Half a file is refused by its name, with exit code 2 and without a person."""
    path = delivery.with_name(f"mailchimp.{suffix}")
    path.write_bytes(path.read_bytes()[:-20])
    code = cli.main(["verify", str(delivery)])
    said = capsys.readouterr().err

    assert code == 2
    assert said.startswith(f"SEG-O08 is not as it was delivered - mailchimp.{suffix}")
    assert "@" not in said


def test_O08_rows_are_counted_even_where_the_hash_was_mended(
    delivery: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A manifest that names other rows than the file has is refused."""
    body = json.loads(delivery.read_text())
    delivery.write_text(json.dumps(body | {"rows": 3}))
    code = cli.main(["verify", str(delivery)])

    assert code == 2
    assert "has not the 3 rows that the manifest names" in capsys.readouterr().err


def test_O08_a_manifest_written_for_a_cut_file_does_not_help(
    delivery: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half a line is no row, even where the hash was made to fit; without its machine file a delivery is none."""
    path, body = delivery.with_name("mailchimp.jsonl"), json.loads(delivery.read_text())
    path.write_bytes(path.read_bytes()[:-20])
    delivery.write_text(json.dumps(body | {"sha256": body["sha256"] | {path.name: sha256_file(path)}}))
    cut = cli.main(["verify", str(delivery)])
    delivery.write_text(json.dumps(body | {"sha256": {}}))
    without = cli.main(["verify", str(delivery)])
    said = capsys.readouterr().err.splitlines()

    assert (cut, without) == (2, 2)
    assert said[0].startswith("SEG-O08 has not the 2 rows that the manifest names - mailchimp.jsonl")
    assert said[1].startswith("SEG-F23 not the manifest of a delivery")


def test_F23_another_json_is_no_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence for a file that is something else, and one for a file that is not there."""
    (tmp_path / "x.json").write_text("[1]")

    assert cli.main(["verify", str(tmp_path / "x.json")]) == 2
    assert "SEG-F23 not the manifest of a delivery" in capsys.readouterr().err
    assert cli.main(["verify", str(tmp_path / "y.json")]) == 2
    assert "SEG-F01 no such file - y.json" in capsys.readouterr().err


def test_X28_a_quarter_is_verified_or_what_is_wrong_is_listed(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A finished quarter passes; then a deleted manifest, a changed byte and changed numbers are all named."""
    for name in ("data", "reports"):
        shutil.copytree(demo_home / name, tmp_path / name)
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    whole = cli.main(["verify", "--quarter", "2026Q3"])
    lines = capsys.readouterr().out.splitlines()
    run = tmp_path / "data" / "demo" / "runs" / "2026Q3"
    (run / "04_clustering" / "manifest.json").unlink()
    damaged = next((run / "06_journeys").glob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    (tmp_path / "reports" / "demo" / "2026Q3" / "index.html").write_text("99.9 %")
    ran = run / "executed" / "09_kpi_evaluation.ipynb"
    notebook = json.loads(ran.read_text(encoding="utf-8"))
    notebook["cells"][-1]["source"] = "99.9 %"
    ran.write_text(json.dumps(notebook), encoding="utf-8")
    broken = cli.main(["verify", "--quarter", "2026Q3"])
    said = capsys.readouterr().err

    assert (whole, len(lines), broken) == (0, 12, 2)
    assert "SEG-X28 04_clustering of 2026Q3 was never finished" in said
    assert f"SEG-X26 does not match its recorded hash - 06_journeys/{damaged.name}" in said
    assert "SEG-X26 does not match its recorded hash - 2026Q3/index.html - do: seglib report --study demo" in said
    assert "SEG-X26 is not as it was when it had run - executed/09_kpi_evaluation.ipynb" in said


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The published pages of a quarter with one notebook of the ten."""
    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    (tmp_path / "data" / "acme").mkdir(parents=True)
    (tmp_path / "data" / "acme" / "plan.yml").write_text("study: acme\nsources: {orders: {file: o.csv}}\n")
    folder = tmp_path / "reports" / "acme" / "2026Q3"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("84.5 %")
    receipt = {"name": "report", "key": "k", "parameters": {}, "rows": {}, "inputs": {"04_clustering": "made"}}
    seal(folder, receipt)
    return folder


def test_X26_a_changed_page_is_no_whole_report(pages: Path) -> None:
    """A number changed in a published page is found, and the remedy makes the report again."""
    run, made = Run.open("acme", "2026Q3"), {"04_clustering": "made"}
    whole = verify._pages(run, made)
    (pages / "index.html").write_text("99.9 %")
    with pytest.raises(InputRefused) as caught:
        verify._pages(run, made)

    assert whole == "report: 1 files as they were written"
    assert str(caught.value) == (
        "SEG-X26 does not match its recorded hash - 2026Q3/index.html - do: seglib report --study acme --quarter 2026Q3"
    )


def test_X27_pages_of_other_results_are_no_whole_report(pages: Path) -> None:
    """Pages that were drawn before a result was made again are named."""
    with pytest.raises(InputRefused, match="SEG-X27 the report shows other results .* found: 04_clustering - do: "):
        verify._pages(Run.open("acme", "2026Q3"), {"04_clustering": "made again"})


def test_X28_a_report_without_its_manifest_is_not_verified(pages: Path) -> None:
    """Nobody can say whether it is whole."""
    (pages / "manifest.json").unlink()

    with pytest.raises(InputRefused, match="SEG-X28 the report has no manifest"):
        verify._pages(Run.open("acme", "2026Q3"), {})
