#!/usr/bin/env bash
# scikit-uplift 0.5.1: uplift_at_k cuts through customers of equal score in the order in which they stand in the table. A tree, or a
# model by segments, gives many customers one score: the same customers in another order then have another uplift of the best half.
# Seen: eight customers with one score, four of each group, give -1, 0 or 1, by their order alone, for both strategies.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check scikit-uplift==0.5.1 scikit-learn==1.5.2 pandas==2.2.3 numpy==2.2.6 scipy==1.17.1 matplotlib==3.11.2 requests==2.34.2 tqdm==4.70.1

seen=$("$folder/bin/python" -W ignore - <<'PY'
import numpy as np
from sklift.metrics import uplift_at_k

bought, treated, score = np.array([1, 1, 0, 0, 1, 1, 0, 0]), np.array([1, 1, 1, 1, 0, 0, 0, 0]), np.full(8, 0.5)
for order in ([0, 1, 6, 7, 2, 3, 4, 5], [0, 2, 4, 6, 1, 3, 5, 7], [2, 3, 4, 5, 0, 1, 6, 7]):
    print(*(uplift_at_k(bought[order], score, treated[order], way, k=0.5) for way in ("overall", "by_group")))
PY
)
printf 'scikit-uplift 0.5.1:\n%s\n' "$seen"
[ "$seen" = "-1.0 -1.0
0.0 0.0
1.0 1.0" ] || { echo "changed"; exit 1; }
