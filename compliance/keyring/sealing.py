"""Sealed documents: the values of one record under its own key, bound to the place where they belong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from compliance.keyring import keys
from compliance.keyring.envelope import VERSION, Unreadable, context, open_, seal

__all__ = [
    "Document",
    "Unreadable",
    "open_bytes",
    "open_document",
    "open_many",
    "seal_bytes",
    "seal_document",
    "seal_many",
]


@dataclass(frozen=True)
class Document:
    """What is sealed or to be opened: ``values`` in clear for sealing, ``sealed`` for opening."""

    kind: str
    id: UUID
    subject: str
    record_class: str
    values: Mapping[str, Any] | None = None
    sealed: bytes | None = None

    def __repr__(self) -> str:
        return f"Document({self.kind} {self.id.hex[:8]})"


def seal_document(
    dek: bytes, values: Mapping[str, Any], *, kind: str, id: UUID, subject: str, record_class: str
) -> bytes:
    """Return the sealed JSON of ``{item code: value}``; it opens only for the same kind, id, subject and class."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return seal(dek, text.encode(), aad=_document_aad(kind, id, subject, record_class))


def open_document(
    dek: bytes, sealed: bytes, *, kind: str, id: UUID, subject: str, record_class: str
) -> dict[str, Any]:
    """Return the values of a sealed document; raises ``Unreadable`` if it was altered or moved."""
    text = open_(dek, bytes(sealed), aad=_document_aad(kind, id, subject, record_class))
    return dict(json.loads(text))


def seal_many(documents: Sequence[Document]) -> list[bytes]:
    """Make a new key for each document, seal all, and return the sealed bytes in the same order."""
    deks = keys.create([document.id for document in documents])
    return [seal_document(deks[d.id], d.values or {}, **_place(d)) for d in documents]


def open_many(
    documents: Sequence[Document], *, unreadable: list[UUID] | None = None
) -> dict[UUID, dict[str, Any]]:
    """Return the values of many sealed documents by id, in one query; those with a destroyed key are absent.

    A damaged document raises ``Unreadable``; with a list in ``unreadable`` its id is put there and the others
    are still opened.
    """
    deks = keys.open_([document.id for document in documents], unreadable=unreadable)
    opened: dict[UUID, dict[str, Any]] = {}
    for document in documents:
        if document.id not in deks:
            continue
        try:
            opened[document.id] = open_document(
                deks[document.id], document.sealed or b"", **_place(document)
            )
        except Unreadable:
            if unreadable is None:
                raise
            unreadable.append(document.id)
    return opened


def seal_bytes(dek: bytes, data: bytes, *, kind: str, id: UUID) -> bytes:
    """Return the sealed bytes of a file; they open only for the same kind and id."""
    return seal(dek, data, aad=_file_aad(kind, id))


def open_bytes(dek: bytes, sealed: bytes, *, kind: str, id: UUID) -> bytes:
    """Return the bytes of a sealed file; raises ``Unreadable`` if it was altered or moved."""
    return open_(dek, bytes(sealed), aad=_file_aad(kind, id))


def _place(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "id": document.id,
        "subject": document.subject,
        "record_class": document.record_class,
    }


def _document_aad(kind: str, id: UUID, subject: str, record_class: str) -> bytes:
    return context("document", kind, id.bytes, subject, record_class, bytes([VERSION]))


def _file_aad(kind: str, id: UUID) -> bytes:
    return context("file", kind, id.bytes, bytes([VERSION]))
