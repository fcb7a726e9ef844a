"""In which older encoding a text is written, by letters that no language writes beside each other."""

from __future__ import annotations

import re

POLISH = re.compile(r"[a-z][³¹¿]|[³¹¿][a-z]")
CZECH = re.compile(r"(?i)ø\w*[áíý]|[áíý]\w*ø")


def is_central(head: bytes) -> bool:
    """Whether bytes are letters of Central Europe, which as Western ones make words that no language has.

    Examples
    --------
    >>> is_central("Vyřízená objednávka, Česko".encode("cp1250")), is_central("Køb i København".encode("cp1252"))
    (True, False)
    """
    text = head.decode("cp1252", errors="replace")
    return bool(POLISH.search(text) or CZECH.search(text)) or (
        bool({*text} & {*"øØ"}) and bool({*text} & {*"ìùÈìšžŠŽ"})
    )
