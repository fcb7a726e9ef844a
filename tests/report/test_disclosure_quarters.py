"""What two reports of one study tell of few people when they are put together."""

from pathlib import Path

import disclosure_audit
import disclosure_quarters
import pytest
from small_studies import write

QUICK = "clustering: {bootstrap_pairs: 5, largest_count: 3, smallest_count: 2}"
BEFORE = """<table><tr><th>segment</th><th>customers</th></tr><tr><td>A</td><td>40</td></tr>
<tr><td>B</td><td>60</td></tr></table>"""
AFTER = """<table><tr><th>segment</th><th>customers</th></tr><tr><td>A</td><td>43</td></tr>
<tr><td>B</td><td>57</td></tr></table>
<table><tr><th>from</th><th>to</th><th>customers</th></tr><tr><td>B</td><td>B</td><td>{stayed}</td></tr></table>
<p>100 customers before + 0 new - 0 left = 100 now. Of the customers known in both quarters
{moved} have another segment.</p>"""


@pytest.mark.parametrize(
    ("stayed", "moved", "told"),
    [
        ("55", "under 10.0%", ["'A' to 'B' is 2 to 2", "'B' to 'A' is 5 to 5", "all moves is 7 to 7"]),
        ("10 or more", "7%", ["7% have another segment': [7] of 100"]),
        ("10 or more", "under 10.0%", []),
    ],
)
def test_R16_R17_what_follows_from_two_reports_together_is_found(tmp_path: Path, stayed, moved, told) -> None:
    """Two segments between which two and five people moved: by the sums of both quarters, and by a share."""
    for quarter, page in (("2026Q2", BEFORE), ("2026Q3", AFTER.format(stayed=stayed, moved=moved))):
        (tmp_path / quarter).mkdir()
        (tmp_path / quarter / "10_quarterly_refinement.html").write_text(page, encoding="utf-8")
    found = disclosure_quarters.of_two_reports(tmp_path / "2026Q3")

    assert bool(found) == bool(told)
    assert all(any(each in line for line in found) for each in told)


def test_R16_R17_nothing_of_few_follows_from_two_quarters_of_the_demo(demo_home: Path) -> None:
    """Who came, went and moved: no flow of few people, and no share of those who are in both."""
    assert disclosure_quarters.of_two_reports(demo_home / "reports" / "demo" / "2026Q3") == []


STUDIES = [pytest.param(shape, 130, 40, marks=pytest.mark.wide) for shape in ("seldom", "often")]
MANY = [(shape, count, seed) for shape, count in (("often", 130), ("seldom", 160), ("once", 260)) for seed in (40, 42)]


@pytest.mark.parametrize(
    ("shape", "count", "seed"), [*STUDIES, *(pytest.param(*study, marks=pytest.mark.long) for study in MANY)]
)
def test_R16_R17_R19_nothing_of_few_follows_from_two_quarters_of_a_small_study(
    shape: str, count: int, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that the ten notebooks show of few customers, each quarter by itself and both together."""
    from quick_pages import write_pages

    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    write(tmp_path, shape, shape, seed, count=count, visits=500, more=QUICK)
    for quarter in ("2026Q2", "2026Q3"):
        write_pages(shape, quarter, tmp_path / "pages" / quarter)
        assert disclosure_audit.of_report(tmp_path / "pages" / quarter) == []
    assert disclosure_quarters.of_two_reports(tmp_path / "pages" / "2026Q3") == []
