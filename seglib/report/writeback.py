"""Segment and service tier into a table of the house's database: all of it or nothing, and only who still may be in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from seglib.activation.consents import latest
from seglib.activation.deliver import STEP, contact_details
from seglib.activation.house import COLUMNS, PARQUET, allowed_ids
from seglib.core.errors import EnvironmentTrouble, Finding, InputRefused, PrivacyRefused, nearest
from seglib.core.origins import Connection
from seglib.core.sources.database import address_of, driver_of, quietly
from seglib.core.sources.dbtrouble import WAY_IN, Kind, Question, told_of
from seglib.core.sources.find import source_paths
from seglib.core.sources.tables import files_below
from seglib.report.make import only_one

if TYPE_CHECKING:
    from seglib.core.run import Run

TABLE = re.compile(r"([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,62}")
DEFAULT = "seglib_segments"
WAIT_SECONDS = 30
UNCHANGED = "what stood in the table is unchanged"
WRITING = (
    Kind(
        r"SQLSTATE: 42501|permission denied|read-only transaction",
        "F29",
        EnvironmentTrouble,
        f"the user of the database may not write into the table; {UNCHANGED}",
        "let who runs the database grant it, or name a user who may in {env}",
    ),
    Kind(
        r"lock timeout|SQLSTATE: 55P03|statement timeout|SQLSTATE: 57014",
        "F31",
        EnvironmentTrouble,
        f"something else holds the table; {UNCHANGED}",
        "run again when it is free",
    ),
    Kind(
        r"SQLSTATE: 23",
        "F30",
        InputRefused,
        f"the table takes not all rows, by a rule of its own; {UNCHANGED}",
        "take the rule off, or name another table with --table",
    ),
    Kind(
        r"SQLSTATE: 3F000|schema .* does not exist",
        "F30",
        InputRefused,
        "there is no schema of this name",
        "have it made, or name a table without one",
    ),
    Kind(
        r"SQLSTATE: (22|0A|42809|42804|55000|42P01)|cannot delete from view|Failed to (encode|convert)",
        "F30",
        InputRefused,
        f"what has this name takes no rows of text; {UNCHANGED}",
        "name a table of its own with --table; it is made with columns of text",
    ),
    Kind(
        r"",
        "F31",
        EnvironmentTrouble,
        f"the database ended the connection; {UNCHANGED}",
        "run again when it answers",
    ),
)


def write_back(run: Run, connection: str, table: str = DEFAULT) -> str:
    """Write the house's table of a finished quarter into a database of the plan.

    The words of the consent table are read once more: whoever may not be in the table any longer is left out. Where
    they come from a database, it is asked again; files must not be older than the plan says. No report of the study is
    made meanwhile, and nobody is forgotten.

    Parameters
    ----------
    run : Run
        Its notebook 08 has written the table (`activation.house: true`).
    connection : str
        One of the plan's connections, whose user may write.
    table : str
        Name of a table of its own, with its schema or without; it is made where there is none.

    Returns
    -------
    str
        How many customers are in it now, that some were left out, and of which moment the consents are.

    Raises
    ------
    InputRefused
        P05 for an unknown connection, P03 for what is no name of a table, F01 where the quarter has no such table, F23
        where the table in the database has other columns.
    PrivacyRefused
        R30 where the consents are too old.
    Busy
        X19 while something else is done with the study.
    EnvironmentTrouble
        F29 and F31 where the database lets nobody in or breaks off; the table is then as it was.
    """
    from seglib.activation.audience import Audience

    known = run.plan.connections
    if connection not in known:
        do = nearest(connection, known) if known else "add connections: {shop: {uri_env: SHOP_DB}}"
        raise InputRefused(Finding("P05", "no such connection", "plan.yml, connections", found=connection[:40], do=do))
    if not TABLE.fullmatch(table):
        do = "use small letters, digits and _, such as crm.segments"
        raise InputRefused(Finding("P03", "not a name for a table", "--table", found=table[:40], do=do))
    run.read(Audience)  # refuses what is missing, damaged or made from other decisions
    with only_one(run):  # nobody is forgotten, and no table made, between what is read and what is written
        run.read(Audience)
        path = run.place(STEP) / PARQUET
        if not path.is_file():
            what, do = "no table for systems of the house", "set activation.house: true, then make the report again"
            raise InputRefused(Finding("F01", what, f"runs/{run.quarter.text}/{STEP}", do=do))
        moment = of_when(run, datetime.now(UTC))
        rows, ids = pd.read_parquet(path), allowed_ids(run, contact_details(run), latest(run, anew=True))
        kept = rows[rows["customer_id"].isin(ids)]
        replace_rows(kept, known[connection], connection, table)
    floor, left = run.plan.privacy.floor, len(rows) - len(kept)
    count = f"{len(kept):,} customers" if len(kept) >= floor else f"fewer than {floor} customers"
    some = " Some were left out, who may not be in it any longer." if left else ""
    return f"{count} in {table} of {connection}, in place of all that stood there.{some}{moment}"


def of_when(run: Run, now: datetime) -> str:
    """Say of which moment the consents are: a database is asked anew, files are as old as the newest of them.

    Parameters
    ----------
    run : Run
    now : datetime
        In UTC.

    Raises
    ------
    PrivacyRefused
        R30, where files of consents are older than `activation.consents_max_days`: a withdrawal may have come since.
    """
    source, most = run.plan.sources.get("consent"), run.plan.activation.consents_max_days
    if source is None:
        return ""
    if source.connection:
        return f" Consents are those of {source.connection} at {now:%Y-%m-%d %H:%M} UTC."
    files = source_paths(source, run.data / "sources")
    written = max((each.stat().st_mtime for path in files for each in files_below(path)), default=0.0)
    day = datetime.fromtimestamp(written, UTC)
    if (days := (now - day).days) > most:
        what, place = "consents are too old to write segments by", "plan.yml, activation.consents_max_days"
        do = "deliver the consents anew, then make the report again"
        raise PrivacyRefused(Finding("R30", what, place, found=f"{days:,} days, not at most {most:,}", do=do))
    return f" Consents are those of the files of {day:%Y-%m-%d}."


def replace_rows(rows: pd.DataFrame, to: Connection, name: str, table: str) -> None:
    """Put rows into a table in place of all that it holds, in one transaction.

    Parameters
    ----------
    rows : DataFrame
        customer_id, segment, segment_since, tier, tier_since.
    to : Connection
    name : str
        What the plan calls it.
    table : str
        With its schema or without.
    """
    asked = Question("", name, to.uri_env, "", WAIT_SECONDS)
    uri, driver = address_of(asked), driver_of(asked)
    own = table.rpartition(".")[2]
    with told_of(asked, uri, WAY_IN):
        connection = driver.connect(uri)
    cursor = connection.cursor()
    try:
        with told_of(asked, uri, WRITING):
            cursor.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
            if _schema_of(cursor, table) is None:  # CREATE ... IF NOT EXISTS asks for the right to create in any case
                held = ", ".join(f'"{column}" text' for column in COLUMNS)
                cursor.execute(f"CREATE TABLE {_quoted(table)} ({held})")
            _refuse_others(cursor, table)
            schema = _schema_of(cursor, table)  # rows go where the others are deleted, wherever names are looked up
            cursor.execute(f"LOCK TABLE {_quoted(table)} IN SHARE ROW EXCLUSIVE MODE")  # one writer after the other
            cursor.execute(f"DELETE FROM {_quoted(table)}")
            frame = pa.Table.from_pandas(rows[list(COLUMNS)].astype("str"), preserve_index=False)
            plain = frame.cast(pa.schema([(column, pa.string()) for column in COLUMNS]))
            if len(plain):
                cursor.adbc_ingest(own, plain, mode="append", db_schema_name=schema)
            _recheck(cursor, table, len(plain))
            connection.commit()
    except BaseException:
        quietly(connection.rollback)
        raise
    finally:
        quietly(cursor.close)
        quietly(connection.close)


def _schema_of(cursor: Any, table: str) -> str | None:
    """Ask in which schema the database finds a table; None where it finds none."""
    cursor.execute(f"SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('{_quoted(table)}')")
    found = cursor.fetchall()
    return str(found[0][0]).strip('"') if found else None


def _recheck(cursor: Any, table: str, count: int) -> None:
    """Count what the table holds before it counts: a rule or trigger of its own may have kept old rows or taken new."""
    cursor.execute(f"SELECT count(*) FROM {_quoted(table)}")
    if int(cursor.fetchall()[0][0]) != count:
        what = f"a rule or trigger of the table keeps rows or takes some away; {UNCHANGED}"
        raise InputRefused(Finding("F30", what, "--table", do="name a table of its own with --table"))


def _refuse_others(cursor: Any, table: str) -> None:
    """Refuse a table that was not made for this."""
    cursor.execute(f"SELECT * FROM {_quoted(table)} LIMIT 0")
    names = tuple(column[0] for column in cursor.description)
    cursor.fetchall()
    if names != COLUMNS:
        do = f"name a table of its own with --table; it is made with the columns {', '.join(COLUMNS)}"
        raise InputRefused(Finding("F23", "the table has other columns", "--table", found=f"{len(names)}", do=do))


def _quoted(table: str) -> str:
    return ".".join(f'"{part}"' for part in table.split("."))
