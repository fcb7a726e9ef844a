#!/usr/bin/env bash
# duckdb 2.0.1 writes a Parquet column as required when the query cannot leave it empty; 1.5.6 wrote every column as optional.
# The rows are equal, but schemas of files written before and after an upgrade no longer compare equal (pyarrow's nullable).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"

seen() {
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "duckdb==$1" pyarrow==26.0.1
  "$folder/bin/python" - "$folder/$1.parquet" <<'PY'
import sys

import duckdb
import pyarrow.parquet as pq

query = "SELECT range AS n, 'a' AS t, nullif(range, 1) AS g FROM range(3)"
duckdb.execute(f"COPY ({query}) TO '{sys.argv[1]}' (FORMAT parquet)")
fields = pq.read_schema(sys.argv[1])
print(duckdb.__version__, {field.name: "optional" if field.nullable else "required" for field in fields})
PY
}

old=$(seen 1.5.6) new=$(seen 2.0.1)
printf '%s\n' "$old" "$new"
[ "$old" = "1.5.6 {'n': 'optional', 't': 'optional', 'g': 'optional'}" ] \
  && [ "$new" = "2.0.1 {'n': 'optional', 't': 'required', 'g': 'optional'}" ] || { echo "changed"; exit 1; }
