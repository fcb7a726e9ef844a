"""What a plan says about databases: connections with an address in the environment, and questions that only read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seglib.core.errors import Finding, nearest
from seglib.core.origins import Connection, Source

NAME, VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,39}"), re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
DIALECT = {"postgresql": "postgres"}  # what sqlglot calls the language of each driver


def connections(found: Mapping[str, Connection]) -> Iterator[Finding]:
    """Name the connections that cannot be meant; what stands there is never said, since it may be an address.

    Examples
    --------
    >>> wrong = {"shop": Connection(uri_env="postgresql://ann:secret@db/shop")}
    >>> print(*connections(wrong))
    SEG-P05 must be the name of an environment variable - plan.yml, connections.shop.uri_env - do: write SHOP_DB ...
    """
    for name, connection in found.items():
        if not NAME.fullmatch(name):
            place, do = "plan.yml, connections", "use a-z, 0-9 and _, at most 40 of them, such as shop"
            yield Finding("P05", "not a name for a connection", place, do=do)
        if not VARIABLE.fullmatch(connection.uri_env):
            place = f"plan.yml, connections.{name[:40]}.uri_env"
            do = f"write {_variable(name)} here, and the address into that variable: nothing secret stands in a plan"
            yield Finding("P05", "must be the name of an environment variable", place, do=do)


def _variable(name: str) -> str:
    return f"{re.sub('[^A-Z0-9_]', '_', name.upper())[:40] or 'SHOP'}_DB"


def asked_of_databases(name: str, source: Source, known: Mapping[str, Connection]) -> Iterator[Finding]:
    """Name what is wrong with a source that is a question to a database.

    Parameters
    ----------
    name : str
        Table of the contract.
    source : Source
        The plan's entry.
    known : mapping of str to Connection
        The plan's connections.
    """
    place = f"plan.yml, sources.{name}"
    if source.inside and not source.query and not (source.file or "").lower().endswith(".zip"):
        do = "leave it out, or name the zip file in file:"
        yield Finding("P05", "inside: names a table of a zip file", f"{place}.inside", do=do)
    if source.connection is None:
        return
    if source.connection not in known:
        do = nearest(source.connection, known) if known else "add connections: {shop: {uri_env: SHOP_DB}}"
        yield Finding("P05", "no such connection", f"{place}.connection", found=source.connection[:40], do=do)
    elif not source.query:
        yield Finding("P05", "is required", f"{place}.query", do="write one SELECT statement")
    elif reason := not_one_select(source.query, known[source.connection].driver):
        do = "write one SELECT statement that only reads"
        yield Finding("F30", reason, f"{place}.query", do=do)
    if source.file or source.database or source.inside or source.sheet:
        do = "keep either connection: and query:, or the file"
        yield Finding("P05", "a source is a question to a database or a file, not both", place, do=do)


def not_one_select(query: str, driver: str = "postgresql") -> str:
    """Say why a text is not one SELECT statement that only reads; nothing where it is.

    Examples
    --------
    >>> not_one_select("select * from orders where paid"), not_one_select("with a as (select 1) select * from a")
    ('', '')
    >>> not_one_select("delete from orders")
    'the query is not a SELECT statement'
    >>> not_one_select("select 1; select 2")
    'the query is 2 statements'
    >>> not_one_select("select * into b from a")
    'the query does more than read'
    """
    import logging

    import sqlglot
    from sqlglot import exp

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would repeat parts of the query
    try:
        found = [each for each in sqlglot.parse(query, read=DIALECT[driver]) if each is not None]
    except sqlglot.errors.SqlglotError as error:
        lines = [each.get("line") for each in getattr(error, "errors", [])]
        where = f" in its line {lines[0]}" if lines and lines[0] else ""
        return f"the query cannot be read{where}"
    if len(found) != 1:
        return f"the query is {len(found)} statements" if found else "the query is empty"
    if not isinstance(found[0], exp.Query):
        return "the query is not a SELECT statement"
    writes = (exp.DML, exp.Into, exp.Lock, exp.Command, exp.DDL)
    does = [each for each in found[0].walk() if isinstance(each, writes) and not isinstance(each, exp.Query)]
    return "the query does more than read" if does else ""
