#!/usr/bin/env bash
# deltalake 1.6.6: an empty text in a partition column is a null for to_pyarrow_table and an empty text for the SQL of the same
# package; without partitions it is a text for both. Customers of no country are then one group or two, whichever way is asked.
# Seen: of DE, '' and FR, to_pyarrow_table filters two rows by != 'DE' without partitions and one with them; SQL two and two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==25.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import sys

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder, write_deltalake

rows = pa.table({"customer": [1, 2, 3], "country": ["DE", "", "FR"]})
for name, partitions in (("plain", None), ("partitioned", ["country"])):
    place = sys.argv[1] + "/" + name
    write_deltalake(place, rows, partition_by=partitions)
    table = DeltaTable(place)
    read = dict(zip(*(table.to_pyarrow_table()[column].to_pylist() for column in ("customer", "country")), strict=True))
    arrow = table.to_pyarrow_table(filters=[("country", "!=", "DE")]).num_rows
    answer = QueryBuilder().register("orders", table).execute("select customer from orders where country <> 'DE'").read_all()
    print(name, "country of customer 2:", repr(read[2]), "arrow finds", arrow, "SQL finds", pa.table(answer).num_rows)
PY
)
printf 'deltalake 1.6.6:\n%s\n' "$seen"
[ "$seen" = "plain country of customer 2: '' arrow finds 2 SQL finds 2
partitioned country of customer 2: None arrow finds 1 SQL finds 2" ] || { echo "changed"; exit 1; }
