"""Consent receipts: asked for by the person or by joining, signed by the worker, which alone reads the key."""

import uuid
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from compliance import ledger, signing
from compliance.sweeps import Report
from members import receipt as structure
from members.models import ConsentReceipt, DataSubject
from members.receipt_proof import KIND

BATCH = 200


def ask(subject: DataSubject, *, language: str, now: datetime) -> ConsentReceipt:
    """Write a receipt of the answers that count now; one that is not signed yet is replaced, signed ones stay."""
    ConsentReceipt.objects.filter(subject=subject, signed_at=None).delete()
    pk = uuid.uuid4()
    body = structure.text(subject, pk, language=language, now=now)
    return ConsentReceipt.objects.create(id=pk, subject=subject, body=body, asked_at=now)


def sign_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Sign the receipts that wait; the first one makes the key if no checkpoint did."""
    waiting = ConsentReceipt.objects.filter(signed_at=None).order_by("asked_at")
    due = list(waiting.select_related("subject__service")[:BATCH])
    if due and not dry_run:
        signing.ensure_key()
        for one in due:
            _sign(one, now)
    return Report(done=len(due))


def destroy_of(subject: DataSubject, now: datetime) -> int:
    """Delete the receipts of somebody who leaves; the files that the person took stay valid."""
    return ConsentReceipt.objects.filter(subject=subject).delete()[0]


def _sign(receipt: ConsentReceipt, now: datetime) -> None:
    signature = signing.sign_text(KIND, receipt.body)
    with transaction.atomic():
        mine = ConsentReceipt.objects.filter(pk=receipt.pk, signed_at=None)
        if not mine.update(
            signature=signature, key_fingerprint=signing.fingerprint(), signed_at=now
        ):
            return
        ledger.record(
            "members.receipt.signed",
            actor=None,
            now=now,
            service=receipt.subject.service,
            subject=receipt.subject.public_id,
            obj=f"receipt:{receipt.pk.hex}",
            data={"digest": sha256(receipt.body.encode()).hexdigest()},
        )
