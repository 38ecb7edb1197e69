"""Bytes of a text file to rows of texts: encodings, delimiters and limits, one row at a time."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from members.imports.safe_cell import unsafe_cell

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
DELIMITERS = (",", ";", "\t", "|")
UTF8_BOM = b"\xef\xbb\xbf"
OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")
OLD_SPREADSHEET = b"\xd0\xcf\x11\xe0"  # Also one with a password.


class FileRefused(Exception):
    """The whole file is refused; ``code`` says why, ``params`` holds numbers and column names."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Line:
    """One row: the line of the file where it begins, and its cells as they stand there."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The header of a file and its rows; rows can be walked through more than once."""

    header: tuple[str, ...]
    text: str
    delimiter: str

    def lines(self) -> Iterator[Line]:
        """Yield the rows; raises ``FileRefused`` at broken quotes and above the limit of rows."""
        yield from limited(_walk(self.text, self.delimiter))


@dataclass(frozen=True)
class ObjectTable:
    """A file of JSON lines read as a table; the header is the union of the keys."""

    header: tuple[str, ...]
    rows: tuple[Line, ...]

    def lines(self) -> Iterator[Line]:
        """Yield the rows in their order."""
        return iter(self.rows)


def read(data: bytes) -> Table | ObjectTable:
    """Return the table in a CSV file or a file of JSON lines; raises ``FileRefused``."""
    text = decode(data)
    return _read_objects(text) if text.lstrip()[:1] == "{" else _read_csv(text)


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8 (with or without BOM) or CP949."""
    if len(data) > MAX_BYTES:
        raise FileRefused("file_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
    if data.startswith(OLD_SPREADSHEET):
        raise FileRefused("spreadsheet_file")
    if data.startswith(OTHER_ENCODINGS):
        raise FileRefused("encoding_unknown")
    text = _decoded(data.removeprefix(UTF8_BOM))
    if text.count("\0") * 4 > len(text):  # UTF-16 or UTF-32 without a mark.
        raise FileRefused("encoding_unknown")
    return text


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("encoding_unknown")


def _read_csv(text: str) -> Table:
    if not text.strip():
        raise FileRefused("file_empty")
    delimiter = max(DELIMITERS, key=lambda sign: len(_header(text, sign)))
    header = _header(text, delimiter)
    if len(header) > MAX_COLUMNS:
        raise FileRefused("too_many_columns", limit=MAX_COLUMNS)
    return Table(header, text, delimiter)


def _header(text: str, delimiter: str) -> tuple[str, ...]:
    for number, cells in _records(text, delimiter):
        if any(cell.strip() for cell in cells):
            return tuple(cells)
        if number > 100:
            break
    raise FileRefused("file_empty")


def _walk(text: str, delimiter: str) -> Iterator[Line]:
    filled = (
        Line(number, tuple(unsafe_cell(cell) for cell in cells))
        for number, cells in _records(text, delimiter)
        if any(cell.strip() for cell in cells)
    )
    next(filled, None)
    yield from filled


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line where the record begins, cells); quotes have to be closed and doubled inside."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "cell_too_long" if "limit" in str(error) else "quotes_broken"
            raise FileRefused(code, line=begins) from None
        yield begins, cells
        begins = reader.line_num + 1


def limited(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield rows up to the limit of a file; raises ``FileRefused`` above it."""
    for count, line in enumerate(lines, start=1):
        if count > MAX_ROWS:
            raise FileRefused("too_many_rows", limit=MAX_ROWS)
        yield line


def _read_objects(text: str) -> ObjectTable:
    objects: list[tuple[int, dict[str, Any]]] = []
    header: dict[str, None] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw.strip():
            found = _object(number, raw)
            objects.append((number, found))
            header.update(dict.fromkeys(found))
        if len(header) > MAX_COLUMNS:
            raise FileRefused("too_many_columns", limit=MAX_COLUMNS)
    lines = limited(Line(number, _cells(found, tuple(header))) for number, found in objects)
    return ObjectTable(tuple(header), tuple(lines))


def _object(number: int, raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise FileRefused("json_broken", line=number) from None
    if not isinstance(found, dict):
        raise FileRefused("json_broken", line=number)
    return found


def _cells(found: dict[str, Any], header: Sequence[str]) -> tuple[str, ...]:
    return tuple(_cell(found.get(name)) for name in header)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value).lower() if isinstance(value, bool) else str(value)
