#!/usr/bin/env bash
# pandas-cohort 0.0.5: after df.cohort.retention(..., country=...) every later call on the same table answers for that country. The call
# replaces the table that the accessor holds by its filtered copy, and pandas keeps the accessor.
# Seen: a quarter of four customers came back in the second month. Asked for one country first, the same call says that all did.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check pandas-cohort==0.0.5 pandas==2.3.3 numpy==2.2.6

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
import pandas_cohort  # noqa: F401

orders = pd.DataFrame({"user": [1, 1, 2, 3, 4], "country": ["DE", "DE", "FR", "FR", "FR"],
                       "day": ["2025-01-05", "2025-02-05", "2025-01-09", "2025-01-20", "2025-01-20"]})  # fmt: skip
print("all", orders.copy().cohort.retention("user", "day")["Month 2"].tolist())
print("DE", orders.cohort.retention("user", "day", country="DE")["Month 2"].tolist())
print("all", orders.cohort.retention("user", "day")["Month 2"].tolist())
PY
)
printf 'pandas-cohort 0.0.5:\n%s\n' "$seen"
[ "$seen" = "all [25.0]
DE [100.0]
all [100.0]" ] || { echo "changed"; exit 1; }
