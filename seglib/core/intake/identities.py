"""Ids of customers: suspicious ones are found, all become pseudonyms, contact details go to the private folder."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.core.engine import Engine, Table, trimmed
from seglib.core.errors import EXAMPLES_PER_KIND, Finding
from seglib.core.intake.settle import shape
from seglib.core.privacy import private_file, private_folder, pseudonyms
from seglib.core.sources.batches import batches

CONTACTS = "contacts.parquet"
ID_COLUMNS = ["customer_id", "customer"]
DETAILS = ("email", "phone", "first_name", "last_name")
SAME_ID = "make each id one customer in the export"


def plain(value: str) -> str:
    """Bring an id to the form in which ids that only look different are equal.

    Parameters
    ----------
    value : str
        An id as delivered.

    Returns
    -------
    str
        Without case, spaces, invisible characters and differences of Unicode form.

    Examples
    --------
    >>> plain(" Ab\\u200b1 ") == plain("ab1")
    True
    """
    return (
        value.lower() if value.isascii() and value.isalnum() else shape(unicodedata.normalize("NFKC", value).casefold())
    )


def nameless(table: Table, nobody: Sequence[str] = ()) -> Table:
    """Read ids that are blank as missing, and those that the plan calls no customers; all others stay as delivered."""
    bare = trimmed(table.customer_id)
    blank = (bare == "") | (bare.isin([word.strip() for word in nobody]) if nobody else ibis.literal(False))
    return table.mutate(customer_id=blank.ifelse(ibis.null("string"), table.customer_id))


def known_ids(tables: Iterable[Table]) -> Table:
    """List every id of every table once."""
    columns = [table.select("customer_id").filter(table.customer_id.notnull()) for table in tables]
    return ibis.union(columns[0], *columns[1:], distinct=True) if len(columns) > 1 else columns[0].distinct()


def write_pseudonyms(engine: Engine, ids: Table, key: bytes, path: Path) -> Table:
    """Write the table that leads from ids to pseudonyms: `customer_id`, `customer`, `plain`."""
    schema = pa.schema([("customer_id", pa.string()), ("customer", pa.string()), ("plain", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        private_file(path)
        for batch in batches(engine, ids, path.with_suffix(".distinct")):
            values = batch.column("customer_id").to_pylist()
            columns = [values, pseudonyms(values, key), [plain(value) for value in values]]
            writer.write_batch(pa.record_batch([pa.array(c, pa.string()) for c in columns], schema=schema))
    return engine.table(path)


def pseudonymous(table: Table, ids: Table) -> Table:
    """Replace `customer_id` by `customer`; rows without an id keep a null."""
    joined = table.left_join(ids.select(known="customer_id", customer="customer"), [("customer_id", "known")])
    return joined.drop("known", "customer_id")


def repeated(engine: Engine, customers: Table) -> list[Finding]:
    """Find customers that stand in the customers table twice; the first two lines of each are named."""
    groups = customers.filter(customers.customer_id.notnull()).group_by("customer_id")
    twice = groups.aggregate(
        lines=ibis._.count(),
        first=ibis._.source_line.min(),
        second=ibis._.source_line.max(),
        file=ibis._.source_file.min(),
    ).filter(ibis._.lines > 1)
    return _pairs(engine, twice, "V01", "customer stands in the table twice")


def lookalikes(engine: Engine, customers: Table, ids: Table) -> list[Finding]:
    """Find ids of the customers table that differ only by case, spaces or Unicode form."""
    joined = customers.inner_join(ids.select(known="customer_id", plain="plain"), [("customer_id", "known")])
    twice = joined.group_by("plain").aggregate(
        spellings=ibis._.customer_id.nunique(),
        first=ibis._.source_line.min(),
        second=ibis._.source_line.max(),
        file=ibis._.source_file.min(),
    )
    return _pairs(
        engine, twice.filter(ibis._.spellings > 1), "V05", "suspected duplicate: ids differ by case, spaces or form"
    )


def _pairs(engine: Engine, pairs: Table, code: str, what: str) -> list[Finding]:
    total = int(engine.scalar(pairs.count()))
    rows = engine.frame(pairs.order_by("file", "first", "second").limit(EXAMPLES_PER_KIND)) if total else None
    if rows is None:
        return []
    places = zip(rows["file"], rows["first"], rows["second"], strict=True)
    found = [
        Finding(code, what, file, int(first), "customer_id", f"also line {int(second)}", SAME_ID)
        for file, first, second in places
    ]
    if total > EXAMPLES_PER_KIND:
        found.append(Finding(code, f"{what}, in total", found[0].file, found=f"{total:,} pairs"))
    return found


def write_contacts(engine: Engine, ids: Table, customers: Table | None, folder: Path) -> Path:
    """Write id and contact details by pseudonym, for activation only, readable by its owner only.

    Parameters
    ----------
    ids : Table
        As `settle` gives it; contacts hold each customer of the other tables than consent once.
    customers : Table or None
        The typed customers table with `customer_id`, or None: then the details are null.
    folder : Path
        The study's private folder.
    """
    path = private_folder(folder) / CONTACTS
    half = folder / f".{CONTACTS}-{os.getpid()}"
    base = ids.filter(ids.is_kept).select("customer", "customer_id")
    if customers is None:
        wide = base.mutate(**{name: ibis.null("string") for name in DETAILS})
    else:
        details = customers.select("customer_id", *DETAILS).rename(known="customer_id")
        wide = base.left_join(details, base.customer_id == details.known).drop("known")
    try:
        half.touch(mode=0o600)
        engine.write(wide.select("customer", "customer_id", *DETAILS), half, ("customer",))
        private_file(half).replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def known_customers(engine: Engine, private: Path, path: Path) -> Table:
    """Read the customers that the last intake wrote down, as `settle` would give them: customer_id, customer, plain.

    Parameters
    ----------
    private : Path
        The study's private folder; without contacts in it there are no customers.
    path : Path
        Private file to write to.
    """
    schema = pa.schema([("customer_id", pa.string()), ("customer", pa.string()), ("plain", pa.string())])
    with pq.ParquetWriter(path, schema) as writer:
        private_file(path)
        is_there = (private / CONTACTS).is_file()
        for batch in pq.ParquetFile(private / CONTACTS).iter_batches(columns=ID_COLUMNS) if is_there else ():
            known = [batch.column(name).cast(pa.string()) for name in ID_COLUMNS]
            plains = [plain(value) for value in batch.column("customer_id").to_pylist()]
            writer.write_batch(pa.record_batch([*known, pa.array(plains, pa.string())], schema=schema))
    return engine.table(path)
