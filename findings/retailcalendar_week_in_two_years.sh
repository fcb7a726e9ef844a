#!/usr/bin/env bash
# retailcalendar 1.0.0: a quarter of the 4-5-4 years begins a week too early, and that week belongs to two years. Unless the year before had 53
# weeks, the Sunday on or before the first of February is taken, though it be six days before; the NRF takes the nearest one.
# Seen: the months of 2024 end on 2025-02-01, as the NRF's do; 2025 begins on 2025-01-26 instead of 2025-02-02, and by its last day 2024 has
# 51 weeks. Of the years from 2001 to 2040 10 do not begin on the Sunday next to the first of February.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check retailcalendar==1.0.0 rich==15.0.0 click==8.5.1 PyYAML==6.0.4

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
from datetime import date, timedelta

from retailcalendar import Cal454

year = Cal454(2024)
print("2024:", year.month_start_dates()[0], "to", year.month_end_dates()[-1], "or to", Cal454.year_end_date(2024))
print("2025:", Cal454.year_start_date(2025))
near = [[date(year, 2, 1) + timedelta(days) for days in range(-3, 4)] for year in range(2001, 2041)]
sundays = [day for days in near for day in days if day.isoweekday() == 7]
print("others:", sum(Cal454.year_start_date(day.year) != day for day in sundays), "of", len(sundays))
PY
)
printf 'retailcalendar 1.0.0:\n%s\n' "$seen"
[ "$seen" = "2024: 2024-02-04 to 2025-02-01 or to 2025-01-25
2025: 2025-01-26
others: 10 of 40" ] || { echo "changed"; exit 1; }
