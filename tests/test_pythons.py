"""Pythons and machines: which may build the environment, and that the lock has wheels for all of them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import resolve_wheels
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
WANTED = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"])
STORED = json.loads(resolve_wheels.STORED.read_text())
MACHINES = {
    "linux-x86_64": ("posix", "linux", "Linux", "x86_64"),
    "linux-aarch64": ("posix", "linux", "Linux", "aarch64"),
    "macos-arm64": ("posix", "darwin", "Darwin", "arm64"),
    "windows-x86_64": ("nt", "win32", "Windows", "AMD64"),
}


def markers(target: str) -> dict[str, str]:
    """What a pin's condition may ask of a target; uv reads 3.11 as 3.11.0."""
    python, machine = target.split()
    os_name, sys_platform, system, processor = MACHINES[machine]
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_system": system,
        "platform_machine": processor,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


def takers(pin: Requirement) -> list[str]:
    """Targets on which a line of the lock applies."""
    return [t for t in resolve_wheels.TARGETS if pin.marker is None or pin.marker.evaluate(markers(t))]


def test_the_stored_wheels_belong_to_this_lock():
    """A lock that was changed has to be resolved again for every target: make wheels."""
    assert STORED["lock_sha256"] == resolve_wheels.digest()


def test_every_pin_has_a_wheel_wherever_it_applies():
    """Each name==version of the lock was found as a wheel on exactly the targets that its condition names."""
    lines = [Requirement(line) for line in resolve_wheels.LOCK.read_text().splitlines()]
    needed = {(f"{pin.name}{pin.specifier}", target) for pin in lines for target in takers(pin)}
    pins = {pin: STORED["targets"] if where == "all" else where for pin, where in STORED["pins"].items()}
    found = {(pin, target) for pin, where in pins.items() for target in where}

    assert found == needed


def test_every_python_that_is_promised_is_resolved_and_named():
    """pyproject.toml, the stored targets, the Makefile and the README name the same Pythons."""
    promised = [f"3.{minor}" for minor in range(30) if WANTED.contains(f"3.{minor}.0")]
    make, readme = (ROOT / "Makefile").read_text(), (ROOT / "README.md").read_text()
    low, high = re.search(r"\((3, \d+)\) <= sys.version_info\[:2\] < \((3, \d+)\)", make).groups()

    assert [f"{p} {m}" for p in promised for m in MACHINES] == STORED["targets"] == resolve_wheels.TARGETS
    assert f">={low.replace(', ', '.')},<{high.replace(', ', '.')}" in {
        str(WANTED),
        ",".join(str(WANTED).split(",")[::-1]),
    }
    assert make.count(f"Python {promised[0]} to {promised[-1]}") == 2
    assert f"python3 ({promised[0]} to {promised[-1]})" in readme


FAKE = """#!/bin/sh
case "$1" in
  -V) echo "Python {version}.1";;
  -c) exec {real} -c "import sys; sys.version_info = ({minor}, 1, 'final', 0); exec(sys.argv[1])" "$2";;
  *) echo "{name} $*" >> "{called}"; exit 1;;
esac
"""


def built(folder: Path, pythons: dict[str, str], *arguments: str) -> tuple[str, str]:
    """Ask make for the environment where only these Pythons are; what it said, and what each was called for."""
    tools, called = folder / "bin", folder / "called"
    tools.mkdir()
    called.touch()
    for name, version in pythons.items():
        script = FAKE.format(
            version=version, minor=version.replace(".", ", "), real=sys.executable, name=name, called=called
        )
        (folder / name if "/" in name else tools / name).write_text(script)
        (folder / name if "/" in name else tools / name).chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHON", "MAKEFLAGS", "MAKELEVEL", "VENV"}}
    done = subprocess.run(
        [shutil.which("make"), "--no-print-directory", "env", *arguments],
        cwd=folder, env={**clean, "PATH": str(tools)}, capture_output=True, text=True, timeout=30,
    )  # fmt: skip

    assert done.returncode == 2
    return done.stderr, called.read_text()


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.16"])
def test_a_python_that_does_not_fit_is_told_before_anything_is_built(tmp_path, version):
    """One sentence says what must hold, what came and what to do; nothing was made."""
    said, called = built(tmp_path, {"python3": version})

    assert said.splitlines()[0] == (
        f"seglib needs Python 3.11 to 3.15 - python3 - found: Python {version}.1"
        " - do: name one, such as make env PYTHON=/usr/bin/python3.13"
    )
    assert called == ""
    assert not (tmp_path / ".venv").exists()


def test_no_python_at_all_gets_the_same_sentence(tmp_path):
    """Where nothing answers, that is what was found."""
    said, called = built(tmp_path, {})

    assert said.splitlines()[0].startswith("seglib needs Python 3.11 to 3.15 - python3 - found: none - do:")
    assert called == ""


def test_a_python_that_fits_is_taken_where_python3_does_not(tmp_path):
    """The first that fits builds the environment."""
    _, called = built(tmp_path, {"python3": "3.16", "python3.14": "3.14", "python3.12": "3.12"})

    assert called == "python3.14 -m venv .venv\n"


def test_a_python_that_was_named_is_the_only_one_asked(tmp_path):
    """PYTHON=... is taken at its word: no other one steps in for it."""
    said, called = built(tmp_path, {"python3": "3.13", "old": "3.9"}, "PYTHON=old")

    assert said.splitlines()[0].startswith("seglib needs Python 3.11 to 3.15 - old - found: Python 3.9.1 - do:")
    assert called == ""


def test_an_environment_of_another_python_is_told(tmp_path):
    """A folder .venv that an older Python made is not filled with libraries it cannot use."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    said, called = built(tmp_path, {"python3": "3.13", ".venv/bin/python": "3.10"})

    assert said.splitlines()[0] == (
        "seglib needs Python 3.11 to 3.15 - .venv - found: Python 3.10.1 - do: remove the folder .venv"
    )
    assert called == ""


def test_make_hands_on_columns_whose_names_hold_spaces():
    """Each column that is named for `make init` arrives as one word, without the environment being built."""
    make = shutil.which("make")
    columns = 'ordered_at="Close Date" customer_id=Company'
    given = ["init", "RUN=printf %s\\\\n", "STAMP=Makefile", "FILE=a b.csv", "STUDY=acme", f"COLUMNS={columns}"]
    told = subprocess.run([make, "-s", *given], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert told.splitlines()[-4:] == ["--column", "ordered_at=Close Date", "--column", "customer_id=Company"]
