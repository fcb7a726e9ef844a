"""Who the customers of the demo shop are, what they consented to and what they answered: all of it invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from seglib.demo_shop.people import START, Draw, Person, Row, opening_minute, stamp
from seglib.demo_shop.process import END
from seglib.demo_shop.truth import QUARTERS, SEGMENTS, Segment

FIRST_NAMES = (
    "Alda Benno Cara Dorin Elva Farid Gesa Hanno Ilka Jorin Kaya Lenn Mira Nilo Oda Pelle Quin Runa Sami Tilda Ulla "
    "Vero Wanda Xenia Yara Zeno Amal Bela Cleo Dana"
)
LAST_NAMES = (
    "Abelmar Brunwick Carvell Dornay Elstow Fennimore Gadsby Harwood Ingleby Jessop Kelmarsh Lindell Marlowe Norbury "
    "Ostler Penrose Quarrie Ravenel Selwood Tavener Underhay Venning Wexcombe Yardley Zouch"
)
CLIMATES = {"Occitanie": "mediterranean", "Bayern": "continental", "Hessen": "continental"}  # elsewhere oceanic
PLACES = {
    "United Kingdom": (
        ("England", "London"),
        ("England", "London"),
        ("England", "Leeds"),
        ("England", "Bristol"),
        ("Scotland", "Glasgow"),
        ("Scotland", "Edinburgh"),
        ("Wales", "Cardiff"),
    ),
    "Ireland": (("Leinster", "Dublin"), ("Leinster", "Dublin"), ("Munster", "Cork"), ("Connacht", "Galway")),
    "France": (("Île-de-France", "Paris"), ("Normandie", "Rouen"), ("Occitanie", "Toulouse")),
    "Germany": (("Bayern", "München"), ("Hamburg", "Hamburg"), ("Hessen", "Frankfurt")),
}
NEIGHBOURS = ("Ireland", "France", "Germany")
INDUSTRIES = ("hospitality", "retail", "education", "health", "crafts", "offices")
ACCOUNT_COUNT = 130  # fewer than contacts, so that some companies have several
INCOMES = {"low": (0.45, 0.40, 0.15), "middle": (0.25, 0.50, 0.25), "high": (0.10, 0.45, 0.45)}

LATE_DAY = END + 2  # consent recorded after the last quarter, which must not count yet
# Purpose: shares of granted, objected, withdrawn and an unknown word at the start (the rest has no row), then the
# share of the granted who withdraw later.
CONSENT = {
    "profiling": (0.955, 0.012, 0.005, 0.010, 0.012),
    "email": (0.730, 0.040, 0.050, 0.010, 0.040),
    "sms": (0.300, 0.080, 0.020, 0.005, 0.030),
    "post": (0.380, 0.060, 0.020, 0.005, 0.020),
}
WORDS = ("granted", "objected", "withdrawn", "maybe", "")

ANSWER_SHARE = 0.36
ITEM_MISSING_SHARE = 0.05
WAVES = ((600, 630), (692, 722))  # days on which answers came in: June and September 2026


def customers(draw: Draw, everybody: Sequence[Person]) -> list[Row]:
    """Draw the facts of each customer; what is unknown stays blank."""
    accounts = [_account(draw, number) for number in range(1, ACCOUNT_COUNT + 1)]
    free = iter(accounts + draw.shuffled(accounts))
    phones = iter(draw.shuffled([f"+44 1632 960{number:03d}" for number in range(1000)]))
    rows = []
    for person in everybody:
        company = person.home.name == "companies"
        row = _contact(draw, person, next(phones) if draw.chance(0.4) else "")
        row |= dict.fromkeys(("birth_date", "gender", "household_size", "income_band"), "")
        row |= {} if company else _person_facts(draw, person.home)
        row |= _place(draw, person.home)
        row |= next(free) if company else dict.fromkeys(accounts[0], "")
        rows.append(row | {"registered_at": stamp(person.registered * 1440 + draw.whole(0, 7 * 60) + 7 * 60)})
    return rows


def _contact(draw: Draw, person: Person, phone: str) -> Row:
    first, last = draw.pick(FIRST_NAMES.split()), draw.pick(LAST_NAMES.split())
    address = f"{first}.{last}.{person.customer_id[1:]}@example.{draw.pick(('com', 'org'))}".lower()
    return {
        "customer_id": person.customer_id,
        "email": address if draw.chance(0.98) else "",
        "phone": phone,
        "first_name": first,
        "last_name": last,
    }


def _person_facts(draw: Draw, segment: Segment) -> Row:
    age_days = min(max(draw.normal(segment.age_mean, 9), 19), 88) * 365.25
    born = (START + timedelta(days=END - int(age_days))).date().isoformat()
    level = "high" if segment.motive_quality > 4.5 else "low" if segment.motive_price > 4.5 else "middle"
    return {
        "birth_date": born if draw.chance(0.85) else "",
        "gender": draw.pick(("female", "male", "other", ""), (0.48, 0.38, 0.02, 0.12)),
        "household_size": str(draw.pick((1, 2, 3, 4, 5), (0.28, 0.34, 0.18, 0.14, 0.06))) if draw.chance(0.8) else "",
        "income_band": draw.pick(tuple(INCOMES), INCOMES[level]) if draw.chance(0.75) else "",
    }


def _place(draw: Draw, segment: Segment) -> Row:
    away = draw.pick(NEIGHBOURS) if draw.chance(0.5) else segment.neighbour
    country = "United Kingdom" if draw.chance(segment.home_share) else away
    region, city = draw.pick(PLACES[country])
    known = draw.chance(0.95)
    facts = {"country": country, "region": region, "city": city, "climate": CLIMATES.get(region, "oceanic")}
    return facts if known else {**dict.fromkeys(facts, ""), "country": country}


def _account(draw: Draw, number: int) -> Row:
    size = max(2, int(draw.log_normal(40, 0.9)))
    revenue = min(size * draw.number(60_000, 140_000), 9_500_000)
    known = draw.chance(0.9)
    return {
        "account_id": f"A{number:03d}",
        "industry": draw.pick(INDUSTRIES),
        "company_size": str(size) if known else "",
        "annual_revenue": f"{round(revenue, -3):.2f}" if known else "",
    }


def consent(draw: Draw, everybody: Sequence[Person]) -> list[Row]:
    """Draw the consent ledger: a first word per purpose, some withdrawals, a few rows after the last quarter."""
    rows = []
    for person in everybody:
        for purpose, (*shares, later) in CONSENT.items():
            word = draw.pick(WORDS, (*shares, 1 - sum(shares)))
            if not word:
                continue
            rows.append(_consent_row(draw, person, purpose, word, person.registered))
            if word == "granted" and draw.chance(later):
                day = draw.whole(person.registered + 5, max(END, person.registered + 6))
                rows.append(_consent_row(draw, person, purpose, "withdrawn", day))
            elif purpose in ("profiling", "email") and draw.chance(0.006):
                rows.append(
                    _consent_row(draw, person, purpose, "withdrawn" if word == "granted" else "granted", LATE_DAY)
                )
    return rows


def _consent_row(draw: Draw, person: Person, purpose: str, status: str, day: int) -> Row:
    return {
        "customer_id": person.customer_id,
        "purpose": purpose,
        "status": status,
        "recorded_at": stamp(opening_minute(draw, day)),
        "basis": "consent",
        "source": draw.pick(("web", "shop", "phone"), (0.8, 0.15, 0.05)),
        "notice": "N1" if day < 365 else "N2",
    }


def mail_days(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """Return the days between which each customer consents to e-mail, by the ledger.

    Examples
    --------
    >>> row = {"customer_id": "C1", "purpose": "email", "status": "granted", "recorded_at": "2024-10-03 10:00:00"}
    >>> mail_days([row])
    {'C1': (2, 730)}
    """
    days: dict[str, tuple[int, int]] = {}
    for row in rows:
        day = (START.fromisoformat(row["recorded_at"]) - START).days
        if row["purpose"] == "email" and row["status"] == "granted":
            days[row["customer_id"]] = (day, END)
        elif row["purpose"] == "email" and row["customer_id"] in days:
            days[row["customer_id"]] = (days[row["customer_id"]][0], day)
    return days


def feedback(draw: Draw, everybody: Sequence[Person]) -> list[Row]:
    """Draw survey answers of about a third of the customers, in one of two waves before the ends of quarters."""
    rows = []
    for person in everybody:
        wave = 0 if draw.chance(0.5) and person.segment_on(WAVES[0][0]) else 1
        name = person.segment_on(QUARTERS[wave][1] - 1)
        if not name or not draw.chance(ANSWER_SHARE):
            continue
        answered = stamp(opening_minute(draw, draw.whole(*WAVES[wave])))
        for item, (centre, low, high) in _items(SEGMENTS[name]).items():
            answer = round(min(max(draw.normal(centre, 1.6 if item == "nps" else 0.8), low), high))
            if not draw.chance(ITEM_MISSING_SHARE):
                rows.append(
                    {"customer_id": person.customer_id, "answered_at": answered, "item": item, "answer": str(answer)}
                )
    return sorted(rows, key=lambda row: (row["answered_at"], row["customer_id"]))


def _items(segment: Segment) -> dict[str, tuple[float, int, int]]:
    motives = ("price", "quality", "convenience")
    scale = {f"motive_{motive}": (float(getattr(segment, f"motive_{motive}")), 1, 5) for motive in motives}
    return {"nps": (segment.nps_mean, 0, 10), "csat": (segment.csat_mean, 1, 5), **scale}
