"""Pseudonyms and their key."""

import hashlib
import hmac
import json

import pytest

from seglib.core.errors import PrivacyRefused
from seglib.core.privacy import fingerprint, load_key, private_folder, pseudonyms


def test_R20_pseudonym_is_a_keyed_hash():
    """Without the key the plain hash of an id leads nowhere."""
    key = bytes(range(32))
    (made,) = pseudonyms(["12346"], key)

    assert made == hmac.new(key, b"customer:12346", hashlib.sha256).hexdigest()[:24]
    assert made not in hashlib.sha256(b"12346").hexdigest()
    assert pseudonyms(["12346"], bytes(32)) != [made]


def test_R20_key_is_made_once_and_private(tmp_path):
    """The first run makes 32 random bytes that only the owner can read."""
    key = load_key(tmp_path / "private", synthetic=False, study="acme")

    assert len(key) == 32
    assert load_key(tmp_path / "private", synthetic=False, study="acme") == key
    assert (tmp_path / "private" / "pseudonym.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("content", "mode", "sentence"), [(b"short", 0o600, "too short"), (bytes(32), 0o644, "by others")]
)
def test_R20_weak_key_is_refused(tmp_path, content, mode, sentence):
    """A short key or one that others can read stops the run with exit code 5."""
    path = tmp_path / "pseudonym.key"
    path.write_bytes(content)
    path.chmod(mode)

    with pytest.raises(PrivacyRefused, match=sentence) as caught:
        load_key(tmp_path, synthetic=False, study="acme")
    assert caught.value.exit_code == 5


def test_invented_data_have_the_same_key_everywhere(tmp_path):
    """The demo's pseudonyms do not depend on the machine."""
    assert load_key(tmp_path, True, "demo") == load_key(tmp_path / "elsewhere", True, "demo")
    assert not list(tmp_path.iterdir())


def test_R20_a_key_that_is_gone_or_another_one_is_refused(tmp_path):
    """A new key would let forgotten people come back: the study stops until its own is restored, exit code 5."""
    folder = tmp_path / "private"
    path, key = folder / "pseudonym.key", load_key(folder, synthetic=False, study="acme")
    path.unlink()
    with pytest.raises(PrivacyRefused, match="R20 pseudonym key is gone - pseudonym.key - do: restore"):
        load_key(folder, synthetic=False, study="acme")
    path.write_bytes(bytes(32))
    path.chmod(0o600)
    with pytest.raises(PrivacyRefused, match="R20 pseudonym key is not the one of this study"):
        load_key(folder, synthetic=False, study="acme")
    path.write_bytes(key)

    assert load_key(folder, synthetic=False, study="acme") == key
    assert key.hex() not in (folder / "pseudonym.fingerprint").read_text()


@pytest.mark.parametrize("left", ["private/forgotten.txt", "runs/2026Q3/00_intake/manifest.json"])
def test_R20_a_key_is_made_for_a_new_study_only(tmp_path, left):
    """Where tombstones or results are left, the key and its fingerprint were deleted."""
    (tmp_path / left).parent.mkdir(parents=True)
    (tmp_path / left).write_text("{}")

    with pytest.raises(PrivacyRefused, match="pseudonym key is gone"):
        load_key(tmp_path / "private", synthetic=False, study="acme")


def test_R20_the_manifests_know_the_key_too(tmp_path):
    """Key and fingerprint were replaced together; the last intake tells."""
    manifest = tmp_path / "runs" / "2026Q3" / "00_intake" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"parameters": {"key": fingerprint(b"1" * 32)}}))
    path = private_folder(tmp_path / "private") / "pseudonym.key"
    path.write_bytes(bytes(32))
    path.chmod(0o600)

    with pytest.raises(PrivacyRefused, match="not the one of this study"):
        load_key(tmp_path / "private", synthetic=False, study="acme")
