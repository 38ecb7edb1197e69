"""The form of somebody who joins, from being sent to the right code: sealed under a key of its own, and short-lived.

Nothing of it is anybody's record. It ends with the membership that it becomes, with a no, or after half an hour.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from compliance.keyring import keys, sealing
from compliance.models import PolicyVersion, Service
from members.models import DataSubject, PendingJoin

KIND = "joining"
LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class Given:
    """One answer with the digest of the words that were shown; ``answer`` is agreed or disagreed."""

    purpose: str
    channel: str
    recipient: str
    answer: str
    text_hash: str


@dataclass(frozen=True)
class Filled:
    """What somebody typed and chose. ``password`` is a hash, never what was typed; empty where none is asked for."""

    values: Mapping[str, str]
    answers: tuple[Given, ...]
    address: str
    password: str = ""

    def __repr__(self) -> str:
        return f"Filled({len(self.values)} items, {len(self.answers)} answers)"


class Gone(LookupError):
    """The form has expired or was used; it has to be filled in again."""


def hold(
    service: Service,
    version: PolicyVersion,
    kind: str,
    filled: Filled,
    *,
    subject: DataSubject | None = None,
    language: str,
    now: datetime,
) -> PendingJoin:
    """Seal a form until its code comes; ``subject`` is the child that a representative fills it in for."""
    pk = uuid.uuid4()
    dek = keys.create([pk])[pk]
    return PendingJoin.objects.create(
        id=pk,
        service=service,
        version=version,
        subject=subject,
        kind=kind,
        language=language,
        sealed=sealing.seal_document(dek, asdict(filled), **_place(pk)),
        created_at=now,
        expires_at=now + LIFE,
    )


def read(pending: PendingJoin, *, now: datetime) -> Filled:
    """Open a form for the person who typed it, or to make a membership of it. Raises ``Gone``."""
    dek = keys.open_([pending.pk]).get(pending.pk)
    if dek is None or now >= pending.expires_at:
        raise Gone
    found = sealing.open_document(dek, pending.sealed, **_place(pending.pk))
    answers = tuple(Given(**one) for one in found.pop("answers"))
    return Filled(answers=answers, **found)


def prove(pending: PendingJoin, *, now: datetime) -> None:
    """Note that the code was right: the address belongs to whoever typed it."""
    PendingJoin.objects.filter(pk=pending.pk).update(proved_at=now)
    pending.proved_at = now


def discard(ids: Iterable[uuid.UUID]) -> int:
    """Destroy forms: their keys first, then the rows with their codes; safe to repeat."""
    gone = list(ids)
    keys.destroy(gone)
    PendingJoin.objects.filter(pk__in=gone).delete()
    return len(gone)


def discard_of(subject: DataSubject, now: datetime) -> int:
    """Destroy the forms that were filled in for a child who leaves."""
    return discard(PendingJoin.objects.filter(subject=subject).values_list("pk", flat=True))


def expired(now: datetime) -> list[uuid.UUID]:
    """Return the forms whose half hour is over."""
    return list(PendingJoin.objects.filter(expires_at__lte=now).values_list("pk", flat=True))


def _place(pk: uuid.UUID) -> dict[str, Any]:
    return {"kind": KIND, "id": pk, "subject": pk.hex, "record_class": KIND}
