#!/usr/bin/env bash
# lifetimes 0.11.3: the last day of the calibration, documented as included, is cut at midnight as soon as the orders carry a time
# of day; what was bought on that day goes into the hold-out. The summary up to the same day counts it. Seen: a customer who came back
# at nine o'clock on the last day has no repeat purchase in the calibration and two after it; with dates alone one and one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check lifetimes==0.11.3 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1 autograd==1.9.1 dill==0.4.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from lifetimes.utils import calibration_and_holdout_data, summary_data_from_transaction_data

orders = pd.DataFrame({"customer": [1, 1, 1], "at": pd.to_datetime(["2025-01-01 10:00", "2025-06-30 09:00", "2025-07-10 12:00"])})
dates = orders.assign(at=orders["at"].dt.normalize())
for name, table in (("times", orders), ("dates", dates)):
    both = calibration_and_holdout_data(table, "customer", "at", "2025-06-30", "2025-12-31").loc[1]
    one = summary_data_from_transaction_data(table, "customer", "at", observation_period_end="2025-06-30").loc[1]
    print(name, "calibration", both["frequency_cal"], "hold-out", both["frequency_holdout"], "summary", one["frequency"])
PY
)
printf 'lifetimes 0.11.3:\n%s\n' "$seen"
[ "$seen" = "times calibration 0.0 hold-out 2.0 summary 1.0
dates calibration 1.0 hold-out 1.0 summary 1.0" ] || { echo "changed"; exit 1; }
