"""What a whole report tells of few people when its tables, shares and sums are put together."""

from pathlib import Path

import disclosure_audit
import disclosure_quarters
import pytest
from small_studies import write

PAGE = """
<table><tr><th>segment</th><th>customers</th></tr><tr><td>A and B</td><td>56</td></tr><tr><td>C</td><td>40</td></tr>
<tr><td>Everyone</td><td>96</td></tr></table>
<table><tr><th>segment</th><th>reach</th></tr><tr><td>A and B</td><td>91.1%</td></tr><tr><td>C</td><td>50.0%</td></tr>
</table>
<table><tr><th>item</th><th>C</th></tr><tr><td>agree</td><td>73.7% (51.2% to 88.2%)</td></tr>
<tr><td>not</td><td></td></tr></table>
<table><tr><th>climate</th><th>customers</th></tr><tr><td>mild</td><td>92</td></tr><tr><td>cold</td><td></td></tr></table>
<table><tr><th>segment</th><th>low value</th><th>middle value</th><th>high value</th></tr>
<tr><td>A and B</td><td>29</td><td></td><td></td></tr><tr><td>C</td><td>40</td><td>0</td><td>0</td></tr></table>
<table><tr><th>group</th><th>customers</th></tr><tr><td>A and B: low to middle</td><td>33</td></tr>
<tr><td>C: all values</td><td>40</td></tr></table>
<table><tr><th>criterion</th><th>known for</th></tr><tr><td>region</td><td>90</td></tr><tr><td>age</td><td>96</td></tr>
</table>
<table><tr><th>place</th><th>customers</th><th>paid (EUR)</th></tr><tr><td>X</td><td></td><td>7.50</td></tr>
<tr><td>Y</td><td>20</td><td>9.50</td></tr></table>
"""
QUICK = "clustering: {bootstrap_pairs: 5, largest_count: 3, smallest_count: 2}"


def test_R16_R17_R19_the_audit_finds_what_follows_from_a_page(tmp_path: Path) -> None:
    """A share, an interval, a remainder, a merged group, all but a few, and money of a blank group: each is found."""
    (tmp_path / "04_clustering.html").write_text(PAGE, encoding="utf-8")
    found = " ".join(disclosure_audit.of_report(tmp_path))

    assert "[51] of 56" in found
    assert "'agree' is one of [(14, 19)]" in found
    assert "what is blank of 'everybody' holds 4 of 96" in found
    assert "('A and B', 'middle') is 4 to 4" in found
    assert "'region' is known for 90 of 96" in found
    assert "'paid (EUR)' is 7.50" in found
    assert "50.0%" not in found


@pytest.mark.parametrize("quarter", ["2026Q2", "2026Q3"])
def test_R16_R17_R19_nothing_of_few_follows_from_the_pages_of_the_demo(quarter: str, demo_home: Path) -> None:
    """All eleven pages together; those of the later quarter beside the sizes that the earlier one tells."""
    assert disclosure_audit.of_report(demo_home / "reports" / "demo" / quarter) == []


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


STUDIES = [("seldom", 130, 40), pytest.param("often", 130, 40, marks=pytest.mark.wide)]
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
