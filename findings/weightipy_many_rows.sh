#!/usr/bin/env bash
# weightipy 0.4.2: the fitting stops when a pass moved the weights no less than the one before, and what came before the first is set to
# 999999. The sum is over rows: from so many rows on that the first pass moves them by more, the second is never made.
# Seen: the same hundred people, 10000 times over, get 20 percent in group a, as asked for; 20000 times over 16.67 percent. It says then
# that "No improvement was apparent".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check weightipy==0.4.2 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import contextlib
import io

import pandas as pd
import weightipy

people = pd.DataFrame({"age": ["a"] * 50 + ["b"] * 50, "sex": ["m"] * 40 + ["f"] * 10 + ["m"] * 15 + ["f"] * 35})
targets = {"age": {"a": 20, "b": 80}, "sex": {"m": 30, "f": 70}}
for times in (10_000, 20_000):
    sample, said = pd.concat([people] * times, ignore_index=True), io.StringIO()
    with contextlib.redirect_stdout(said):
        weights = weightipy.weight(sample, weightipy.scheme_from_dict(targets, name="targets"))
    print(len(sample), "rows, share of a", round(weights[sample["age"] == "a"].sum() / len(sample), 4), said.getvalue().strip()[-46:])
PY
)
printf 'weightipy 0.4.2:\n%s\n' "$seen"
[ "$seen" = "1000000 rows, share of a 0.2 
2000000 rows, share of a 0.1667 No improvement was apparent after 2 iterations" ] || { echo "changed"; exit 1; }
