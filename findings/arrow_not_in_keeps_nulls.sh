#!/usr/bin/env bash
# pyarrow 26.0.1: of two ways to leave out one value while a file is read, 'not in' keeps the rows without a value and '!=' loses them.
# Whoever turns a list of one into a comparison loses every customer whose country is unknown. Seen: 2 rows and 1 row of 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import sys

import pyarrow as pa
import pyarrow.parquet as pq

place = sys.argv[1] + "/customers.parquet"
pq.write_table(pa.table({"customer": [1, 2, 3], "country": ["DE", "FR", None]}), place)
for how, what in (("not in", ["DE"]), ("!=", "DE")):
    print(how, pq.read_table(place, filters=[("country", how, what)])["customer"].to_pylist())
PY
)
printf 'pyarrow 26.0.1:\n%s\n' "$seen"
[ "$seen" = "not in [2, 3]
!= [2]" ] || { echo "changed"; exit 1; }
