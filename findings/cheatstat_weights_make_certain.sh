#!/usr/bin/env bash
# cheatstat 4.1.2: in biV() unequal weights make a difference more certain, not less. Chi squared is divided by the share of people that is
# left in effect, below 1, where it would have to be divided by the design effect, which is one over that share.
# Seen: 56 of 100 in one segment say yes, 44 in the other: p 0.12 with weights of 1.0. With weights of 0.1 and 1.9 in turns, which count like
# 110 people instead of 200, p is 0.036 for the same weighted table.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check cheatstat==4.1.2 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import contextlib
import io

import pandas as pd
from cheatstat import biV

answers = [1] * 56 + [2] * 44 + [1] * 44 + [2] * 56
people = pd.DataFrame({"segment": [1] * 100 + [2] * 100, "answer": answers, "equal": 1.0, "unequal": [0.1, 1.9] * 100})
for weight in ("equal", "unequal"):
    with contextlib.redirect_stdout(io.StringIO()):
        result = biV(people, "segment", "answer", "nominal", weight=weight)
    weights, first = people[weight], result.stat.iloc[0]
    print(weight, "in effect", round(weights.sum() ** 2 / (weights**2).sum()), "chi squared", first["Wert"], "p", first["p-Wert"], first["Sig."])
PY
)
printf 'cheatstat 4.1.2:\n%s\n' "$seen"
[ "$seen" = "equal in effect 200 chi squared 2.4200 p 0.11979 n.s.
unequal in effect 110 chi squared 2.4200 p 0.03636 *" ] || { echo "changed"; exit 1; }
