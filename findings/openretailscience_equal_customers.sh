#!/usr/bin/env bash
# openretailscience 0.48.1: customers with the same history get every score from worst to best, by customer number: equal values are
# put in order by the number and cut into equal parts. Of ten that bought once, on one day, for the same money, two are the best on
# all three counts. HMLSegmentation calls them light, medium and heavy. Seen as printed; seglib gives equal customers equal values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check openretailscience==0.48.1 ibis-framework==12.0.0 duckdb==1.5.6 sqlglot==30.17.0 pandas==2.3.3 pyarrow==25.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from openretailscience.segmentation.hml import HMLSegmentation
from openretailscience.segmentation.rfm import RFMSegmentation

orders = pd.DataFrame({"customer_id": range(1, 11), "transaction_id": range(1, 11), "unit_spend": 25.0})
orders["transaction_date"] = pd.Timestamp("2025-03-01")
scores = RFMSegmentation(orders, current_date="2025-03-31", r_segments=5, f_segments=5, m_segments=5).df.sort_index()
print(scores["rfm_segment"].tolist())
print(HMLSegmentation(orders).df.sort_index()["segment_name"].tolist())
PY
)
printf 'openretailscience 0.48.1:\n%s\n' "$seen"
[ "$seen" = "[0, 0, 111, 111, 222, 222, 333, 333, 444, 444]
['Light', 'Light', 'Light', 'Light', 'Light', 'Medium', 'Medium', 'Medium', 'Heavy', 'Heavy']" ] || { echo "changed"; exit 1; }
