"""A file of customers beside the orders: `init` reads what it tells, and proposes the rest as attributes."""

from pathlib import Path

import pandas as pd
import pytest

from seglib.core.plan import Plan
from seglib.init.joining import propose_joined
from seglib.init.people import way
from seglib.init.propose import Proposal
from seglib.init.trial import prove


def joined(folder: Path, born: str = "{day:02d}/03/1950") -> Proposal:
    """Sixty customers with facts of their own, and two orders of each."""
    orders = "".join(
        f"o{n},K{n % 60},2026-0{7 + n % 3}-{1 + n % 28:02d},{1 + n % 3},{5 + n % 11}.00\n" for n in range(120)
    )
    facts = "".join(
        f"K{n},{('school', 'master')[n % 2]},{('gold', 'silver', 'none')[n % 3]},{born.format(day=1 + n % 28)},"
        f"{('Rome', 'Oslo')[n % 2]},{n * 7},{'ab'[n % 2]},Name{n},same\n"
        for n in range(60)
    )
    (folder / "orders.csv").write_text("order_id,customer_id,date,quantity,price\n" + orders)
    (folder / "people.csv").write_text(
        "customer_id,Education,Loyalty Tier,Birthday,City,Points,Religion,First Name,Shoe\n" + facts
    )
    return propose_joined([folder / "orders.csv", folder / "people.csv"])


def test_what_a_file_of_customers_tells_stands_in_the_plan(tmp_path: Path) -> None:
    """Known columns under the names of the contract; the plan's own intake takes both files in."""
    made = joined(tmp_path)
    source = Plan.parse(made.plan_text("acme")).sources["customers"]

    assert source.columns == {
        "customer_id": "customer_id",
        "first_name": "First Name",
        "birth_date": "Birthday",
        "city": "City",
    }
    assert (source.file, source.date_format) == ("people.csv", "%d/%m/%Y")
    assert any("people.csv holds one row per customer: first_name is 'First Name'" in said for said in made.understood)
    trial = prove(made)
    assert trial is not None and (trial.refused, trial.orders, trial.customers) == ((), 120, 60)


def test_the_key_of_a_file_of_customers_is_the_id_and_not_their_addresses(tmp_path: Path) -> None:
    """Orders say `customer`, the other file adds `mail` and `Degree`: the id is the key, and the rest is proposed."""
    orders = "".join(f"o{n},K{n % 60},2026-0{7 + n % 3}-{1 + n % 28:02d},{5 + n % 11}.00\n" for n in range(120))
    facts = "".join(f"K{n},k{n}@example.com,{('school', 'master')[n % 2]}\n" for n in range(60))
    (tmp_path / "orders.csv").write_text("order_no,customer,date,price\n" + orders)
    (tmp_path / "people.csv").write_text("customer,mail,Degree\n" + facts)
    made = propose_joined([tmp_path / "orders.csv", tmp_path / "people.csv"])

    assert made.source.columns["customer_id"] == "customer"
    assert made.people is not None
    assert list(made.people.attributes) == ["degree"]


@pytest.mark.wide
def test_a_file_of_orders_with_their_addresses_is_no_file_of_customers(tmp_path: Path) -> None:
    """The lines name their order, the orders the address of who placed them: the key of the join is no customer."""
    lines = "".join(f"o{n // 2},{('A', 'B')[n % 2]},{5 + n % 11}.00\n" for n in range(120))
    heads = "".join(f"o{n},k{n % 20}@example.com,2026-0{7 + n % 3}-{1 + n % 28:02d}\n" for n in range(60))
    (tmp_path / "lines.csv").write_text("order_no,article,price\n" + lines)
    (tmp_path / "orders.csv").write_text("order_no,mail,date\n" + heads)
    made = propose_joined([tmp_path / "lines.csv", tmp_path / "orders.csv"])

    assert (made.source.columns["customer_id"], made.people) == ("mail", None)


def test_the_rest_is_proposed_as_attributes_and_what_is_special_is_not(tmp_path: Path) -> None:
    """Few words, or numbers; a column with one word only tells nothing."""
    made = joined(tmp_path)
    text = made.plan_text("acme")
    assert not Plan.parse(text).criteria.attributes
    opened = "\n".join(
        line.replace("# ", "", 1) if "# " in line and _is_own(line) else line for line in text.splitlines()
    )
    attributes = Plan.parse(opened).criteria.attributes

    assert {name: each.kind for name, each in attributes.items()} == {
        "education": "word",
        "loyalty_tier": "word",
        "points": "number",
    }
    assert [each.family for each in attributes.values()] == ["demographic", "behavioural", "behavioural"]
    assert Plan.parse(opened).sources["customers"].columns["loyalty_tier"] == "Loyalty Tier"
    assert any("never read, as special categories of personal data: Religion" in said for said in made.understood)
    assert "eligion" not in opened.partition("  customers:\n")[2]


def _is_own(line: str) -> bool:
    return any(name in line for name in ("attributes:", "education:", "loyalty_tier:", "points:"))


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["1950-12-31", "1999-02-01"], None),
        (["31.12.1950", "01.02.1999"], "%d.%m.%Y"),
        (["12/31/1950", "02/01/1999"], "%m/%d/%Y"),
        (["01/02/1950", "03/04/1999"], ""),
        (["31.12.50", "13.02.99"], ""),
        (["old", "young"], ""),
    ],
)
def test_days_of_birth_are_read_only_as_what_they_surely_are(values: list[str], written: str | None) -> None:
    """Where day and month could be either, the column stays out: nothing else in the row decides."""
    assert way(pd.Series(values)) == written
