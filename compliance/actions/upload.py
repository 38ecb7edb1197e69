"""Files that somebody hands in: sealed on arrival, destroyed after use or after 24 hours."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from compliance import ledger
from compliance.keyring import keys, sealing
from compliance.models import Account, Upload

KEEP = timedelta(hours=24)


def receive(data: bytes, *, kind: str, actor: Account | None, now: datetime) -> Upload:
    """Seal a file under a key of its own and keep it for at most 24 hours."""
    upload_id = uuid.uuid4()
    key = keys.create([upload_id])[upload_id]
    return Upload.objects.create(
        id=upload_id,
        kind=kind,
        owner=actor,
        size=len(data),
        received_at=now,
        destroy_at=now + KEEP,
        sealed=sealing.seal_bytes(key, data, kind="upload", id=upload_id),
    )


def read(upload: Upload) -> bytes | None:
    """Return the bytes of a file, or ``None`` once it is destroyed."""
    key = keys.open_([upload.pk]).get(upload.pk)
    if key is None or upload.sealed is None:
        return None
    return sealing.open_bytes(key, bytes(upload.sealed), kind="upload", id=upload.pk)


def destroy(ids: Sequence[uuid.UUID], *, actor: Account | None, now: datetime) -> None:
    """Destroy files: their keys first, then their bytes; repeating it changes nothing."""
    keys.destroy(ids)
    with transaction.atomic():
        gone = Upload.objects.filter(pk__in=ids, destroyed_at=None).update(
            destroyed_at=now, sealed=None
        )
        if gone:
            ledger.record("compliance.upload.destroyed", actor=actor, now=now, data={"files": gone})
