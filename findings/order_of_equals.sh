#!/bin/sh
# pandas' sort_values and numpy's argsort put equal values into another order on another processor.
#
# The usual kind of sort ("quicksort") promises no order of equals. That it is another one on a processor with AVX2 than on one
# without is easily overlooked: a top-ten list with ties, or drop_duplicates after a sort, then names other rows there.
# kind="stable" is the same everywhere. Needs python3 on x86-64 with AVX2 and the network; prints versions and behaviour,
# and fails when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6 pandas==3.1.1
cat > "$folder/sort.py" <<'PY'
import sys

import numpy as np
import pandas as pd

value = np.repeat([0.0, 1.0, 2.0, 3.0], 64)[np.random.default_rng(0).permutation(256)]
rows = pd.DataFrame({"value": value, "row": range(256)})
print(rows.sort_values("value", kind=sys.argv[1])["row"].head(8).tolist())
PY
"$folder/env/bin/python" -c "import numpy, pandas; print('numpy', numpy.__version__, 'pandas', pandas.__version__)"
for kind in quicksort stable; do
    new=$("$folder/env/bin/python" "$folder/sort.py" $kind)
    old=$(NPY_DISABLE_CPU_FEATURES="X86_V4,X86_V3" "$folder/env/bin/python" "$folder/sort.py" $kind)
    echo "$kind, all loops:    rows $new"
    echo "$kind, older loops:  rows $old"
    case $kind in
    quicksort) test "$new" != "$old" || { echo "changed: equals come in the same order now, or this processor has no AVX2"; exit 1; } ;;
    stable) test "$new" = "$old" || { echo "changed: a stable sort differs"; exit 1; } ;;
    esac
done
