"""A new study whose orders come from a database: its answer is looked at like a file, and the plan asks for it."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from seglib.core.address import is_address
from seglib.core.errors import Finding, InputRefused
from seglib.core.origins import Connection
from seglib.core.plan import Plan
from seglib.core.plan_connections import not_one_select
from seglib.core.sources import answers
from seglib.core.sources.dbtrouble import Question
from seglib.init.propose import Proposal, propose

HOW = "seglib init --connection SHOP_DB --query 'SELECT * FROM orders' --study acme"


def refuse_both(files: Sequence[Path], connection: str, query: str) -> None:
    """Raise InputRefused unless there are files, or a connection with a query, and not both.

    Examples
    --------
    >>> refuse_both([], "SHOP_DB", "")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P03 a connection needs a query, and a query a connection - do: write seglib ...
    """
    if files and (connection or query):
        what, do = "a file or a database, not both", "leave out the file, or --connection and --query"
    elif bool(connection) != bool(query):
        what, do = "a connection needs a query, and a query a connection", f"write {HOW}"
    elif not files and not connection:
        what, do = "no file of orders is named", f"write seglib init my_orders.csv --study acme, or {HOW}"
    else:
        return
    raise InputRefused(Finding("P03", what, do=do))


@contextmanager
def looking(
    named: str, query: str, study: Path, say: Callable[[str], object]
) -> Iterator[tuple[Callable[..., Proposal], Callable[[Proposal], Proposal]]]:
    """Ask a database, and give what looks at its answer and what makes a plan of the proposal.

    Parameters
    ----------
    named : str
        An environment variable, or a connection of the study's plan.
    query : str
        One SELECT statement.
    study : Path
        The study's folder, which need not be there.
    say : callable
        Told when the database is asked.

    Raises
    ------
    InputRefused
        P03 where nothing is called so, F30 for a query that is not one SELECT.
    EnvironmentTrouble
        As of `seglib.core.sources.database.ask`.
    """
    name, connection = connection_of(named, study)
    if reason := not_one_select(query, connection.driver):
        do = "write one SELECT statement that only reads, in quotes"
        raise InputRefused(Finding("F30", reason, "--query", do=do))
    asked = Question("", name, connection.uri_env, query, 600)
    with tempfile.TemporaryDirectory(prefix="seglib-ask-") as folder:
        rows = answers.keep(Path(folder), asked)
        say(f"asked {name}: {rows:,} rows")
        given = f"--connection {named} --query {shlex.quote(query)}"
        finish = partial(_as_question, name=name, connection=connection, query=query, given=given)
        yield partial(propose, answers.place_of(Path(folder), asked)), finish


def connection_of(named: str, study: Path) -> tuple[str, Connection]:
    """Find the connection that a name means; an address in its place is refused, and never repeated.

    Examples
    --------
    >>> connection_of("postgresql://ann:secret@db/shop", Path("acme"))
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P03 an address on the command line - --connection - do: put it into an ...
    """
    if is_address(named) or "=" in named or "@" in named:
        do = "put it into an environment variable, such as SHOP_DB, and write --connection SHOP_DB"
        raise InputRefused(Finding("P03", "an address on the command line", "--connection", do=do))
    if named in os.environ:
        return answers.connection_named(named)
    known: Mapping[str, Connection] = {}
    if (study / "plan.yml").is_file():
        known = Plan.load(study / "plan.yml").connections
    if named in known:
        return named, known[named]
    what = "neither an environment variable nor a connection of the plan"
    variable = named.upper() if named.isidentifier() else "SHOP_DB"
    do = f"put the address into the environment: export {variable}='postgresql://host/database?user=NAME&password=WORD'"
    raise InputRefused(Finding("P03", what, "--connection", found=named[:40], do=do))


def _as_question(proposal: Proposal, name: str, connection: Connection, query: str, given: str) -> Proposal:
    """Let the plan ask the database in place of reading a file.

    Raises
    ------
    InputRefused
        Where the answer would need another query before its rows are orders.
    """
    if proposal.source.query:
        what, do = "the answer holds more than orders, or words for nothing", "let the query do what is found here"
        raise InputRefused(Finding("F30", what, "--query", found=proposal.source.query[:300], do=do))
    source = proposal.source.model_copy(update={"file": None, "connection": name, "query": query.strip()})
    return replace(proposal, source=source, connections={name: connection}, given=given)
