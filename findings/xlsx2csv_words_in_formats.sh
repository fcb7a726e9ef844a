#!/usr/bin/env bash
# xlsx2csv 0.8.6: an amount whose number format holds a word with a letter of dates (d, m, y, h, s), in quotes as Excel writes it, is
# replaced by that format with parts of a date in it; the amount is gone, with exit code 0 and no warning. Seen for the units below;
# openpyxl 3.1.5 and python-calamine 0.9.1, by which seglib reads workbooks, read 1234.5 each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check xlsx2csv==0.8.6 openpyxl==3.1.5 python-calamine==0.9.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import subprocess
import sys

import openpyxl
from python_calamine import CalamineWorkbook

formats = ['0.00', '#,##0.00 "hrs"', '#,##0 "days"', '#,##0.00 "DM"']
book = openpyxl.Workbook()
for row, form in enumerate(formats, 1):
    book.active.cell(row, 1, 1234.5).number_format = form
place = sys.argv[1] + "/amounts.xlsx"
book.save(place)
lines = subprocess.run([sys.argv[1] + "/bin/xlsx2csv", place], capture_output=True, text=True, check=True).stdout.splitlines()
calamine = [row[0] for row in CalamineWorkbook.from_path(place).get_sheet_by_index(0).iter_rows()]
plain = [row[0].value for row in openpyxl.load_workbook(place).active.iter_rows()]
for form, line, one, other in zip(formats, lines, calamine, plain, strict=True):
    print(form.replace('"', "'"), "->", line.replace('"', "'"), one, other)
PY
)
printf 'xlsx2csv 0.8.6, python-calamine 0.9.1, openpyxl 3.1.5:\n%s\n' "$seen"
[ "$seen" = "0.00 -> 1234.50 1234.5 1234.5
#,##0.00 'hrs' -> '#,##0.00 ''12rs''' 1234.5 1234.5
#,##0 'days' -> '#,##0 ''18ays''' 1234.5 1234.5
#,##0.00 'DM' -> '#,##0.00 ''1805''' 1234.5 1234.5" ] || { echo "changed"; exit 1; }
