#!/usr/bin/env bash
# ibis-framework 12.0.0 admits every sqlglot, but from 30.18 on its DROP statements carry no name:
# drop_table raises, and a table of cache() stays when it is released.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"

seen() {
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
    "ibis-framework[duckdb]==12.0.0" duckdb==2.0.1 "sqlglot==$1"
  "$folder/bin/python" -W ignore - <<'PY'
import ibis
import sqlglot

connection = ibis.duckdb.connect()
connection.raw_sql("CREATE TABLE small AS SELECT 1 AS n")
try:
    connection.drop_table("small")
    said = "dropped"
except Exception as error:
    said = f"{type(error).__name__}: {str(error).splitlines()[0]}"
print(f"ibis {ibis.__version__}, sqlglot {sqlglot.__version__}: {said}")
PY
}

old=$(seen 30.17.0) new=$(seen 30.18.0)
printf '%s\n' "$old" "$new"
case "$old" in *": dropped") ;; *) echo "changed"; exit 1 ;; esac
case "$new" in *ParserException*) ;; *) echo "changed"; exit 1 ;; esac
