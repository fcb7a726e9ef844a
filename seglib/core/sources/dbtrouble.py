"""What databases say when something is wrong, as one sentence that holds neither an address nor a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused, SegError

SAID = re.compile(r"ERROR:\s+([^\n]{1,200})")
WAIT = "see that it runs and that this machine may reach it, or correct the address in {env}"
AGAIN = "run again when the database does; the last answer is kept"
QUERY = "correct the query"


class Kind(NamedTuple):
    """What an error of a database is about: its signs, how it ends, and what is said of it."""

    signs: str
    code: str
    error: type[SegError]
    what: str
    do: str
    is_of_query: bool = False


WAY_IN = (
    Kind(
        r"password authentication failed|no password supplied|role .* does not exist|SQLSTATE: 28",
        "F29",
        EnvironmentTrouble,
        "the database does not know the user or the password",
        "correct the address in {env}",
    ),
    Kind(
        r"database .* does not exist|SQLSTATE: 3D000",
        "F29",
        EnvironmentTrouble,
        "there is no database of this name",
        "correct the address in {env}",
    ),
    Kind(
        r"pg_hba\.conf|SSL|certificate",
        "F29",
        EnvironmentTrouble,
        "the database does not let this machine in, or not so",
        "ask who runs it; sslmode= in the address says how the way is encrypted",
    ),
    Kind(
        r"too many c|remaining connection slots|SQLSTATE: 53",
        "F29",
        EnvironmentTrouble,
        "the database has no room for another connection",
        AGAIN,
    ),
    Kind(
        r"connection option|invalid URI|invalid connection|missing \"=\"|unexpected character",
        "F29",
        EnvironmentTrouble,
        "the address is not one of PostgreSQL",
        "write it into {env} as postgresql://host:5432/database?user=NAME&password=WORD",
    ),
    Kind(
        r"",
        "F29",
        EnvironmentTrouble,
        "the database cannot be reached",
        WAIT,
    ),
)
ANSWER = (
    Kind(
        r"SQLSTATE: 42501|permission denied",
        "F30",
        EnvironmentTrouble,
        "the user of the database may not read what the query asks for",
        "let who runs the database grant SELECT on it, or correct the query",
        True,
    ),
    Kind(
        r"read-only transaction|read-write mode|SQLSTATE: 25006",
        "F30",
        InputRefused,
        "the query writes, and only reading is allowed",
        QUERY,
    ),
    Kind(
        r"statement timeout|canceling statement|SQLSTATE: 57014|CANCELLED",
        "F30",
        InputRefused,
        "the database takes longer than {seconds} s to answer",
        "narrow the query, or allow more in {place}.seconds",
    ),
    Kind(
        r"SQLSTATE: 42|does not exist|syntax error",
        "F30",
        InputRefused,
        "the database does not understand the query",
        QUERY,
        True,
    ),
    Kind(
        r"SQLSTATE: 2|invalid input syntax|out of range|division by zero",
        "F30",
        InputRefused,
        "a value does not fit what the query makes of it",
        "correct the query: cast and divide only where that is possible",
    ),
    Kind(
        r"",
        "F31",
        EnvironmentTrouble,
        "the database ended the connection before its answer was whole",
        AGAIN,
    ),
)


class Question(NamedTuple):
    """What is asked of which database, for which table."""

    table: str
    connection: str
    uri_env: str
    query: str
    seconds: int

    @property
    def place(self) -> str:
        """Where it stands: in the plan, or before there is one, on the command line."""
        return f"plan.yml, sources.{self.table}" if self.table else "--query"

    @property
    def way(self) -> str:
        """Where its connection stands."""
        return f"plan.yml, connections.{self.connection}" if self.table else "--connection"


@contextmanager
def told_of(question: Question, uri: str, kinds: Sequence[Kind]) -> Iterator[None]:
    """Let what a driver says leave a block as one sentence that holds neither the address nor a value."""
    try:
        yield
    except (SegError, MemoryError):
        raise
    except Exception as error:
        raise _spoken(error, question, uri, kinds) from None


def _spoken(error: Exception, question: Question, uri: str, kinds: Sequence[Kind]) -> SegError:
    """Turn what a driver says into a finding.

    Parameters
    ----------
    error : Exception
        Of ADBC or Arrow; only what the database says about the query's own words is repeated.
    question : Question
        For places and the time that was allowed.
    uri : str
        The address: what is secret in it is masked.
    kinds : sequence of Kind
        What may be wrong then; the last is meant where no other has a sign.

    Examples
    --------
    >>> asked = Question("orders", "shop", "SHOP_DB", "select * from ordres", 600)
    >>> error = RuntimeError('Failed to prepare query: ERROR:  relation "ordres" does not exist. SQLSTATE: 42P01')
    >>> print(_spoken(error, asked, "postgresql://ann:secret@db/shop", ANSWER))
    SEG-F30 the database does not understand the query - plan.yml, sources.orders.query - found: relation "ordres" ...
    """
    text = str(error)
    kind = next((each for each in kinds if re.search(each.signs, text)), kinds[-1])
    place = question.way if kind.code != "F30" else f"{question.place}.query" if question.table else question.place
    words = {"env": question.uri_env, "seconds": f"{question.seconds:,}", "place": f"sources.{question.table}"}
    said = SAID.search(text) if kind.is_of_query else None
    found = masked(said[1], uri) if said else ""
    return kind.error(Finding(kind.code, kind.what.format(**words), place, found=found, do=kind.do.format(**words)))


def masked(text: str, uri: str) -> str:
    """Put dots in the place of an address and its password.

    Examples
    --------
    >>> masked("ann:s%40cret at s@cret", "postgresql://ann:s%40cret@db/shop")
    'ann:... at ...'
    """
    secrets = {uri, *re.findall(r"(?i)password\s*=\s*'?([^\s&']+)", uri)}
    with suppress(ValueError):
        secrets.add(urlsplit(uri).password or "")
    for secret in sorted({*secrets, *map(unquote, secrets)} - {""}, key=len, reverse=True):
        text = text.replace(secret, "...")
    return text
