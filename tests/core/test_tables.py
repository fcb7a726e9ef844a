"""Folders that are one table: Parquet with what the folders' names tell, Delta Lake and Apache Iceberg."""

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seglib.core.address import address_finding
from seglib.core.contract import ORDERS
from seglib.core.errors import EnvironmentTrouble, InputRefused
from seglib.core.plan import Plan
from seglib.core.sections import Source
from seglib.core.sources import lakes, stage
from seglib.core.sources.tables import fingerprint
from seglib.init.propose import propose
from seglib.init.study import write_study
from seglib.init.trial import prove

ROWS = pa.table(
    {
        "customer_id": ["1", "2", "3"],
        "order_id": ["A", "B", "C"],
        "ordered_at": ["2026-01-02", "2026-01-03", "2026-02-04"],
        "amount": [1.5, 2.5, 3.5],
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty sources folder."""
    path = tmp_path / "sources"
    path.mkdir()
    return path


def staged(folder: Path, **source: object) -> list[dict[str, object]]:
    """Stage orders and give the rows."""
    target = folder.parent / "orders.parquet"
    stage("orders", Source(**source), ORDERS, folder, target)
    return pq.read_table(target).to_pylist()


def parts(place: Path) -> None:
    """Write the rows in a folder for each month, as other systems do, with what they leave beside."""
    for month, rows in (("01", ROWS.slice(0, 2)), ("02", ROWS.slice(2).append_column("city", pa.array(["Dole"])))):
        (place / f"month={month}").mkdir(parents=True)
        pq.write_table(rows, place / f"month={month}" / "part-0.parquet")
    (place / "_SUCCESS").touch()
    (place / "_temporary").mkdir()
    (place / "_temporary" / "half.parquet").write_bytes(b"PAR1")


def delta(place: Path) -> None:
    """Write the rows as a table of Delta Lake, one of which is deleted again."""
    deltalake = pytest.importorskip("deltalake")
    months = ROWS.append_column("month", pa.array(["01", "01", "02"]))
    deltalake.write_deltalake(str(place), months.slice(0, 2), partition_by=["month"])
    deltalake.write_deltalake(str(place), months.slice(2), mode="append")
    deltalake.DeltaTable(str(place)).delete("order_id = 'A'")


def iceberg(place: Path) -> None:
    """Write the rows as a table of Iceberg, one of which is deleted again; no catalogue is needed."""
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog.noop import NoopCatalog
    from pyiceberg.io.pyarrow import PyArrowFileIO
    from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
    from pyiceberg.schema import Schema
    from pyiceberg.serializers import ToOutputFile
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import new_table_metadata
    from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
    from pyiceberg.table.update import update_table_metadata
    from pyiceberg.types import DoubleType, NestedField, StringType

    class Held(NoopCatalog):
        def commit_table(self, table, requirements, updates):
            found = update_table_metadata(table.metadata, updates)
            location = f"{found.location}/metadata/{found.last_sequence_number:05d}-held.metadata.json"
            ToOutputFile.table_metadata(found, table.io.new_output(location))
            return SimpleNamespace(metadata=found, metadata_location=location)

    names = dict.fromkeys(ROWS.column_names, StringType()) | {"amount": DoubleType()}
    fields = [NestedField(i, name, kind, required=False) for i, (name, kind) in enumerate(names.items(), 1)]
    start = new_table_metadata(Schema(*fields), UNPARTITIONED_PARTITION_SPEC, UNSORTED_SORT_ORDER, place.as_uri())
    table = Table(("shop", "orders"), start, "", PyArrowFileIO(), Held("held"))
    table.append(ROWS.slice(0, 2))
    table.append(ROWS.slice(2))
    table.delete("order_id == 'A'")


WRITERS = {"delta": delta, "iceberg": iceberg}


def test_a_folder_of_parquet_is_one_table_with_what_its_folders_tell(folder: Path) -> None:
    """Rows are numbered through, a column that some files lack is blank there, and helper files are no part of it."""
    parts(folder / "orders")

    rows = staged(folder, file="orders", columns={"category": "month"})
    told = [(row["source_file"], row["source_line"], row["order_id"], row["category"], row["city"]) for row in rows]
    assert told == [
        ("orders", 2, "A", "01", None),
        ("orders", 3, "B", "01", None),
        ("orders", 4, "C", "02", "Dole"),
    ]


def test_a_query_names_a_folder_as_any_file(folder: Path) -> None:
    """Its columns are text there, those of its folders' names too."""
    parts(folder / "orders")
    (folder / "regions.csv").write_text("month,region\n01,Jura\n")

    rows = staged(folder, query="select * from orders left join regions using (month) order by order_id")
    assert [row["region"] for row in rows] == ["Jura", "Jura", None]


@pytest.mark.parametrize("kind", WRITERS)
def test_the_latest_version_of_a_table_is_read(folder: Path, tmp_path: Path, kind: str) -> None:
    """A row that was deleted stays out, also where the table was copied from another place."""
    WRITERS[kind](tmp_path / "there")
    shutil.move(tmp_path / "there", folder / "orders")

    rows = staged(folder, file="orders")
    assert sorted((row["order_id"], row["amount"]) for row in rows) == [("B", "2.5"), ("C", "3.5")]


@pytest.mark.parametrize("kind", ["parquet", *WRITERS])
def test_F23_a_damaged_table_is_one_sentence(folder: Path, kind: str) -> None:
    """A file that is cut off, and one that is missing where the table says what belongs to it."""
    {"parquet": parts, **WRITERS}[kind](folder / "orders")
    files = sorted(path for path in (folder / "orders").rglob("*.parquet") if "_temp" not in str(path))
    for path in files:
        path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(InputRefused, match="^SEG-F23 not a readable "):
        staged(folder, file="orders")
    for path in files if kind != "parquet" else ():
        path.unlink()
    if kind != "parquet":
        with pytest.raises(InputRefused, match="SEG-F23 not a readable table of .* found: one of its files is missing"):
            staged(folder, file="orders")


def test_F24_a_table_reads_nothing_outside_of_itself(folder: Path, tmp_path: Path) -> None:
    """A file that a table names elsewhere, and a link that leads out of the folder, are refused."""
    iceberg(tmp_path / "there")
    shutil.copytree(tmp_path / "there", folder / "orders")
    for path in (folder / "orders" / "metadata").glob("*.metadata.json"):
        path.write_text(path.read_text().replace('there"', 'elsewhere"', 1))
    (folder / "linked").mkdir()
    (folder / "linked" / "o.parquet").symlink_to(next((tmp_path / "there" / "data").glob("*.parquet")))

    with pytest.raises(InputRefused, match="SEG-F24 the table names files that lie outside of it - orders"):
        staged(folder, file="orders")
    with pytest.raises(InputRefused, match="SEG-F24 not inside the sources folder - linked"):
        staged(folder, file="linked")


def test_F24_a_folder_of_other_files_is_told_how_to_name_them(folder: Path) -> None:
    """A pattern reads them."""
    (folder / "orders").mkdir()
    (folder / "orders" / "a.csv").write_text("customer_id,order_id,ordered_at,amount\n1,A,2026-01-02,1\n")

    with pytest.raises(InputRefused, match=r'a folder without Parquet files - do: .*, such as "orders/\*.csv"'):
        staged(folder, file="orders")
    assert len(staged(folder, file="orders/*.csv")) == 1


@pytest.mark.parametrize(("kind", "library"), [("delta", "deltalake"), ("iceberg", "pyiceberg")])
def test_X22_a_library_that_is_missing_is_named_with_its_command(folder: Path, monkeypatch, kind, library) -> None:
    """The sentence can be typed; exit code 4."""
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(EnvironmentTrouble, match=f"found: no {library} - do: type: python -m pip install {library}"):
        lakes.open_lake(folder, "orders", kind)


def test_F25_the_hash_of_a_table_covers_every_byte_and_name(folder: Path) -> None:
    """A changed byte, and a file that goes to another folder, give another hash."""
    parts(folder / "orders")
    seen = {fingerprint(folder / "orders")[0]}
    (folder / "orders" / "month=02").rename(folder / "orders" / "month=03")
    seen.add(fingerprint(folder / "orders")[0])
    (folder / "orders" / "_SUCCESS").write_text("x")
    seen.add(fingerprint(folder / "orders")[0])

    assert len(seen) == 3


def test_init_reads_a_folder_of_parquet(tmp_path: Path) -> None:
    """It is copied as a whole, and its own intake proves it."""
    days = [f"2026-0{1 + n % 6}-{1 + n % 28:02d}" for n in range(60)]
    rows = {
        "customer_id": [f"c{n % 9}" for n in range(60)],
        "order_id": [str(n) for n in range(60)],
        "ordered_at": days,
    }
    (tmp_path / "shop" / "country=FR").mkdir(parents=True)
    pq.write_table(pa.table(rows | {"amount": [1.5] * 60}), tmp_path / "shop" / "country=FR" / "0.parquet")
    proposal = propose(tmp_path / "shop")
    plan = write_study(proposal, tmp_path, "acme")

    assert proposal.source.columns["country"] == "country"
    assert (plan.parent / "sources" / "shop" / "country=FR" / "0.parquet").is_file()
    assert prove(proposal).orders == 60


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://ann:geheim@db/shop", "seglib init --connection SHOP_DB"),
        ("s3://bucket/orders", "aws s3 sync"),
        ("https://shop.example/o.csv?key=geheim", "download it with a browser or curl"),
        ("mysql://ann:geheim@db/shop", "export the table there as Parquet or CSV"),
    ],
)
def test_F24_an_address_where_a_file_is_expected_says_what_to_use(tmp_path: Path, address: str, says: str) -> None:
    """In a plan and in init; the address itself is not repeated."""
    with pytest.raises(InputRefused) as in_plan:
        Plan.parse(f"study: a\nsources: {{orders: {{file: '{address}'}}}}")
    with pytest.raises(InputRefused) as in_init:
        propose(Path(address))

    for refused in (in_plan, in_init):
        assert says in str(refused.value)
        assert "geheim" not in str(refused.value)
    assert address_finding(address).code == "F24"
