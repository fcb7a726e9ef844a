"""Labelled sets of many shapes, and sets without groups: what a choice of method and number is measured on."""

from collections.abc import Callable

import numpy as np
from sklearn import datasets

Set = tuple[np.ndarray, np.ndarray]
Rng = np.random.Generator
SIZE = 100  # rows of a usual group


def blobs(rng: Rng, sizes: list[int], p: int = 2, apart: float = 6.0, spreads: tuple[float, ...] = (1.0,)) -> Set:
    """Round clouds whose centres lie at least `apart` times the largest spread from each other."""
    centres: list[np.ndarray] = []
    side = apart * max(spreads) * max(1.0, len(sizes) ** (1 / p)) / np.sqrt(p) * 1.2
    while len(centres) < len(sizes):
        new = rng.uniform(-side, side, p)
        if all(np.linalg.norm(new - old) >= apart * max(spreads) for old in centres):
            centres.append(new)
        side *= 1.01
    group = np.repeat(np.arange(len(sizes)), sizes)
    spread = np.resize(spreads, len(sizes))
    return np.array(centres)[group] + rng.normal(size=(len(group), p)) * spread[group][:, None], group


def turned(rng: Rng, points: Set, stretch: float) -> Set:
    """Stretch each cloud of a set along a direction of its own."""
    x, group = points[0].copy(), points[1]
    for each in np.unique(group):
        axis = rng.normal(size=x.shape[1])
        axis /= np.linalg.norm(axis)
        own = x[group == each]
        away = own - own.mean(axis=0)
        x[group == each] = own + (stretch - 1) * np.outer(away @ axis, axis)
    return x, group


