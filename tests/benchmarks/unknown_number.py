"""Labelled sets divided with unknown method and number: our choice beside those that scikit-learn makes.

python tests/benchmarks/unknown_number.py SEED  (from the root of the repository; about ten seconds a set)
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import HDBSCAN, AffinityPropagation, AgglomerativeClustering, KMeans, MeanShift
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from seglib.methods.segmenting import segment

KS = range(2, 9)


def of_scikit_learn(given: np.ndarray) -> dict[str, np.ndarray]:
    """Labels by every usual way to choose the number, on standardised columns."""
    x = StandardScaler().fit_transform(given)
    means = [KMeans(k, n_init=5, random_state=0).fit_predict(x) for k in KS]
    trees = [AgglomerativeClustering(k).fit_predict(x) for k in KS]
    clouds = [GaussianMixture(k, random_state=0, reg_covar=1e-3, max_iter=300).fit(x) for k in range(1, 9)]
    return {
        "k-means, silhouette": max(means, key=lambda labels: silhouette_score(x, labels)),
        "agglomerative, silhouette": max(trees, key=lambda labels: silhouette_score(x, labels)),
        "Gaussian mixture, BIC": min(clouds, key=lambda model: model.bic(x)).predict(x),
        "HDBSCAN": HDBSCAN(copy=True).fit_predict(x),
        "mean shift": MeanShift().fit_predict(x),
        "affinity propagation": _affinity(x),
    }


def _affinity(x: np.ndarray) -> np.ndarray:
    """Propagate affinity; where it does not converge, which it warns of, it is judged by the labels that it gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(AffinityPropagation(random_state=0).fit_predict(x))


def compared(seed: int) -> pd.DataFrame:
    """Adjusted Rand index of each set by each way; ours by the data, and by k-means only."""
    from benchmarks.shapes import HELD, LEARNT, labelled, real

    sets = {"made on": labelled(LEARNT, seed), "held back": labelled(HELD, seed), "scikit-learn's": real()}
    rows = []
    for kind, each in sets.items():
        for name, (x, group) in each.items():
            ours, means = segment(x, pairs=4), segment(x, method="kmeans", pairs=10)
            labels = {"ours": ours.labels, "ours, k-means only": means.labels, **of_scikit_learn(x)}
            scores = {way: adjusted_rand_score(group, found) for way, found in labels.items()}
            rows.append({"kind": kind, "set": name, "by": ours.method.split(" on ")[0], "k": ours.k, **scores})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    table = compared(int(sys.argv[1]))
    mean = table.groupby("kind").mean(numeric_only=True).assign(k=np.nan).T.dropna()
    sys.stdout.write(f"{table.round(2).to_string()}\n{mean.assign(all=table.mean(numeric_only=True)).round(3)}\n")
