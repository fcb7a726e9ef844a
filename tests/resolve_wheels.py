"""Resolve requirements.lock for every Python and machine that seglib promises, wheels only, and store what was found.

`make wheels` and `make lock` run it and need a package index; the result, tests/wheels.json, is checked without one.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
STORED = ROOT / "tests" / "wheels.json"
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
MACHINES = {
    "linux-x86_64": "x86_64-unknown-linux-gnu",
    "linux-aarch64": "aarch64-unknown-linux-gnu",
    "macos-arm64": "aarch64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
}
TARGETS = [f"{python} {machine}" for python in PYTHONS for machine in MACHINES]


def digest(lock: Path = LOCK) -> str:
    """Name the lock that a stored resolution belongs to: SHA-256 of its bytes."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def resolved(target: str) -> list[str]:
    """List the pins that apply on a target; ends with uv's sentence when one of them has no wheel there."""
    python, machine = target.split()
    options = ["--no-deps", "--only-binary", ":all:", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"]
    where = ["--python-version", python, "--python-platform", MACHINES[machine]]
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", *options, *where, str(LOCK)], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{target}: {done.stderr.strip()}")
    return re.findall(r"^[^\s#]+==[^\s;]+", done.stdout, re.MULTILINE)


def main() -> None:
    """Resolve all targets; a pin that all of them take says so in one word."""
    takers: dict[str, list[str]] = {}
    for target in TARGETS:
        for pin in resolved(target):
            takers.setdefault(pin, []).append(target)
    pins = {pin: "all" if takers[pin] == TARGETS else takers[pin] for pin in sorted(takers)}
    STORED.write_text(json.dumps({"lock_sha256": digest(), "targets": TARGETS, "pins": pins}, indent=1) + "\n")


if __name__ == "__main__":
    main()
