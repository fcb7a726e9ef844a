"""Public data sets: checked before use, set up as a study, and one clear sentence when something is wrong."""

import gc
import hashlib
import io
import os
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest

from seglib.core.contract import TABLES
from seglib.core.errors import EnvironmentTrouble, InputRefused
from seglib.core.plan import Plan
from seglib.core.sources import stage
from seglib.init import datasets
from seglib.init.datasets import Dataset, fetch, registry, shared_folder

ROWS = b"customer_id,order_id,ordered_at,amount\n1,1,2026-01-01,5\n"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is served on this machine, and its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{http.server_address[1]}"
        http.shutdown()
        thread.join()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # pooch leaves the answer of a refused address open
        gc.collect()


def sha256(content: bytes) -> str:
    """Hash some bytes."""
    return hashlib.sha256(content).hexdigest()


def zipped(**members: bytes) -> bytes:
    """Pack files into an archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def known(monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Make `tiny` the only data set of the registry."""
    entry = Dataset("tiny", "A tiny shop", "CC0", **settings)  # type: ignore[arg-type]  # each test gives its own kinds of settings
    monkeypatch.setattr(datasets, "registry", lambda: {"tiny": entry})


def test_every_data_set_says_where_it_comes_from_and_under_which_licence() -> None:
    """Each entry has a title, a licence, and either an address or a shared file; each file has a hash."""
    for entry in registry().values():
        assert entry.title and entry.licence
        assert entry.url or entry.shared
        assert all(len(h) == 64 for h in [*entry.shared.values(), entry.sha256 or entry.member_sha256] if h)
        assert not entry.url or entry.sha256 or entry.member_sha256


@pytest.mark.parametrize("name", [name for name, entry in registry().items() if entry.plan])
def test_every_plan_template_parses(name: str) -> None:
    """A study's plan is valid, names its study, and states the basis of profiling."""
    text = (Path(datasets.__file__).parent / "plans" / registry()[name].plan).read_text()
    plan = Plan.parse(text.replace("{file}", "orders.csv"))

    assert plan.study == name
    assert plan.consent.basis == "public_data" and plan.consent.note
    assert plan.objectives and plan.content.offers


