#!/usr/bin/env bash
# samplics 0.6.1: weights that come as whole numbers go out as whole numbers. normalize(), poststratify() and rake() write what they
# computed for a group into a copy of the array that came in, which cuts what is behind the point. A sample whose weights are all 1 has such.
# Seen: three people each of groups of 5 and 4: weights of 1 give 1 for all, a sum of 6; weights of 1.0 give 1.667 and 1.333, a sum of 9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check samplics==0.6.1 numpy==2.2.6 pandas==2.3.3 scipy==1.17.1 polars==2.1.0 statsmodels==0.14.6

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import numpy as np
from samplics.weighting import SampleWeight

group = np.array(list("aaabbb"))
for one in (1, 1.0):
    weights = SampleWeight().poststratify([one] * 6, control={"a": 5, "b": 4}, domain=group)
    print(one, [round(float(weight), 3) for weight in weights], "sum", round(float(weights.sum()), 3))
PY
)
printf 'samplics 0.6.1:\n%s\n' "$seen"
[ "$seen" = "1 [1.0, 1.0, 1.0, 1.0, 1.0, 1.0] sum 6.0
1.0 [1.667, 1.667, 1.667, 1.333, 1.333, 1.333] sum 9.0" ] || { echo "changed"; exit 1; }
