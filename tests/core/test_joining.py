"""Orders in several files: which keys meet, how often, and the query that reads them as one."""

from pathlib import Path

import pandas as pd
import pytest

from seglib.core.errors import InputRefused
from seglib.core.sources.joined import JoinedFiles
from seglib.init.guess import guess
from seglib.init.joining import propose_joined
from seglib.init.sniff import sniff
from seglib.init.study import write_study

pytestmark = pytest.mark.forms(1)


def files(folder: Path, **changed: pd.DataFrame) -> list[Path]:
    """Write sixty orders of twelve customers, ten of whom are known, and five products."""
    n = range(60)
    tables = {
        "customers": pd.DataFrame({"id": range(1, 11), "country": ["DE", "AT"] * 5}),
        "products": pd.DataFrame({"sku": list("ABCDE"), "category": ["tea", "tea", "cups", "cups", "jam"]}),
        "orders": pd.DataFrame(
            {
                "order_no": [1000 + i for i in n],
                "customer": [1 + i % 12 for i in n],
                "ordered": pd.date_range("2026-01-02 10:00", periods=60, freq="31h").strftime("%Y-%m-%d %H:%M"),
                "article": ["ABCDE"[i % 5] for i in n],
                "pieces": [1 + i % 3 for i in n],
                "price": [3.5 + i % 7 for i in n],
            }
        ),
    } | changed
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return [folder / f"{name}.csv" for name in tables]


def test_files_are_joined_where_their_keys_meet(tmp_path: Path) -> None:
    """All articles are products; of twelve customers ten are known: 50 of 60 rows, and no row is lost."""
    made = propose_joined(files(tmp_path))
    rows = JoinedFiles.open({path.name: path for path in made.files}, "orders", made.source)
    columns = [batch[0] for batch in rows.batches(range(len(rows.header)), None)]
    table = pd.DataFrame(dict(zip(rows.header, (column.to_pylist() for column in columns[0]), strict=True)))

    assert made.understood[:2] == (
        "products.csv is joined where its 'sku' is the 'article' of orders.csv: 100.0% of the rows meet one",
        "customers.csv is joined where its 'id' is the 'customer' of orders.csv: 83.3% of the rows meet one; the "
        "others stay, without its columns",
    )
    assert {made.source.columns[name] for name in ("category", "country")} == {"category", "country"}
    assert (len(table), table["country"].notna().sum(), table["category"].notna().sum()) == (60, 50, 60)


@pytest.mark.wide
def test_the_study_holds_all_files_that_its_query_reads(tmp_path: Path) -> None:
    """A copy of each lies in sources/, and the plan reads them by name."""
    made = propose_joined(files(tmp_path))
    plan = write_study(made, tmp_path / "home", "acme")

    assert sorted(path.name for path in (plan.parent / "sources").iterdir()) == [
        "customers.csv", "orders.csv", "products.csv",
    ]  # fmt: skip
    assert 'left join "products" on trim(' in plan.read_text()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"products": pd.DataFrame({"sku": list("VWXYZ"), "category": "tea"})},
            "no column of products.csv meets",
        ),
        (
            {"products": pd.DataFrame({"sku": list("AABCD"), "category": "tea"})},
            "no column of products.csv meets",
        ),
        ({"products": pd.DataFrame({"id": [1, 2], "country": "DE"})}, "the files have the same columns"),
    ],
)
def test_files_that_meet_nowhere_are_refused(tmp_path: Path, changed: dict[str, pd.DataFrame], sentence: str) -> None:
    """Other articles, an article that stands twice, and two parts of one table: one sentence says what is wrong."""
    with pytest.raises(InputRefused, match=sentence):
        propose_joined(files(tmp_path, **changed))


@pytest.mark.wide
def test_a_measure_that_happens_to_fit_is_no_key(tmp_path: Path) -> None:
    """Pieces are 1 to 3, and so are some numbers of customers; only the column of customers is their key."""
    made = propose_joined(files(tmp_path, customers=pd.DataFrame({"id": range(1, 13), "country": "DE"})))

    assert (
        "customers.csv is joined where its 'id' is the 'customer' of orders.csv: 100.0%"
        in made.understood[0] + (made.understood[1])
    )


def test_orders_without_a_date_are_sent_to_the_files_that_have_it(tmp_path: Path) -> None:
    """One file alone holds no orders: the refusal says that several can be named."""
    path = files(tmp_path)[1]

    with pytest.raises(InputRefused, match="seglib init orders.csv customers.csv products.csv"):
        guess(sniff(path).looks, path.name, {})


@pytest.mark.wide
def test_a_sum_over_text_says_that_columns_of_text_files_are_text(tmp_path: Path) -> None:
    """A price of a CSV file is text until the query casts it."""
    made = propose_joined(files(tmp_path))
    source = made.source.model_copy(update={"query": "select sum(price) as amount from orders"})

    with pytest.raises(InputRefused, match="columns of CSV, JSON and Excel files are text"):
        JoinedFiles.open({"orders.csv": tmp_path / "orders.csv"}, "orders", source)
