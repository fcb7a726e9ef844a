#!/usr/bin/env bash
# duckdb 2.0.1: execute(query).to_arrow_reader() holds the whole answer, sql(query).to_arrow_reader() a batch at a time.
# Seen: 585 MB against 101 MB at the peak for 20 million rows of two columns (1.5.6: 86 MB and 84 MB).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1

peak() {
  "$folder/bin/python" -W ignore - "$1" <<'PY'
import resource
import sys

import duckdb

connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
query = "SELECT i::VARCHAR AS a, i * 2 AS b FROM range(20000000) t(i)"
reader = getattr(connection, sys.argv[1])(query).to_arrow_reader(50000)
assert sum(len(batch) for batch in reader) == 20_000_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
PY
}

execute=$(peak execute) sql=$(peak sql)
echo "duckdb 2.0.1: peak of execute $execute MB, of sql $sql MB"
[ "$execute" -gt $((2 * sql)) ] || { echo "changed: execute no longer holds the whole answer"; exit 1; }
