#!/usr/bin/env bash
# rfm-segmentation 0.1.0: the score does not depend on what was paid. The part for money, 57 percent of it, is taken from the rank by number
# of orders, divided by the largest rank by money.
# Seen: three customers with an order each on the same day, for 10, 20 and 500: the same score and the same segment for all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check rfm-segmentation==0.1.0 pandas==2.3.3 numpy==2.2.6 plotly==7.1.0

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from rfm_segmentation.rfm_segmentation import rfm_score_generator

orders = pd.DataFrame({"order": [1, 2, 3], "customer": [1, 2, 3], "day": ["01.03.2025"] * 3, "paid": [10.0, 20.0, 500.0]})
scores = rfm_score_generator(orders, "paid", "day", "customer", "order")
print(scores[["paid", "M_rank", "M_rank_norm", "RFM_Score", "Customer_segment"]].to_csv(index=False).strip())
PY
)
printf 'rfm-segmentation 0.1.0:\n%s\n' "$seen"
[ "$seen" = "paid,M_rank,M_rank_norm,RFM_Score,Customer_segment
10.0,1.0,66.67,4.05,High value
20.0,2.0,66.67,4.05,High value
500.0,3.0,66.67,4.05,High value" ] || { echo "changed"; exit 1; }
