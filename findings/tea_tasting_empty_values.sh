#!/usr/bin/env bash
# tea-tasting 1.14.0: people without a value are left out of the mean and of the variance, but are counted in the number that the variance
# is divided by. The interval is too narrow and the p value too small, the more so the more values are missing (average order, rating, days).
# Seen: 200 people, 100 of them without a value: p 0.0152. The same table without those people, and scipy: p 0.088.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check tea-tasting==1.14.0 ibis-framework==12.0.0 sqlglot==30.31.0 narwhals==2.29.0 pyarrow==26.0.1 pandas==2.3.3 numpy==2.2.6 scipy==1.17.1

seen=$("$folder/bin/python" -W ignore - "$folder" <<'PY'
import pandas as pd
import tea_tasting
from scipy import stats

bought = pd.DataFrame({"variant": [0, 1] * 50, "basket": [row // 2 % 10 + row % 2 + 0.0 for row in range(100)]})
people = pd.concat([bought, bought.assign(basket=None)], ignore_index=True).astype({"basket": float})
for name, table in (("everybody", people), ("those with a basket", bought)):
    result = tea_tasting.Experiment(basket=tea_tasting.Mean("basket")).analyze(table)["basket"]
    print(name, "means", round(result.control, 4), round(result.treatment, 4), "p", round(result.pvalue, 4))
one, other = (bought.loc[bought["variant"] == variant, "basket"] for variant in (0, 1))
print("scipy p", round(float(stats.ttest_ind(one, other, equal_var=False).pvalue), 4))
PY
)
printf 'tea-tasting 1.14.0:\n%s\n' "$seen"
[ "$seen" = "everybody means 4.5 5.5 p 0.0152
those with a basket means 4.5 5.5 p 0.088
scipy p 0.088" ] || { echo "changed"; exit 1; }
