#!/usr/bin/env bash
# weightipy 0.4.2: validate_scheme compares the codes of a scheme with those of the sample as texts, weight compares them as they are. Codes
# are texts in every scheme that was kept as JSON: it passes the check, and then no target is found in the sample and all weights are 1.
# Seen: codes 1 and 2, targets of 30 and 70 percent: no issue for "1" and "2", weights of 1; with the numbers 0.5 and 1.75.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check weightipy==0.4.2 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import json

import pandas as pd
import weightipy

sample, scheme = pd.DataFrame({"age": [1] * 6 + [2] * 4}), {"age": {1: 30, 2: 70}}
for targets in (scheme, json.loads(json.dumps(scheme))):
    issues = weightipy.validate_scheme_dict(sample, targets)
    weights = weightipy.weight(sample, weightipy.scheme_from_dict(targets, name="ages"))
    print(targets, "issues", len(issues), "weights", sorted(set(weights.round(6))))
PY
)
printf 'weightipy 0.4.2:\n%s\n' "$seen"
[ "$seen" = "{'age': {1: 30, 2: 70}} issues 0 weights [0.5, 1.75]
{'age': {'1': 30, '2': 70}} issues 0 weights [1.0]" ] || { echo "changed"; exit 1; }
