"""Reading the written files with nothing of the package `exports`: money, rows, sums of orders."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl

PLACE = {"folder": Path()}
Row = dict[str, Any]
Orders = dict[Any, list[Any]]
Sums = tuple[int, int, int, int]


def cents(text: Any) -> int:
    """Return money of any of the files in the smallest unit."""
    text = str(text or 0).strip().replace("$", "").replace("€", "").replace("\u00a0", "").replace("\u202f", "")
    if text.endswith("-"):
        text = "-" + text[:-1]
    if "," in text and (("." not in text) or text.rfind(",") > text.rfind(".")):
        text = text.replace(".", "").replace(",", ".")
    text = text.replace(",", "")
    return round(Fraction(text or "0") * 100) if text not in ("", "--") else 0


def rows(name: str, delimiter: str = ",", encoding: str = "utf-8-sig", skip: int = 0) -> list[Row]:
    """Return the rows of a text file; of columns of one name the first counts."""
    listed = list(csv.reader(io.StringIO((PLACE["folder"] / name).read_bytes().decode(encoding)), delimiter=delimiter))[
        skip:
    ]
    head = listed[0]
    return [dict(zip(reversed(head), reversed(line), strict=True)) for line in listed[1:] if len(line) == len(head)]


def sheet(name: str, skip: int = 0) -> list[Row]:
    """Return the rows of a workbook."""
    listed = list(openpyxl.load_workbook(PLACE["folder"] / name).active.iter_rows(values_only=True))[skip:]
    return [dict(zip(reversed(listed[0]), reversed(line), strict=True)) for line in listed[1:]]


def jsonl(name: str) -> list[Row]:
    """Return the records of a file of JSON Lines."""
    return [json.loads(line) for line in (PLACE["folder"] / name).read_text("utf-8").splitlines()]


def half_up(value: Fraction) -> int:
    """Return a fraction of 0 or more as a whole number, halves up."""
    return int(value + Fraction(1, 2))


def total(orders: Orders) -> Sums:
    """Return gross, refunded, orders and customers of {order: [customer, gross, back]}; no refund above its goods."""
    done = [(who, gross, min(back, gross)) for who, gross, back in orders.values() if who]
    return sum(g for _, g, _ in done), sum(b for _, _, b in done), len(done), len({w for w, _, _ in done})


def simple(listed: Iterable[Row], key: str, who: str, amount: Callable[[Row], int], won: Callable[[Row], bool]) -> Sums:
    """Return the sums of rows that are sales, added up by order."""
    orders: Orders = {}
    for r in listed:
        if won(r):
            orders.setdefault(r[key], [r[who], 0, 0])[1] += amount(r)
    return total(orders)
