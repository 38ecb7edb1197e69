"""The message that confirms changed answers: which, to what, and what to do if it was somebody else."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import override

from compliance.rules.policy_values import Policy
from members import choices
from members.actions import delivery
from members.choices import Line
from members.contacts import language_of
from members.gate import policy_for
from members.models import ConsentEvent, DataSubject, Delivery
from members.questions import Line as Asked

EVENT = "choices_changed"
BY_LINK = "one_click"  # Asked by the link of a message.


def plan(
    subject: DataSubject,
    events: Sequence[ConsentEvent],
    *,
    lines: Sequence[Line | Asked],
    policy: Policy | None = None,
    now: datetime,
) -> Delivery:
    """Hand the confirmation of these answers to the outbox; somebody without an address gets a row that says so.

    ``policy`` is the version that names the questions, the one in force where none is given.
    """
    policy = policy or policy_for(subject.service, now)
    language = language_of(subject, policy)
    before = {line.choice.key: line.answer for line in lines}
    with override(language):
        changed = [
            {
                "question": choices.title(policy, one.purpose, one.channel, one.recipient),
                "before": before.get(choices.key_of(one), ""),
                "after": one.answer,
            }
            for one in events
        ]
    by_link = any(one.asked_by == BY_LINK for one in events)
    figures = {"changed_at": now.isoformat(), "changed": changed, "by_link": by_link}
    return delivery.plan_receipt(
        subject, EVENT, uuid.uuid4().hex, language=language, figures=figures, now=now
    )
