#!/usr/bin/env bash
# cheatstat 4.1.2: a weighted cross_tab() never finds a difference. It divides chi squared by a design effect, but what it computes under that
# name is the effective number of people, (sum of weights) squared by sum of squares.
# Seen: 80 of 100 in one segment say yes and 20 of 100 in the other. With weights of 1.0 the "DEFF" is 200, and p 0.555; scipy's chi
# squared of the same table has p below 1e-15.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check cheatstat==4.1.2 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
from cheatstat import cross_tab
from scipy.stats import chi2_contingency

answers = ["yes"] * 80 + ["no"] * 20 + ["yes"] * 20 + ["no"] * 80
people = pd.DataFrame({"segment": ["a"] * 100 + ["b"] * 100, "answer": answers, "weight": 1.0})
info = cross_tab(people, "segment", "answer", weight="weight").info
print({name: round(float(info[name]), 4) for name in ("Chi²", "DEFF", "Chi² (korr.)", "p (korr.)")})
print("scipy", f"{chi2_contingency(pd.crosstab(people['segment'], people['answer'])).pvalue:.0e}")
PY
)
printf 'cheatstat 4.1.2:\n%s\n' "$seen"
[ "$seen" = "{'Chi²': 69.62, 'DEFF': 200.0, 'Chi² (korr.)': 0.3481, 'p (korr.)': 0.5552}
scipy 7e-17" ] || { echo "changed"; exit 1; }
