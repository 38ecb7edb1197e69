"""What a workbook (XLSX) has to be before anything opens it: small, flat, and only cells.

An XLSX file is a ZIP archive of XML parts (ECMA-376). Sizes in the archive may lie, so parts are
read no further than they claim to reach, and each is walked through once without building a tree.
"""

import stat
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree.ElementTree import fromstring  # nosec B405  # only after the walk has found no DTD.
from xml.parsers import expat  # nosec B407  # declarations of types and entities are refused.

from members.imports.csv_reader import MAX_BYTES, MAX_COLUMNS, FileRefused

MAX_ENTRIES = 1_000
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO, RATIO_FROM = 100, 1024 * 1024
MAX_LINE = 1_048_576  # The last row that a spreadsheet program can have.
MAX_CELL_PARTS, MAX_OTHER_PARTS = 4_000_000, 200_000
MAX_DEPTH = 64
PART = 64 * 1024
CELL_PARTS = frozenset({"row", "c", "v", "f", "is", "t", "r", "si", "rPr"})
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ACTIVE = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
LINKED = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "xl/embeddings/")
MACRO_TYPES = (b"macroenabled", b"vbaproject")
TYPES = "[Content_Types].xml"


def check(data: bytes) -> None:
    """Pass over a sound workbook in silence; raises ``FileRefused`` with one reason."""
    if len(data) > MAX_BYTES:
        raise FileRefused("file_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        entries = archive.infolist()
        _check_sizes(entries)
        for entry in entries:
            _check_entry(entry)
        if TYPES not in archive.namelist():
            raise FileRefused("workbook_broken")
        for entry in entries:
            _check_part(archive, entry)


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FileRefused("workbook_entries", limit=MAX_ENTRIES)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise FileRefused("workbook_too_large", limit_mb=MAX_UNPACKED // (1024 * 1024))
    for entry in entries:
        if entry.file_size > max(RATIO_FROM, MAX_RATIO * entry.compress_size):
            raise FileRefused("workbook_too_dense", limit=MAX_RATIO)
    names = {entry.filename.casefold() for entry in entries}
    if len(names) < len(entries):
        raise FileRefused("workbook_paths")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    outside = name.startswith("/") or ".." in name.split("/") or set(name) & set("\\:\0")
    mode = entry.external_attr >> 16
    if outside or (stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))):
        raise FileRefused("workbook_paths")
    if entry.flag_bits & 0x1:
        raise FileRefused("spreadsheet_file")
    if entry.compress_type not in METHODS:
        raise FileRefused("workbook_broken")
    if any(sign in name.casefold() for sign in ACTIVE):
        raise FileRefused("workbook_macros")
    if any(sign in name.casefold() for sign in LINKED):
        raise FileRefused("workbook_links")


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    name = entry.filename.casefold()
    is_xml = name.endswith((".xml", ".rels", ".vml"))
    _Walk(is_xml=is_xml).through(_pieces(archive, entry))
    if entry.filename == TYPES and any(t in archive.read(entry).lower() for t in MACRO_TYPES):
        raise FileRefused("workbook_macros")
    if name.endswith(".rels"):
        _check_links(archive.read(entry))


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(PART):
            yield piece


def _check_links(data: bytes) -> None:
    """Refuse what a workbook would fetch; the link under an e-mail address fetches nothing."""
    for link in fromstring(data):  # nosec B314  # the walk has found no DTD.
        kind = link.get("Type", "").rpartition("/")[2]
        if link.get("TargetMode") == "External" and kind != "hyperlink":
            raise FileRefused("workbook_links")


class _Walk:
    """One walk through one part, counting. A part that is not XML only may not declare a DTD."""

    def __init__(self, *, is_xml: bool) -> None:
        self.is_xml = is_xml
        self.depth = self.line = self.cells = self.cell_parts = self.other_parts = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def through(self, pieces: Iterator[bytes]) -> None:
        """Walk to the end. Raises ``FileRefused``."""
        try:
            for piece in pieces:
                self.parser.Parse(piece, False)
            self.parser.Parse(b"", True)
        except expat.ExpatError:
            if self.is_xml:
                raise FileRefused("workbook_broken") from None

    def _refuse(self, *_declared: object) -> None:
        raise FileRefused("workbook_broken")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self.depth += 1
        if local in CELL_PARTS:
            self.cell_parts += 1
        else:
            self.other_parts += 1
        if local == "row":
            self._start_row(attributes)
        elif local == "c":
            self._start_cell()
        crowded = self.cell_parts > MAX_CELL_PARTS or self.other_parts > MAX_OTHER_PARTS
        if crowded or self.depth > MAX_DEPTH:
            raise FileRefused("workbook_crowded")

    def _start_row(self, attributes: dict[str, str]) -> None:
        """Rows come once and in their order, or some would be lost without a word."""
        text = attributes.get("r", str(self.line + 1))
        if not (text.isascii() and text.isdigit()) or not self.line < int(text[:9]) <= MAX_LINE:
            raise FileRefused("workbook_broken")
        self.line, self.cells = int(text[:9]), 0

    def _start_cell(self) -> None:
        self.cells += 1
        if self.cells > MAX_COLUMNS:
            raise FileRefused("too_many_columns", limit=MAX_COLUMNS)

    def _end(self, _name: str) -> None:
        self.depth -= 1
