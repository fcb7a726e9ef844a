#!/usr/bin/env bash
# abforge 0.1.0: a two-tailed SequentialTest stops as futile when the new variant does worse and that is not yet significant. The power that
# is left is computed for a rise alone. What nearly is a proof of harm is told as a test that will find nothing.
# Seen: half of the way, 570 against 500 of 5000 goes on with a score of 2.26; the same numbers the other way round are "stop_futile".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check abforge==0.1.0 numpy==2.2.6 scipy==1.17.1 pandas==2.3.3 plotly==7.1.0

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
from abforge.sequential import SequentialTest

test = SequentialTest(max_n=10_000, alpha=0.05, two_tailed=True)
for control, treatment in ((500, 570), (570, 500)):
    result = test.evaluate(control, 5000, treatment, 5000)
    print(control, treatment, "score", round(float(result.z_score), 2), result.decision)
PY
)
printf 'abforge 0.1.0:\n%s\n' "$seen"
[ "$seen" = "500 570 score 2.26 continue
570 500 score -2.26 stop_futile" ] || { echo "changed"; exit 1; }
