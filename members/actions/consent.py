"""Answers to questions about consent: given, refused, taken back; the newest one counts."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from compliance import ledger
from compliance.models import Account, PolicyVersion
from members.models import Answer, ConsentEvent, ConsentState, DataSubject


def answer(
    subject: DataSubject,
    *,
    purpose: str,
    answer: str,
    version: PolicyVersion,
    channel: str = "",
    recipient: str = "",
    asked_by: str,
    language: str,
    text_hash: str,
    actor: Account | None,
    now: datetime,
) -> ConsentEvent:
    """Record one answer with what makes it provable, and make it the current one (MIK-1.1, X-ALL-10)."""
    question = {"subject": subject, "purpose": purpose, "channel": channel, "recipient": recipient}
    with transaction.atomic():
        event = ConsentEvent.objects.create(
            **question,
            answer=answer,
            version=version,
            asked_by=asked_by,
            language=language,
            text_hash=text_hash,
            answered_at=now,
        )
        ConsentState.objects.update_or_create(
            **question, defaults={"answer": answer, "version": version, "since": now}
        )
        ledger.record(
            "members.consent.answered",
            actor=actor,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            data={
                "purpose": purpose,
                "answer": answer,
                "channel": channel or None,
                "recipient": recipient or None,
                "version": version.number,
                "asked_by": asked_by or None,
                "language": language or None,
                "text": text_hash or None,
            },
        )
    return event


def withdraw_all(subject: DataSubject, *, asked_by: str, now: datetime) -> int:
    """Turn every running agreement of a person into a withdrawal; the caller holds the transaction."""
    agreed = list(ConsentState.objects.filter(subject=subject, answer=Answer.AGREED))
    ConsentEvent.objects.bulk_create([_withdrawal(state, asked_by, now) for state in agreed])
    ConsentState.objects.filter(pk__in=[state.pk for state in agreed]).update(
        answer=Answer.WITHDRAWN, since=now
    )
    return len(agreed)


def _withdrawal(state: ConsentState, asked_by: str, now: datetime) -> ConsentEvent:
    return ConsentEvent(
        subject_id=state.subject_id,
        purpose=state.purpose,
        channel=state.channel,
        recipient=state.recipient,
        answer=Answer.WITHDRAWN,
        version_id=state.version_id,
        asked_by=asked_by,
        language="",
        text_hash="",
        answered_at=now,
    )


def answers_of(subject: DataSubject) -> Sequence[ConsentState]:
    """Return the answers that count now, by purpose."""
    return list(
        ConsentState.objects.filter(subject=subject).order_by("purpose", "channel", "recipient")
    )
