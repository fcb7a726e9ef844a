"""Purchase model of 200,000 customers: seconds to fit and to score, beside two public packages.

`python tests/benchmarks/lifetime_200k.py [python with lifetimes and pymc-marketing]` prints one JSON line per package.
Each is a process of its own and they take turns, so that a busy machine slows all alike. The peers are not installed
by this project: give the interpreter of a throw-away environment, or nothing to measure seglib alone.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

CUSTOMERS, WEEKS, TURNS = 200_000, 52.0, 3


def generate(path: Path) -> None:
    """Let customers order and stop as BG/NBD says: r=0.6, alpha=6 weeks, a=0.9, b=1.8; observed for 20 to 60 weeks."""
    rng, n = np.random.default_rng(1), CUSTOMERS
    age, rate, stop = rng.uniform(20, 60, n), rng.gamma(0.6, 1 / 6, n), rng.beta(0.9, 1.8, n)
    count, last, active = np.zeros(n), np.zeros(n), np.ones(n, bool)
    while active.any():
        moment = last + rng.exponential(1 / np.maximum(rate, 1e-12))
        ordered = active & (moment <= age)
        count, last = count + ordered, np.where(ordered, moment, last)
        active = ordered & (rng.random(n) > stop)
    pd.DataFrame({"frequency": count, "recency": last, "T": age}).to_csv(path, index=False)


def seglib(rows: pd.DataFrame) -> dict[str, Any]:
    """The project's own BG/NBD model."""
    from seglib.methods.purchases import expected_orders, fit_bgnbd, probability_alive

    names = {"frequency": "repeat_count", "recency": "last_purchase_weeks", "T": "age_weeks"}
    seen = rows.rename(columns=names)
    fitted, model = timed(lambda: fit_bgnbd(seen))
    scored, total = timed(lambda: (expected_orders(model, seen, WEEKS).sum(), probability_alive(model, seen))[0])
    return fitted | {f"score_{key}": value for key, value in scored.items()} | parameters(
        model.r, model.alpha_weeks, model.a, model.b, total
    )  # fmt: skip


def lifetimes(rows: pd.DataFrame) -> dict[str, Any]:
    """The package lifetimes (archived)."""
    from lifetimes import BetaGeoFitter

    fitter, columns = BetaGeoFitter(), [rows[name] for name in ("frequency", "recency", "T")]
    fitted, _ = timed(lambda: fitter.fit(*columns))
    scored, total = timed(
        lambda: (
            fitter.conditional_expected_number_of_purchases_up_to_time(WEEKS, *columns).sum(),
            fitter.conditional_probability_alive(*columns),
        )[0]
    )
    found = (fitter.params_[name] for name in ("r", "alpha", "a", "b"))
    return fitted | {f"score_{key}": value for key, value in scored.items()} | parameters(*found, total)


def pymc(rows: pd.DataFrame) -> dict[str, Any]:
    """The package pymc-marketing, at its maximum a posteriori with flat priors."""
    from pymc_extras.prior import Prior
    from pymc_marketing import clv

    flat = {name: Prior("HalfFlat") for name in ("a", "b", "alpha", "r")}
    data = rows.assign(customer_id=np.arange(len(rows)))
    model = clv.BetaGeoModel(model_config=flat)
    model.build_model(data)
    fitted, _ = timed(lambda: model.fit(method="map"))
    scored, total = timed(
        lambda: (
            float(model.expected_purchases(data=data, future_t=WEEKS).sum()),
            model.expected_probability_alive(data=data),
        )[0]
    )
    found = (float(model.fit_result[name].mean()) for name in ("r", "alpha", "a", "b"))
    return fitted | {f"score_{key}": value for key, value in scored.items()} | parameters(*found, total)


def timed(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds of the clock and of the processor, and what the work returned."""
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    return {"seconds": time.perf_counter() - wall, "processor": time.process_time() - processor}, found


def parameters(r: float, alpha: float, a: float, b: float, total: float) -> dict[str, float]:
    """What must agree between packages."""
    return {"r": float(r), "alpha": float(alpha), "a": float(a), "b": float(b), "expected_total": float(total)}


PACKAGES = {function.__name__: function for function in (seglib, lifetimes, pymc)}


def main(peers: str) -> None:
    """Let the packages take turns and write the medians."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "purchases.csv"
        generate(path)
        commands = {"seglib": sys.executable} | (dict.fromkeys(("lifetimes", "pymc"), peers) if peers else {})
        seen: dict[str, list[dict[str, float]]] = {package: [] for package in commands}
        for _ in range(TURNS):
            for package, python in commands.items():
                done = subprocess.run(
                    [python, "-W", "ignore", __file__, package, str(path)], capture_output=True, text=True, check=False
                )
                if done.returncode:
                    sys.stderr.write(f"{package} failed:\n{done.stderr[-1500:]}\n")
                    continue
                seen[package].append(json.loads(done.stdout.splitlines()[-1]))
    for package, figures in seen.items():
        if figures:
            middle = {key: round(median(figure[key] for figure in figures), 4) for key in figures[0]}
            sys.stdout.write(json.dumps({"package": package} | middle) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.stdout.write(json.dumps(PACKAGES[sys.argv[1]](pd.read_csv(sys.argv[2]))) + "\n")
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else "")
