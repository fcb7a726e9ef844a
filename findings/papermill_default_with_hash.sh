#!/usr/bin/env bash
# papermill 2.7.0: inspecting a notebook reads a default that holds a # only up to it, and the rest as help: a colour, a customer
# number, an address with an anchor. A default that holds a = is left out, with a warning. Running the notebook is not affected,
# so that a form or a page of parameters made from the inspection shows other defaults than those that run. Seen as printed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check papermill==2.7.0 nbformat==5.10.4

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import sys

import nbformat
from papermill import inspect_notebook

cell = nbformat.v4.new_code_cell('colour: str = "#ff0000"  # of the brand\nwhere = "a=b"\ndays: int = 90  # how long')
cell.metadata.tags = ["parameters"]
book = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}})
nbformat.write(book, sys.argv[1] + "/book.ipynb")
for found in inspect_notebook(sys.argv[1] + "/book.ipynb").values():
    print(found["name"], found["default"].replace('"', "'"), "|", found["help"].replace('"', "'"))
PY
)
printf 'papermill 2.7.0:\n%s\n' "$seen"
[ "$seen" = "colour ' | ff0000'  # of the brand
days 90 | how long" ] || { echo "changed"; exit 1; }
