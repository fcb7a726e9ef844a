"""A damaged export, and a join that doubles the revenue

Notebook 02 of the workbench reads the tables of a shop, takes out what must not count, and says of every line that it
took out why. Here you do it by hand: first with an export in which a dozen kinds of defects were planted, then with
your own shop's.

**Every line is either counted, repaired or set aside, and each has its reason.** A repair must be certain: 12,50 is
surely 12.50. What cannot be repaired with certainty is set aside and counted, never silently dropped.

`shop.damaged` is the damaged export; all of its columns are text, as in the file. `shop.lines` is the export of your
own shop as it is, and `shop.contacts` says who was written to.
"""

from __future__ import annotations

from typing import Any

from seglib.teach.task import Task, slip

NUMBER = "02"
OPENING = """
import pandas as pd

from seglib import teach

shop, answer = teach.start("02")
shop.damaged.head(12)
"""


class Dozen(Task):
    """A dozen kinds of defects

    Count the rows of `shop.damaged` with each of these defects. No row has two of them.

    | name | what it is |
    |---|---|
    | `duplicate_rows` | repeats an earlier row in every column |
    | `test_orders` | the status is `test` |
    | `free_lines` | the price is 0 |
    | `no_customer` | no customer id, and no row of totals |
    | `untidy_customers` | the customer id has spaces around it or small letters |
    | `future_dates` | ordered on 1 October 2026 or later |
    | `day_first_dates` | the date is written as 13/08/2026 |
    | `decimal_commas` | the price has a comma |
    | `prices_in_pence` | the price ends in `p` |
    | `words_in_quantity` | the quantity has a word behind it |
    | `unsigned_returns` | the status is `returned`, but the quantity is above 0 |
    | `total_rows` | a row of totals, `TOTAL` in the place of the order |

    Hand over a dict (or a Series) from name to number.
    """

    number = "2.1"
    idea = "Look for each defect by a rule that finds its rows and no others, and count before you repair anything."
    answers = ("defects",)
    points = 4
    hint = "Columns are text: .str.endswith, .str.contains and .duplicated() find most of them. A blank cell is ''."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        rows = shop.damaged
        answer.defects = {
            "duplicate_rows": rows.duplicated().sum(),
            "test_orders": (rows["status"] == "test").sum(),
            "free_lines": (rows["unit_price"] == "0.00").sum(),
            "no_customer": ((rows["customer_id"] == "") & (rows["order_id"] != "TOTAL")).sum(),
            "untidy_customers": (rows["customer_id"] != rows["customer_id"].str.strip().str.upper()).sum(),
            "future_dates": ((rows["ordered_at"] >= "2026-10-01") & ~rows["ordered_at"].str.contains("/")).sum(),
            "day_first_dates": rows["ordered_at"].str.contains("/").sum(),
            "decimal_commas": rows["unit_price"].str.contains(",").sum(),
            "prices_in_pence": rows["unit_price"].str.endswith("p").sum(),
            "words_in_quantity": rows["quantity"].str.contains("pcs").sum(),
            "unsigned_returns": ((rows["status"] == "returned") & ~rows["quantity"].str.startswith("-")).sum(),
            "total_rows": (rows["order_id"] == "TOTAL").sum(),
        }

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"defects": shop.truth["damage"]["counts"]}

    @slip("All are right but no_customer: rows of totals have no customer either, and are not to be counted twice.")
    def totals_twice(shop: Any, answer: Any) -> None:
        counts = dict(shop.truth["damage"]["counts"])
        answer.defects = counts | {"no_customer": (shop.damaged["customer_id"] == "").sum()}

    @slip(
        "All are right but duplicate_rows: with keep=False the first of each pair is counted too, and it is no defect."
    )
    def both_of_a_pair(shop: Any, answer: Any) -> None:
        counts = dict(shop.truth["damage"]["counts"])
        answer.defects = counts | {"duplicate_rows": shop.damaged.duplicated(keep=False).sum()}

    @slip(
        "All are right but future_dates: a date that does not begin with 2026 may be written day first, or be missing."
    )
    def not_of_this_year(shop: Any, answer: Any) -> None:
        counts = dict(shop.truth["damage"]["counts"])
        answer.defects = counts | {"future_dates": (~shop.damaged["ordered_at"].str.startswith("2026")).sum()}


