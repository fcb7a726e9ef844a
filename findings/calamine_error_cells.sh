#!/usr/bin/env bash
# python-calamine 0.9.1: a cell that holds an error value of Excel (#N/A, #DIV/0!) is read as an empty text, as a blank cell is.
# Seen: ['', ''] for #N/A and a blank; openpyxl 3.1.5 reads '#N/A' and None.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
"$folder/bin/python" - "$folder/book.xlsx" <<'PY'
import sys

import openpyxl
from python_calamine import CalamineWorkbook

book = openpyxl.Workbook()
book.active.append(["amount", "note"])
book.active.append([1, 2])
book.active["A2"].value, book.active["A2"].data_type, book.active["B2"].value = "#N/A", "e", None
book.active["C2"].value = 3
book.save(sys.argv[1])
row = list(CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).iter_rows())[1]
cells = [cell.value for cell in openpyxl.load_workbook(sys.argv[1]).active[2]]
print("python-calamine 0.9.1:", row[:2], "openpyxl 3.1.5:", cells[:2])
if row[:2] != ["", ""] or cells[:2] != ["#N/A", None]:
    sys.exit("changed: error values are told from blanks")
PY
