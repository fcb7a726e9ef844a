#!/usr/bin/env bash
# xlsx2csv 0.8.6: what a share becomes depends on how many places its cell shows. With 0% it is rounded to whole percent and gets a
# sign, with 0.0% it is rounded to a thousandth without one. Conversion rates of one column are then text and numbers, a factor of
# 100 apart, and 3.71 % is 4 %. Seen: 4% and 0.037 for the same number.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check xlsx2csv==0.8.6 openpyxl==3.1.5

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import subprocess
import sys

import openpyxl

book = openpyxl.Workbook()
for row, form in enumerate(("General", "0%", "0.0%", "0.00%"), 1):
    book.active.cell(row, 1, 0.0371).number_format = form
    book.active.cell(row, 2, form)
place = sys.argv[1] + "/shares.xlsx"
book.save(place)
print(subprocess.run([sys.argv[1] + "/bin/xlsx2csv", place], capture_output=True, text=True, check=True).stdout)
PY
)
printf 'xlsx2csv 0.8.6:\n%s\n' "$seen"
[ "$seen" = "0.0371,General
4%,0%
0.037,0.0%
3.71%,0.00%" ] || { echo "changed"; exit 1; }
