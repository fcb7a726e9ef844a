"""`python -m exports OUTFOLDER` writes all export files and EXPECTED.json."""

from __future__ import annotations

import sys
from pathlib import Path

from .registry import write

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("one folder to write into must be named: python -m exports OUTFOLDER")
    sys.stdout.write(f"{len(write(Path(sys.argv[1])))} files written\n")
