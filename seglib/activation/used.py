"""In which formats files were delivered: as their manifests say, also where a format of one's own changed since."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from seglib.activation.formats import OWN_FORMATS, Format, known_formats, read_format
from seglib.core.errors import SegError

MANIFESTS = "*_manifest.json"


def formats_used(data: Path) -> list[Format]:
    """Read every format in which something may have been delivered.

    Parameters
    ----------
    data : Path
        The study's folder.

    Returns
    -------
    list of Format
        Those of seglib, those of the study's own that can be read, and those that the manifests of deliveries hold: a
        file of the study's own that was broken or taken away since keeps nobody from being forgotten.
    """
    own, found = data / OWN_FORMATS, []
    for name in known_formats(own):
        try:
            found.append(read_format(name, own))
        except SegError:
            continue
    for path in sorted((data / "runs").glob(f"*/*/{MANIFESTS}")):
        try:
            form = Format.model_validate(json.loads(path.read_bytes().decode("utf-8"))["format"])
        except (OSError, ValueError, KeyError, TypeError, ValidationError):
            continue
        if form not in found:
            found.append(form)
    return found
