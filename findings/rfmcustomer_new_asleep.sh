#!/usr/bin/env bash
# RFMCustomer 0.1.1: the newest customers are 'About to sleep'. The rules are asked in turn, and the one for
# that name takes every recency from 3 to 5 with few orders; 'Promising' and 'New customers' come after it and are never given.
# Seen: of 25 customers with recencies and numbers of orders of all kinds none gets either name; R of 5 with F of 1 is 'About to sleep'.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pandas==2.3.3 numpy==2.2.6 matplotlib==3.11.2
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps RFMCustomer==0.1.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from RFMCustomer import CustomerSegmentation

orders = [
    {"Customer ID": f"{recency}{number}", "Order ID": order, "Date": f"20250{recency}1{number}", "Sales": 10.0 * recency + number + order / 10}
    for recency in range(1, 6) for number in range(1, 6) for order in range(number)
]
table = CustomerSegmentation.RFMCustomer(pd.DataFrame(orders), "20250601", [0, 1, 2, 3])
print(table.loc["51", ["Recency", "Frequency", "R", "F", "Segment"]].to_dict())
print(sorted(table["Segment"].unique()))
PY
)
printf 'RFMCustomer 0.1.1:\n%s\n' "$seen"
[ "$seen" = "{'Recency': 21, 'Frequency': 1, 'R': 5, 'F': 1, 'Segment': 'About to sleep'}
['About to sleep', 'At Risk', \"Can't looser\", 'Champions', 'Hibernating', 'Loyal customers', 'Need attention', 'Potential loyalists']" ] || { echo "changed"; exit 1; }
