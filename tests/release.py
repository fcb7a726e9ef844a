"""Makes a release in one command: `make release VERSION=0.2.0`. Nothing is uploaded.

The version stands in pyproject.toml; CITATION.cff and the newest heading of CHANGELOG.md follow it. A wheel and a
source archive are built into dist/ and looked into before anything is committed and tagged.
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSION = re.compile(r"\d+\.\d+\.\d+")
PLACES = {  # what says the version in each file; the first place only
    "pyproject.toml": (r'(?m)^version = "[^"]*"$', 'version = "{version}"'),
    "CITATION.cff": (r"(?m)^version: .*(?:\ndate-released: .*)?$", "version: {version}\ndate-released: {day}"),
    "CHANGELOG.md": (r"(?m)^## .*$", "## {version}"),
}


def git(root: Path, *arguments: str) -> str:
    """Run git in a clone and return what it says."""
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def stop(what: str, found: str, do: str) -> None:
    """End with one sentence, as seglib does."""
    raise SystemExit(f"{what} - found: {found} - do: {do}")


def refuse(root: Path, version: str) -> None:
    """Stop unless the version is a new one, everything is committed, and the changelog says what is new."""
    if not VERSION.fullmatch(version):
        stop("a version is three numbers", version[:20] or "none", "make release VERSION=0.2.0")
    tags = git(root, "tag", "--list", "v*").split()
    numbers = [tuple(map(int, tag[1:].split("."))) for tag in tags if VERSION.fullmatch(tag[1:])]
    if numbers and tuple(map(int, version.split("."))) <= max(numbers):
        stop("a release is newer than all before", version, f"name one after {'.'.join(map(str, max(numbers)))}")
    if changed := git(root, "status", "--porcelain"):
        stop("a release is made from what is committed", changed.splitlines()[0][:60], "commit it or put it aside")
    if subprocess.run(["git", "var", "GIT_COMMITTER_IDENT"], cwd=root, check=False, capture_output=True).returncode:
        stop(
            "git does not know who makes the release",
            "no name or e-mail",
            "git config user.name NAME, and git config user.email ADDRESS",
        )
    newest = re.search(r"(?m)^## (.*)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if newest and f"v{newest[1]}" in tags:
        stop(
            "CHANGELOG.md says nothing new", f"## {newest[1]}, which has a tag", f"write what is new under ## {version}"
        )


def written(root: Path, version: str) -> None:
    """Write the version into each file that says it."""
    for name, (pattern, text) in PLACES.items():
        path = root / name
        said, count = re.subn(
            pattern, text.format(version=version, day=date.today()), path.read_text(encoding="utf-8"), count=1
        )
        if not count:
            stop("a file does not say its version", name, "write it as in the last release")
        path.write_text(said, encoding="utf-8")


def built(root: Path, version: str) -> list[str]:
    """Build both archives into dist/ and look into them."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", "dist"], cwd=root, check=True, capture_output=True
    )
    wheel = root / "dist" / f"seglib-{version}-py3-none-any.whl"
    source = root / "dist" / f"seglib-{version}.tar.gz"
    with zipfile.ZipFile(wheel) as archive:
        about = archive.read(f"seglib-{version}.dist-info/METADATA").decode()
        wheel_names = archive.namelist()
    with tarfile.open(source) as archive:
        source_names = archive.getnames()
    wanted = {"seglib/__main__.py", "seglib/py.typed", "seglib/shipped/notebooks/01_objectives.ipynb"}
    missing = sorted(wanted - set(wheel_names)) + sorted({f"seglib-{version}/pyproject.toml"} - set(source_names))
    if missing or f"\nVersion: {version}\n" not in about:
        stop(
            "the archives are not whole", ", ".join(missing) or "another version", "mend [tool.hatch] of pyproject.toml"
        )
    return [wheel.name, source.name]


def release(root: Path, version: str) -> list[str]:
    """Make the release of a clone; where it fails, the files are as before."""
    refuse(root, version)
    try:
        written(root, version)
        made = built(root, version)
        git(root, "add", *PLACES)
        if git(root, "diff", "--cached", "--name-only"):
            git(root, "commit", "-m", f"Version {version}")
    except BaseException:
        git(root, "checkout", "HEAD", "--", *PLACES)
        raise
    git(root, "tag", "-a", f"v{version}", "-m", f"seglib {version}")
    return made


if __name__ == "__main__":
    for name in release(ROOT, sys.argv[1] if sys.argv[1:] else ""):
        print(f"dist/{name}")  # noqa: T201  # what was made
