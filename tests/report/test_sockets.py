"""Channels of kernels: nobody else on the machine reads them, and many kernels may start at once."""

import asyncio
import multiprocessing
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
import zmq
from filelock import FileLock
from nbclient import NotebookClient

from seglib.core.errors import EnvironmentTrouble
from seglib.report import execute, sockets

LISTENING = """
import psutil
ports = {c.laddr.port for c in psutil.Process().net_connections("inet") if c.status == "LISTEN"}
print(ports - {get_ipython().kernel.iopub_thread._pipe_port})  # takes in what the kernel's own children print
"""
SPIES = """
import json, zmq
from ipykernel.connect import get_connection_info
known = json.loads(get_connection_info())
spy = zmq.Context().socket(zmq.SUB)
spy.subscribe(b"")
spy.RCVTIMEO = 500
spy.connect(f"tcp://{known['ip']}:{known['iopub_port']}")
display("secret")
try:
    print(spy.recv())
except zmq.Again:
    print("nothing heard")
"""


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A process that has no folder of sockets yet, and the environment of a report's kernels."""
    monkeypatch.setattr(sockets, "_settled", {})
    monkeypatch.setitem(multiprocessing.current_process()._config, "tempdir", None)  # not for later tests
    for name, value in execute.kernel_environment(tmp_path / "work").items():
        monkeypatch.setenv(name, value)
    return tmp_path


def said(folder: Path, source: str = "print(1)") -> str:
    """What one cell prints in a kernel of its own."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    place = {"metadata": {"path": str(folder)}}
    kernels = sockets.PrivateKernels  # twenty four that start at once may take minutes on a machine that is busy
    client = NotebookClient(
        notebook, kernel_name="python3", kernel_manager_class=kernels, resources=place, startup_timeout=600
    )
    done = asyncio.run(client.async_execute())  # in any thread, and its loop is closed
    return next(o.text.strip() for o in done.cells[0].outputs if o.output_type == "stream")


@pytest.mark.skipif(not sockets.PRIVATE_SOCKETS, reason="this system has no sockets in folders")
def test_O12_a_kernel_listens_to_nobody_else(room):
    """It opens no port; its sockets lie in a folder of its own that only the owner enters, and are gone afterwards."""
    folder = sockets.socket_folder(room)
    place = "import json; from ipykernel.connect import get_connection_info; c = json.loads(get_connection_info())"
    own = Path(said(room, f"{place}; print(c['ip'])")).parent

    assert said(room, LISTENING) == "set()"
    assert own.parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []


def test_O12_where_there_is_only_the_network_messages_are_encrypted(room, monkeypatch):
    """Who connects without the kernel's key reads nothing of what it publishes; the report's own client does."""
    monkeypatch.setattr(sockets, "PRIVATE_SOCKETS", False)
    sockets.socket_folder(room)

    assert zmq.has("curve")
    assert said(room, SPIES) == "nothing heard"


def test_a_project_with_a_long_path_has_its_sockets_where_names_are_short(room, monkeypatch):
    """The name of a socket has an end: then a new folder of the same owner and mode is made in the runtime folder."""
    deep = room.joinpath(*["a folder with a long name"] * 5)
    deep.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as runtime:  # its name is short, whatever that of pytest's own folder is
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        folder = sockets.socket_folder(deep)

        assert folder.parent == Path(runtime)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert said(room, LISTENING) == "set()"


def test_X16_a_folder_of_sockets_that_is_gone_is_trouble_of_the_machine(room):
    """Something cleaned it away: one sentence and exit code 4."""
    sockets.socket_folder(room).rename(room / "away")

    with pytest.raises(EnvironmentTrouble, match="SEG-X16 the folder of the kernels' sockets is gone .* run again"):
        sockets.socket_folder(room)


def test_X38_folders_of_killed_processes_are_removed(room, monkeypatch):
    """Nobody holds their lock; the folder of a process that lives stays."""
    monkeypatch.setattr(sockets, "PATH_BYTES", 500)
    for name in (".sockets-77", ".sockets-99"):
        (room / name).mkdir()
    with FileLock(room / ".sockets-99" / ".lock"):
        own = sockets.socket_folder(room)
        left = {path.name for path in room.glob(".sockets-[0-9]*")}

    assert left == {".sockets-99", own.name}


@pytest.mark.long
def test_O12_twenty_four_kernels_start_at_once_five_times(room):
    """Each answers: none takes the sockets of another."""
    sockets.socket_folder(room)
    for _ in range(5):
        with ThreadPoolExecutor(24) as pool:
            answers = list(pool.map(lambda number: said(room, f"print({number})"), range(24)))

        assert answers == [str(number) for number in range(24)]
