#!/usr/bin/env bash
# clusteval 2.2.7: with k-means the clusters are numbered from -1, the number that means "in no cluster" to DBSCAN and to the pictures of the
# package itself. One is taken from the labels, as from those of a cut tree, which begin at 1; those of k-means begin at 0.
# Seen: four clear groups: the labels are -1 to 2 with k-means, and 0 to 3 with a tree.
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
np.random.seed(0)  # k-means draws from it
for cluster in ("kmeans", "agglomerative"):
    found = clusteval(cluster=cluster, evaluate="silhouette", max_clust=8, verbose="silent").fit(rows)
    print(cluster, sorted(int(label) for label in set(found["labx"])))
PY
)
printf 'clusteval 2.2.7:\n%s\n' "$seen"
[ "$seen" = "kmeans [-1, 0, 1, 2]
agglomerative [0, 1, 2, 3]" ] || { echo "changed"; exit 1; }