class Repaired(Task):
    """What is certain is repaired

    Compute the net revenue of `shop.damaged` in GBP: quantity times price, returns subtracted.

    Set aside: duplicates, test orders, free lines, rows without a customer, dates in the future, rows of totals.
    Repair: customer ids, dates, decimal commas, prices in pence, words in the quantity; and a return counts as less,
    whatever the sign of its quantity.
    """

    number = "2.2"
    idea = "Order matters: what is set aside goes first, then text becomes numbers, and only then is anything added up."
    answers = ("net_revenue",)
    points = 3
    about = 0.005
    hint = (
        "Build a column of prices: take off the p and divide by 100, replace the comma by a point, then .astype(float)."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        rows = shop.damaged.drop_duplicates()
        rows = rows[(rows["status"] != "test") & (rows["customer_id"] != "") & (rows["unit_price"] != "0.00")]
        rows = rows[rows["ordered_at"].str.contains("/") | (rows["ordered_at"] < "2026-10-01")]
        pence = rows["unit_price"].str.endswith("p")
        price = rows["unit_price"].str.rstrip("p").str.replace(",", ".").astype(float)
        quantity = rows["quantity"].str.replace(" pcs", "").astype(int)
        sign = rows["status"].eq("returned").map({True: -1, False: 1})
        answer.net_revenue = (sign * quantity * price.where(~pence, price / 100)).sum()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"net_revenue": shop.truth["damage"]["net_pence"] / 100}

    @slip("Prices in pence are counted as pounds. A 1250p is 12.50: divide these by 100.")
    def pence_as_pounds(shop: Any, answer: Any) -> None:
        answer.net_revenue = _revenue(shop, pence=1.0)

    @slip("Returns are added instead of subtracted. Their quantity has lost its sign in this export.")
    def returns_added(shop: Any, answer: Any) -> None:
        answer.net_revenue = _revenue(shop, returned=1)

    @slip("Duplicates are still in: the same line twice is one sale in this export.")
    def duplicates_kept(shop: Any, answer: Any) -> None:
        answer.net_revenue = _revenue(shop, duplicates=True)

    @slip("Orders of the future are still in. A date on or after 1 October 2026 cannot have happened: set it aside.")
    def future_counted(shop: Any, answer: Any) -> None:
        answer.net_revenue = _revenue(shop, future=True)

    @slip("You set aside rows that can be repaired for certain, such as 12,50 or 3 pcs. Each of them is a real sale.")
    def repairable_set_aside(shop: Any, answer: Any) -> None:
        answer.net_revenue = _revenue(shop, only_clean=True)


