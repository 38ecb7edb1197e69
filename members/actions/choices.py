"""What a person decides in the consent centre: only answers that differ are written, and each is confirmed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from compliance.models import Account, PolicyVersion
from members.actions import consent
from members.choices import Line, key_of
from members.models import Answer, ConsentEvent, ConsentState, DataSubject

OPEN = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)


class NotPossible(ValueError):
    """Nobody who has left, or is leaving, answers any more; the text is a code."""


def change(
    subject: DataSubject,
    agrees: Mapping[str, bool],
    *,
    lines: Sequence[Line],
    version: PolicyVersion,
    asked_by: str,
    language: str,
    actor: Account | None,
    now: datetime,
) -> list[ConsentEvent]:
    """Write the answers that differ from those that count, and return them; the same answer twice is one.

    ``agrees`` tells yes or no by the key of a question among ``lines``, whose words were shown; keys of other
    questions are left out. Taking back an agreement is a withdrawal, a first no a disagreement (MIK-1.1, MIK-8.1a).
    Raises ``NotPossible``: ``left``.
    """
    with transaction.atomic():
        locked = (
            DataSubject.objects.select_for_update().select_related("service").get(pk=subject.pk)
        )
        if locked.status not in OPEN:
            raise NotPossible("left")
        current = _current(locked)
        events = []
        for line in lines:
            answer = _answer(current.get(line.choice.key, ""), agrees.get(line.choice.key))
            if answer:
                events.append(
                    consent.answer(
                        locked,
                        purpose=line.choice.purpose,
                        channel=line.choice.channel,
                        recipient=line.choice.recipient,
                        answer=answer,
                        version=version,
                        asked_by=asked_by,
                        language=language,
                        text_hash=line.text_hash,
                        actor=actor,
                        now=now,
                    )
                )
    return events


def _current(subject: DataSubject) -> dict[str, str]:
    states = ConsentState.objects.filter(subject=subject)
    return {key_of(row): row.answer for row in states}


def _answer(current: str, agrees: bool | None) -> str:
    """Return the answer to write, empty where nothing changes."""
    if agrees is None or (current and agrees == (current == Answer.AGREED)):
        return ""
    if agrees:
        return Answer.AGREED
    return Answer.WITHDRAWN if current == Answer.AGREED else Answer.DISAGREED
