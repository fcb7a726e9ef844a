"""What a whole report tells of few people when its tables, shares and sums are put together."""

from pathlib import Path

import disclosure_audit
import first_page_agrees
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
FILES = """
<img alt="Figure: Of 120 customers, by segment: 105 contacted, 15 held out for comparison.">
<table><tr><th>segment</th><th>customers</th><th>contacted</th></tr><tr><td>A</td><td>60</td><td>50</td></tr>
<tr><td>B</td><td>60</td><td></td></tr></table>
<table><tr><th>trial</th><th>segment</th></tr><tr><td>t</td><td>A</td></tr><tr><td>t</td><td>B</td></tr></table>
<p>Mailchimp contact import: 70 rows in mailchimp.csv, {} set aside.</p><p>Letters: 15 rows in letters.csv.</p>
<p>Trials of variants: {} contacts in expected_contacts.csv.</p>
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


def test_R16_R19_the_audit_adds_up_the_files_of_a_page(tmp_path: Path) -> None:
    """Of 105 contacted, 70 + 13 + 15 are told and 7 are not; 93 of a trial less 50 are a blank segment."""
    page = tmp_path / "08_activation.html"
    page.write_text(FILES.format("13", "93"), encoding="utf-8")
    found = disclosure_audit.of_report(tmp_path)
    page.write_text(FILES.format("10 to 20", "85 to 100"), encoding="utf-8")

    assert [hit.partition(" by ")[0] for hit in found] == [
        "08 files: 7 of 105 contacted are left",
        "08 trials: 93 contacts leave 43 beside the segments ['A', 'B']",
    ]
    assert disclosure_audit.of_report(tmp_path) == []


@pytest.mark.parametrize("quarter", ["2026Q2", "2026Q3"])
def test_R16_R17_R19_nothing_of_few_follows_from_the_pages_of_the_demo(quarter: str, demo_home: Path) -> None:
    """All eleven pages together; those of the later quarter beside the sizes that the earlier one tells."""
    assert disclosure_audit.of_report(demo_home / "reports" / "demo" / quarter) == []


@pytest.mark.wide
@pytest.mark.parametrize(("shape", "count"), [("often", 130), pytest.param("once", 260, marks=pytest.mark.long)])
def test_R16_R17_R19_nothing_of_few_follows_from_the_pages_of_a_small_study(
    shape: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that the ten notebooks show of so few customers."""
    from quick_pages import write_pages

    monkeypatch.setenv("SEGLIB_HOME", str(tmp_path))
    write(tmp_path, shape, shape, 40, count=count, visits=500, more=QUICK)
    write_pages(shape, "2026Q3", tmp_path / "pages")

    assert disclosure_audit.of_report(tmp_path / "pages") == []
    assert first_page_agrees.disagreements(tmp_path / "pages") == []
