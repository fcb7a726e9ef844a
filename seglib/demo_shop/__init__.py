"""The synthetic demo shop: six tables with planted truth, the same bytes from the same seed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seglib.demo_shop import comments, facts, holdout, orders, touch
from seglib.demo_shop.people import Draw, Person, Row, people
from seglib.demo_shop.process import Q2, Q3
from seglib.demo_shop.shop import DEMO, SEED, Shop
from seglib.demo_shop.truth import constant_rows, parameter_rows, transition_rows

HOLDOUT_STREAM = 13  # a draw with ten or more of each segment in the hold-out, so that reports can show them


def write(folder: Path, seed: int = SEED, shop: Shop = DEMO) -> None:
    """Write the tables and the truth of the demo shop.

    Parameters
    ----------
    folder : Path
        Gets ``sources/`` with the six tables of the contract and ``truth/`` with what was planted.
    seed : int
        Same seed, same bytes, on every platform and version.
    shop : Shop
        What may differ from shop to shop; the demo shop when omitted.
    """
    for name, rows in tables(seed, shop).items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def tables(seed: int = SEED, shop: Shop = DEMO) -> dict[str, Sequence[Row]]:
    """Make all rows.

    Parameters
    ----------
    seed : int
    shop : Shop

    Returns
    -------
    dict
        From the path without its ending to rows of text; all rows of a table have the same keys.
    """
    streams = [Draw(each) for each in np.random.SeedSequence(seed).spawn(HOLDOUT_STREAM + 1)]  # tables stay apart
    words, at_random = streams[9], streams[HOLDOUT_STREAM]
    draws = iter(streams)
    everybody = people(next(draws), shop)
    ledger = facts.consent(next(draws), everybody)
    made = orders.orders(next(draws), everybody, shop)
    mail = facts.mail_days(ledger)
    held = holdout.drawn(at_random, everybody)
    contacts, every, effects = touch.campaigns(next(draws), everybody, mail, made, held, shop)
    made_rows: dict[str, Sequence[Row]] = {
        "sources/orders": orders.lines(next(draws), every),
        "sources/customers": facts.customers(next(draws), everybody),
        "sources/events": touch.events(next(draws), everybody, every),
    }
    feedback, said = comments.comments(words, everybody, facts.feedback(next(draws), everybody))
    reach = touch.eligible(shop.campaigns[-1], everybody, mail)
    kept_out = {name: sum(person.customer_id in held for person in group) for name, group in reach.items()}
    return made_rows | {
        "sources/contacts": sorted(
            [*holdout.entries(everybody, held), *contacts], key=lambda row: (row["sent_at"], row["customer_id"])
        ),
        "sources/feedback": feedback,
        "sources/consent": ledger,
        "truth/segments": [_labels(person) for person in everybody],
        "truth/parameters": parameter_rows(shop.drift),
        "truth/constants": constant_rows(shop.drift_segment, shop.drift_factor, shop.subscribing_share),
        "truth/transitions": transition_rows(),
        "truth/effects": effects,
        "truth/worth": holdout.worth(effects, kept_out, every, shop),
        "truth/comments": said,
    }


def _labels(person: Person) -> Row:
    return {
        "customer_id": person.customer_id,
        "segment_2026Q2": person.segment_on(Q2 - 1),
        "segment_2026Q3": person.segment_on(Q3 - 1),
        "life": person.life.name,
    }
