"""Who may be written to, and what a table tells about a person

Notebook 08 of the workbench hands segments to the systems that write to customers, and two gates stand before that. The
first is consent: **unknown means no, and the latest valid word counts**. The second is disclosure: a table of counts
goes to more people than the data, so no cell of it may tell anything about one person.

Both look easy and are easily got wrong. `shop.consent` is the ledger of consents as the shop exports it: `customer_id`,
`purpose`, `status` and `recorded_at`, in no order. `shop.profiles` is a table "without names". `shop.small_table`
counts customers by region and segment.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.teach.task import Task, slip
from seglib.teach.values import Gap

NUMBER = "08"
FLOOR, SPARE = 10, 4
OPENING = """
import pandas as pd

from seglib import teach

shop, answer = teach.start("08")
shop.consent.groupby(["purpose", "status"]).size().unstack()
"""


class MayMail(Task):
    """Consent withdrawn

    Who may get an e-mail on `shop.as_of`? For each customer take the latest word for the purpose `email` that was
    recorded before `shop.as_of`. Only the word `granted` allows anything; `withdrawn`, `objected`, any other word,
    and no word at all mean no.

    Hand over the customers who may be written to, as a set (or a list) of their ids.
    """

    number = "8.1"
    idea = "Consent is the latest valid word, not any word: a later withdrawal takes an earlier yes away."
    answers = ("may_mail",)
    points = 3
    hint = "Filter purpose and time first, sort by recorded_at, take the last status of each customer, then compare."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        words = shop.consent[(shop.consent["purpose"] == "email") & (shop.consent["recorded_at"] < shop.as_of)]
        latest = words.sort_values("recorded_at", kind="stable").groupby("customer_id")["status"].last()
        answer.may_mail = set(latest.index[latest == "granted"])

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        said: dict[str, tuple[pd.Timestamp, str]] = {}
        for row in shop.consent.itertuples():
            known = said.get(row.customer_id, (pd.Timestamp.min, ""))
            if row.purpose == "email" and known[0] < row.recorded_at < shop.as_of:
                said[row.customer_id] = (row.recorded_at, row.status)
        return {"may_mail": {who for who, (_, word) in said.items() if word == "granted"}}

    @slip("Among them are customers who agreed once and withdrew later. Take the latest word of each.")
    def ever_granted(shop: Any, answer: Any) -> None:
        words = shop.consent[(shop.consent["purpose"] == "email") & (shop.consent["recorded_at"] < shop.as_of)]
        answer.may_mail = set(words.loc[words["status"] == "granted", "customer_id"])

    @slip("Words from as_of on are counted too. What is recorded later is not known yet.")
    def later_words(shop: Any, answer: Any) -> None:
        words = shop.consent[shop.consent["purpose"] == "email"]
        latest = words.sort_values("recorded_at", kind="stable").groupby("customer_id")["status"].last()
        answer.may_mail = set(latest.index[latest == "granted"])

    @slip(
        "You exclude only who withdrew. Who objected, or said something else, has not agreed either: unknown means no."
    )
    def not_withdrawn(shop: Any, answer: Any) -> None:
        words = shop.consent[(shop.consent["purpose"] == "email") & (shop.consent["recorded_at"] < shop.as_of)]
        latest = words.sort_values("recorded_at", kind="stable").groupby("customer_id")["status"].last()
        answer.may_mail = set(latest.index[latest != "withdrawn"])

    @slip("The last row of the file is not the latest word: the ledger is in no order. Sort by recorded_at first.")
    def file_order(shop: Any, answer: Any) -> None:
        words = shop.consent[(shop.consent["purpose"] == "email") & (shop.consent["recorded_at"] < shop.as_of)]
        latest = words.groupby("customer_id")["status"].last()
        answer.may_mail = set(latest.index[latest == "granted"])


class Neighbour(Task):
    """A neighbour found without a name

    `shop.profiles` has no names: city, year of birth, gender and income band. `shop.neighbour` is what somebody knows
    of the person next door, who is a customer.

    Hand over how many rows fit what is known (`matches`), the income band that the neighbour learns (`learned`), and
    the share of all rows that are the only one with their city, year of birth and gender (`alone_share`).
    """

    number = "8.2"
    idea = "Leaving out the name does not make a table anonymous: a few plain facts together are as good as a name."
    answers = ("matches", "learned", "alone_share")
    points = 3
    within = 1e-3
    hint = (
        "Filter by the three facts; for the share, DataFrame.duplicated(['city', ...], keep=False) marks who has a "
        "double."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        known = pd.Series(shop.neighbour)
        fits = shop.profiles[(shop.profiles[known.index] == known).all(axis=1)]
        answer.matches = len(fits)
        answer.learned = fits["income_band"].iloc[0]
        answer.alone_share = 1 - shop.profiles.duplicated(list(known.index), keep=False).mean()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        facts = [tuple(row) for row in shop.profiles[list(shop.neighbour)].itertuples(index=False)]
        wanted = tuple(shop.neighbour.values())
        bands = [band for each, band in zip(facts, shop.profiles["income_band"], strict=True) if each == wanted]
        counts = pd.Series(facts).value_counts()
        return {"matches": len(bands), "learned": bands[0], "alone_share": int((counts == 1).sum()) / len(facts)}

    @slip("The share is that of combinations which occur once among all combinations. The question is about customers.")
    def share_of_combinations(shop: Any, answer: Any) -> None:
        known = pd.Series(shop.neighbour)
        fits = shop.profiles[(shop.profiles[known.index] == known).all(axis=1)]
        answer.matches, answer.learned = len(fits), fits["income_band"].iloc[0]
        answer.alone_share = (shop.profiles.groupby(list(known.index)).size() == 1).mean()

    @slip("duplicated() without keep=False does not mark the first of several: it must be marked too, it is not alone.")
    def first_of_several(shop: Any, answer: Any) -> None:
        known = pd.Series(shop.neighbour)
        fits = shop.profiles[(shop.profiles[known.index] == known).all(axis=1)]
        answer.matches, answer.learned = len(fits), fits["income_band"].iloc[0]
        answer.alone_share = 1 - shop.profiles.duplicated(list(known.index)).mean()

    @slip("You count the income band among what is known. It is what the neighbour learns: three facts find the row.")
    def band_is_known(shop: Any, answer: Any) -> None:
        known = pd.Series(shop.neighbour)
        fits = shop.profiles[(shop.profiles[known.index] == known).all(axis=1)]
        answer.matches, answer.learned = len(fits), fits["income_band"].iloc[0]
        answer.alone_share = 1 - shop.profiles.duplicated(keep=False).mean()

    @slip("You used the city alone. Use all that is known: city, year of birth and gender.")
    def city_only(shop: Any, answer: Any) -> None:
        fits = shop.profiles[shop.profiles["city"] == shop.neighbour["city"]]
        answer.matches, answer.learned = len(fits), fits["income_band"].iloc[0]
        answer.alone_share = 1 - shop.profiles.duplicated(["city", "birth_year", "gender"], keep=False).mean()


class SmallCells(Task):
    """Hidden, and computed back

    `shop.small_table` counts customers by region and segment, with sums in the row and the column `all`. It is to be
    shown, sums included, but no count from 1 to 9. Hide such cells. Then look at the table as a stranger does: where
    a row or a column has exactly one hidden cell, its sum gives the cell back. So hide further cells until no row and
    no column has exactly one. Sums are not hidden, and cells of 0 may stay.

    Hand over the hidden cells as a DataFrame of True and False (`hidden`), in the shape of the table without its sums.
    Hide as few as you can: the table is to be read. (The workbench hides more, so that the sums do not even tell a
    narrow range of a small cell.)
    """

    number = "8.3"
    idea = "A hidden cell must not follow from what is shown: sums give single gaps back, so gaps must come in groups."
    answers = ("hidden",)
    points = 3
    hint = (
        "Start with cells.between(1, 9); while a row or column has one hidden cell, hide its smallest shown cell "
        "above 0."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        cells = shop.small_table.drop(index="all", columns="all")
        hidden = (cells >= 1) & (cells <= 9)
        for _ in range(cells.size):
            for place in hidden.index[hidden.sum(axis=1) == 1]:
                shown = cells.loc[place][~hidden.loc[place] & (cells.loc[place] > 0)]
                hidden.loc[place, shown.idxmin()] = True
            for name in hidden.columns[hidden.sum() == 1]:
                shown = cells[name][~hidden[name] & (cells[name] > 0)]
                hidden.loc[shown.idxmin(), name] = True
        answer.hidden = hidden

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        return {"hidden": _protected(shop.small_table.drop(index="all", columns="all"))}

    @classmethod
    def judge(cls, shop: Any, given: dict[str, Any]) -> dict[str, Gap]:
        """Accept any choice of cells that hides the small ones, gives none back, and is not much larger than needed."""
        cells = shop.small_table.drop(index="all", columns="all")
        names = {f"{row} | {column}": (row, column) for row in cells.index for column in cells.columns}
        if not isinstance(given["hidden"], dict) or set(given["hidden"]) != set(names):
            return {"hidden": Gap(False, "it must have a cell for each region and each segment, and no sums")}
        hidden = pd.DataFrame(False, index=cells.index, columns=cells.columns)
        for name, value in given["hidden"].items():
            hidden.loc[names[name]] = bool(value)
        return {"hidden": _judged(cells, hidden, int(_protected(cells).to_numpy().sum()))}

    @slip("Small cells are hidden, but rows or columns with one hidden cell give it back: sum minus what is shown.")
    def small_cells_only(shop: Any, answer: Any) -> None:
        answer.hidden = shop.small_table.drop(index="all", columns="all").isin(range(1, 10))

    @slip("Nothing can be computed back, and nothing can be read either. Hide as few cells as protect the small ones.")
    def everything(shop: Any, answer: Any) -> None:
        answer.hidden = shop.small_table.drop(index="all", columns="all") >= 0

    @slip("Fewer than ten are to be hidden, so a cell of 9 too, and a cell of 5 in any case: yours start lower.")
    def below_five(shop: Any, answer: Any) -> None:
        answer.hidden = shop.small_table.drop(index="all", columns="all").isin(range(1, 5))


def _judged(cells: pd.DataFrame, hidden: pd.DataFrame, needed: int) -> Gap:
    left = int((cells.isin(range(1, FLOOR)) & ~hidden).to_numpy().sum())
    if left:
        return Gap(False, f"{left} small cell{'s are' if left > 1 else ' is'} shown")
    alone = int((hidden.sum(axis=1) == 1).sum() + (hidden.sum() == 1).sum())
    if alone:
        have = "rows or columns have" if alone > 1 else "row or column has"
        return Gap(False, f"{alone} {have} exactly one hidden cell")
    many = int(hidden.to_numpy().sum()) > needed + SPARE
    return Gap(not many, "more cells are hidden than protect the small ones" if many else "")


def _protected(cells: pd.DataFrame) -> pd.DataFrame:
    """Hide small cells, then the smallest other cell of a row or column with one hidden, until there is none."""
    counts = cells.to_numpy()
    hidden = (counts >= 1) & (counts < FLOOR)
    for _ in range(counts.size):
        lines = [(hidden[row], counts[row]) for row in range(len(counts))]
        lines += [(hidden[:, column], counts[:, column]) for column in range(counts.shape[1])]
        for mask, line in lines:
            shown = np.flatnonzero(~mask & (line > 0))
            if mask.sum() == 1 and len(shown):
                mask[shown[line[shown].argmin()]] = True
    return pd.DataFrame(hidden, index=cells.index, columns=cells.columns)
