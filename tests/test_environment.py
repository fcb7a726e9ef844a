"""One source of dependencies: pyproject.toml, requirements.lock and environment.yml agree."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from reference_tables import dictionary

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()


def locked() -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = {}
    for line in LOCK:
        requirement = Requirement(line)
        found.setdefault(requirement.name.lower().replace("_", "-"), []).append(requirement)
    return found


def test_lock_pins_every_package_and_names_no_index():
    """Each line is one package at one version, readable by pip, without an address."""
    loose = [line for line in LOCK if not re.match(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+( ; .+)?$", line)]

    assert loose == []
    assert "://" not in "\n".join(LOCK)


def test_every_dependency_is_locked_inside_its_bounds():
    """What pyproject.toml asks for is what requirements.lock pins."""
    pins = locked()
    wanted = [Requirement(text) for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]]
    wrong = [
        str(requirement)
        for requirement in wanted
        for pin in pins.get(requirement.name.lower(), [None])
        if pin is None or not requirement.specifier.contains(next(iter(pin.specifier)).version)
    ]

    assert wrong == []


def test_environment_yml_installs_the_lock_and_the_project():
    """conda users get python, pip, the same lock and the project itself."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    plain, pip = environment["dependencies"][:-1], environment["dependencies"][-1]["pip"]

    assert plain == ["python=3.13", "pip"]
    assert SpecifierSet(PROJECT["requires-python"]).contains("3.13")
    assert pip == ["-r requirements.lock", "-e ."]


def test_there_is_no_other_lock_file():
    """requirements.lock is the only one."""
    others = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "conda-lock.yml", "requirements.txt"}

    assert {p.name for p in ROOT.iterdir()} & others == set()


def test_data_dictionary_is_generated():
    """data/README.md says what contract.py says."""
    assert (ROOT / "data" / "README.md").read_text().endswith(dictionary())
