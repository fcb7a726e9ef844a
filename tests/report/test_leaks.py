"""No page of a report tells of fewer people than the floor: sentences, alternative texts and tables are read."""

import shutil
from pathlib import Path

import leaks
import pytest
from small_studies import write

PAGE = """<p>Of 89 customers, 7% of 89 have lapsed. Customers without an order: none.</p>
<p>Then 4 of them left, 3 customers came; fewer than 10 customers asked, 1,203 customers stayed.</p>
<table><tr><th>segment</th><th>customers</th></tr><tr><td>A</td><td>120</td></tr><tr><td>B</td><td>6</td></tr></table>
<table><tr><th>of</th><th>share</th></tr><tr><td>40</td><td>90.0%</td></tr><tr><td>400</td><td>50.0%</td></tr></table>
<img src="x.png" alt="A bar for each group: 8 members in C, 90 in D.">"""


def test_R16_a_reader_of_pages_finds_what_gives_a_few_people_away(tmp_path: Path) -> None:
    """A share with its whole, a count in a sentence, in a table, beside its whole, and in an alternative text."""
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    found = " ".join(leaks.of_report(tmp_path)["index.html"])

    assert all(told in found for told in ("7% of 89", "3 customers", "['B', '6']", "['40', '90.0%']", "8 members"))
    assert not any(told in found for told in ("['A'", "['400'", "1,203 customers stayed </p>"))
    assert len(leaks.of_report(tmp_path)["index.html"]) == 5


def test_R16_no_page_of_the_demo_tells_of_fewer_than_ten(demo_home: Path) -> None:
    """All eleven pages of 2026Q3."""
    pages = demo_home / "reports" / "demo" / "2026Q3"

    assert len(list(pages.glob("*.html"))) == 12
    assert sum(len(leaks.tables(page)) for page in pages.glob("*.html")) > 60
    assert leaks.of_report(pages) == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shape", ["often", "seldom", "once", "firms"])
def test_R16_no_page_of_twenty_small_studies_tells_of_fewer_than_ten(
    shape: str, seed: int, tmp_path: Path, command
) -> None:
    """Whole reports of 130 to 250 customers, in which many groups are small."""
    root = Path(__file__).resolve().parents[2]
    shutil.copytree(root / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    write(tmp_path, shape, shape, seed, count=130 + 30 * seed, visits=500)
    done = command(tmp_path, "report", "--study", shape, "--quarter", "2026Q3")

    assert done.returncode == 0, done.stderr
    assert leaks.of_report(tmp_path / "reports" / shape / "2026Q3") == {}
