#!/usr/bin/env bash
# kmodes 0.12.2: KPrototypes with gamma=None computes from the data what a difference of categories weighs, and writes it over the None. The
# same object, fitted to other data, keeps the weight of the first, and so does a clone() of scikit-learn of a fitted one.
# Seen: fitted to spends in cents, then in euros, gamma is 269.8 instead of 2.7, and the segments are the two channels, one each. A new
# object puts people of both channels into both segments.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check kmodes==0.12.2 scikit-learn==1.7.2 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1 joblib==1.6.0

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from kmodes.kprototypes import KPrototypes

euros = pd.DataFrame({"spend": [float(row % 7 + 10 * (row >= 20)) for row in range(40)], "channel": list("ws") * 20})
cents = euros.assign(spend=euros["spend"] * 100)
again, new = KPrototypes(n_clusters=2, random_state=0), KPrototypes(n_clusters=2, random_state=0)
again.fit(cents, categorical=[1])
for name, model in (("again", again), ("new", new)):
    labels = pd.Series(model.fit(euros, categorical=[1]).labels_)
    print(name, "gamma", round(float(model.gamma), 3), "web per segment", sorted(euros["channel"].eq("w").groupby(labels).sum()))
PY
)
printf 'kmodes 0.12.2:\n%s\n' "$seen"
[ "$seen" = "again gamma 269.766 web per segment [0, 20]
new gamma 2.698 web per segment [10, 10]" ] || { echo "changed"; exit 1; }
