"""Kernels that start warm: one process loads the libraries once, each kernel is a fork of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

NAME = "seglib-warm"


def available() -> bool:
    """Whether this system can fork a warm process; elsewhere kernels start the ordinary way."""
    return sys.platform == "linux"


@cache
def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["seglib.report.warm"])
    return context


def warm_up() -> None:
    """Start loading the libraries in the background, so that they are there when the first kernel asks."""
    if available():
        from multiprocessing import forkserver, resource_tracker

        _context()
        resource_tracker.ensure_running()  # it would let Ctrl-C through again while the warm process starts
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C is heard by the runner alone
        try:
            forkserver.ensure_running()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def in_warm(module: str, name: str, *arguments: Any) -> None:
    """Run a function in a fork of the warm process, so that this one need not load its libraries.

    Parameters
    ----------
    module, name : str
        Where the function is; it is looked up in the other process, or here where there is none.
    arguments : any
        Passed on to it.

    Raises
    ------
    Exception
        What the function raised.
    """
    if not available():
        return _call(module, name, *arguments)
    setup = (dict(os.environ), str(Path.cwd()))
    warm_up()
    with ProcessPoolExecutor(1, mp_context=_context(), initializer=_adopt, initargs=setup) as pool:
        try:
            return pool.submit(_call, module, name, *arguments).result()
        except KeyboardInterrupt:
            end_all()
            raise


def end_all() -> None:
    """End every kernel and every helper of this process at once: what they compute is not wanted any more."""
    for child in multiprocessing.active_children():
        child.kill()
    if available():  # the warm process too: what it still loads would be waited for
        from multiprocessing import forkserver

        number = getattr(forkserver._forkserver, "_forkserver_pid", None)
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL) if number else None


def _call(module: str, name: str, *arguments: Any) -> None:
    getattr(import_module(module), name)(*arguments)


def _adopt(environment: Mapping[str, str], folder: str) -> None:
    """Take over environment and folder of the process that asked, and end with it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    tempfile.tempdir = None  # it is named by the environment


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


class Forked:
    """A forked kernel with the few verbs of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], environment: Mapping[str, str], folder: str) -> None:
        self._process = _context().Process(target=_kernel, args=(arguments, dict(environment), folder), daemon=True)
        self._process.start()
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """Return the exit code, or None while the kernel lives."""
        code: int | None = self._process.exitcode
        return code

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until the kernel has ended."""
        self._process.join(timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to a living kernel."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the warm process; everything else is jupyter_client's own."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel with the arguments that the kernel's command line would have had."""
        start = cmd.index("-f") if "-f" in cmd else len(cmd)
        folder = str(kwargs.get("cwd") or Path.cwd())
        forked = Forked(cmd[start:], kwargs.get("env", os.environ), folder)
        self.process = forked  # type: ignore[assignment]  # it has the verbs of Popen that are used
        self.pid, self.pgid, self.cwd = forked.pid, None, Path(folder)
        return self.connection_info


def _kernel(arguments: list[str], environment: Mapping[str, str], folder: str) -> None:
    """Be a kernel: take over environment and folder, and end with the process that asked."""
    try:
        _adopt(environment, folder)
        sys.path[:] = [entry for entry in sys.path if entry not in ("", folder)]
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance(argv=arguments)
    except Exception:
        os._exit(1)  # who asked says in one sentence that it died
