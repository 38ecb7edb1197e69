"""The first sheet of a workbook (XLSX) as the same rows of texts that a CSV file would give."""

import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from members.imports import workbook_guard
from members.imports.csv_reader import (
    MAX_BYTES,
    MAX_COLUMNS,
    FileRefused,
    Line,
    ObjectTable,
    limited,
)
from members.imports.safe_cell import unsafe_cell

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
NOT_VALUES = ("f", "e")  # Formulas, and the errors that they end in.
WHOLE = 2**53  # Up to here a number with a point is exact.


def read(data: bytes) -> ObjectTable:
    """Return the rows of the first sheet. Raises ``FileRefused``, and nothing else.

    Nothing of a hostile file may end in an error page, and the parser promises no exceptions of
    its own; so whatever it raises means a file that cannot be read.
    """
    try:
        workbook_guard.check(data)
        return _table(_limited_text(_rows(data)))
    except FileRefused:
        raise
    except Exception:
        raise FileRefused("workbook_broken") from None


def _rows(data: bytes) -> Iterator[Line]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # About styles and extensions, which are not read.
        book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        try:
            sheets = book.worksheets
            for sheet in sheets[:1]:
                sheet.reset_dimensions()  # What a sheet says about its size may be wrong.
                for number, cells in enumerate(sheet.iter_rows(), start=1):
                    texts = _trimmed([_text(cell) for cell in cells])
                    if texts:
                        yield Line(number, texts)
        finally:
            book.close()


def _table(lines: Iterator[Line]) -> ObjectTable:
    first = next(lines, None)
    if first is None:
        raise FileRefused("file_empty")
    width = len(first.cells)
    if width > MAX_COLUMNS:
        raise FileRefused("too_many_columns", limit=MAX_COLUMNS)
    padded = (Line(one.number, one.cells + ("",) * (width - len(one.cells))) for one in lines)
    return ObjectTable(first.cells, tuple(limited(padded)))


def _limited_text(lines: Iterator[Line]) -> Iterator[Line]:
    """Texts that many cells share cost little in the file, but not in what is made of it."""
    size = 0
    for line in lines:
        size += sum(len(cell) for cell in line.cells)
        if size > MAX_BYTES:
            raise FileRefused("file_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
        yield line


def _trimmed(texts: Sequence[str]) -> tuple[str, ...]:
    """Cells without the empty ones at the end, which a spreadsheet keeps for their looks."""
    end = len(texts)
    while end and not texts[end - 1].strip():
        end -= 1
    return tuple(texts[:end])


def _text(cell: Any) -> str:
    if cell.data_type in NOT_VALUES:
        raise FileRefused("workbook_formula", cell=cell.coordinate)
    return unsafe_cell(text_of(cell.value))


def text_of(value: Any) -> str:
    """A value as the text that the checks expect.

    Example: a cell with the date 1 March 2024 is ``2024-03-01``, the number 5.0 is ``5``.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) <= WHOLE:
        return str(int(value))
    if isinstance(value, datetime):
        return _moment(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _moment(value: datetime) -> str:
    """A date is a moment at midnight here, and moments are known to the millisecond."""
    if value.time() == time():
        return value.date().isoformat()
    return value.isoformat(timespec="seconds")
