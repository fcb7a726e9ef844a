"""The wheel and the source archive: what is in them, and that an installed seglib works without a clone."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from seglib.core.steps import STEPS
from seglib.core.store import code_hash

ROOT = Path(__file__).resolve().parents[1]
PACKED = ("seglib", "notebooks", "data", "docs/glossary.md", "requirements.lock")
BUILD = "import hatchling.build as b, sys; b.build_sdist(sys.argv[1]); b.build_wheel(sys.argv[1])"
PRIVATE = (
    "data/acme/plan.yml",
    "data/acme/sources/orders.csv",
    "data/demo/private/pseudonym.key",
    "data/demo/runs/2026Q3/seconds.json",
    "data/demo/sources/orders_of_our_shop.csv",
    "data/seglib-error.txt",
    "notebooks/.ipynb_checkpoints/04_clustering-checkpoint.ipynb",
    "reports/acme/2026Q3/index.html",
)
ORDERS = "Invoice,Customer ID,Quantity,Price,InvoiceDate\n" + "".join(
    f"{n},{100 + n % 9},2,1.50,2026-0{1 + n % 6}-{1 + n // 6 * 5 % 18:02} 10:00:00\n" for n in range(90)
)


def project_files() -> list[str]:
    """Files of the project that belong into a package, as git lists them."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PACKED]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(name for name in names if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and source archive of the project with private files lying in it."""
    project, made = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("dist")
    for name in [*project_files(), "pyproject.toml", "README.md", "LICENSE", ".gitignore"]:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, project / name)
    for name in PRIVATE:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("private")
    subprocess.run([sys.executable, "-c", BUILD, str(made)], cwd=project, check=True, capture_output=True)
    return made


@pytest.fixture(scope="session")
def packages(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as an installer does it."""
    folder = tmp_path_factory.mktemp("lib") / "site-packages"
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def installed(packages: Path, where: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the unpacked seglib, with its libraries from this environment, in a folder."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("SEGLIB_")}
    settings |= {"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1", **environment}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=where, env=settings, capture_output=True, text=True, check=False)


def everything(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if "__pycache__" not in p.parts}


def test_wheel_holds_the_package_the_notebooks_and_the_demo(built: Path) -> None:
    """What git knows of them and nothing else, with notebooks and data where the package finds them."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    wanted = {name if name.startswith("seglib/") else f"seglib/shipped/{name}" for name in project_files()}

    assert names == wanted
    assert {f"seglib/shipped/notebooks/{step.name}.ipynb" for step in STEPS} < names
    assert "seglib/py.typed" in names


def test_source_archive_makes_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """Whoever builds from the archive gets the same files, byte by byte."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)  # from 3.11.4 on
        archive.extractall(tmp_path)
    unpacked = next(tmp_path.iterdir())
    subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=unpacked, check=True, capture_output=True)
    first, second = (zipfile.ZipFile(next(folder.glob("*.whl"))) for folder in (built, tmp_path))

    assert everything(unpacked) & set(PRIVATE) == set()
    assert {i.filename: i.CRC for i in first.infolist()} == {i.filename: i.CRC for i in second.infolist()}


def test_installed_code_has_the_fingerprint_of_the_clone(packages: Path, tmp_path: Path) -> None:
    """Results that a clone made are current where the same version is installed."""
    done = installed(packages, tmp_path, "-c", "from seglib.core.store import code_hash; print(code_hash())")

    assert done.stdout.strip() == code_hash()


@pytest.mark.wide
def test_installed_seglib_makes_a_home_and_a_study(packages: Path, tmp_path: Path) -> None:
    """new and init work without a clone, and nothing is written beside the package."""
    before = everything(packages)
    (tmp_path / "orders.csv").write_text(ORDERS)
    made = installed(packages, tmp_path, "-m", "seglib", "new", "studies")
    assert made.returncode == 0, made.stderr
    study = installed(packages, tmp_path / "studies", "-m", "seglib", "init", "../orders.csv", "--study", "acme")

    assert (made.returncode, study.returncode) == (0, 0), made.stderr + study.stderr
    assert "then type: seglib report --study acme" in study.stdout
    assert (tmp_path / "studies" / "data" / "acme" / "sources" / "orders.csv").is_file()
    assert everything(packages) == before


def test_R29_installed_seglib_refuses_a_home_beside_itself(packages: Path, tmp_path: Path) -> None:
    """Neither a named folder nor the current one may lie among packages: one sentence, exit code 5."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    before, init = everything(packages), ("-m", "seglib", "init", str(tmp_path / "orders.csv"), "--study", "acme")
    done = installed(packages, tmp_path, *init, SEGLIB_HOME=str(packages))

    assert done.returncode == 5
    assert done.stderr.startswith("SEG-R29 the home of studies lies inside an installation of programs")
    assert everything(packages) == before


@pytest.mark.long
def test_installed_seglib_makes_a_report_in_an_empty_environment(built: Path, tmp_path: Path) -> None:
    """pip installs the wheel with the lock's versions; init and a report of the demo then work in a home of their own.

    Nothing is written beside the packages, and an uninstall leaves the home alone.
    """
    environment, user = tmp_path / "env", tmp_path / "user"
    user.mkdir()
    run = {"cwd": user, "capture_output": True, "text": True, "check": False}
    unset = {name: value for name, value in os.environ.items() if not name.startswith(("SEGLIB_", "PYTHON"))}
    run["env"] = {**unset, "HOME": str(user), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = str(next(built.glob("*.whl")))
    done = subprocess.run([*pip, "install", "-c", str(ROOT / "requirements.lock"), wheel], **run)
    assert done.returncode == 0, done.stderr
    before = everything(environment)
    (user / "orders.csv").write_text(ORDERS)
    seglib = str(environment / "bin" / "seglib")

    def typed(*arguments: str) -> str:
        done = subprocess.run([seglib, *arguments], **run)
        assert done.returncode == 0, done.stderr
        return done.stdout

    typed("new", "studies")
    run["cwd"] = user / "studies"
    typed("init", "../orders.csv", "--study", "acme")
    shown = typed("report", "--study", "demo", "--quarter", "2026Q3")
    typed("verify", "--quarter", "2026Q3")

    assert shown.splitlines()[-1] == "reports/demo/2026Q3/index.html"
    assert (user / "studies" / "reports" / "demo" / "2026Q3" / "index.html").is_file()
    assert everything(environment) == before
    kept = everything(user / "studies")
    assert subprocess.run([*pip, "uninstall", "--yes", "seglib"], **run).returncode == 0
    assert everything(user / "studies") == kept
    assert [p for p in environment.rglob("*") if "seglib" in p.parts] == []
