"""While a command still loads its libraries: a stop is one sentence too, and so is a library that cannot be loaded."""

from __future__ import annotations

import os
import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

STOPPED = "stopped; nothing was published"
COMMANDS = ("seglib", "seglib.exe", "seglib-script.py")
NO_MEMORY = ("annot allocate memory", "failed to map segment", "ot enough memory")  # as systems say it
TROUBLE = 4
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def loading(name: str) -> None:
    """Let a request to end be heard from the first library on, where this process is the command and nothing else.

    Parameters
    ----------
    name : str
        ``__name__`` of the module that loads: who imports it for another program keeps the signals of that program.
    """
    if name != "__main__" and not sys.argv[0].endswith(COMMANDS):
        return
    _open_streams()
    sys.excepthook = _failed
    if threading.current_thread() is threading.main_thread():
        for number in _numbers():
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _end)


def loaded() -> None:
    """Give signals and errors back; from here on what runs cleans up behind itself, and says what went wrong."""
    if sys.excepthook is _failed:
        sys.excepthook = sys.__excepthook__
    for number in _numbers():
        if signal.getsignal(number) is _end:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _open_streams() -> None:
    """Let closed standard streams lead nowhere: else the next file takes their number, and what is said lands in it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def _numbers() -> list[int]:
    return [number for name in NAMES if (number := getattr(signal, name, None)) is not None]


def _end(number: int, _: object) -> None:
    _leave(STOPPED, 128 + number)


def _failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say which library is not there, or that memory is too small to load one; everything else is shown as ever."""
    said = str(error)
    if kind is MemoryError or (issubclass(kind, ImportError | OSError) and any(word in said for word in NO_MEMORY)):
        _leave("SEG-X22 needs more memory to begin - do: free memory, or let seglib have more", TROUBLE)
    if isinstance(error, ModuleNotFoundError):
        _leave(
            f"SEG-X22 a library is not installed - found: {error.name} - do: start seglib with the Python that it was "
            "installed for: in a clone that of .venv",
            TROUBLE,
        )
    sys.__excepthook__(kind, error, trace)


def _leave(sentence: str, code: int) -> None:
    os.write(2, f"{sentence}\n".encode())
    os._exit(code)
