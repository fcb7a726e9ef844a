#!/usr/bin/env bash
# rfm 1.0.9: of an amount with a zero behind the point, 10.05 or 100.09, the last two characters are cut off before it is a number,
# so cents below ten are lost from the money of a customer; and two orders of one customer, day and amount count once.
# Seen: 10.0 for 10.05, 100.0 for 100.09, 7.25 for 7.25, and one order of 25 instead of two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check rfm==1.0.9 pandas==2.3.3 numpy==2.4.6 matplotlib==3.11.2

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from rfm import RFM

paid = {"ann": [10.05], "bob": [100.09], "cat": [7.25], "dan": [25.0, 25.0], "eve": [3.5]}
orders = pd.DataFrame([(who, "2025-03-01", one) for who, each in paid.items() for one in each], columns=["who", "date", "amount"])
table = RFM(orders, "who", "date", "amount").rfm_table.set_index("who").sort_index()
for who, each in paid.items():
    print(who, "paid", sum(each), "rfm", table.monetary_value[who], "orders", len(each), "rfm", table.frequency[who])
PY
)
printf 'rfm 1.0.9:\n%s\n' "$seen"
[ "$seen" = "ann paid 10.05 rfm 10.0 orders 1 rfm 1
bob paid 100.09 rfm 100.0 orders 1 rfm 1
cat paid 7.25 rfm 7.25 orders 1 rfm 1
dan paid 50.0 rfm 25.0 orders 2 rfm 1
eve paid 3.5 rfm 3.5 orders 1 rfm 1" ] || { echo "changed"; exit 1; }
