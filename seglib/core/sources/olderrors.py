"""Error values in workbooks of other formats than Excel's own of today: .xls, .xlsb and .ods."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree

Errors = dict[tuple[int, int], str]
Record = tuple[int, bytes]

WORDS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
SPOKEN = (*WORDS.values(), "Err:")
OTHER = "an error"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
TOLD = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
FREE, HEADER_PLACES = 0xFFFFFFF0, 109
SHEET, ROW, ERROR, COMPUTED_ERROR = 156, 0, 3, 11  # records of .xlsb
BEGIN, END, BOUND, BOOL_OR_ERROR, FORMULAS = 0x0809, 0x000A, 0x0085, 0x0205, (0x0006, 0x0206, 0x0406)  # of .xls
BIFF8 = 0x0600


def of_ods(content: IO[bytes], sheet: str) -> Errors:
    """Find the errors of a sheet in ``content.xml``: cells that are told to be one, or formulas that show one."""
    found: Errors = {}
    inside, row = False, 0
    for event, node in ElementTree.iterparse(content, ("start", "end")):
        if node.tag == f"{TABLE}table":
            inside, row = event == "start" and node.get(f"{TABLE}name") == sheet, 0
        elif event == "end" and inside and node.tag == f"{TABLE}table-row":
            times = int(node.get(f"{TABLE}number-rows-repeated", "1"))
            here = dict(_in_row(node))
            found |= {(row + 1 + more, place): word for place, word in here.items() for more in range(times)}
            row += times
            node.clear()
    return found


def _in_row(node: ElementTree.Element) -> Iterator[tuple[int, str]]:
    place = 0
    for cell in node:
        times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        shown = "".join("".join(text.itertext()) for text in cell.iter(TEXT)).strip()
        if cell.get(TOLD) == "error" or (cell.get(f"{TABLE}formula") and shown.startswith(SPOKEN)):
            yield from ((place + more, shown or OTHER) for more in range(times))
        place += times


def sheet_of_xlsb(book: bytes, relations: dict[str, str], sheet: str) -> str:
    """Find the part of the file that holds a sheet, from ``workbook.bin`` and its relations; KeyError without one."""
    for kind, body in _records(book):
        if kind == SHEET:
            key, rest = _wide(body[8:])
            if _wide(rest)[0] == sheet:
                return relations[key]
    raise KeyError(sheet)


def of_xlsb(part: bytes) -> Errors:
    """Find the errors of a sheet in its binary part."""
    found: Errors = {}
    row = 0
    for kind, body in _records(part):
        if kind == ROW:
            (row,) = struct.unpack_from("<I", body)
        elif kind in (ERROR, COMPUTED_ERROR):
            found[row + 1, struct.unpack_from("<I", body)[0]] = WORDS.get(body[8], OTHER)
    return found


def _records(part: bytes) -> Iterator[Record]:
    """Yield the records of .xlsb: number and length are written in groups of seven bits."""
    at = 0
    while at < len(part):
        kind, at = _seven(part, at, 2)
        size, at = _seven(part, at, 4)
        yield kind, part[at : at + size]
        at += size


def _seven(part: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        value |= (part[at] & 0x7F) << 7 * place
        at += 1
        if not part[at - 1] & 0x80:
            break
    return value, at


def _wide(body: bytes) -> tuple[str, bytes]:
    (size,) = struct.unpack_from("<I", body)
    return body[4 : 4 + 2 * size].decode("utf-16-le"), body[4 + 2 * size :]


def of_xls(file: bytes, sheet: str) -> Errors:
    """Find the errors of a sheet in a workbook of Excel 5 to 2003."""
    stream = _stream(file)
    start = _start(stream, sheet)
    if start is None:
        raise ValueError(sheet)
    found: Errors = {}
    depth = 0
    for kind, body in _parts(stream, start):
        depth += (kind == BEGIN) - (kind == END)  # a chart within a sheet has a beginning and an end of its own
        if not depth:
            break
        code = None
        if kind == BOOL_OR_ERROR and body[7]:
            code = body[6]
        elif kind in FORMULAS and body[6] == 2 and body[12:14] == b"\xff\xff":
            code = body[8]
        if code is not None:
            row, column = struct.unpack_from("<HH", body)
            found[row + 1, column] = WORDS.get(code, OTHER)
    return found


def _start(stream: bytes, sheet: str) -> int | None:
    """Place of a sheet in the stream."""
    version = BIFF8
    for kind, body in _parts(stream, 0):
        if kind == BEGIN:
            (version,) = struct.unpack_from("<H", body)
        elif kind == BOUND:
            place, size = struct.unpack_from("<I2xB", body)
            if version >= BIFF8:
                wide = body[7] & 1
                name = body[8 : 8 + size * (1 + wide)].decode("utf-16-le" if wide else "latin-1")
            else:
                name = body[7 : 7 + size].decode("cp1252", "replace")
            if name == sheet:
                return int(place)
        elif kind == END:
            break
    return None


def _parts(stream: bytes, at: int) -> Iterator[Record]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _stream(file: bytes) -> bytes:
    """Read the workbook out of the compound file that holds it; one without a compound file is the stream itself."""
    if not file.startswith(COMPOUND):
        return file
    shift, small_shift = struct.unpack_from("<HH", file, 30)
    first, cutoff, small_start = (struct.unpack_from("<I", file, at)[0] for at in (48, 56, 60))
    table = _chained(file, shift)
    folder = _chain(file[1 << shift :], table, first, shift)
    entries = [folder[at : at + 128] for at in range(0, len(folder), 128)]
    named = {e[: max(0, struct.unpack_from("<H", e, 64)[0] - 2)].decode("utf-16-le").casefold(): e for e in entries}
    entry = named.get("workbook", named.get("book"))
    if entry is None:
        raise ValueError("no workbook")
    start, size = struct.unpack_from("<II", entry, 116)
    if size >= cutoff:
        return _chain(file[1 << shift :], table, start, shift)[:size]
    small = _chain(file[1 << shift :], table, struct.unpack_from("<I", entries[0], 116)[0], shift)
    places = _numbers(_chain(file[1 << shift :], table, small_start, shift))
    return _chain(small, places, start, small_shift)[:size]


def _chained(file: bytes, shift: int) -> tuple[int, ...]:
    """Read which sector follows which; where the list of these tables is long, it goes on in sectors of its own."""
    places = list(struct.unpack_from(f"<{HEADER_PLACES}I", file, 76))
    (more,) = struct.unpack_from("<I", file, 68)
    size, seen = 1 << shift, 0
    while more < FREE and seen < len(file) >> shift:
        block = _numbers(file[(more + 1) * size : (more + 2) * size])
        places += block[:-1]
        more, seen = block[-1], seen + 1
    return tuple(n for p in places if p < FREE for n in _numbers(file[(p + 1) * size : (p + 2) * size]))


def _chain(sectors: bytes, table: tuple[int, ...], start: int, shift: int) -> bytes:
    size, parts, at = 1 << shift, [], start
    while at < FREE:
        parts.append(sectors[at * size : (at + 1) * size])
        if len(parts) > len(table):
            raise ValueError("a chain without an end")
        at = table[at]
    return b"".join(parts)


def _numbers(block: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])
