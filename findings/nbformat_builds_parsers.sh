#!/bin/sh
# Importing nbformat builds 39 parsers of internet addresses, where jsonschema's checks of formats are installed.
#
# nbformat imports jsonschema, whose module of formats imports rfc3987_syntax where it is there (jupyter-events, and with it JupyterLab,
# asks for it: jsonschema[format-nongpl]). That builds one Lark parser per term of the standard when it is imported, used or
# not: about a second of every process that touches a notebook. Needs python3 and the network; prints versions and behaviour,
# and fails when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check \
    nbformat==5.11.1 'jsonschema[format-nongpl]==4.26.0' rfc3987-syntax==1.1.0 lark==1.3.1
cat > "$folder/count.py" <<'PY'
import sys
import time
from importlib.metadata import version

import lark

built = 0
usual = lark.Lark.__init__


def counted(self, *given, **named):
    global built
    built += 1
    usual(self, *given, **named)


lark.Lark.__init__ = counted
if sys.argv[1] == "without":
    sys.modules["rfc3987_syntax"] = None
start = time.process_time()
import nbformat  # noqa: E402, F401: what is measured

names = ("nbformat", "jsonschema", "rfc3987-syntax", "lark")
print(", ".join(f"{name} {version(name)}" for name in names), file=sys.stderr)
print(f"{sys.argv[1]} rfc3987_syntax: {time.process_time() - start:.2f} s", file=sys.stderr)
print(built)
PY
with=$("$folder/env/bin/python" "$folder/count.py" with)
without=$("$folder/env/bin/python" "$folder/count.py" without)
echo "parsers built by 'import nbformat': $with, and $without where rfc3987_syntax is not there"
test "$with" -eq 39 && test "$without" -eq 0 || { echo "changed: importing nbformat builds another number of parsers"; exit 1; }
