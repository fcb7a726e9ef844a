#!/usr/bin/env bash
# gower 0.1.2: a numeric column whose largest value is 0 counts for nothing in the distance, but still takes its share of the
# weights. Balances from -80 to 0 are such a column, and what was given back in a quarter in which one customer gave back nothing.
# Seen: 0.0 between -80 and 0; the same column plus 100 gives 1.0, and a distance by ranges does not depend on that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check gower==0.1.2 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import gower
import numpy as np

balance = np.array([[-80.0], [-40.0], [0.0]])
print("as it is:", gower.gower_matrix(balance).tolist())
print("plus 100:", gower.gower_matrix(balance + 100).tolist())
PY
)
printf 'gower 0.1.2:\n%s\n' "$seen"
[ "$seen" = "as it is: [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
plus 100: [[0.0, 0.5, 1.0], [0.5, 0.0, 0.5], [1.0, 0.5, 0.0]]" ] || { echo "changed"; exit 1; }
