#!/usr/bin/env bash
# scipy 1.17.1: the distribution function of the noncentral t is nan far below its centre, where it is 0 for all purposes.
# statsmodels 0.15.0 adds that tail to the power of a two-sided t test, so the power of a test that cannot miss is nan:
# a difference of one standard deviation with 400 per group. One-sided at half the level it is 1, as in R's power.t.test.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check scipy==1.17.1 statsmodels==0.15.0 pandas==3.1.1

seen=$("$folder/bin/python" -W ignore - <<'PY'
from scipy import stats
from statsmodels.stats.power import TTestIndPower

power = TTestIndPower().power
print("lower tail", stats.nct.cdf(-1.96, 798, 14.1), "upper tail", stats.nct.sf(1.96, 798, 14.1))
print("two-sided", power(1.0, 400, 0.05), "larger", power(1.0, 400, 0.025, alternative="larger"))
PY
)
printf 'scipy 1.17.1, statsmodels 0.15.0:\n%s\n' "$seen"
[ "$seen" = "lower tail nan upper tail 1.0
two-sided nan larger 1.0" ] || { echo "changed"; exit 1; }
