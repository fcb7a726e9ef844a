"""An address where a file is expected: what to do instead. It may hold a password, so only its kind is said."""

from __future__ import annotations

import re
from pathlib import Path

from seglib.core.errors import Finding, InputRefused

ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]+):/+", re.IGNORECASE)  # a path of Python has one stroke where two stood
QUERY = "seglib init --connection SHOP_DB --query 'SELECT ...' --study acme"
DOWNLOAD = "download it with a browser or curl, then name the file"
DATABASE = f"put the address into an environment variable, such as SHOP_DB, and type: {QUERY}"
EXPORT = "export the table there as Parquet or CSV, then name the file"
COPY = "copy it here with the tool of the storage, such as aws s3 sync, then name the folder"
KINDS = {
    **dict.fromkeys(("postgresql", "postgres"), ("a PostgreSQL database", DATABASE)),
    **dict.fromkeys(("http", "https", "ftp", "sftp", "ftps"), ("a web address", DOWNLOAD)),
    **dict.fromkeys(("s3", "s3a", "s3n", "gs", "gcs", "az", "abfs", "abfss", "adl", "hdfs"), ("a cloud storage", COPY)),
    **dict.fromkeys(
        ("mysql", "mariadb", "snowflake", "bigquery", "mssql", "sqlserver", "oracle"), ("a database", EXPORT)
    ),
    "file": ("an address of a file", "write its path, without file://"),
    "jdbc": ("a database", EXPORT),
    "sqlite": ("a database file", "copy the file into sources/ and write database: and query: in plan.yml"),
    "duckdb": ("a database file", "copy the file into sources/ and write database: and query: in plan.yml"),
}
JDBC = re.compile(r"^jdbc:", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether a text is the address of something that is no file here.

    Examples
    --------
    >>> [is_address(text) for text in ("s3://shop/orders", "https:/shop.example/o.csv", "orders.csv", "C:/orders.csv")]
    [True, True, False, False]
    """
    return bool(ADDRESS.match(text) or JDBC.match(text))


def address_finding(text: str, place: str = "") -> Finding:
    """Say what an address is, and which of the ways to read data fits it.

    Parameters
    ----------
    text : str
        The address; only its scheme is said.
    place : str
        Where it stands.

    Examples
    --------
    >>> print(address_finding("https://shop.example/export?token=secret"))
    SEG-F24 a web address, where a file is expected - do: download it with a browser or curl, then name the file
    """
    matched = ADDRESS.match(text)
    scheme = matched[1].lower().partition("+")[0] if matched else "jdbc"
    what, do = KINDS.get(scheme, ("an address", "copy the file here, then name it"))
    return Finding("F24", f"{what}, where a file is expected", place, do=do)


def refuse_address(file: Path) -> None:
    """Raise InputRefused where a path is an address."""
    if is_address(str(file)):
        raise InputRefused(address_finding(str(file)))
