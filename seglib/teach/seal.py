"""What a student should not read by chance: packed, turned by a key stream and written as letters.

The key stands in this module, so a seal keeps nobody out who wants to break it. It keeps an answer from being seen by
somebody who only looks at a file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

from seglib.core.errors import Finding, InputRefused

KEY = b"a course of customer segmentation"
BROKEN = Finding("P05", "the seal of the course is broken", "course.seal", do="make the course's folder anew")


def seal(values: Any) -> str:
    """Close values that JSON can hold.

    Examples
    --------
    >>> closed = seal({"effect": 0.2})
    >>> "effect" in closed, unseal(closed)
    (False, {'effect': 0.2})
    """
    packed = zlib.compress(json.dumps(values, sort_keys=True).encode("utf-8"), 9)
    return base64.b85encode(_turned(packed)).decode("ascii")


def unseal(text: str) -> Any:
    """Open what `seal` closed.

    Raises
    ------
    InputRefused
        P05, when the text was changed.

    Examples
    --------
    >>> unseal("changed")
    Traceback (most recent call last):
    seglib.core.errors.InputRefused: SEG-P05 the seal of the course is broken - course.seal - do: make the ...
    """
    try:
        return json.loads(zlib.decompress(_turned(base64.b85decode(text.strip()))))
    except (ValueError, zlib.error):
        raise InputRefused(BROKEN) from None


def _turned(content: bytes) -> bytes:
    """Combine with a stream of digests of the key and a counter; twice gives the content back."""
    blocks = range(len(content) // 32 + 1)
    stream = b"".join(hashlib.sha256(KEY + block.to_bytes(8, "big")).digest() for block in blocks)
    return bytes(one ^ other for one, other in zip(content, stream, strict=False))
