"""Where a process keeps the sockets and connection files of its kernels: a folder that only its owner can enter."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout
from jupyter_client.manager import AsyncKernelManager

from seglib.core.errors import EnvironmentTrouble, Finding
from seglib.core.privacy import private_folder

PATH_BYTES = 103  # of a socket's name, as macOS has it; Linux allows 107
NAME_BYTES = len("/listener-12345678")  # the longest name below the folder: that of the warm process
PRIVATE_SOCKETS = sys.platform != "win32"
PREFIX = ".sockets-"
_settled: dict[int, Path] = {}  # of a process, by its number: a fork settles anew


def socket_folder(near: Path | None = None) -> Path:
    """Name this process's folder of sockets; it is made at the first call and removed when the process ends.

    Parameters
    ----------
    near : Path, optional
        Where it should lie: in the study's own folder. A socket's name has an end (104 bytes on macOS, 108 on Linux),
        so for a project whose path is long a new folder is made in the user's runtime folder, else in the temporary
        one, with mode 0700 as well.

    Raises
    ------
    EnvironmentTrouble
        When something has removed the folder, or none can be made.
    """
    if os.getpid() in _settled:
        return _there(_settled[os.getpid()])
    folder, lock = _beside(near) if near is not None and _fits(near / f"{PREFIX}12345678") else (_elsewhere(), None)
    config: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]  # no stub
    config["tempdir"] = str(folder)  # else multiprocessing makes one in the shared folder, and trips when it is gone
    _settled[os.getpid()] = folder
    Finalize(None, _leave, (folder, lock), exitpriority=-200)
    return folder


def _leave(folder: Path, lock: FileLock | None) -> None:
    if lock is not None:
        lock.release()
    shutil.rmtree(folder, ignore_errors=True)


def _there(folder: Path) -> Path:
    if not folder.is_dir():
        finding = Finding("X16", "the folder of the kernels' sockets is gone", found=folder.name, do="run again")
        raise EnvironmentTrouble(finding)
    return folder


def _beside(near: Path) -> tuple[Path, FileLock]:
    """Make the folder, hold its lock, and remove the folders of processes that were killed: nobody holds theirs."""
    with FileLock(near / f"{PREFIX}lock"):
        for old in near.glob(f"{PREFIX}[0-9]*"):
            try:
                with FileLock(old / ".lock", timeout=0):
                    pass
            except (Timeout, OSError):
                continue
            shutil.rmtree(old, ignore_errors=True)
        folder = private_folder(near / f"{PREFIX}{os.getpid()}")
        lock = FileLock(folder / ".lock")
        lock.acquire()
    return folder, lock


def _fits(folder: Path) -> bool:
    return not PRIVATE_SOCKETS or len(os.fsencode(folder)) + NAME_BYTES <= PATH_BYTES


def _elsewhere() -> Path:
    """Make the folder where names are short: the runtime folder is the user's own, the temporary one is shared."""
    for base in (os.environ.get("XDG_RUNTIME_DIR"), _temporary()):
        if base and _fits(Path(base) / "seglib-12345678"):
            with suppress(OSError):
                return Path(tempfile.mkdtemp(prefix="seglib-", dir=base))
    do = "set TMPDIR to a folder with a short name that you can write"
    raise EnvironmentTrouble(Finding("X16", "no folder for the kernels' sockets", do=do))


def _temporary() -> str | None:
    try:
        return tempfile.gettempdir()
    except OSError:
        return None


class PrivateKernels(AsyncKernelManager):
    """Starts kernels whose messages nobody else on the machine can read.

    Where there are sockets in folders, each kernel has a private folder of its own for them: jupyter_client numbers
    the sockets of a kernel by what it finds in the folder, and two kernels that start in one folder at the same time
    take each other's. Elsewhere messages go over the network of this machine, encrypted with CurveZMQ.
    """

    def __init__(self, **settings: Any) -> None:
        room = private_folder(socket_folder() / uuid4().hex[:6])
        if not PRIVATE_SOCKETS:
            super().__init__(transport_encryption="required", connection_file=str(room / "kernel.json"), **settings)
        else:
            at = {"transport": "ipc", "ip": str(room / "c"), "connection_file": str(room / "kernel.json")}
            super().__init__(**at, **settings)
        self._room = room

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        """Remove the kernel's folder with everything else that is over."""
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self._room, ignore_errors=True)

    cleanup_resources = _async_cleanup_resources
