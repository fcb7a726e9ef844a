#!/usr/bin/env bash
# pandera 0.35.0: drop_invalid_rows drops by label of the index. After two exports were put one below the other the labels repeat, and
# each invalid row takes valid ones of the same label with it, without a word. Seen: of four orders, one below zero, two are left;
# with labels of their own three. seglib lets pandera check tables in the engine and drop nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check 'pandera[pandas]==0.35.0' pandas==3.1.1 numpy==2.4.6

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
import pandera.pandas as pa

orders = pd.concat([pd.DataFrame({"amount": [10.0, -1.0]}), pd.DataFrame({"amount": [20.0, 30.0]})])
schema = pa.DataFrameSchema({"amount": pa.Column(float, pa.Check.ge(0))}, drop_invalid_rows=True)
print("labels repeat:", schema.validate(orders, lazy=True)["amount"].tolist())
print("labels of their own:", schema.validate(orders.reset_index(drop=True), lazy=True)["amount"].tolist())
PY
)
printf 'pandera 0.35.0:\n%s\n' "$seen"
[ "$seen" = "labels repeat: [10.0, 20.0]
labels of their own: [10.0, 20.0, 30.0]" ] || { echo "changed"; exit 1; }
