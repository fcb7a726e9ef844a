#!/usr/bin/env bash
# ipfn 1.4.4: a group of the population that nobody of the sample is in ends the fitting of a data frame after one pass, if its name comes
# first in the index of its aggregate; with a name that comes later the same sample is fitted until nothing moves. The largest distance is
# taken with max() over a series with a nan, which keeps a nan that stands first, and nan is not above any threshold.
# Seen: the same sample, an empty region called "a" or "z": region x gets 47.5 after 1 pass or 44.444 after 15. Both say converged.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check ipfn==1.4.4 pandas==2.3.3 numpy==2.2.6

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import contextlib
import io

import pandas as pd
from ipfn import ipfn

for empty in ("a", "z"):
    sample = pd.DataFrame({"region": list("xxyy"), "sex": list("mfmf"), "total": [10.0, 30.0, 20.0, 5.0]})
    region, sex = pd.Series({"x": 40.0, "y": 50.0, empty: 10.0}).sort_index(), pd.Series({"f": 50.0, "m": 50.0})
    with contextlib.redirect_stdout(io.StringIO()):
        fitted, flag, passes = ipfn.ipfn(sample, [region, sex], [["region"], ["sex"]], verbose=2).iteration()
    print(empty, fitted.groupby("region")["total"].sum().round(3).to_dict(), "converged", flag, "passes", len(passes))
PY
)
printf 'ipfn 1.4.4:\n%s\n' "$seen"
[ "$seen" = "a {'x': 47.5, 'y': 52.5} converged 1 passes 1
z {'x': 44.444, 'y': 55.556} converged 1 passes 15" ] || { echo "changed"; exit 1; }
