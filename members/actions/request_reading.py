"""An officer reads what was written about a request; that it was read stands in the ledger (LAW-KR-8)."""

from datetime import datetime

from django.db import transaction

from compliance import ledger
from compliance.models import Account
from members import request_texts
from members.models import RightsRequest


def read(request: RightsRequest, *, actor: Account, now: datetime) -> list[request_texts.Text]:
    """Open every text of a request for the officer who works on it, and record how many were shown."""
    texts = request_texts.of_request(request)
    with transaction.atomic():
        ledger.record(
            "members.request.texts_shown",
            actor=actor,
            now=now,
            service=request.service,
            subject=request.subject.public_id if request.subject else None,
            obj=f"rightsrequest:{request.pk}",
            data={"texts": len(texts)},
        )
    return texts