class Funnel(Task):
    """From lines to purchases

    Now your own shop's export, `shop.lines`, step by step. Count the lines that each step takes out, in this order:
    lines that repeat an earlier one in every column (`duplicates`); of the rest those of status `test` (`tests`); of
    the rest those with price 0 (`free`); of the rest those without customer (`nameless`); of the rest the returns,
    status `returned` (`returns`); and what is left (`purchases`).

    Hand over a dict with these six numbers. They add up to the lines of the file.
    """

    number = "2.3"
    idea = "A funnel whose steps add up to the file is the proof that nothing was lost and nothing counted twice."
    answers = ("funnel",)
    hint = (
        "Keep one frame and make it smaller step by step; the number of a step is the length before less the length "
        "after."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        reasons = {
            "duplicates": shop.lines.duplicated(),
            "tests": shop.lines["status"] == "test",
            "free": shop.lines["unit_price"] == 0,
            "nameless": shop.lines["customer_id"].isna(),
            "returns": shop.lines["status"] == "returned",
        }
        rest, funnel = shop.lines, {}
        for name, reason in reasons.items():
            out = reason[rest.index]
            funnel[name], rest = int(out.sum()), rest[~out]
        answer.funnel = funnel | {"purchases": len(rest)}

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        wanted = {"test_count": "tests", "gift_count": "free", "nameless_count": "nameless"}
        planted = {row["name"]: int(row["value"]) for row in shop.truth["constants"] if row["name"] in wanted}
        whole = shop.lines.drop_duplicates()
        found = {new: planted[old] for old, new in wanted.items()}
        found |= {"duplicates": len(shop.lines) - len(whole), "returns": int((whole["status"] == "returned").sum())}
        return {"funnel": found | {"purchases": len(shop.lines) - sum(found.values())}}

    @slip("You took out both lines of each pair. One of them is a real sale: duplicated() as it is keeps the first.")
    def both_of_a_pair(shop: Any, answer: Any) -> None:
        rest = shop.lines[~shop.lines.duplicated(keep=False)]
        found = {"duplicates": len(shop.lines) - len(rest), "tests": (rest["status"] == "test").sum()}
        found |= {"free": (rest["unit_price"] == 0).sum(), "nameless": rest["customer_id"].isna().sum()}
        found |= {"returns": (rest["status"] == "returned").sum()}
        answer.funnel = found | {"purchases": len(shop.lines) - sum(found.values())}

    @slip("Lines of one order are not duplicates: an order may have several. Compare all columns, not order_id alone.")
    def same_order(shop: Any, answer: Any) -> None:
        rest = shop.lines.drop_duplicates("order_id")
        found = {"duplicates": len(shop.lines) - len(rest), "tests": (rest["status"] == "test").sum()}
        found |= {"free": (rest["unit_price"] == 0).sum(), "nameless": rest["customer_id"].isna().sum()}
        found |= {"returns": (rest["status"] == "returned").sum()}
        answer.funnel = found | {"purchases": len(shop.lines) - sum(found.values())}


class Join(Task):
    """A join that doubles the revenue

    Somebody wants the revenue of customers who were written to, joins `shop.orders` (column `paid`) with
    `shop.contacts` by `customer_id`, and adds up `paid`. But a customer who was written to three times stands in
    `shop.contacts` three times, and so do all of his orders after the join.

    Hand over the factor by which that sum is too high (`factor`): the sum after the join over the true revenue of
    customers who stand in `shop.contacts` at least once (`true_revenue`, in GBP). Hand over both.
    """

    number = "2.4"
    idea = (
        "Before a join, ask how often a key may stand on each side: pandas checks it for you with "
        "validate='many_to_one'."
    )
    answers = ("factor", "true_revenue")
    within = 1e-4
    hint = "The true sum needs no join: shop.orders['customer_id'].isin(shop.contacts['customer_id'])."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        joined = shop.orders.merge(shop.contacts, on="customer_id")
        true = shop.orders[shop.orders["customer_id"].isin(shop.contacts["customer_id"])]
        answer.true_revenue = true["paid"].sum()
        answer.factor = joined["paid"].sum() / true["paid"].sum()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        each = shop.orders.groupby("customer_id")["paid"].sum()
        times = shop.contacts["customer_id"].value_counts().reindex(each.index, fill_value=0)
        true = each[times > 0].sum()
        return {"factor": float((each * times).sum() / true), "true_revenue": float(true)}

    @slip("The whole is the revenue of all customers. Compare with those who stand in shop.contacts at least once.")
    def all_customers(shop: Any, answer: Any) -> None:
        joined = shop.orders.merge(shop.contacts, on="customer_id")["paid"].sum()
        answer.true_revenue = shop.orders["paid"].sum()
        answer.factor = joined / shop.orders["paid"].sum()

    @slip("This is how many times the rows multiplied. Customers with many messages also order more: add up paid.")
    def rows_not_money(shop: Any, answer: Any) -> None:
        joined = shop.orders.merge(shop.contacts, on="customer_id")
        true = shop.orders[shop.orders["customer_id"].isin(shop.contacts["customer_id"])]
        answer.true_revenue = true["paid"].sum()
        answer.factor = len(joined) / len(true)


def _revenue(
    shop: Any,
    pence: float = 0.01,
    returned: int = -1,
    duplicates: bool = False,
    only_clean: bool = False,
    future: bool = False,
) -> float:
    """Add up the damaged export as somebody does who forgets one thing."""
    rows = shop.damaged if duplicates else shop.damaged.drop_duplicates()
    plain = rows["unit_price"].str.fullmatch(r"[0-9.]+") & rows["quantity"].str.fullmatch("[0-9]+")
    good = ~rows["status"].isin(["test"]) & (rows["customer_id"] != "") & (rows["unit_price"] != "0.00")
    good &= future | ~rows["ordered_at"].str.startswith("2027")
    good &= plain if only_clean else True
    rows = rows[good]
    factor = rows["unit_price"].str.endswith("p").map({True: pence, False: 1.0})
    price = rows["unit_price"].str.rstrip("p").str.replace(",", ".").astype(float) * factor
    sign = rows["status"].eq("returned").map({True: returned, False: 1})
    return float((sign * price * rows["quantity"].str.split(" ").str[0].astype(int)).sum())
