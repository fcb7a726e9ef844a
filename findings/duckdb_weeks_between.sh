#!/usr/bin/env bash
# duckdb 2.0.1: date_diff counts how many borders lie between two dates: of months, quarters and years, but not of weeks. For weeks it
# counts seven days, as date_sub does. Seen: from Sunday to Monday 0 weeks though date_trunc names two weeks, from 31 January to
# 1 February 1 month. A table of weeks since the first purchase puts one customer into two rows, by how the week was reached.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import duckdb

ask = '''select date_diff(part, a, b), date_sub(part, a, b), date_trunc(part, a) <> date_trunc(part, b)
    from (select ? part, ?::date a, ?::date b)'''
for part, first, last in (("month", "2025-01-31", "2025-02-01"), ("week", "2025-01-05", "2025-01-06")):
    between, whole, other = duckdb.execute(ask, [part, first, last]).fetchone()
    print(part, "date_diff", between, "date_sub", whole, "date_trunc differs:", other)
PY
)
printf 'duckdb 2.0.1:\n%s\n' "$seen"
[ "$seen" = "month date_diff 1 date_sub 0 date_trunc differs: True
week date_diff 0 date_sub 0 date_trunc differs: True" ] || { echo "changed"; exit 1; }
