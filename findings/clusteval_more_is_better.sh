#!/usr/bin/env bash
# clusteval 2.2.7: what it calls the Davies-Bouldin index is the largest ratio of all pairs divided by the number of clusters, where the index
# is the mean over clusters of the largest of each. Many clusters are divided by much, and the number that is found tends to the largest.
# Seen: three clear groups of thirty. The same tree of Ward, cut into 2 to 14: clusteval takes 14, by scikit-learn's index 3 is best.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check clusteval==2.2.7 colourmap==1.2.1 datazets==1.1.4 df2onehot==1.2.3 matplotlib==3.11.2 pypickle==2.0.2 scatterd==1.4.2 scikit-learn==1.7.2 scipy==1.17.1 seaborn==0.13.2 tqdm==4.70.1 numpy==2.2.6 pandas==2.3.3

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import numpy as np
from clusteval import clusteval
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import davies_bouldin_score

random = np.random.RandomState(0)
rows = np.concatenate([random.normal(centre, 1, (30, 2)) for centre in ([0, 0], [10, 0], [5, 9])])
found = clusteval(cluster="agglomerative", evaluate="dbindex", linkage="ward", max_clust=15, verbose="silent").fit(rows)
tree = linkage(rows, "ward")
index = {count: davies_bouldin_score(rows, fcluster(tree, count, "maxclust")) for count in range(2, 15)}
scores = dict(zip(found["score"]["clusters"], found["score"]["score"].astype(float)))
print("clusteval", len(set(found["labx"])), "at 3:", round(scores[3], 3), "at 14:", round(scores[14], 3))
print("scikit-learn", min(index, key=index.get), "at 3:", round(float(index[3]), 3), "at 14:", round(float(index[14]), 3))
PY
)
printf 'clusteval 2.2.7:\n%s\n' "$seen"
[ "$seen" = "clusteval 14 at 3: 0.087 at 14: 0.067
scikit-learn 3 at 3: 0.255 at 14: 0.752" ] || { echo "changed"; exit 1; }
