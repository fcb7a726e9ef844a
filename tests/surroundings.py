"""Machines that this one can pretend to be: what a processor, its threads and a user's settings may change."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_dispatch__ as LOOPS  # what numpy has loops of its own for, oldest first
from numpy._core._multiarray_umath import __cpu_features__ as FOUND
from ten_steps import published

TEN_STEPS = Path(__file__).with_name("ten_steps.py")
TAKEN = os.environ.get("NPY_DISABLE_CPU_FEATURES", "").replace(",", " ").split()  # this run pretends already
OURS = [name for name in LOOPS if FOUND.get(name) or name in TAKEN]
NEWER, OLDEST = ",".join(OURS[1:]), ",".join(OURS)  # X86_V4 and later, and X86_V3 too; other names on other processors
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Machine:
    """Where a run takes place.

    Parameters
    ----------
    without : str
        Parts of the processor that numpy must not use, as if it were older.
    threads : int
    hash_seed, zone, language : str
    """

    without: str = ""
    threads: int = 2
    hash_seed: str = "0"
    zone: str = "UTC"
    language: str = "C.UTF-8"

    @property
    def settings(self) -> dict[str, str]:
        """The variables of a process there; numpy reads its own before anything else is done."""
        threads = dict.fromkeys(THREADS, str(self.threads))
        place = {"TZ": self.zone, "LANG": self.language, "LC_ALL": self.language}
        return {"NPY_DISABLE_CPU_FEATURES": self.without, "PYTHONHASHSEED": self.hash_seed, **threads, **place}

    def run(self, home: Path, study: str, *quarters: str) -> dict[str, bytes]:
        """Run the ten steps there and return every file that the last quarter handed on."""
        given = {**os.environ, **self.settings, "SEGLIB_HOME": str(home)}
        command = [sys.executable, str(TEN_STEPS), study, *quarters]
        subprocess.run(command, env=given, check=True)
        return published(home / "data" / study / "runs" / quarters[-1])


HERE = Machine()
OLD = Machine(OLDEST, 1, "77", "Pacific/Kiritimati", "tr_TR.UTF-8")
NEW = Machine(NEWER, 1, "4294967295", "America/Los_Angeles", "C")
ONE_BY_ONE = {
    "an older processor": Machine(without=NEWER),
    "the oldest processor": Machine(without=OLDEST),
    "one thread": Machine(threads=1),
    "hash seed 1": Machine(hash_seed="1"),
    "hash seed 77": Machine(hash_seed="77"),
    "Kiritimati": Machine(zone="Pacific/Kiritimati"),
    "Los Angeles": Machine(zone="America/Los_Angeles"),
    "C": Machine(language="C"),
    "Turkish": Machine(language="tr_TR.UTF-8"),
}
