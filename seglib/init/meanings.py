"""What the rows of an unknown export mean: states, kinds, and orders that are told several times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from seglib.core.sources.told import is_told
from seglib.core.states import TOGETHER, WORST_FIRST, flag_state, phrase, said_by, state_of
from seglib.init.changed import latest, refund_of
from seglib.init.documents import documents_twice
from seglib.init.figures import line_money
from seglib.init.guess import KINDS_COUNT, STATE_OR_PLACE, Guess
from seglib.init.kinds import kinds, says_how_paid, spoken
from seglib.init.looks import Look
from seglib.init.names import counted, plain, rank, words
from seglib.init.roles import JOINS, blank_share

ENDED = {"cancelled", "refunded", "failed", "test"}  # what a day may tell; that something is due is no state
UNPAID_SHARE = 0.25  # of the orders; where more have no day of payment, the shop does not keep the column
ROUNDING = 0.001
STATES_OF = re.compile(r"status|statut|estado|etat$|stato$|situacao|zustand|state$|statusid$|stateid$|stage$")
NO_STATES = re.compile(
    r"marital|civil|ship|deliver|liefer|versand|envio|livraison|fulfil|customer|kunden|tracking|email|subscri|abo|member|"
    r"account|user|contract|loyalty|lead|stock|inventory|lager|product|artikel|sync|print|export|tax|newsletter"
)
CODE = r"[A-Z]?\d{1,3}"
PAID = re.compile(r"paid|bezahlt|gezahlt|paye|pagad|pagat|betaald|oplac|zaplac|betal|оплач")
PAYS = re.compile(r"pay|zahl|pago|pagam|betaal|platno|financial|finanz")
WON = {"won", "gewonnen", "ganado", "ganada", "gagne", "gagnee", "ganho", "ganha", "vinto", "vinta"}
OPEN = {(word,) for word in ("open", "new", "abierta", "abierto", "aberto", "ouvert", "aperto", "otwarte", "neu")}
MOST_MODES = 4
TRIED, LIVE = {"test", "testing", "testmode", "sandbox"}, {"live", "livemode", "production", "prod"}
CALLED_OFF_SHARE = 0.3  # the same where the second says that the order was called off, whatever was paid
MOSTLY_PAID = 0.5  # of the orders that are called pending
MOSTLY_BLANK = 0.7  # a column that is filled only where something happened, such as a state of returns
CONTRADICTED_SHARE = 0.05  # rows that a second state would take away from what the first calls done


def meanings(made: Guess, given: Mapping[str, str]) -> Guess:
    """Find the columns that say what state an order is in and of what kind a row is, and what their words mean.

    Parameters
    ----------
    made : Guess
        Who, which, when and for how much are known.
    given : mapping of str to str
        Columns that the user named.
    """
    made = documents_twice(kinds(made, given))
    made = _states(made, given)
    return refund_of(latest(made))


def _states(made: Guess, given: Mapping[str, str]) -> Guess:
    """The column of states, with flags and a second column where they tell more."""
    ranked = sorted((p, n) for n in made.looks if (p := _place(n)) is not None and not is_told(n))
    told = [*made.known.names("status")] if made.known else []
    ranked = [*((-1, n) for n in told), *(one for one in ranked if one[1] not in told and not made.known)]
    taken = {name for key, name in made.columns.items() if key != "status"}
    names = [given["status"]] if "status" in given else [name for _, name in ranked if name not in taken]
    known = {name: _known(made, name) for name in names if len(made.looks[name].unique)}
    known = {n: found for n, found in known.items() if n in told or not _how_paid(made.looks[n], found)}
    vague = {*words()["type_names"], *STATE_OR_PLACE}
    known = {
        n: found for n, found in known.items() if found or n in told or (plain(n) not in vague and _coded(made, n))
    }
    known = {n: found for n, found in known.items() if 0 < len(made.looks[n].unique) <= KINDS_COUNT["status"]}
    telling = [name for name, found in known.items() if {*found.values()} - {"done"}]
    about_goods = [name for name in telling if any(part in plain(name) for part in ("fulfil", "ship", "deliver"))]
    first = next((name for name in [*(n for n in telling if n not in about_goods), *telling, *known]), None)
    first, quiet = _paid_first(made, first, telling) if not made.known and first else (first, {})
    flags = [] if "status" in given else _flags(made, taken)
    more = [name for name in telling if name not in (first, *about_goods) and first and _adds(made, first, name)]
    beside = [c for n in made.known.export.states_beside if (c := made.known.column(n))] if made.known and first else []
    more = [name for name in telling if {*_known(made, name)} & {*quiet}] or more[:1]
    parts = tuple(dict.fromkeys(([first] if first else []) + more + beside + flags))
    parts += tuple(c for c in _tried(made) if c not in (*parts, *taken)) if first else ()
    tells = any("unpaid" in known.get(name, {}).values() for name in parts)
    parts += () if tells or "status" in given else tuple(_paid_days(made, taken)[:1])
    made = made.with_columns({"status": None})
    if not parts:
        return made
    together = _together(made, parts)
    name = together.name
    if len(parts) > 1:
        made = replace(made, looks={**made.looks, name: together}, lists={**made.lists, name: parts})
    return _ruled(_blanks(made.with_columns({"status": name}), parts), together, quiet)


def _paid_first(made: Guess, first: str, telling: Sequence[str]) -> tuple[str, dict[str, str]]:
    """The state of payment, where an order that is called pending was mostly paid: then that word says no more."""
    waiting = [word for word, meaning in _known(made, first).items() if meaning == "unpaid"]
    for name in (n for n in telling if n != first and PAYS.search(plain(n))):
        paid = _known(made, name)
        rows = made.looks[first].values.str.strip().isin(waiting).fillna(False).astype(bool)
        if rows.any() and not {*paid} & {*waiting}:
            meant = made.looks[name].values[rows].str.strip().map(paid)
            if float((meant == "done").mean()) > MOSTLY_PAID:
                return name, dict.fromkeys(waiting, "done")
    return first, {}


def _place(name: str) -> int | None:
    """Place of a name among those of states; a longer name that holds the word comes after them."""
    place = rank(name, "status")
    spoken = plain(name)
    is_state = STATES_OF.search(spoken) and not NO_STATES.search(spoken)
    return place if place is not None else 1_000 if is_state else None


def _coded(made: Guess, name: str) -> bool:
    """Whether the unknown words of a column may be states: by its usual name, or since they are few short codes."""
    seen = made.looks[name].unique
    return rank(name, "status") is not None or (len(seen) > 1 and bool(seen.str.fullmatch(CODE).all()))


def _how_paid(look: Look, known: Mapping[str, str]) -> bool:
    """Whether a column tells by what was paid: credit beside cash is a card, and nothing came back."""
    undone = {word: "refund" for word, meaning in known.items() if meaning != "done"}
    return bool(undone) and says_how_paid([str(word) for word in look.unique], undone)


def _known(made: Guess, name: str) -> dict[str, str]:
    """Meaning of each value that the system or the vocabulary knows."""
    return {
        str(value): meaning for value in made.looks[name].unique.head(1_000) if (meaning := _state(made, str(value)))
    }


def _state(made: Guess, text: str) -> str | None:
    """What a state means: by the words of a known system, else by the vocabulary."""
    said: dict[str, str] = (
        {word.lower(): meaning for word, meaning in made.known.export.states.items()} if made.known else {}
    )
    for column, words_of in _tried(made).items():
        usual = {str(word).lower(): "done" for word in made.looks[column].unique if state_of(str(word)) is None}
        said = usual | {word.lower(): "test" for word in words_of} | said
    parts = [said.get(part.strip().lower()) or state_of(part) for part in text.split(TOGETHER)]
    return next((meaning for meaning in WORST_FIRST if meaning in parts), None)


def _tried(made: Guess) -> dict[str, tuple[str, ...]]:
    """Columns of a known export in which a word stands that tells a trial from a purchase, with such words."""
    if made.known is None:
        return {}
    told = {
        c: words_of
        for n, words_of in made.known.export.tests.items()
        if (c := made.known.column(n)) in made.looks and c
    }
    seen = {c: {part for cell in made.looks[c].unique for part in str(cell).split(TOGETHER)} for c in told}
    return {c: words_of for c, words_of in told.items() if {*words_of} & seen[c]}


def _adds(made: Guess, first: str, second: str) -> bool:
    """Whether a second column of states tells more, and does not take away what the first calls done."""
    one, two = (_known(made, name) for name in (first, second))
    states = made.looks[first].values.map(one).to_frame("one").assign(two=made.looks[second].values.map(two))
    more = (states["two"] != "done") & states["two"].notna()
    lost, told = (states["one"] == "done") & more, {"cancelled", "refunded", "failed", "test"}
    if PAID.search(plain(second)) or PAYS.search(plain(second)):
        told |= {"unpaid"}
    unsaid = states["one"].isna() & more  # the first has no word for it: Open, New
    is_exception = made.looks[second].blank_share >= MOSTLY_BLANK and {*states["two"].dropna()} <= told
    most = CALLED_OFF_SHARE if {*states.loc[lost, "two"]} <= {"cancelled", "failed", "test"} else CONTRADICTED_SHARE
    few = lost.mean() <= most or is_exception
    return bool((lost | unsaid).mean() > 0 and few and {*states.loc[lost, "two"]} <= told)


def _flags(made: Guess, taken: set[str]) -> list[str]:
    """Columns whose name says a state and whose cells are yes, no, or a day."""
    found = []
    unread = made.known.unread() if made.known else ()  # that something is open says nothing where the system says so
    taken = {*taken, *(n for n in unread if (state := flag_state(n)) and state_of(state) == "unpaid")}
    for name, look in made.looks.items():
        state = flag_state(name)
        if state is None or name in taken or name in made.lists or not len(look.unique) or look.decimals:
            continue
        said = [said_by(name, str(value)) for value in look.unique.head(1_000)]
        cells = [str(value) for value in look.unique.head(1_000)]
        read = [text is None or bool(state_of(text) and text != cell) for text, cell in zip(said, cells, strict=True)]
        is_flag = all(read) or (sum(read) > 1 and len(read) - sum(read) == 1)  # Y, N, and C for what undoes a Y
        told = {state_of(text) for text in said if text} - {"done"}
        if is_flag and (told if look.dates is None else told & ENDED):
            found.append(name)
    return found + [name for name in made.looks if name not in {*taken, *made.lists, *found} and _is_mode(made, name)]


def _is_mode(made: Guess, name: str) -> bool:
    """Whether every cell of a column says test or live, and some of them test."""
    cells = {plain(str(value)) for value in made.looks[name].unique.head(MOST_MODES + 1)}
    return bool(cells & TRIED) and bool(cells & LIVE) and cells <= TRIED | LIVE


def _paid_days(made: Guess, taken: set[str]) -> list[str]:
    """Columns of the day of payment that are blank on few orders, on all of their lines: these are not paid."""
    order, found = made.look("order_id"), []
    for name, look in made.looks.items():
        state = flag_state(name)
        is_day = state is not None and state_of(state) == "done" and look.dates is not None and name not in taken
        if is_day and PAID.search(plain(name)) and 0 < blank_share(look, order) <= UNPAID_SHARE:
            whole = abs(blank_share(look, order) - look.blank_share) < ROUNDING
            found += [name] if whole else []
    return found


def _together(made: Guess, parts: tuple[str, ...]) -> Look:
    """The words of several columns beside each other, as intake reads them."""
    text: pd.Series[str] | None = None
    for name in parts:
        look = made.looks[name]
        words_of = {value: said_by(name, str(value)) for value in look.values.dropna().unique()}
        said = look.values.map(words_of) if flag_state(name) else look.values
        said = said.fillna(blank) if flag_state(name) and (blank := said_by(name, "")) else said
        text = said if text is None else (text + TOGETHER + said).fillna(text).fillna(said)
    assert text is not None
    return Look(JOINS.join(parts), text.astype("str"))


def _blanks(made: Guess, parts: Sequence[str]) -> Guess:
    """Say how many rows count as not paid since a yes-or-no column of payment is blank on them."""
    for name in parts:
        look = made.looks[name]
        rows = int(look.values.isna().sum())
        made = _unsaid(made, look) if len(parts) == 1 and not flag_state(name) else made
        if rows and flag_state(name) and said_by(name, "") and look.dates is None:
            says_no = any(said_by(name, str(value)) == said_by(name, "") for value in look.unique)
            why = "as where it says no" if says_no else "since it never says no otherwise"
            text = f"'{name}' is blank on {counted(rows, 'row')}, which are taken as {said_by(name, '')}, {why}"
            made = made.with_columns({}, unsure=text)
    return made


def _unsaid(made: Guess, look: Look) -> Guess:
    """Say how many orders have no state, where most have one: whether they were ever placed, the file does not tell."""
    order = made.look("order_id")
    if not 0 < blank_share(look, order) <= MOSTLY_PAID or made.once_per_order:
        return made
    blank = look.values.isna()
    bare = blank if order is None else blank.groupby(order.values).transform("all").fillna(True).astype(bool)
    money = line_money(made)[bare].sum() if {"amount", "unit_price"} & {*made.columns} else 0.0
    said = f"'{look.name}' is blank on {counted(int(bare.sum()), 'row')}, {money:,.2f} in all, which count as purchases"
    do = "where they are none, such as orders that were never completed, leave them out of the export"
    return made.with_columns({}, unsure=f"{said}: {do}")


def _ruled(made: Guess, look: Look, quiet: Mapping[str, str]) -> Guess:
    seen = dict.fromkeys(part.strip() for value in look.unique for part in str(value).split(TOGETHER))
    states = {part: meaning for part in seen if (meaning := _state(made, part))}
    whole = {str(value): meaning for value in look.unique if (meaning := _state(made, str(value)))}
    states |= {part: meaning for part, meaning in quiet.items() if part in seen}
    whole = {v: m for v in whole if (m := _worst([states.get(part.strip()) for part in v.split(TOGETHER)]))}
    states |= _open_stages(made, states, seen)
    if any(PAID.search(" ".join(phrase(part))) for part in seen):  # where some are paid, what is open is not
        states |= {part: "unpaid" for part in seen if phrase(part) in OPEN and part not in states}
        whole |= {v: "unpaid" for v in map(str, look.unique) if phrase(v) in OPEN and v not in whole}
    unknown = [part for part in seen if part not in states]
    doubt = _uncertain(look, unknown) if unknown else ""
    parts = " and ".join(f"'{part}'" for part in look.name.split(JOINS))
    said = spoken(look, whole, "done").replace(f"'{look.name}'", parts)
    made = made.with_columns({}, said, doubt)
    return made.ruled("states", states) if states else made


def _worst(meanings: Iterable[str | None]) -> str | None:
    found = {*meanings}
    return next((meaning for meaning in WORST_FIRST if meaning in found), None)


def _uncertain(look: Look, unknown: Sequence[str]) -> str:
    """Name the words that nothing explains, with their rows, and what to write where one is no purchase."""
    rows = Counter(part.strip() for value in look.filled for part in str(value).split(TOGETHER))
    shown = ", ".join(f"{part} ({counted(rows[part], 'row')})" for part in unknown[:8])
    more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
    how = f'where one is none, write it into rules.states of the plan, such as {{"{unknown[0]}": unpaid}}'
    return f"orders with these statuses count as purchases: {shown[:300]}{more}; {how}"


def _open_stages(made: Guess, states: Mapping[str, str], seen: Iterable[str]) -> dict[str, str]:
    """In a column of stages of which one is won, whatever is neither won nor ended is open yet."""
    own = {word.lower() for word in made.known.export.states} if made.known else set()
    won = {part for part in seen if WON & {*phrase(part)}}
    return {
        p: "draft" for p in seen if won and p not in won and p.lower() not in own and states.get(p, "done") == "done"
    }