def test_an_archive_in_an_archive_is_downloaded_checked_and_unpacked(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The member's hash is checked as well as the download's."""
    outer = zipped(**{"inner.zip": zipped(**{"rows.csv": ROWS})})
    (server[0] / "tiny.zip").write_bytes(outer)
    known(
        monkeypatch,
        url=f"{server[1]}/tiny.zip",
        sha256=sha256(outer),
        member="inner.zip > rows.csv",
        member_sha256=sha256(ROWS),
    )
    result = fetch("tiny", tmp_path, progress=False)

    assert result.files[0] == tmp_path / "data/tiny/sources/rows.csv"
    assert result.files[0].read_bytes() == ROWS
    assert result.study == "" and "carries no orders that a study could read" in result.sentences[-1]
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["tiny"]


@pytest.mark.parametrize("wrong", ["sha256", "member_sha256"])
def test_a_wrong_hash_is_one_sentence(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """Data that are not those of the registry are refused, and nothing stays behind."""
    content = zipped(**{"rows.csv": ROWS})
    (server[0] / "tiny.zip").write_bytes(content)
    hashes = {"sha256": sha256(content), "member_sha256": sha256(ROWS)} | {wrong: "0" * 64}
    known(monkeypatch, url=f"{server[1]}/tiny.zip", member="rows.csv", **hashes)

    with pytest.raises(InputRefused, match="SEG-F23 SHA-256 is not the one of the registry") as caught:
        fetch("tiny", tmp_path, progress=False)
    assert caught.value.exit_code == 2 and len(str(caught.value).splitlines()) == 1
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/tiny.csv", "{server}/absent.csv"])
def test_no_network_is_one_sentence(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """An address that does not answer, or has no such file, is trouble of the environment."""
    known(monkeypatch, url=address.format(server=server[1]), sha256="0" * 64)

    with pytest.raises(EnvironmentTrouble, match="SEG-X34 cannot download tiny") as caught:
        fetch("tiny", tmp_path, progress=False)
    assert caught.value.exit_code == 4 and len(str(caught.value).splitlines()) == 1


def test_an_archive_without_the_member_is_refused(
    server: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A download that is no archive, or holds something else, is one sentence."""
    (server[0] / "tiny.zip").write_bytes(ROWS)
    known(monkeypatch, url=f"{server[1]}/tiny.zip", sha256=sha256(ROWS), member="rows.csv")

    with pytest.raises(InputRefused, match="SEG-F23 archive cannot be unpacked"):
        fetch("tiny", tmp_path, progress=False)


def test_the_shared_folder_is_preferred_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that lies there already is copied when its hash is right, refused when it is wrong."""
    (tmp_path / "rows.csv").write_bytes(ROWS)
    known(monkeypatch, shared={"rows.csv": sha256(ROWS)})
    result = fetch("tiny", tmp_path / "home", shared=tmp_path)
    known(monkeypatch, shared={"rows.csv": "0" * 64})

    assert result.files[0].read_bytes() == ROWS
    with pytest.raises(InputRefused, match="SEG-F23 SHA-256 is not the one of the registry - rows.csv"):
        fetch("tiny", tmp_path / "home", shared=tmp_path)


def test_without_an_address_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set that only lies in shared folders says so."""
    known(monkeypatch, shared={"rows.csv": sha256(ROWS)})

    with pytest.raises(InputRefused, match="tiny has no public address - do: set SEGLIB_SHARED_DATA"):
        fetch("tiny", tmp_path)


def test_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt name is one sentence."""
    with pytest.raises(InputRefused, match="did you mean 'online_retail'"):
        fetch("online_retial", tmp_path)


def test_an_edited_plan_is_kept(tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    """Fetching again brings the data, not the plan."""
    shared = shared_data("online_retail").parent
    fetch("online_retail", tmp_path, shared)
    plan = tmp_path / "data/online_retail/plan.yml"
    plan.write_text(plan.read_text() + "# mine\n")
    fetch("online_retail", tmp_path, shared)

    assert plan.read_text().endswith("# mine\n")


def test_shared_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable wins; else shared/data beside the project; else none."""
    monkeypatch.delenv("SEGLIB_SHARED_DATA", raising=False)
    (tmp_path / "project").mkdir()

    assert shared_folder(tmp_path / "project") is None
    (tmp_path / "shared/data").mkdir(parents=True)
    assert shared_folder(tmp_path / "project") == tmp_path / "shared/data"
    monkeypatch.setenv("SEGLIB_SHARED_DATA", os.fspath(tmp_path))
    assert shared_folder(tmp_path / "project") == tmp_path


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("online_retail", {"orders": 541_909}),
        ("completejourney", {"orders": 75_000, "customers": 801, "contacts": 6_589, "events": 2_102}),
    ],
)
def test_a_fetched_study_stages_all_its_rows(
    tmp_path: Path, shared_data: Callable[[str], Path], name: str, rows: dict[str, int]
) -> None:
    """The plan that comes with a data set reads every row of it."""
    fetch(name, tmp_path, shared_data(name).parent)
    folder = tmp_path / "data" / name
    plan = Plan.load(folder / "plan.yml")
    staged = {
        table: stage(table, source, TABLES[table], folder / "sources", tmp_path / f"{table}.parquet").rows
        for table, source in plan.sources.items()
    }

    assert staged == rows


def test_the_baskets_of_the_complete_journey_stand_on_the_days_of_their_shops(
    tmp_path: Path, shared_data: Callable[[str], Path]
) -> None:
    """The file has times of Greenwich: read as those of New York a sixth of the lines stood on the next day."""
    fetch("completejourney", tmp_path, shared_data("completejourney").parent)
    folder = tmp_path / "data" / "completejourney"
    source = Plan.load(folder / "plan.yml").sources["orders"]
    lines = tmp_path / "orders.parquet"
    stage("orders", source, TABLES["orders"], folder / "sources", lines)
    given = pd.read_parquet(folder / "sources" / "transactions_sample.parquet")["transaction_timestamp"]
    local = given.dt.tz_localize("UTC").dt.tz_convert("America/New_York").dt.tz_localize(None)
    read = pd.to_datetime(pd.read_parquet(lines)["ordered_at"])

    assert sorted(read) == sorted(local)
    assert read.dt.year.unique().tolist() == [2017]


@pytest.mark.parametrize("name", ["bank_marketing", "online_shoppers"])
def test_data_without_orders_make_no_study(tmp_path: Path, shared_data: Callable[[str], Path], name: str) -> None:
    """The file is unpacked to its folder, with the hash that the publisher's file has, and a sentence says why."""
    result = fetch(name, tmp_path, shared_data(name).parent)

    assert sha256(result.files[0].read_bytes()) == registry()[name].member_sha256
    assert "carries no orders that a study could read" in result.sentences[-1]
    assert not (tmp_path / "data" / name / "plan.yml").exists()


def test_the_listing_names_address_size_and_licence() -> None:
    """What can be fetched is printed with its terms before anybody downloads it."""
    text = datasets.listing()

    assert "online_retail     Online Retail, a UK gift shop" in text
    assert "(24 MB, CC BY 4.0, DOI 10.24432/C5BW33)" in text
    assert "https://archive.ics.uci.edu/static/public/352/online+retail.zip" in text
