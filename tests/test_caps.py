"""Every upper bound of pyproject.toml names the call that fails beyond it; a test finds out when it no longer does."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "pyproject.toml").read_text()
PROJECT = tomllib.loads(TEXT)["project"]
CACHE = """
import ibis, pandas
table = ibis.memtable(pandas.DataFrame({"n": [1, 2]})).cache()
assert table.count().execute() == 2
table.release()
"""
CAPS = {  # what is capped: a word of its reason, the packages beside it, the call, the error that it ends in today
    "sqlglot": ("Table.cache()", ("ibis-framework[duckdb]",), CACHE, "ParserException"),
    "requires-python": ("no wheel", (), "", "no usable wheels"),
}


def capped() -> set[str]:
    """Names of what may not be newer than some version."""
    extras = [text for texts in PROJECT["optional-dependencies"].values() for text in texts]
    wanted = [Requirement(text) for text in [*PROJECT["dependencies"], *extras]]
    found = {w.name for w in wanted if {s.operator for s in w.specifier} & {"<", "<=", "==", "===", "~=", "!="}}
    return found | ({"requires-python"} if "<" in PROJECT["requires-python"] else set())


def beyond(name: str) -> str:
    """The first version that a cap keeps out."""
    line = next(line for line in TEXT.splitlines() if re.match(rf'\s*"?{name}\b', line))
    return re.search(r"<([\d.]+)", line)[1]


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run uv; skips where no package index answers it."""
    done = subprocess.run([sys.executable, "-m", "uv", *arguments], capture_output=True, text=True, timeout=600)
    if re.search("No module named uv|dns error|[Cc]onnect|timed out|[Ff]ailed to fetch", done.stderr):
        pytest.skip("no package index could be reached, or uv is not installed")
    return done


def test_every_cap_stands_in_the_table_and_names_its_reason():
    """A cap without a failing call is not allowed; its line says which call and which version."""
    lines = {name: next(li for li in TEXT.splitlines() if re.match(rf'\s*"?{name}\b', li)) for name in capped()}

    assert capped() == set(CAPS)
    assert all(CAPS[name][0] in line.partition("#")[2] for name, line in lines.items())
    assert all(re.search(r"\d+\.\d+", line.partition("#")[2]) for line in lines.values())


@pytest.mark.long
def test_a_library_beyond_its_cap_still_fails():
    """When this call passes with the newest version, the cap can go."""
    reason, beside, call, error = CAPS["sqlglot"]
    pins = [line.partition(" ;")[0] for line in (ROOT / "requirements.lock").read_text().splitlines()]
    versions = dict(pin.split("==") for pin in pins)
    packages = [f"{name}=={versions[name.partition('[')[0]]}" for name in beside] + [f"sqlglot>={beyond('sqlglot')}"]
    isolated = ["run", "--quiet", "--no-project", "--isolated", "--python", sys.executable]
    done = uv(*isolated, *[part for package in packages for part in ("--with", package)], "python", "-c", call)

    assert done.returncode != 0, f"{reason} passes with the newest sqlglot: take the cap away"
    assert error in done.stderr


@pytest.mark.long
def test_a_python_beyond_its_cap_still_has_no_wheels():
    """When the lock resolves for the next Python with wheels only, the cap can move on."""
    wheels = ["pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "requirements.lock"]
    done = uv(*wheels, "--python-version", beyond("requires-python"), "--python-platform", "x86_64-unknown-linux-gnu")

    assert done.returncode != 0, "all wheels are there: move the cap of requires-python"
    assert CAPS["requires-python"][3] in done.stderr
