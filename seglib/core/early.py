"""A stop while a command is still loading its libraries: one sentence too, and nothing to clean up yet."""

from __future__ import annotations

import os
import signal
import sys
import threading

STOPPED = "stopped; nothing was published"
COMMANDS = ("seglib", "seglib.exe", "seglib-script.py")
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def loading(name: str) -> None:
    """Let a request to end be heard from the first library on, where this process is the command and nothing else.

    Parameters
    ----------
    name : str
        ``__name__`` of the module that loads: who imports it for another program keeps the signals of that program.
    """
    is_command = name == "__main__" or sys.argv[0].endswith(COMMANDS)
    if is_command and threading.current_thread() is threading.main_thread():
        for number in _numbers():
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _end)


def loaded() -> None:
    """Give the signals back; from here on what runs cleans up behind itself."""
    for number in _numbers():
        if signal.getsignal(number) is _end:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _numbers() -> list[int]:
    return [number for name in NAMES if (number := getattr(signal, name, None)) is not None]


def _end(number: int, _: object) -> None:
    os.write(2, f"{STOPPED}\n".encode())
    os._exit(128 + number)
