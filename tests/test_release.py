"""A release in one command: the version in its places, both archives, a commit and a tag; or everything as before."""

import subprocess
import zipfile
from pathlib import Path

import pytest
import release

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of what is tracked here, with the files as they are now, committed."""
    place = tmp_path / "clone"
    place.mkdir()
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/report")):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes((ROOT / name).read_bytes())
    for command in (["init", "-q"], ["config", "user.name", "A"], ["config", "user.email", "a@example.com"]):
        release.git(place, *command)
    release.git(place, "add", "-A")
    release.git(place, "commit", "-q", "-m", "All")
    return place


def test_a_release_is_built_committed_and_tagged(clone: Path) -> None:
    """Wheel and archive carry the version, which stands in its three places; a second one of that name is refused."""
    made = release.release(clone, "7.8.9")
    with zipfile.ZipFile(clone / "dist" / made[0]) as wheel:
        about = wheel.read("seglib-7.8.9.dist-info/METADATA").decode()

    assert made == ["seglib-7.8.9-py3-none-any.whl", "seglib-7.8.9.tar.gz"]
    assert "\nVersion: 7.8.9\n" in about
    assert release.git(clone, "tag", "--list") == "v7.8.9"
    assert release.git(clone, "status", "--porcelain") == ""
    assert all("7.8.9" in (clone / name).read_text() for name in release.PLACES)
    with pytest.raises(SystemExit, match="newer than all before - found: 7.8.9"):
        release.release(clone, "7.8.9")
    with pytest.raises(SystemExit, match="says nothing new"):
        release.release(clone, "7.9.0")


def test_a_release_that_fails_leaves_the_files_as_they_were(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No version is written, no commit and no tag are made."""
    before = release.git(clone, "rev-parse", "HEAD")
    monkeypatch.setattr(release, "built", lambda root, version: release.stop("no", "nothing", "mend it"))

    with pytest.raises(SystemExit, match="no - found: nothing - do: mend it"):
        release.release(clone, "7.8.9")
    assert release.git(clone, "status", "--porcelain", "--", ".") == ""
    assert (release.git(clone, "rev-parse", "HEAD"), release.git(clone, "tag", "--list")) == (before, "")


@pytest.mark.parametrize("version", ["", "1.2", "v1.2.3", "1.2.3rc1"])
def test_what_is_no_version_is_refused(tmp_path: Path, version: str) -> None:
    """Before anything is looked at."""
    with pytest.raises(SystemExit, match="a version is three numbers"):
        release.release(tmp_path, version)


def test_what_is_not_committed_is_refused(clone: Path) -> None:
    """A release holds what is in the history and nothing else."""
    (clone / "README.md").write_text("changed")

    with pytest.raises(SystemExit, match="made from what is committed"):
        release.release(clone, "7.8.9")


def test_a_release_by_nobody_is_refused(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git has no name for the commit, that is said before anything is written."""
    monkeypatch.delenv("GIT_COMMITTER_NAME", raising=False)
    release.git(clone, "config", "user.name", "")

    with pytest.raises(SystemExit, match="git does not know who makes the release - found: no name or e-mail"):
        release.release(clone, "7.8.9")
    assert release.git(clone, "status", "--porcelain") == ""
