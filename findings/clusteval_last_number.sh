#!/usr/bin/env bash
# clusteval 2.2.7: max_clust, documented as the largest number of clusters, is not tried; the last one is one less.
# Seen: four clear groups and max_clust=4: three clusters, with a silhouette of 0.614; with max_clust=5 four, with 0.803.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check clusteval==2.2.7 colourmap==1.2.1 datazets==1.1.4 df2onehot==1.2.3 matplotlib==3.11.2 pypickle==2.0.2 scatterd==1.4.2 scikit-learn==1.7.2 scipy==1.17.1 seaborn==0.13.2 tqdm==4.70.1 numpy==2.2.6 pandas==2.3.3

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import numpy as np
from clusteval import clusteval

random = np.random.RandomState(0)
rows = np.concatenate([random.normal(centre, 1, (25, 2)) for centre in ([0, 0], [10, 0], [0, 10], [10, 10])])
for most in (4, 5):
    found = clusteval(cluster="agglomerative", evaluate="silhouette", linkage="ward", max_clust=most, verbose="silent").fit(rows)
    print(most, "found", len(set(found["labx"])), "tried", found["score"]["clusters"].tolist(), round(float(found["score"]["score"].max()), 3))
PY
)
printf 'clusteval 2.2.7:\n%s\n' "$seen"
[ "$seen" = "4 found 3 tried [2, 3] 0.614
5 found 4 tried [2, 3, 4] 0.803" ] || { echo "changed"; exit 1; }
