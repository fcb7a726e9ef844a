"""docs/change.md: what it adds is put into a copy of the package, and what it prints there is compared."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "change.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"<!-- in (?P<file>\S+?)(?: (?P<how>before|instead of): (?P<place>[^\n]+?))? -->\n```\w+\n(?P<text>.*?)```"
    r"|<!-- then -->\n```python\n(?P<code>.*?)```\n\n```text\n(?P<printed>.*?)```",
    re.DOTALL,
)


def put(file: Path, how: str | None, place: str, text: str) -> None:
    """Add a block to a file, where the page says."""
    if how is None:
        file.write_text(text, encoding="utf-8")
        return
    before, found, after = file.read_text(encoding="utf-8").partition(place.replace("\\n", "\n"))
    assert found, f"{file.name} does not hold: {place}"
    indent = before[len(before.rstrip(" ")) :]
    new = text.rstrip("\n") if how == "instead of" else f"{text}{indent}{found}"
    file.write_text(f"{before}{new}{after}", encoding="utf-8")


def test_each_change_of_the_page_works_in_a_copy(tmp_path):
    """A criterion, a metric, a chart and a format: added as the page says, they do what it prints."""
    shutil.copytree(ROOT / "seglib", tmp_path / "seglib", ignore=shutil.ignore_patterns("__pycache__"))
    code, printed, files = [], "", set()
    for each in BLOCK.finditer(PAGE):
        if each["code"]:
            code.append(each["code"])
            printed += each["printed"]
        else:
            files.add(each["file"])
            put(tmp_path / each["file"], each["how"], each["place"] or "", each["text"])
    run = [sys.executable, "-c", "\n".join(code)]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert len(files) == 5 and len(code) == 4
    assert done.stderr == ""
    assert done.stdout == printed
