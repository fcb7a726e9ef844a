#!/usr/bin/env bash
# ibis 12.0.0: the same expression counts different values on two engines: nunique() leaves out nulls on DuckDB and counts them as one
# more on Polars. Orders of guests, without a customer number, then add one customer to each group they stand in.
# Seen: 2 and 3 customers. An open pull request of the project (12038) would change it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check 'ibis-framework[duckdb,polars]==12.0.0' duckdb==1.5.6 polars==2.1.0 sqlglot==30.17.0 pyarrow==25.0.1 pandas==2.3.3 numpy==2.4.6

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import ibis

orders = ibis.memtable({"customer": ["a", "b", "a", None]}, schema={"customer": "string"})
for engine in (ibis.duckdb.connect(), ibis.polars.connect()):
    print(engine.name, engine.to_pyarrow(orders.customer.nunique()).as_py())
PY
)
printf 'ibis 12.0.0:\n%s\n' "$seen"
[ "$seen" = "duckdb 2
polars 3" ] || { echo "changed"; exit 1; }
