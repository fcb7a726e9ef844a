#!/usr/bin/env bash
# duckdb 2.0.1: quantile_cont and median of a DECIMAL are cut to the scale of the column, not rounded and not widened, while avg of the
# same column is a DOUBLE. Whole euros in a DECIMAL(10,0) lose up to one euro; bounds of spend bands shift by a cent.
# Seen: 8 for the ninth decile of 0 and 9, which is 8.1, as for INTEGER; 19.99 for a first quartile of 19.9975.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
from statistics import quantiles

import duckdb

whole = "select quantile_cont(x, 0.9) from (select unnest([0, 9]::{}[]) x)"
print("0 and 9:", *(duckdb.sql(whole.format(kind)).fetchall()[0][0] for kind in ("decimal(10,0)", "integer")))
prices = "(select unnest([19.99, 20.00, 20.01, 20.02]::decimal(9,2)[]) x)"
print("prices:", *duckdb.sql("select quantile_cont(x, 0.25), median(x), avg(x) from " + prices).fetchall()[0])
print("by hand:", [round(cut, 4) for cut in quantiles([19.99, 20.00, 20.01, 20.02], method="inclusive")])
PY
)
printf 'duckdb 2.0.1:\n%s\n' "$seen"
[ "$seen" = "0 and 9: 8 8.1
prices: 19.99 20.00 20.005
by hand: [19.9975, 20.005, 20.0125]" ] || { echo "changed"; exit 1; }
