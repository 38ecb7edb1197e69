"""Texts of a request: each is sealed under a key of its own before its row exists, and goes with its person."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compliance.keyring import keys, sealing
from compliance.models import Account
from members import request_texts
from members.models import DataSubject, RequestMessage, RightsRequest


def write(
    request: RightsRequest,
    role: str,
    values: Mapping[str, Any],
    *,
    author: Account | None,
    now: datetime,
) -> RequestMessage:
    """Seal one text of a request; ``author`` None is the person. ``values`` hold ``text`` and what belongs to it.

    Example: ``write(request, "comment", {"text": "It is number 7, not 1."}, author=None, now=now)``.
    """
    message = RequestMessage(
        id=uuid.uuid4(), request=request, role=role, author=author, written_at=now
    )
    [message.sealed] = sealing.seal_many([request_texts.document(message, values)])
    message.save(force_insert=True)
    return message


def destroy_of(subject: DataSubject, now: datetime) -> int:
    """Destroy every text of the requests of a person who leaves; the requests stay, with codes and days alone."""
    gone = list(
        RequestMessage.objects.filter(request__subject=subject).values_list("pk", flat=True)
    )
    keys.destroy(gone)
    RequestMessage.objects.filter(pk__in=gone).delete()
    return len(gone)
