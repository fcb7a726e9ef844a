"""Clusters by hand: scales, one rich customer, noise and luck

Notebook 04 of the workbench makes segments and judges them: does a scale decide, is there structure at all, would other
customers of the same shop lead to the same segments? Here you do it with scikit-learn and meet the workbench's
verdicts.

**k-means** finds k centres so that the squared distances of all customers to their nearest centre add up to as little
as possible. It always finds k of them, whatever the data. The **silhouette** of a customer compares the mean distance
a to the own segment with the mean distance b to the next one: (b - a) / max(a, b), from -1 to 1. The **adjusted Rand
index** compares two divisions of the same customers: 1 if they are equal, about 0 if they agree as much as by chance.

`shop.features` has four criteria per customer: recency_days, order_count, monetary and discount_share. Where k-means is
asked for, write `KMeans(n_clusters=k, n_init=10, random_state=0)`, so that your numbers can be compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from seglib.methods.quality import silhouette
from seglib.methods.stability import adjusted_rand, crossed
from seglib.methods.structure import structure
from seglib.teach.task import Task, kept, slip

NUMBER = "04"
OPENING = """
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from seglib import teach

shop, answer = teach.start("04")
shop.features.describe().round(1)
"""


class Scale(Task):
    """A scale that was forgotten

    Divide the customers of `shop.features` into four segments twice: once from the columns as they are, once after
    `StandardScaler`, which gives every column the mean 0 and the standard deviation 1.

    Hand over the adjusted Rand index of the two divisions (`ari`), and the name of the column that decides the division
    without scaling (`ruler`): of the four columns, the one of which the segments explain the largest share of variance.
    That share is the variance of `column.groupby(labels).transform("mean")` over the variance of the column.
    """

    number = "4.1"
    idea = (
        "Distances add up columns, so the column with the largest numbers decides, unless all are brought to one scale."
    )
    answers = ("ari", "ruler")
    about = 0.02
    hint = (
        "Fit KMeans on shop.features and on StandardScaler().fit_transform(shop.features); compare the labels_ of both."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        model = KMeans(n_clusters=4, n_init=10, random_state=0)
        raw = model.fit_predict(shop.features)
        scaled = model.fit_predict(StandardScaler().fit_transform(shop.features))
        answer.ari = adjusted_rand_score(raw, scaled)
        answer.ruler = (shop.features.groupby(raw).transform("mean").var() / shop.features.var()).idxmax()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        x = shop.features.to_numpy(float)
        z = (x - x.mean(axis=0)) / x.std(axis=0)
        model = KMeans(n_clusters=4, n_init=10, random_state=0)
        raw, scaled = (model.fit(each).labels_ for each in (x, z))
        return {"ari": adjusted_rand(crossed(raw, scaled, 4, 4)), "ruler": "monetary"}

    @slip(
        "Labels are only names: segment 0 of one division need not be segment 0 of the other. Use adjusted_rand_score."
    )
    def same_numbers(shop: Any, answer: Any) -> None:
        model = KMeans(n_clusters=4, n_init=10, random_state=0)
        raw = model.fit_predict(shop.features)
        answer.ari = (raw == model.fit_predict(StandardScaler().fit_transform(shop.features))).mean()
        answer.ruler = "monetary"

    @slip("Both divisions are from the same columns: the index is 1. One of them needs StandardScaler.")
    def twice_the_same(shop: Any, answer: Any) -> None:
        raw = KMeans(n_clusters=4, n_init=10, random_state=0).fit_predict(shop.features)
        answer.ari = adjusted_rand_score(raw, raw)
        answer.ruler = "monetary"

    @slip(
        "That column leads the division that was scaled. Compute the shares of variance with labels from raw columns."
    )
    def of_the_scaled(shop: Any, answer: Any) -> None:
        model = KMeans(n_clusters=4, n_init=10, random_state=0)
        raw = model.fit_predict(shop.features)
        scaled = model.fit_predict(StandardScaler().fit_transform(shop.features))
        answer.ari = adjusted_rand_score(raw, scaled)
        answer.ruler = (shop.features.groupby(scaled).transform("mean").var() / shop.features.var()).idxmax()

    @slip(
        "This column has large numbers too, but others have larger ones. Compute the share of variance of each column."
    )
    def the_days(shop: Any, answer: Any) -> None:
        model = KMeans(n_clusters=4, n_init=10, random_state=0)
        raw = model.fit_predict(shop.features)
        answer.ari = adjusted_rand_score(raw, model.fit_predict(StandardScaler().fit_transform(shop.features)))
        answer.ruler = "recency_days"


class Wholesaler(Task):
    """One customer as a segment

    `shop.with_wholesaler` has one customer more, who buys for a chain of shops. Take its column `monetary` alone, as a
    frame with one column, divide it into k = 2, 3, 4, 5 and 6 segments, and compute the mean silhouette of each with
    `silhouette_score`.

    Hand over the k with the highest silhouette (`best_k`), and the number of customers in its smallest segment
    (`smallest`). Then ask yourself whether you would call this a segmentation.
    """

    number = "4.2"
    idea = "A quality index can be highest where a segmentation is of no use: look at the sizes before the score."
    answers = ("best_k", "smallest")
    hint = (
        "Double brackets keep a frame: shop.with_wholesaler[['monetary']]. Count members with "
        "np.bincount(labels).min()."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        money = shop.with_wholesaler[["monetary"]]
        labels = {k: KMeans(n_clusters=k, n_init=10, random_state=0).fit_predict(money) for k in range(2, 7)}
        scores = {k: silhouette_score(money, each) for k, each in labels.items()}
        answer.best_k = max(scores, key=lambda k: scores[k])
        answer.smallest = np.bincount(labels[answer.best_k]).min()

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        money = shop.with_wholesaler["monetary"]
        alone = money > money.max() / 2
        return {"best_k": 2, "smallest": int(alone.sum())}

    @slip("You took the logarithm. That is a remedy; the task asks what happens without it.")
    def logarithm(shop: Any, answer: Any) -> None:
        money = np.log(shop.with_wholesaler[["monetary"]])
        labels = {k: KMeans(n_clusters=k, n_init=10, random_state=0).fit_predict(money) for k in range(2, 7)}
        scores = {k: silhouette_score(money, each) for k, each in labels.items()}
        answer.best_k = max(scores, key=lambda k: scores[k])
        answer.smallest = np.bincount(labels[answer.best_k]).min()

    @slip("This is the shop without the wholesaler. The frame with that customer is shop.with_wholesaler.")
    def without_the_wholesaler(shop: Any, answer: Any) -> None:
        money = shop.features[["monetary"]]
        labels = {k: KMeans(n_clusters=k, n_init=10, random_state=0).fit_predict(money) for k in range(2, 7)}
        scores = {k: silhouette_score(money, each) for k, each in labels.items()}
        answer.best_k = max(scores, key=lambda k: scores[k])
        answer.smallest = np.bincount(labels[answer.best_k]).min()


class Noise(Task):
    """Four segments in a cloud

    `shop.cloud` has 300 points that somebody divided into four segments and called natural. Compute the mean
    silhouette of k-means with four segments on it (`seen`). Then make nine clouds that surely have no groups: for each
    `n` from 0 to 8, `np.random.default_rng(n).normal(size=(300, 2))`, divide each into four in the same way, and
    take the highest of their nine silhouettes (`highest_of_noise`).

    Hand over both numbers and one word (`verdict`): `natural` if the cloud's silhouette is above all those of the
    noise by more than 0.03, else `constructed`. The workbench does the same with several families of twins, and
    prints that word.
    """

    number = "4.3"
    idea = "k-means divides anything. A score means something only beside the scores of data that have no groups."
    answers = ("seen", "highest_of_noise", "verdict")
    points = 3
    about = 0.004
    hint = "Put the cloud and the nine twins into one list and treat all ten alike; the first score is the cloud's."

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        clouds = [shop.cloud, *(np.random.default_rng(n).normal(size=(300, 2)) for n in range(9))]
        labels = [KMeans(n_clusters=4, n_init=10, random_state=0).fit_predict(points) for points in clouds]
        scores = [silhouette_score(points, part) for points, part in zip(clouds, labels, strict=True)]
        answer.seen, answer.highest_of_noise = scores[0], max(scores[1:])
        answer.verdict = "natural" if scores[0] > max(scores[1:]) + 0.03 else "constructed"

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        clouds = [shop.cloud.to_numpy(), *(np.random.default_rng(n).normal(size=(300, 2)) for n in range(9))]
        labels = [KMeans(n_clusters=4, n_init=10, random_state=0).fit_predict(each) for each in clouds]
        seen, *noise = (silhouette(squareform(pdist(x)), part) for x, part in zip(clouds, labels, strict=True))
        word = structure(clouds[0], seed=0, ks=[4], rows=250, twins=5).word
        return {"seen": seen, "highest_of_noise": max(noise), "verdict": word}

    @slip("A silhouette above 0.3 looks like something, but clouds without groups reach it too. Compare, then decide.")
    def taken_for_natural(shop: Any, answer: Any) -> None:
        found = kept(shop, "4.3 right", lambda: Noise.reference(shop))
        answer.seen, answer.highest_of_noise, answer.verdict = found["seen"], found["highest_of_noise"], "natural"

    @slip("Your twins are uniform in a box. The task asks for normal ones; both are worth a look, and they differ.")
    def uniform_twins(shop: Any, answer: Any) -> None:
        def four(points: Any) -> float:
            labels = KMeans(n_clusters=4, n_init=10, random_state=0).fit_predict(points)
            return float(silhouette_score(points, labels))

        answer.seen = four(shop.cloud)
        answer.highest_of_noise = max(four(np.random.default_rng(n).uniform(size=(300, 2))) for n in range(9))
        answer.verdict = "constructed"


class Stability(Task):
    """Stability in eight lines

    Would other customers of the same shop lead to the same segments? Scale `shop.features` with `StandardScaler` to
    `x`. Then, for each `seed` from 0 to 9: draw two bootstrap samples of rows (`rng.integers(len(x), size=len(x))`,
    twice, with `rng = np.random.default_rng(seed)`), fit k-means with six segments to each, let **both models label
    all rows of x** with `predict`, and take the adjusted Rand index of the two.

    Hand over the mean of the ten (`stability`). The workbench does the same with 50 pairs and a more thorough
    search.
    """

    number = "4.4"
    idea = (
        "A segmentation that another sample of the same customers would not repeat is not a fact about the customers."
    )
    answers = ("stability",)
    about = 0.02
    hint = (
        "Two samples, two models, one set of rows that both label: only then are the two labels about the same "
        "customers."
    )

    @staticmethod
    def solution(shop: Any, answer: Any) -> None:
        x = StandardScaler().fit_transform(shop.features)
        model, found = KMeans(n_clusters=6, n_init=10, random_state=0), []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            one = model.fit(x[rng.integers(len(x), size=len(x))]).predict(x)
            two = model.fit(x[rng.integers(len(x), size=len(x))]).predict(x)
            found.append(adjusted_rand_score(one, two))
        answer.stability = np.mean(found)

    @staticmethod
    def reference(shop: Any) -> dict[str, Any]:
        z = ((shop.features - shop.features.mean()) / shop.features.std(ddof=0)).to_numpy()
        found = []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            rows = [rng.integers(len(z), size=len(z)) for _ in range(2)]
            one, two = (KMeans(n_clusters=6, n_init=10, random_state=0).fit(z[each]).predict(z) for each in rows)
            found.append(adjusted_rand(crossed(one, two, 6, 6)))
        return {"stability": float(np.mean(found))}

    @slip("You compare the labels of two samples row by row, but the rows are different customers. Let both label x.")
    def different_rows(shop: Any, answer: Any) -> None:
        x = StandardScaler().fit_transform(shop.features)
        model, found = KMeans(n_clusters=6, n_init=10, random_state=0), []
        for seed in range(10):
            rng = np.random.default_rng(seed)
            one = model.fit_predict(x[rng.integers(len(x), size=len(x))])
            two = model.fit_predict(x[rng.integers(len(x), size=len(x))])
            found.append(adjusted_rand_score(one, two))
        answer.stability = np.mean(found)

    @slip(
        "Other starts on the same customers only show that the search is good. Draw other customers: bootstrap samples."
    )
    def other_starts(shop: Any, answer: Any) -> None:
        x = StandardScaler().fit_transform(shop.features)
        one = KMeans(n_clusters=6, n_init=10, random_state=0).fit_predict(x)
        two = KMeans(n_clusters=6, n_init=10, random_state=1).fit_predict(x)
        answer.stability = adjusted_rand_score(one, two)
