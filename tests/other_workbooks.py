"""Workbooks of the formats that no library of the tests writes, built from their bytes: .ods, .xlsb and .xls."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CODES = {"#N/A": 0x2A, "#REF!": 0x17, "#DIV/0!": 0x07}
SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
SECTOR = 512
Rows = Sequence[Sequence[Any]]


def write(path: Path, rows: Rows) -> Path:
    """Write rows of texts, numbers and errors (by their names) as the ending of the path says; the sheet is "one"."""
    {".ods": _ods, ".xlsb": _xlsb, ".xls": _xls}[path.suffix](path, rows)
    return path


def _ods(path: Path, rows: Rows) -> None:
    def cell(value: Any) -> str:
        if value in CODES:  # as LibreOffice writes a formula that fails
            kind = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
            return f'<table:table-cell table:formula="of:=x" {kind}><text:p>{value}</text:p></table:table-cell>'
        if isinstance(value, str):
            kind = 'office:value-type="string"'
            return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>" if value else EMPTY
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    table = f'<table:table table:name="one">{body}</table:table>'
    content = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        book.writestr("content.xml", f'<?xml version="1.0"?><office:document-content {SPACES}>{content}'
                                     "</office:document-content>")  # fmt: skip


EMPTY = '<table:table-cell table:number-columns-repeated="1"/>'


def _record(kind: int, body: bytes = b"") -> bytes:
    """A record of .xlsb: number and length in groups of seven bits."""
    head = b""
    for value in (kind, len(body)):
        while value > 0x7F:
            head += bytes([value & 0x7F | 0x80])
            value >>= 7
        head += bytes([value])
    return head + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb(path: Path, rows: Rows) -> None:
    def cell(column: int, value: Any) -> bytes:
        head = struct.pack("<II", column, 0)
        if value in CODES:
            return _record(3, head + bytes([CODES[value]]))
        return (
            _record(6, head + _wide(value)) if isinstance(value, str) else _record(5, head + struct.pack("<d", value))
        )

    lines = b"".join(
        _record(0, struct.pack("<IIH", number, 0, 300) + bytes(7))
        + b"".join(cell(column, value) for column, value in enumerate(row) if value != "")
        for number, row in enumerate(rows)
    )
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = _record(129) + _record(148, size) + _record(145) + lines + _record(146) + _record(130)
    book = _record(131) + _record(143) + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("one"))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relation = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.bin", book + _record(144) + _record(132))
        file.writestr("xl/_rels/workbook.bin.rels", f'<?xml version="1.0"?><Relationships>{relation}</Relationships>')
        file.writestr("xl/worksheets/sheet1.bin", sheet)


def _part(kind: int, body: bytes = b"") -> bytes:
    """A record of .xls."""
    return struct.pack("<HH", kind, len(body)) + body


def _xls(path: Path, rows: Rows) -> None:
    def cell(row: int, column: int, value: Any) -> bytes:
        head = struct.pack("<HHH", row, column, 0)
        if value in CODES:
            return _part(0x0205, head + bytes([CODES[value], 1]))
        if isinstance(value, str):
            return _part(0x0204, head + struct.pack("<HB", len(value), 0) + value.encode("latin-1"))
        return _part(0x0203, head + struct.pack("<d", value))

    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6)
    cells = b"".join(cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value != "")
    size = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0)
    sheet = _part(0x0809, begin[:2] + b"\x10\x00" + begin[4:]) + _part(0x0200, size) + cells + _part(0x000A)
    name = struct.pack("<BB", 3, 0) + b"one"
    head = _part(0x0809, begin) + _part(0x0042, struct.pack("<H", 1200))
    start = len(head) + 4 + 6 + len(name) + 4
    stream = head + _part(0x0085, struct.pack("<IBB", start, 0, 0) + name) + _part(0x000A) + sheet
    path.write_bytes(_compound(stream.ljust(4096 + -len(stream) % SECTOR, b"\0")))


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream, called Workbook: header, table of sectors, folder, stream."""
    count, free, end = -(-len(stream) // SECTOR), 0xFFFFFFFF, 0xFFFFFFFE
    table = [0xFFFFFFFD, end, *range(3, 2 + count), end]
    table += [free] * (SECTOR // 4 - len(table))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIIII", 1, 1, 0, 4096, end, 0, end, 0, 0) + struct.pack("<108I", *[free] * 108)

    def entry(text: str, kind: int, child: int, first: int, size: int) -> bytes:
        name = f"{text}\0".encode("utf-16-le")
        links = struct.pack("<HBBIII", len(name), kind, 1, free, free, child)
        return name.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", first, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(table)}I", *table) + folder + stream.ljust(count * SECTOR, b"\0")
