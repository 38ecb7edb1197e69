"""Workbooks to import: sound ones from rows, and hostile ones from parts."""

import io
import stat
import zipfile

from openpyxl import Workbook

from tests.members.imports.files import PEOPLE, person

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
RELS = "xl/_rels/workbook.xml.rels"
TYPES = "[Content_Types].xml"
SHARED = "xl/sharedStrings.xml"
SHARED_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def workbook(header, rows) -> bytes:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def people(count: int) -> bytes:
    return workbook(PEOPLE, [person(number) for number in range(1, count + 1)])


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(found: dict[str | zipfile.ZipInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in found.items():
            archive.writestr(name, part)
    return data.getvalue()


def changed(extra: dict[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A sound workbook of two people with parts added or put in place of others."""
    return packed(parts(people(2)) | extra)


def with_sheet(rows: str, *, before: str = "", after: str = "") -> bytes:
    text = f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    return changed({SHEET: text.encode()})


def with_shared(texts: list[str], rows: list[list[int]]) -> bytes:
    """A workbook as Excel writes it: texts lie apart, and cells hold their numbers."""
    types = parts(people(1))[TYPES].replace(b"</Types>", SHARED_TYPE)
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    cells = ("".join(f'<c t="s"><v>{n}</v></c>' for n in row) for row in rows)
    sheet = "".join(f"<row>{row}</row>" for row in cells)
    found = {TYPES: types, SHARED: f'<sst xmlns="{MAIN}">{shared}</sst>'.encode()}
    found[SHEET] = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'.encode()
    return changed(found)


def with_cell(xml: str) -> bytes:
    return with_sheet(f'<row r="1">{xml}</row>')


def symlink(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def flagged(data: bytes) -> bytes:
    """The same archive with every entry marked as encrypted, in the directory and before the parts."""
    found = bytearray(data)
    for signature, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = found.find(signature)
        while start >= 0:
            found[start + place] |= 1
            start = found.find(signature, start + 4)
    return bytes(found)


def claiming(data: bytes, size: int) -> bytes:
    """The same archive, whose directory says that every part is as small as ``size``."""
    found = bytearray(data)
    start = found.find(b"PK\x01\x02")
    while start >= 0:
        found[start + 24 : start + 28] = size.to_bytes(4, "little")
        start = found.find(b"PK\x01\x02", start + 4)
    return bytes(found)
