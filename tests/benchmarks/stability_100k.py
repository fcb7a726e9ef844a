"""Planted customers: compare two to eight segments, or six segments beside R's clusterboot; one process each."""

import csv
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.clustering import compare
from seglib.core.engine import Engine
from seglib.core.sections import Clustering
from seglib.criteria import Features
from seglib.methods.clusterers import assign, kmeans
from seglib.methods.quality import sample
from seglib.methods.stability import stability

USE = tuple(f"criterion_{n}" for n in range(8))
FIT_ROWS = 5_000  # as plan.yml's clustering.sample_rows


def planted(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw customers in six overlapping groups of eight criteria, and the group of each."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(6, 8)) * 1.6
    group = rng.choice(6, rows, p=[0.3, 0.2, 0.2, 0.15, 0.1, 0.05])
    return centres[group] + rng.normal(size=(rows, 8)), group


def generate(folder: Path, rows: int) -> None:
    """Write the customers for R."""
    pd.DataFrame(planted(rows)[0], columns=list(USE)).to_csv(folder / f"{rows}.csv", index=False)


def boot(folder: Path, rows: int) -> dict[str, float]:
    """Six segments with 50 bootstrap samples, and how near their members are to the planted ones."""
    x = pd.read_csv(folder / f"{rows}.csv").to_numpy()
    started, processor = time.perf_counter(), time.process_time()
    learnt = x[sample(rows, FIT_ROWS, seed=0)]
    fit = kmeans(learnt, 6, seed=0)
    stability(x, fit, seed=0, pairs=25)
    labels = assign(x, fit.centres)
    spent = {"seconds": time.perf_counter() - started, "processor": time.process_time() - processor}
    with (folder / f"{rows}.csv.labels").open(encoding="utf-8") as file:
        theirs = [int(row["label"]) for row in csv.DictReader(file)]
    group = planted(rows)[1]
    return {**spent, "ours": adjusted_rand_score(group, labels), "theirs": adjusted_rand_score(group, theirs)}


def full(rows: int) -> dict[str, float]:
    """Compare k = 2 to 8 with 50 bootstrap pairs each, choose, and label everybody in the engine."""
    x, group = planted(rows)
    frame = pd.DataFrame(x, columns=list(USE)).assign(
        customer=[f"{n:07d}" for n in range(rows)], recency_days=1, order_count=1, monetary_minor=100
    )
    names = [name for name in frame.columns if name != "customer"]
    catalogue = pd.DataFrame({"name": names, "unit": "number", "missing_share": 0.0, "median": 0.0})
    features = Features(Engine.open().memory(frame), catalogue, USE, rows, "EUR", 100, ())
    started, processor = time.perf_counter(), time.process_time()
    candidates = compare(features, Clustering(), seed=0)
    compared = time.perf_counter() - started
    chosen = candidates.pick()
    labels = chosen.labels.to_pandas().sort_values("customer")["segment"]
    return {
        "seconds": time.perf_counter() - started,
        "compare_seconds": compared,
        "processor": time.process_time() - processor,
        "k": chosen.k,
        "ari": adjusted_rand_score(group, labels),
    }


def main() -> None:
    """Print the figures of one task as JSON."""
    task, rows = sys.argv[1], int(sys.argv[2])
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else Path()
    if task == "generate":
        generate(folder, rows)
        return
    figures = full(rows) if task == "full" else boot(folder, rows)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({**figures, "peak_mb": peak_mb}) + "\n")


if __name__ == "__main__":
    main()
