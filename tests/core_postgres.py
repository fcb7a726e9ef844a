"""A real PostgreSQL on this machine for the tests: its own folder, its own port, nothing left afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SECRET = "S3cr@t w0rd/7"
NO_SERVER = "PostgreSQL is not installed here (apt-get install postgresql)"


def programs() -> Path | None:
    """Folder of the newest server's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


@dataclass(frozen=True)
class Server:
    """A running server."""

    programs: Path
    folder: Path
    port: int

    def url(self, user: str = "reader", password: str = SECRET, database: str = "postgres") -> str:
        """Address of a database."""
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def sql(self, *statements: str) -> None:
        """Do something as the one who runs the server."""
        command = [str(self.programs / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder)]
        command += ["-p", str(self.port), "-U", "postgres"]
        for statement in statements:
            subprocess.run([*command, "-c", statement], check=True, capture_output=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._control("start", "-w", "-t", "120", "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self._control("stop", "-w", "-m", "immediate")

    def _control(self, *what: str) -> None:
        command = [*as_server(), str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), *what]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)


def as_server() -> list[str]:
    """How to start the server's programs, which refuse to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if not os.geteuid() else []


@contextmanager
def running(found: Path) -> Iterator[Server]:
    """Make a server with one user who may read nothing yet, and take everything away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="seglib-pg-"))
    if not os.geteuid():
        shutil.chown(folder, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Server(found, folder, port)
    login = [
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    command = [*as_server(), str(found / "initdb"), "-D", str(folder / "data"), *login]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    made.start()
    try:
        made.sql(f"create role reader login password '{SECRET}'")
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
