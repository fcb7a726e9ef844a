#!/usr/bin/env bash
# openretailscience 0.48.1: the date as of which RFMSegmentation scores does not end the orders. What was bought after it counts in
# frequency and money, and makes the days since the last order negative, which is the best recency of all. Scores for a past quarter
# are then made of the quarters that followed. Seen: -71 days and 510 as of 31 March, of which 500 were spent in June.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check openretailscience==0.48.1 ibis-framework==12.0.0 duckdb==1.5.6 sqlglot==30.17.0 pandas==2.3.3 pyarrow==25.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from openretailscience.segmentation.rfm import RFMSegmentation

orders = pd.DataFrame({"customer_id": [1, 1, 2, 3], "transaction_id": [1, 2, 3, 4], "unit_spend": [10.0, 500.0, 20.0, 30.0]})
orders["transaction_date"] = pd.to_datetime(["2025-01-10", "2025-06-10", "2025-02-10", "2025-03-10"])
scores = RFMSegmentation(orders, current_date="2025-03-31", r_segments=3, f_segments=3, m_segments=3).df.sort_index()
for who, row in scores.iterrows():
    print(who, "days", int(row.recency_days), "orders", int(row.frequency), "money", row.monetary, "score", int(row.r_score))
PY
)
printf 'openretailscience 0.48.1:\n%s\n' "$seen"
[ "$seen" = "1 days -71 orders 2 money 510.0 score 2
2 days 49 orders 1 money 20.0 score 0
3 days 21 orders 1 money 30.0 score 1" ] || { echo "changed"; exit 1; }
