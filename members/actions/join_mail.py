"""The first message to a new member: what was agreed to and refused, where to change it, and how to leave (E02)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import override

from compliance.models import PolicyVersion
from compliance.selectors import policy_values
from members import choices
from members.actions import delivery
from members.actions.pending_join import Given
from members.contacts import language_of
from members.models import DataSubject, Delivery

EVENT = "joined"


def plan(
    person: DataSubject, answers: Sequence[Given], version: PolicyVersion, *, now: datetime
) -> Delivery:
    """Hand the message to the outbox; joining twice is impossible, so each person gets one."""
    policy = policy_values(version)
    language = language_of(person, policy)
    with override(language):
        said = [
            {
                "question": choices.title(policy, one.purpose, one.channel, one.recipient),
                "answer": one.answer,
            }
            for one in answers
        ]
    figures = {"joined_at": now.isoformat(), "version": version.number, "answers": said}
    return delivery.plan_receipt(
        person, EVENT, "joined", language=language, figures=figures, now=now
    )
