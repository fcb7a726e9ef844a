"""How a command ends: trouble of the machine is told as that, a stop is one sentence, a closed pipe is silent."""

import errno
import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

from seglib.core import early
from seglib.core.ending import exit_code_of, orderly, places_of
from seglib.core.errors import Finding
from seglib.core.trouble import told, trouble_of


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "x", "/a/orders.parquet"), "SEG-X14 disk full - orders.parquet - do: free disk space"),
        (PermissionError(errno.EACCES, "x", b"/a/plan.yml"), "SEG-X16 no permission - plan.yml - do: mend"),
        (FileNotFoundError(errno.ENOENT, "x", "/a/pymp-1"), "SEG-X16 a file or folder is gone - pymp-1 - do: let no"),
        (OSError(errno.EIO, "x"), "SEG-X15 the disk reports an error - do: check the disk"),
        (OSError(errno.EMFILE, "x"), "SEG-X18 too many open files - do: raise the limit (ulimit -n)"),
        (BrokenPipeError(errno.EPIPE, "x"), "SEG-X11 a helper process has ended - do: free memory"),
        (BrokenProcessPool("x"), "SEG-X11 a helper process has ended"),
        (MemoryError(), "SEG-X22 needs more memory - do: free memory, or set clustering.sample_rows"),
        (pa.lib.ArrowMemoryError("malloc of size 1 failed"), "SEG-X22 needs more memory"),
        (duckdb.OutOfMemoryException("could not allocate"), "SEG-X22 needs more memory"),
        (duckdb.IOException("Could not write: No space left on device"), "SEG-X14 disk full"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_X14_X22_trouble_of_the_machine_is_told_as_that(capsys, error, sentence):
    """Exit code 4, what to do, and only the name of the file: never our mistake."""

    def work() -> None:
        raise error

    assert exit_code_of(work, None) == 4
    assert capsys.readouterr().err.startswith(sentence)


def test_what_is_no_trouble_of_the_machine_stays_what_it_is():
    """A wrong value, and an error of a file without a known reason, are not told as trouble."""
    assert trouble_of(ValueError("wrong")) is None
    assert trouble_of(OSError("Couldn't deserialize thrift")) is None
    with pytest.raises(KeyError), told("orders"):
        raise KeyError("x")


@pytest.mark.skipif(os.name != "posix", reason="signals as on Unix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143 - 14)])
def test_X12_a_stop_is_one_sentence_after_all_cleaning(tmp_path, number, code):
    """Ctrl-C, SIGTERM and a closed terminal run through what cleans up, and end without a traceback.

    Whoever started the tests may have told them to ignore a signal, as nohup does; the command is told to mind it.
    """
    script = (
        "import os, pathlib, signal, sys, time\nfrom seglib.core.ending import exit_code_of, orderly\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler); signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "def work():\n    try:\n        os.kill(os.getpid(), int(sys.argv[1])); time.sleep(20)\n"
        "    finally:\n        pathlib.Path('cleaned').touch()\n"
        "with orderly():\n    code = exit_code_of(work, None)\nsys.exit(code)"
    )
    given = [sys.executable, "-c", script, str(int(number))]
    done = subprocess.run(given, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert done.stderr == "stopped; nothing was published\n"
    assert (tmp_path / "cleaned").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals as on Unix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_X12_a_stop_while_libraries_load_is_one_sentence(tmp_path, number, code):
    """Ctrl-C in the first seconds was a traceback of Python's: here it comes while the command's libraries load."""
    (tmp_path / "pydantic.py").write_text(f"import os, time\nos.kill(os.getpid(), {int(number)})\ntime.sleep(20)\n")
    given = [
        sys.executable,
        "-c",
        "import runpy, signal, sys\n"
        + (
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            f"sys.path.insert(0, {str(tmp_path)!r})\nrunpy.run_module('seglib', run_name='__main__')"
        ),
    ]
    done = subprocess.run(given, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (code, "stopped; nothing was published\n")


@pytest.mark.parametrize(
    ("library", "said"),
    [
        ("raise MemoryError", "SEG-X22 needs more memory to begin - do: free memory, or let seglib have more"),
        ("raise ImportError('x.so: failed to map segment')", "SEG-X22 needs more memory to begin - do: free memory"),
        ("import no_such_library", "SEG-X22 a library is not installed - found: no_such_library - do: start seglib"),
    ],
)
def test_X22_a_library_that_cannot_be_loaded_is_one_sentence(tmp_path, library, said):
    """Memory too small to begin with, or another Python than seglib was installed for: exit code 4, no traceback."""
    (tmp_path / "pydantic.py").write_text(library)
    script = (
        f"import runpy, sys; sys.path.insert(0, {str(tmp_path)!r}); runpy.run_module('seglib', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert done.stderr.startswith(said)


def test_who_imports_the_command_keeps_the_signals(monkeypatch):
    """Only where this process is the command are they taken, and what it runs finds them as they were."""
    monkeypatch.setattr(sys, "argv", ["/a/pytest"])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        seen = []
        for name in ("seglib.__main__", "__main__"):
            early.loading(name)
            seen.append(signal.getsignal(signal.SIGINT))
        early.loaded()
        seen.append(signal.getsignal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)

    assert seen[0] == seen[2] == signal.default_int_handler != seen[1]


@pytest.mark.skipif(os.name != "posix", reason="pipes as on Unix")
def test_a_closed_pipe_is_silent():
    """Who reads three lines and goes away gets nothing more, on the error stream neither."""
    script = "import sys; from seglib.__main__ import main, say\nfrom seglib import __main__ as m\n" + (
        "m.VERB['fetch'] = lambda _: [say('x' * 1000) for _ in range(1000)]\nsys.exit(main(['fetch']))"
    )
    given = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    given.stdout.close()

    assert given.stderr.read() == b""
    assert given.wait() == 141
    given.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="streams as on Unix")
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_mistake(tmp_path, closed):
    """A scheduler may close them: the work is done, and no file of the study takes the place of a closed one."""
    (tmp_path / "data").mkdir()
    line = f'"$0" -m seglib sample --into shop --seed 1 {closed}'
    given = ["sh", "-c", line, sys.executable]
    settings = {**os.environ, "SEGLIB_HOME": str(tmp_path)}
    done = subprocess.run(given, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert [*(tmp_path / "data").iterdir()] == []
    assert (tmp_path / "shop" / "plan.yml").is_file()


@pytest.mark.skipif(os.name != "posix", reason="modes as on Unix")
def test_R28_files_are_private_whatever_the_umask(tmp_path):
    """Inside a command new files and folders are the owner's alone; afterwards the umask is as before."""
    before = os.umask(0o022)
    try:
        with orderly():
            (tmp_path / "file").touch()
            (tmp_path / "folder").mkdir()
        (tmp_path / "later").touch()
    finally:
        os.umask(before)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert modes == {"file": "0o600", "folder": "0o700", "later": "0o644"}


def test_places_of_an_error_from_another_process_hold_no_message():
    """The text that a worker sends along quotes its message; only files, lines and functions are kept."""
    remote = type("_RemoteTraceback", (Exception,), {})(
        'File "/home/anna/seglib/core/run.py", line 7, in read\nrow of bob'
    )
    error = RuntimeError("carl")
    error.__cause__ = remote
    said = places_of(error)

    assert "  seglib/core/run.py, line 7, in read" in said
    assert not any(name in said for name in ("anna", "bob", "carl"))


def test_O13_control_characters_never_reach_the_terminal():
    """A file's name may hold an order to the terminal, or turn the direction of the line: both are written out."""
    shown = str(Finding("F01", "orders\x1b[2J\x07\u202e.csv not found"))

    assert shown == r"SEG-F01 orders\x1b[2J\x07\u202e.csv not found"


def test_trouble_travels_between_processes():
    """A worker's sentence arrives whole."""
    sent = trouble_of(OSError(errno.ENOSPC, "x"))

    assert str(pickle.loads(pickle.dumps(sent))) == str(sent)  # noqa: S301  # what this test itself has packed
    assert exit_code_of(SimpleNamespace, None) == 0
