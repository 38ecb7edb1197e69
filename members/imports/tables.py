"""Bytes of a file, or a dataset, to the rows that the engine reads: one door for every format."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from tablib import Dataset

from members.imports import csv_reader, workbook_reader
from members.imports.csv_reader import Line, ObjectTable


class Rows(Protocol):
    """A header and the rows below it."""

    header: tuple[str, ...]

    def lines(self) -> Iterator[Line]:
        """Yield the rows in their order."""


class FileDataset(Dataset):
    """A dataset that keeps the line where each row begins, and rows that are too short or long.

    A row of the wrong width is for the engine to refuse with its line; tablib would refuse the file.
    """

    def __init__(self, header: Sequence[str], lines: Sequence[Line] = ()) -> None:
        super().__init__(headers=list(header))
        self.numbers = [line.number for line in lines]
        for line in lines:
            self.append(line.cells)

    def _validate(self, row: Any = None, col: Any = None, safety: bool = False) -> bool:
        return True


def read(data: bytes) -> Rows:
    """Return the table in a CSV file, JSON lines or a workbook; raises ``FileRefused``."""
    return workbook_reader.read(data) if is_workbook(data) else csv_reader.read(data)


def is_workbook(data: bytes) -> bool:
    """Whether a file begins like an XLSX file; its name is not asked."""
    return data.startswith(workbook_reader.SIGNATURES)


def read_dataset(data: bytes) -> FileDataset:
    """Return a file as a dataset; raises ``FileRefused``."""
    table = read(data)
    return FileDataset(table.header, list(table.lines()))


def of_dataset(dataset: Dataset) -> ObjectTable:
    """Return the rows of any dataset. One that was not read from a file counts lines from 2."""
    numbers = getattr(dataset, "numbers", range(2, len(dataset) + 2))
    lines = [
        Line(number, tuple(workbook_reader.text_of(cell) for cell in row))
        for number, row in zip(numbers, dataset, strict=True)
    ]
    header = tuple(workbook_reader.text_of(title) for title in dataset.headers or ())
    return ObjectTable(header, tuple(lines))
