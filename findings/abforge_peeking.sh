#!/usr/bin/env bash
# abforge 0.1.0: SequentialTest, which is for looking at a test while it runs, finds effects where there are none more often than alpha says.
# At each look it compares with the boundary of a single test at all of the alpha that was spent until then, as if there had been no look
# before. Seen: of 100000 tests without an effect, looked at ten times at 5 percent, 6.9 percent end as significant with O'Brien and
# Fleming's spending, 12.0 with Pocock's and 10.6 with the linear one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check abforge==0.1.0 numpy==2.2.6 scipy==1.17.1 pandas==2.3.3 plotly==7.1.0

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import numpy as np
from abforge.sequential import SequentialTest

looks = np.arange(1, 11)
scores = np.cumsum(np.random.RandomState(0).standard_normal((100_000, looks.size)), axis=1) / np.sqrt(looks)
for spending in ("obrien_fleming", "pocock", "linear"):
    test = SequentialTest(max_n=10_000, alpha=0.05, spending=spending)
    boundaries = [test.evaluate(100 * look, 1000 * look, 100 * look, 1000 * look).upper_boundary for look in looks]
    print(spending, f"{(abs(scores) >= boundaries).any(axis=1).mean():.1%}")
PY
)
printf 'abforge 0.1.0:\n%s\n' "$seen"
[ "$seen" = "obrien_fleming 6.9%
pocock 12.0%
linear 10.6%" ] || { echo "changed"; exit 1; }
