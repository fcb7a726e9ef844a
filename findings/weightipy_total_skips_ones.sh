#!/usr/bin/env bash
# weightipy 0.4.2: weights are scaled to the total of the population, except those that are exactly 1, of groups whose share in the sample
# is right already. They stay at 1 and are not counted in the scale either, so neither the shares nor the total come out.
# Seen: ten rows, targets 50, 20 and 30 percent, total 100: the weights sum to 5, 40 and 60. Without a total they sum to 5, 2 and 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check weightipy==0.4.2 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
import weightipy

sample = pd.DataFrame({"region": ["x"] * 5 + ["y"] * 3 + ["z"] * 2})
for total in (0, 100):
    scheme = weightipy.scheme_from_dict({"region": {"x": 50, "y": 20, "z": 30}}, name="regions", rim_params={"total": total})
    weights = weightipy.weight(sample, scheme)
    print("total", total, weights.groupby(sample["region"]).sum().round(6).to_dict())
PY
)
printf 'weightipy 0.4.2:\n%s\n' "$seen"
[ "$seen" = "total 0 {'x': 5.0, 'y': 2.0, 'z': 3.0}
total 100 {'x': 5.0, 'y': 40.0, 'z': 60.0}" ] || { echo "changed"; exit 1; }
