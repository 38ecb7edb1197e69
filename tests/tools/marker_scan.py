"""Find a marker wherever it may hide: in every column of every table, in every file, in every disguise.

A marker is a unique ASCII token of at least eight characters, planted in a personal field. It is looked for
as UTF-8, UTF-16, base64 at all three offsets, hexadecimal and URL-encoded, also inside gzip, zlib and zip.
"""

import base64
import dataclasses
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connections

GZIP, ZIP, ZLIB = (
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
)
DEEPEST, LARGEST = 4, 256 * 1024 * 1024


@dataclasses.dataclass(frozen=True)
class Hit:
    """A marker, where it was found, and in which disguise."""

    marker: str
    place: str
    disguise: str


class Scanner:
    """Looks for a fixed set of markers."""

    def __init__(self, markers: Iterable[str]) -> None:
        self.needles = [(m, form, needle) for m in markers for form, needle in disguises(m)]

    def everywhere(self, folders: Iterable[Path] = ()) -> list[Hit]:
        """Scan the three databases and the folders."""
        return [*self.databases(), *self.folders(folders)]

    def databases(self, aliases: Iterable[str] = ("default", "archive", "keyring")) -> list[Hit]:
        """Scan every column of every table of the databases."""
        return [hit for alias in aliases for hit in self._database(alias)]

    def folders(self, folders: Iterable[Path]) -> list[Hit]:
        """Scan the names and the bytes of every file under the folders."""
        files = (file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file())
        return [hit for file in files for hit in self._file(file)]

    def content(self, content: bytes, place: str) -> list[Hit]:
        """Scan bytes, and whatever is packed inside them."""
        hits = {
            Hit(marker, place, form)
            for layer in layers(content)
            for marker, form, needle in self.needles
            if needle in layer
        }
        return sorted(hits, key=dataclasses.astuple)

    def _file(self, file: Path) -> list[Hit]:
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            return []
        return self.content(str(file).encode() + b"\0" + content, str(file))

    def _database(self, alias: str) -> Iterator[Hit]:
        connection = connections[alias]
        with connection.cursor() as cursor:
            for table in sorted(connection.introspection.table_names(cursor)):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                columns = [column[0] for column in cursor.description]
                for row in cursor.fetchall():
                    for column, value in zip(columns, row, strict=True):
                        yield from self.content(as_bytes(value), f"{alias}.{table}.{column}")


def as_bytes(value: object) -> bytes:
    """Return a column value as the bytes that somebody would read."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return b"" if value is None else str(value).encode("utf-8", "surrogatepass")


def disguises(marker: str) -> Iterator[tuple[str, bytes]]:
    """Yield every form of a marker as ``(name, bytes)``."""
    plain = marker.encode()
    yield "plain", plain
    yield "utf-16-le", marker.encode("utf-16-le")
    yield "utf-16-be", marker.encode("utf-16-be")
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    yield "url", "".join(f"%{byte:02X}" for byte in plain).encode()
    yield "url-lower", "".join(f"%{byte:02x}" for byte in plain).encode()
    for offset in range(3):
        yield f"base64+{offset}", base64_core(plain, offset)


def base64_core(plain: bytes, offset: int) -> bytes:
    """Return the base64 characters that stand for ``plain`` alone when it starts ``offset`` bytes into a group."""
    encoded = base64.b64encode(b"\0" * offset + plain)
    first = (0, 2, 3)[offset]
    surplus = (offset + len(plain)) % 3
    last = len(encoded) - (0, 3, 2)[surplus]
    return encoded[first:last]


def layers(content: bytes, depth: int = 0) -> Iterator[bytes]:
    """Yield the bytes and, recursively, what gzip, zlib and zip hide at any position inside them."""
    yield content
    yield unfolded(content)
    if depth == DEEPEST:
        return
    for inner in (*_streams(content), *_zipped(content)):
        yield from layers(inner, depth + 1)


def unfolded(content: bytes) -> bytes:
    """Undo the line folding of base64 and quoted-printable bodies, which may cut a marker in two."""
    for fold in (b"=\r\n", b"=\n", b"\r\n", b"\n"):
        content = content.replace(fold, b"")
    return content


def _streams(content: bytes) -> Iterator[bytes]:
    for magic, bits in ((GZIP, 31), *((head, 15) for head in ZLIB)):
        start = content.find(magic)
        while start >= 0:
            unpacked = _unpacked(content[start:], bits)
            if unpacked:
                yield unpacked
            start = content.find(magic, start + 1)


def _unpacked(content: bytes, bits: int) -> bytes:
    try:
        return zlib.decompressobj(bits).decompress(content, LARGEST)
    except zlib.error:
        return b""


def _zipped(content: bytes) -> Iterator[bytes]:
    start = content.find(ZIP)
    if start < 0:
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content[start:])) as archive:
            for entry in archive.infolist():
                if entry.file_size <= LARGEST:
                    yield entry.filename.encode() + b"\0" + archive.read(entry)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, OSError):
        return
