#!/usr/bin/env bash
# gower 0.1.2: distances between two tables of equally many rows are taken for those within one: what stands above the diagonal
# is copied below it. A new customer then gets another nearest neighbour than with one row more in the same table.
# Seen: 0.5 between (5, 2) and (5, 2).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check gower==0.1.2 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import gower
import numpy as np

known = np.array([[1.0, 4.0], [5.0, 2.0]])
new = np.array([[5.0, 2.0], [3.0, 3.0]])
more = np.vstack([new, [1.0, 4.0]])
print("two and two rows:", gower.gower_matrix(known, new).tolist())
print("two and three rows:", gower.gower_matrix(known, more).tolist())
print("by hand:", [[float((abs(a - b) / [4.0, 2.0]).mean()) for b in new] for a in known])
PY
)
printf 'gower 0.1.2:\n%s\n' "$seen"
[ "$seen" = "two and two rows: [[1.0, 0.5], [0.5, 0.5]]
two and three rows: [[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]
by hand: [[1.0, 0.5], [0.0, 0.5]]" ] || { echo "changed"; exit 1; }
