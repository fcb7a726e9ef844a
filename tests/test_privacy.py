"""What leaves the house: no personal value, no row per customer, nothing that gives a small group away."""

import ast
import base64
import csv
import re
import shutil
from pathlib import Path

import IPython
import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from IPython.core.interactiveshell import InteractiveShell

from seglib.activation.formats import known_formats, read_format
from seglib.core import display
from seglib.core.privacy import load_key
from seglib.core.steps import STEPS

ROOT = Path(__file__).resolve().parents[1]
DOTS = {"scatter", "scatterplot", "stripplot", "swarmplot", "rugplot", "jointplot", "pairplot"}
SHOWN = {"text/plain", "text/html", "image/png"}
CANARY = "qanarya"
MAY_LEAVE = {"email", "phone", "first_name", "last_name", "customer_id", "audience", "message", "product", "text"}


@pytest.fixture
def shell(monkeypatch):
    """IPython as a notebook's kernel has it, with the display prepared."""
    made = InteractiveShell()
    monkeypatch.setattr(IPython, "get_ipython", lambda: made)
    display.prepare()
    return made


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"customer_id": ["C00001"], "orders": [3]}),
        pd.DataFrame({"orders": [3]}, index=pd.Index(["a1"], name="customer")),
        pd.Series(["ann@example.com"], name="email"),
        pd.DataFrame({"segment": [1], "comment": ["ann@ my place"]}),
    ],
    ids=["column", "index", "series", "free text"],
)
def test_R13_a_frame_of_customers_is_not_displayed(shell, frame):
    """Whoever ends a cell with one row per customer sees a sentence instead of the rows, in every format."""
    data, _ = shell.display_formatter.format(frame)

    assert set(data) == {"text/plain"}
    assert data["text/plain"].startswith("SEG-R13 not shown: one row per customer")
    assert not re.search("C00001|a1|ann@", str(data))


def test_R13_a_frame_of_segments_is_displayed(shell):
    """Aggregates look as pandas shows them."""
    frame = pd.DataFrame({"segment": ["Regulars"], "customers": [40]})
    data, _ = shell.display_formatter.format(frame)

    assert data == {"text/plain": repr(frame), "text/html": frame._repr_html_()}


def test_R13_and_R14_notebooks_show_tables_sentences_and_pictures_only(demo_home):
    """No output of a notebook was withheld, and none carries data that a browser could read point by point."""
    paths = sorted((demo_home / "reports" / "demo" / "2026Q3" / "notebooks").glob("*.ipynb"))
    cells = [cell for path in paths for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]

    assert len(paths) == len(STEPS)
    assert {kind for output in outputs for kind in output.get("data", {})} == SHOWN
    assert not [output for output in outputs if "SEG-R13" in str(output)]


