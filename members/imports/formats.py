"""The formats of django-import-export that imports take and give back, with our readers and cells.

The stock formats read what a formula has resulted in, trust what a file says about its size, and
take one ``=`` off when they write; so reading goes through ``tables`` and cells through ``safe_cell``.
"""

import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from import_export.formats import base_formats
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from tablib import Dataset

from members.imports import tables
from members.imports.csv_reader import UTF8_BOM, Line
from members.imports.safe_cell import safe_cell

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class CSV(base_formats.CSV):
    """CSV in UTF-8 with BOM; read also in CP949, and from JSON lines."""

    CONTENT_TYPE = "text/csv; charset=utf-8"

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Return the rows of a file; raises ``FileRefused``."""
        return tables.read_dataset(in_stream)

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Return a dataset as bytes; no cell of it is a formula."""
        text: str = _safe(dataset).export("csv")
        return UTF8_BOM + text.encode("utf-8", "replace")


class XLSX(base_formats.XLSX):
    """The first sheet of a workbook."""

    def create_dataset(self, in_stream: bytes, **_options: Any) -> Dataset:
        """Return the rows of a file; raises ``FileRefused``."""
        return tables.read_dataset(in_stream)

    def export_data(self, dataset: Dataset, **_options: Any) -> bytes:
        """Return a dataset as bytes; every cell is a text, so no program calculates with it."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in (dataset.headers, *dataset):
            sheet.append([_text_cell(sheet, value) for value in row])
        found = BytesIO()
        book.save(found)
        return found.getvalue()


FORMATS: dict[str, type[base_formats.TablibFormat]] = {"csv": CSV, "xlsx": XLSX}


def read(data: bytes) -> Dataset:
    """Return a file in any of the formats as a dataset; raises ``FileRefused``."""
    return FORMATS["xlsx" if tables.is_workbook(data) else "csv"]().create_dataset(data)


def write(extension: str, header: Sequence[str], rows: Iterable[Sequence[str]] = ()) -> bytes:
    """Return a file of one format. Raises ``KeyError`` for a format that is not ours."""
    lines = [Line(0, tuple(row)) for row in rows]
    found: bytes = FORMATS[extension]().export_data(tables.FileDataset(header, lines))
    return found


def content_type(extension: str) -> str:
    """The media type of one format."""
    return FORMATS[extension]().get_content_type()


def extension_of(name: str) -> str:
    """The format that a file name asks for; CSV where it asks for none of ours."""
    ending = name.rpartition(".")[2].lower()
    return ending if ending in FORMATS else "csv"


def _safe(dataset: Dataset) -> Dataset:
    rows = [Line(0, tuple(safe_cell(cell) for cell in row)) for row in dataset]
    return tables.FileDataset([safe_cell(title) for title in dataset.headers], rows)


def _text_cell(sheet: Any, value: object) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, NOT_IN_XML.sub("\ufffd", safe_cell(value)))
    cell.data_type = "s"
    return cell
