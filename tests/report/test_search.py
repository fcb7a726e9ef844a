"""Nothing of the private contacts is published, whatever a notebook prints."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from seglib.core.engine import Engine
from seglib.core.errors import PrivacyRefused
from seglib.core.plan import Plan
from seglib.report.search import refuse_personal

PEOPLE = {"customer": ["p1"], "customer_id": ["C00017"], "email": ["Ann.Lee@gmail.com"], "phone": ["020 7946 0018"],
          "first_name": ["Ann"], "last_name": ["Lee"]}  # fmt: skip
PLAN = "study: a\nsources: {orders: {file: o.csv}}\nactivation: {country: GB}\n"


@pytest.fixture(scope="module")
def engine():
    """One engine for all tests of this file."""
    return Engine.open()


@pytest.fixture
def run(tmp_path, engine):
    """A study with one contact and one article."""
    (tmp_path / "private").mkdir()
    pd.DataFrame(PEOPLE).to_parquet(tmp_path / "private" / "contacts.parquet")
    (tmp_path / "plan.yml").write_text(PLAN)
    orders = engine.memory(pd.DataFrame({"product_name": ["Anna Maier bag"], "category": ["Tea"]}))
    tables = SimpleNamespace(orders=orders, customers=None)
    quarter = SimpleNamespace(text="2026Q3")
    return SimpleNamespace(
        data=tmp_path, plan=Plan.parse(PLAN), tables=tables, engine=engine, study="a", quarter=quarter
    )


def page(run, text, name="05_personas.html"):
    (run.data / "pages").mkdir()
    (run.data / "pages" / name).write_text(text, encoding="utf-8")
    return run.data / "pages"


@pytest.mark.parametrize(
    "text",
    ["<td>ann.lee@<wbr>gmail.com</td>", "write to annlee+x@googlemail.com.", "+44 (0)20 7946 0018", "0044 20 79460018",
     "<p>Ann&nbsp;<b>Lee</b></p>", "['C00017', 'C00018']", "alt='c00017'>"],
)  # fmt: skip
def test_R09_a_page_with_a_value_of_a_contact_is_not_published(run, text):
    """Address, number, id and name, in other spellings too; the sentence does not repeat them."""
    with pytest.raises(PrivacyRefused, match=r"SEG-R09 page holds .* of a customer - 05_personas.html") as refused:
        refuse_personal(run, page(run, text.replace("alt='", "alt= ").replace("'>", " ")))

    assert refused.value.exit_code == 5
    assert not any(word in str(refused.value) for word in ("17", "Lee", "0018"))


def test_R09_what_a_cell_prints_is_searched_in_the_notebook_too(run):
    """The output of a print stands in the executed notebook, which is published beside the pages."""
    output = {"output_type": "stream", "text": ["first\n", "ANN.LEE@gmail.com\n"]}
    body = json.dumps({"cells": [{"source": ["1"], "outputs": [output]}]})

    with pytest.raises(PrivacyRefused, match="an e-mail address"):
        refuse_personal(run, page(run, body, "04_clustering.ipynb"))


def test_R09_pages_without_them_are_published(run):
    """Numbers, codes, other people's first names, and a name that is an article's are no hit."""
    details = pd.DataFrame(PEOPLE).assign(first_name="Anna", last_name="Maier", customer_id="10017")
    details.to_parquet(run.data / "private" / "contacts.parquet")

    refuse_personal(run, page(run, "Ann and Lee: 10,017 of 10017 bought the Anna Maier bag, 2026-07-01, SEG-03"))