def ring(rng: Rng, count: int, radius: float, width: float, middle: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Points around a circle."""
    angle = rng.uniform(0, 2 * np.pi, count)
    far = radius + rng.normal(0, width, count)
    return np.column_stack([middle[0] + far * np.cos(angle), middle[1] + far * np.sin(angle)])


def disc(rng: Rng, count: int, radius: float, middle: tuple[float, float]) -> np.ndarray:
    """Points spread evenly over a disc."""
    angle, far = rng.uniform(0, 2 * np.pi, count), radius * np.sqrt(rng.random(count))
    return np.column_stack([middle[0] + far * np.cos(angle), middle[1] + far * np.sin(angle)])


def box(rng: Rng, count: int, low: tuple[float, float], high: tuple[float, float]) -> np.ndarray:
    """Points spread evenly over a rectangle."""
    return rng.uniform(low, high, (count, 2))


def joined(*parts: np.ndarray) -> Set:
    """Put pieces together; each is a group."""
    return np.vstack(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def spirals(rng: Rng) -> Set:
    """Two arms around each other."""
    at = np.sqrt(rng.uniform(0.05, 1, 300)) * 3 * np.pi
    arm = np.column_stack([at * np.cos(at), at * np.sin(at)])
    return joined(arm[:150] + rng.normal(0, 0.25, (150, 2)), -arm[150:] + rng.normal(0, 0.25, (150, 2)))


def chain_links(rng: Rng) -> Set:
    """Two rings in space, one through the other."""
    one, two = ring(rng, 150, 1, 0.08), ring(rng, 150, 1, 0.08, (1.0, 0.0))
    flat, upright = np.insert(one, 2, rng.normal(0, 0.08, 150), 1), np.insert(two, 1, rng.normal(0, 0.08, 150), 1)
    return joined(flat, upright)


def shell(rng: Rng) -> Set:
    """A core in a hollow ball."""
    ball = rng.normal(size=(250, 3))
    ball *= (5 + rng.normal(0, 0.3, 250) / 1)[:, None] / np.linalg.norm(ball, axis=1)[:, None]
    return joined(rng.normal(0, 0.7, (150, 3)), ball)


def classes_of_answers(rng: Rng, k: int, p: int) -> Set:
    """Yes or no to questions; in each class every question has its own chance, near 0.1 or 0.9."""
    group = np.repeat(np.arange(k), SIZE)
    chance = np.where(rng.random((k, p)) < 0.5, 0.1, 0.9)
    return (rng.random((len(group), p)) < chance[group]).astype(float), group


def buyers(rng: Rng) -> Set:
    """Counts, money and days as shops have them: skewed, in three groups of unequal size."""
    group = np.repeat([0, 1, 2], [220, 120, 60])
    at = np.array([[0.3, 3.0, 5.3], [1.6, 4.4, 3.4], [2.9, 6.4, 2.3]])[group]
    return np.exp(at + rng.normal(0, 0.32, at.shape)), group


def with_noise(rng: Rng, points: Set, columns: int) -> Set:
    """Add columns that say nothing."""
    return np.column_stack([points[0], rng.normal(0, points[0].std(), (len(points[0]), columns))]), points[1]


def gradient(rng: Rng) -> Set:
    """Two rectangles, each denser towards the other."""
    one = np.column_stack([2 * np.sqrt(rng.random(200)), rng.uniform(0, 3, 200)])
    two = np.column_stack([4.5 - 2 * np.sqrt(rng.random(200)), rng.uniform(1, 4, 200)])
    return joined(one, two)


def heavy(rng: Rng) -> Set:
    """Four clouds with the tails of Student's t on four degrees of freedom."""
    group = np.repeat(np.arange(4), SIZE)
    middle = np.array([[0, 0], [11, 0], [0, 11], [11, 11]])[group]
    return middle + rng.standard_t(4, (len(group), 2)), group


def cross(rng: Rng) -> Set:
    """Two long clouds that cross."""
    one, two = rng.normal(size=(200, 2)) * [4, 0.35], rng.normal(size=(200, 2)) * [0.35, 4]
    return joined(one, two)


LEARNT: dict[str, Callable[[Rng], Set]] = {  # shapes on which the rule was made
    "three blobs": lambda r: blobs(r, [SIZE] * 3),
    "five blobs, five columns": lambda r: blobs(r, [SIZE] * 5, p=5),
    "spreads of one to four": lambda r: blobs(r, [SIZE] * 3, apart=4, spreads=(0.5, 1, 2)),
    "sizes of twenty to one": lambda r: blobs(r, [300, 80, 20]),
    "stretched blobs": lambda r: turned(r, blobs(r, [SIZE] * 3, apart=7), 4),
    "overlapping blobs": lambda r: blobs(r, [SIZE] * 4, p=3, apart=3.4),
    "three columns of noise": lambda r: with_noise(r, blobs(r, [SIZE] * 3, apart=7), 3),
    "twenty columns": lambda r: blobs(r, [SIZE] * 4, p=20, apart=7),
    "moons": lambda r: datasets.make_moons(400, noise=0.05, random_state=int(r.integers(2**31))),
    "noisy moons": lambda r: datasets.make_moons(400, noise=0.1, random_state=int(r.integers(2**31))),
    "circles": lambda r: datasets.make_circles(400, noise=0.05, factor=0.5, random_state=int(r.integers(2**31))),
    "spirals": spirals,
    "density of sixteen to one": lambda r: joined(
        r.normal(0, 0.4, (250, 2)), r.normal(0, 1.6, (120, 2)) + np.array([7, 0])
    ),
    "target": lambda r: joined(disc(r, 150, 1, (0, 0)), ring(r, 200, 4, 0.15)),
    "buyers": buyers,
    "answers of three classes": lambda r: classes_of_answers(r, 3, 10),
    "square and lines": lambda r: joined(
        box(r, 150, (0, 0), (3, 1)), box(r, 150, (0, 2), (1, 6)), disc(r, 100, 1, (4, 4))
    ),
    "cross": cross,
    "two in one column": lambda r: blobs(r, [150, 150], p=1, apart=5),
    "seven in space": lambda r: blobs(r, [60] * 7, p=3, apart=6),
    "heavy tails": heavy,
}
HELD: dict[str, Callable[[Rng], Set]] = {  # shapes that were looked at once the rule stood
    "two blobs": lambda r: blobs(r, [SIZE] * 2),
    "eight blobs, ten columns": lambda r: blobs(r, [60] * 8, p=10),
    "six blobs near each other": lambda r: blobs(r, [80] * 6, apart=4.5),
    "stretched blobs, four columns": lambda r: turned(r, blobs(r, [SIZE] * 4, p=4, apart=7), 4),
    "sizes of ten to one, six columns": lambda r: blobs(r, [250, 120, 50, 25], p=6),
    "eight columns of noise": lambda r: with_noise(r, blobs(r, [SIZE] * 3, p=3, apart=8), 8),
    "fifteen columns, six blobs": lambda r: blobs(r, [70] * 6, p=15, apart=6),
    "three rings": lambda r: joined(ring(r, 80, 1, 0.08), ring(r, 140, 2.4, 0.08), ring(r, 200, 4, 0.08)),
    "chain links": chain_links,
    "core and shell": shell,
    "two diamonds": lambda r: joined(
        box(r, 200, (-1, -1), (1, 1)) @ np.array([[0.7, 0.7], [-0.7, 0.7]]),
        box(r, 200, (-1, -1), (1, 1)) @ np.array([[0.7, 0.7], [-0.7, 0.7]]) + np.array([3.1, 0]),
    ),
    "gradient": gradient,
    "four lines": lambda r: joined(*[box(r, 90, (0, 2 * n), (9, 2 * n + 0.5)) for n in range(4)]),
    "discs of three sizes": lambda r: joined(
        disc(r, 220, 3, (0, 0)), disc(r, 50, 1, (-3.2, 3.6)), disc(r, 50, 1, (3.2, 3.6))
    ),
    "face": lambda r: joined(
        disc(r, 50, 0.4, (-1.2, 1.2)),
        disc(r, 50, 0.4, (1.2, 1.2)),
        ring(r, 260, 3.2, 0.1),
        box(r, 70, (-1.2, -1.6), (1.2, -1.2)),
    ),
    "a wide over a narrow cloud": lambda r: joined(
        r.normal(size=(200, 2)) * 2.2, r.normal(size=(200, 2)) * 0.6 + np.array([3.2, 1])
    ),
    "parallel clouds": lambda r: joined(*[r.normal(size=(120, 2)) * [4, 0.5] + np.array([0, 4 * n]) for n in range(3)]),
    "answers of four classes": lambda r: classes_of_answers(r, 4, 12),
    "skewed pairs": lambda r: (lambda x, g: (np.exp(0.45 * x), g))(*blobs(r, [160, 80, 40], p=3, apart=5)),
    "moon and blob": lambda r: joined(
        datasets.make_moons(300, noise=0.06, random_state=int(r.integers(2**31)))[0],
        r.normal(0, 0.2, (100, 2)) + np.array([3.2, 1]),
    ),
    "steps of size": lambda r: joined(*[r.normal(0, 0.3 * 2**n, (90, 2)) + np.array([5 * 2**n, 0]) for n in range(4)]),
    "correlated pairs": lambda r: joined(
        *[r.multivariate_normal([0, 3.2 * n, 0], [[4, 1.8, 0], [1.8, 1, 0], [0, 0, 1]], 130) for n in range(3)]
    ),
}


def real() -> dict[str, Set]:
    """The four sets with classes that scikit-learn brings; of the digits every third row."""
    found = {}
    for name in ("iris", "wine", "breast_cancer", "digits"):
        x, group = getattr(datasets, f"load_{name}")(return_X_y=True)
        found[name.replace("_", " ")] = (x[::3], group[::3]) if name == "digits" else (x, group)
    return found


def labelled(kinds: dict[str, Callable[[Rng], Set]], seed: int) -> dict[str, Set]:
    """Draw one set of every shape, its rows in any order."""
    found = {}
    for place, (name, make) in enumerate(kinds.items()):
        rng = np.random.default_rng([seed, place])
        x, group = make(rng)
        order = rng.permutation(len(x))
        found[name] = (np.asarray(x, dtype=float)[order], group[order])
    return found