def test_R14_no_chart_draws_a_dot_per_customer():
    """Charts know one call that draws dots: a segment's stability, one dot for each segment."""
    calls = [
        (path.name, node.func.attr)
        for path in sorted((ROOT / "seglib").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DOTS
    ]

    assert calls == [("clustering.py", "scatter")]


def tables(report: Path) -> list[list[dict[str, str]]]:
    """Every table of a report's pages, as rows of head to text."""
    found = []
    for path in sorted(report.glob("*.html")):
        for table in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find_all("table"):
            head, *rows = ([cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in
                           table.find_all("tr"))  # fmt: skip
            found.append([dict(zip(head, row, strict=True)) for row in rows])
    return found


def test_R15_no_table_shows_the_extreme_of_one_customer(demo_home):
    """Smallest and largest values belong to one person; tables show quantiles of groups."""
    heads = {head for table in tables(demo_home / "reports" / "demo" / "2026Q3") for row in table for head in row}

    assert len(heads) > 100
    assert not [head for head in heads if re.search(r"\b(min|max|minimum|maximum|lowest|highest)\b", head)]


def test_R19_what_gives_a_blank_count_away_is_blank_too(demo_home):
    """Beside a count of customers that is too small to show stands neither its share nor its money."""
    rows = [row for table in tables(demo_home / "reports" / "demo" / "2026Q3") for row in table]
    blank = [row for row in rows if row.get("customers") in {"", "–"} and "lines" not in row]
    told = {head: text for row in blank for head, text in row.items() if re.match("share|money", head)}

    assert len(blank) >= 3
    assert set(told.values()) <= {"", "–", "0.00"}  # no money tells no number of customers


def test_R21_the_key_of_the_pseudonyms_is_written_nowhere(demo_home):
    """No page, notebook, manifest or table holds the key, as bytes, in hexadecimal or in base 64."""
    key = load_key(demo_home / "data" / "demo" / "private", synthetic=True, study="demo")
    forms = [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key)]
    paths = [p for place in ("data/demo/runs", "reports") for p in (demo_home / place).rglob("*") if p.is_file()]

    assert len(paths) > 200
    assert [path.name for path in paths for form in forms if form in path.read_bytes()] == []


@pytest.mark.parametrize("name", known_formats())
def test_R33_no_destination_gets_what_could_single_out_a_person(name):
    """Besides the address a file holds segment, message and product; whom it is shared with sees hashes only."""
    form = read_format(name)
    values = {cell.value for cell in form.columns}

    assert values <= MAY_LEAVE
    assert not form.shares or all(cell.hashed or cell.value == "text" for cell in form.columns)


def test_X23_R27_R28_a_run_is_private_and_its_work_is_gone(demo_home):
    """Only the owner can enter a run or a report, and what was staged, spilled or left by kernels is removed."""
    places = [p for place in ("data/demo/runs", "reports/demo") for p in sorted((demo_home / place).glob("2026Q?"))]
    left = [p for p in demo_home.rglob("*") if p.is_file() and {".work", ".ipynb_checkpoints"} & {*p.parts}]

    assert [oct(place.stat().st_mode & 0o777) for place in places] == ["0o700"] * 4
    assert left == []


@pytest.fixture
def canaries(tmp_path):
    """The demo with a person's name wherever a name can hide: cells, a header, a file name, a campaign."""
    home = tmp_path / "home"
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    demo = home / "data" / "demo"
    shutil.copytree(ROOT / "data" / "demo", demo, ignore=shutil.ignore_patterns("runs", "private"))
    plant(demo / "sources" / "orders.csv", {"product_name": f"engraved: {CANARY} zz", "category": f"for {CANARY}"})
    plant(demo / "sources" / "customers.csv", {"first_name": CANARY, "email": f"{CANARY}@example.com",
                                              "city": f"{CANARY} hamlet", "industry": f"{CANARY} ltd"})  # fmt: skip
    plant(demo / "sources" / "contacts.csv", {"campaign": f"birthday of {CANARY}"})
    plant(demo / "sources" / "events.csv", {"event": f"{CANARY}_page", "channel": f"link from {CANARY}"})
    plant(demo / "sources" / "feedback.csv", {"comment": f"{CANARY} says: write to {CANARY}@example.com"})
    plant(demo / "sources" / "consent.csv", {"source": CANARY, "notice": CANARY, "status": f"ask {CANARY}"})
    orders = demo / "sources" / "orders.csv"
    head, body = orders.read_text(encoding="utf-8").split("\n", 1)
    lines = [f"{head},{CANARY}@example.com", *(f"{line}," for line in body.splitlines())]
    (demo / "sources" / f"orders {CANARY}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    orders.unlink()
    plan = demo / "plan.yml"
    text = plan.read_text(encoding="utf-8").replace("file: orders.csv", f"file: orders {CANARY}.csv")
    plan.write_text(text, encoding="utf-8")
    return home


def plant(path: Path, values: dict[str, str]) -> None:
    """Write the canary into one late row of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[-200] |= values
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def published(home: Path) -> dict[str, str]:
    """Every page, executed notebook and other text under reports/."""
    paths = [path for path in (home / "reports").rglob("*") if path.is_file()]
    return {path.relative_to(home).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_R10_no_comment_of_few_is_published(demo_home):
    """No page and no executed notebook holds a text that fewer customers wrote than the floor."""
    rows = pd.read_csv(demo_home / "data" / "demo" / "sources" / "feedback.csv").dropna(subset="comment")
    writers = rows.groupby(rows["comment"].str.lower())["customer_id"].nunique()
    rare = [text for text in writers.index[writers == 1] if len(text) > 30]
    texts = {name: text.lower() for name, text in published(demo_home).items()}

    assert len(rare) > 150
    assert [(name, text) for name, body in texts.items() for text in rare if text in body] == []


@pytest.mark.long
def test_R10_no_planted_name_is_published(canaries, command):
    """Whether a quarter succeeds or a notebook fails with the rows in its message, no canary is seen outside."""
    done = command(canaries, "report", "--study", "demo", "--quarter", "2026Q3")
    texts = published(canaries)
    path = canaries / "notebooks" / f"{STEPS[1].name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    code = next(c for c in notebook.cells if c.cell_type == "code" and "parameters" not in c.metadata.get("tags", []))
    code.source += f"\nraise ValueError('{CANARY}@example.com', run.plan.sources)"
    nbformat.write(notebook, path)
    failed = command(canaries, "report", "--study", "demo", "--quarter", "2026Q3")
    said = {"stdout": done.stdout, "stderr": done.stderr, "failed": failed.stdout + failed.stderr}

    assert (done.returncode, failed.returncode) == (0, 6), done.stderr
    assert len(texts) > 40  # two quarters of pages and notebooks
    assert [name for name, text in (texts | published(canaries) | said).items() if CANARY in text.lower()] == []


def with_a_giant(home: Path, factor: int) -> Path:
    """The demo, but every price of the customer with the most orders is so many times what it was."""
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(ROOT / "data" / "demo", home / "data" / "demo", ignore=shutil.ignore_patterns("runs", "private"))
    path = home / "data" / "demo" / "sources" / "orders.csv"
    orders = pd.read_csv(path, dtype="str")
    giant = orders["customer_id"] == orders.groupby("customer_id")["order_id"].nunique().idxmax()
    for name in ("unit_price", "discount", "cost"):
        prices = orders[name].astype(float)
        orders[name] = prices.where(~giant, prices * factor).map("{:.2f}".format)
    orders.to_csv(path, index=False)
    return home


def told_of_segments(home: Path) -> set[tuple[str, str, str]]:
    """Page, segment and text of whatever stands in a row, below a head, in a sentence or a picture that names one."""
    names = ("Large orders", "Little and often", "Regulars", "Bargain hunters", "Newcomers", "Sleeping")
    rules = ("Wake soon", "Say thank you", "Others")
    told = set()
    for path in sorted((home / "reports" / "demo" / "2026Q3").glob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for table in page.find_all("table"):
            head, *rows = ([cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in
                           table.find_all("tr"))  # fmt: skip
            for row in rows:
                cells = [f"{name}: {cell}" for name, cell in zip(head, row, strict=True)]
                who = [row[0] in names + rules or name in names for name in head]
                told |= {(path.stem, row[0], cell) for cell, kept in zip(cells, who, strict=True) if kept}
            table.decompose()
        texts = [
            re.sub(r"now, GBP [\d,]+ and GBP [\d,]+", "now", i.get("alt", "")) for i in page.find_all("img")
        ]  # all
        texts += [found.get_text(" ", strip=True) for found in page.find_all(["p", "li", "dd"])]
        told |= {(path.stem, name, text) for text in texts for name in names if name in text}
        told |= {(path.stem, "card", text.get_text(" ", strip=True)) for text in page.find_all("dd")}
    return told


@pytest.mark.long
def test_V27_no_page_tells_what_a_giant_paid(tmp_path, command):
    """Two demos differ by what one customer paid, nearly all of the money: of segments they say the same.

    The sales list may differ: it is expected from spending that is cut off at a high quantile.
    """
    homes = [with_a_giant(tmp_path / f"{factor}", factor) for factor in (30_000, 42_000)]
    done = [command(home, "history", "--study", "demo", "--from", "2026Q2", "--to", "2026Q3") for home in homes]
    one, other = (told_of_segments(home) for home in homes)
    differing = {(page, who, text) for page, who, text in one ^ other if "expected from the list" not in text}

    assert [run.returncode for run in done] == [0, 0], done[0].stderr
    assert len(one) > 500
    assert ("10_quarterly_refinement", "Large orders", "GBP now: not shown") in one
    assert differing == set()
