"""Files of strangers are read in a process of its own: what happens there is one sentence, and nothing is left."""

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seglib.core.contract import ORDERS
from seglib.core.errors import EnvironmentTrouble, InputRefused
from seglib.core.sections import Source
from seglib.core.sources import apart, child, packed, stage

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits and signals as on Unix")
ROWS = {"customer_id": ["00123"], "order_id": ["A1"], "ordered_at": ["2026-01-02"], "amount": ["10.50"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sources folder with one Parquet file of one order."""
    path = tmp_path / "sources"
    path.mkdir()
    pq.write_table(pa.table(ROWS), path / "orders.parquet")
    return path


def staged_apart(folder: Path) -> apart.Staged:
    """Stage the file in a process of its own."""
    return apart.stage_apart("orders", Source(file="orders.parquet"), ORDERS, folder, folder.parent / "o.parquet")


def test_F23_what_another_process_reads_is_what_this_one_would(folder: Path) -> None:
    """Rows, files, columns and bytes are the same, and each batch is told."""
    seen: list[int] = []
    target, source = folder.parent / "o.parquet", Source(file="orders.parquet")
    one = apart.stage_apart("orders", source, ORDERS, folder, target, seen.append)
    there = target.read_bytes()
    other = stage("orders", source, ORDERS, folder, target)

    assert (one, there, seen) == (other, target.read_bytes(), [1])


def test_F23_what_the_other_process_refuses_is_refused_here(folder: Path, monkeypatch) -> None:
    """The finding arrives whole, and nothing is left."""
    (folder / "orders.parquet").write_bytes(b"PAR1 and no more")
    monkeypatch.setattr(apart, "_heard", lambda _, asked, more: child.answered(asked, more))
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", ""))

    with pytest.raises(InputRefused, match=r"^SEG-F23 not a readable Parquet file - orders.parquet - found: damaged"):
        staged_apart(folder)
    assert not (folder.parent / "o.parquet").exists()


@pytest.mark.parametrize(
    ("number", "cls", "sentence"),
    [
        ("SIGABRT", InputRefused, "SEG-F23 a file makes its reader break off - orders.parquet - do: open it in its"),
        ("SIGSEGV", InputRefused, "SEG-F23 a file makes its reader break off - orders.parquet - do: open it in its"),
        ("SIGXCPU", InputRefused, "SEG-F21 takes longer than 600 s to read - orders.parquet - do: export it as CSV"),
        ("SIGKILL", EnvironmentTrouble, "SEG-X22 needs more memory - orders.parquet - do: free memory"),
    ],
)
def test_F23_X22_however_the_other_process_ends_this_one_lives(folder, monkeypatch, number, cls, sentence) -> None:
    """A crash of the reader is the file's fault, a kill from outside the machine's; either is one sentence."""
    code = f"import os, signal; os.kill(os.getpid(), signal.{number})"
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", code))
    (folder.parent / "o.parquet").write_bytes(b"half")

    with pytest.raises(cls) as caught:
        staged_apart(folder)
    assert str(caught.value).startswith(sentence)
    assert not (folder.parent / "o.parquet").exists()


def test_F21_X22_what_asks_for_more_memory_than_allowed_is_the_files_fault(folder: Path, monkeypatch) -> None:
    """Exit code 2 with what to do, whatever library noticed; the limit is the process's own, not this one's."""
    asked = {"do": "endure", "files": [], "bytes": 5 * 2**30}

    def hungry(*_: object) -> dict[str, object]:
        raise MemoryError

    monkeypatch.setitem(child.WORK, "endure", hungry)
    answer = child.answered(asked, lambda _: None)

    assert answer["kind"] == "InputRefused"
    assert answer["findings"][0]["what"] == "needs more than 5 GB of memory to read"


def test_F22_a_zip_file_that_unpacks_to_far_too_much_is_refused(tmp_path: Path, monkeypatch) -> None:
    """A megabyte of nothing from two kilobytes, where a tenth of that is allowed; an ordinary one passes."""
    monkeypatch.setattr(packed, "MOST_UNPACKED", 10**5)
    for name, text in (("bomb.xlsx", "0" * 10**6), ("book.xlsx", "".join(map(str, range(40_000))))):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
            book.writestr("xl/worksheets/sheet1.xml", text)
    packed.refuse_bomb(tmp_path / "book.xlsx")

    with pytest.raises(InputRefused, match=r"SEG-F22 unpacks to far too much - bomb.xlsx - found: 0.0 GB from 0.0 MB"):
        packed.refuse_bomb(tmp_path / "bomb.xlsx")


def test_F21_X12_the_other_process_limits_itself_and_ends_with_the_one_that_asked() -> None:
    """Half a gigabyte is refused where it may have less; when its input is closed, as the parent died, it is gone."""
    code = (
        "import threading, time\nfrom seglib.core.sources import child\nchild.limit(2**29, 60)\n"
        "try:\n    bytearray(2**29)\nexcept MemoryError:\n    print('limited', flush=True)\n"
        "threading.Thread(target=child._end_with_parent, daemon=True).start()\ntime.sleep(60)"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as started:
        said = started.stdout.readline()
        started.stdin.close()
        ended = started.wait(20)

    assert (said, ended) == (b"limited\n", 1)


def test_text_is_read_here(folder: Path, monkeypatch) -> None:
    """Nothing in a CSV file can break its reader, so no process is started for it."""
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", "raise SystemExit(9)"))
    (folder / "orders.csv").write_text("customer_id,order_id,ordered_at,amount\n1,A,2026-01-02,3\n")
    apart.endure([folder / "orders.csv"])
    staged = apart.stage_apart("orders", Source(file="orders.csv"), ORDERS, folder, folder.parent / "o.parquet")

    assert staged.rows == 1
    with pytest.raises(InputRefused, match="SEG-F23"):
        apart.endure([folder / "orders.parquet"])


def test_a_stop_ends_the_other_process_too(folder: Path, monkeypatch) -> None:
    """Ctrl-C while it reads leaves no process behind."""
    code = "import sys, time; print('{\"rows\": 1}', flush=True); time.sleep(60)"
    monkeypatch.setattr(apart, "CHILD", ("-I", "-S", "-c", code))
    started: list[subprocess.Popen[str]] = []
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(real(*a, **k)) or started[-1])

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apart.endure([folder / "orders.parquet"], stop)
    assert started[0].returncode == -signal.SIGKILL
