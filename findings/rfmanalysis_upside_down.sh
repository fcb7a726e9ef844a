#!/usr/bin/env bash
# rfmanalysis 0.2.0: the names of the segments are upside down. The scores give 1 to the best quarter and 4 to the worst, the names take a
# high sum for a good one.
# Seen: of eight customers the one with the latest, the most and the dearest orders is 111, "Demands Activation"; the one with a single
# order of 11.11, the longest ago, is 444, "Can't Lose Them", and top_customers() puts customers of 444 first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check rfmanalysis==0.2.0 pandas==2.3.3 numpy==2.2.6 matplotlib==3.11.2 seaborn==0.13.2 squarify==0.4.5

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from rfmanalysis import RFMAnalysis

orders = pd.DataFrame([(customer, 100 / (customer + 1)) for customer in range(1, 9) for _ in range(9 - customer)], columns=["customer", "paid"])
orders["day"] = pd.Timestamp("2025-06-30") - pd.to_timedelta(10 * orders["customer"], unit="D")
analysis = RFMAnalysis(orders, "customer", "day", "paid")
analysis.process_data()
named = analysis.rfm_data.set_index("customer")
print(named.loc[[1, 8], ["Recency", "Frequency", "Monetary", "RFM_Segment", "Segment_Name"]].round(2).to_csv().strip())
analysis.top_customers()
print("first:", analysis.rfm_data["RFM_Segment"].iloc[0])
PY
)
printf 'rfmanalysis 0.2.0:\n%s\n' "$seen"
[ "$seen" = "customer,Recency,Frequency,Monetary,RFM_Segment,Segment_Name
1,0,8,400.0,111,Demands Activation
8,70,1,11.11,444,Can't Lose Them
first: 444" ] || { echo "changed"; exit 1; }
