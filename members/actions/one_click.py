"""End advertising by the link of a message: whoever holds the message says no for its receiver (RFC 8058)."""

from datetime import datetime

from django.utils.translation import get_language

from compliance.selectors import policy_in_force
from members import choices
from members.actions import choices as answers
from members.actions import choices_mail, marketing_reminder
from members.gate import policy_for
from members.models import Delivery


def stop(message: Delivery, *, now: datetime) -> int:
    """Take back every agreement on a channel and return how many there were; doing it twice changes nothing.

    The person is told what changed, as after any change (MIK-19.2).
    """
    person = message.subject
    if person is None:
        return 0
    policy = policy_for(person.service, now)
    lines = choices.lines(person, policy)
    version = policy_in_force(person.service)
    wanted = {line.choice.key: False for line in marketing_reminder.agreed(lines)}
    if not wanted or version is None:
        return 0
    try:
        changed = answers.change(
            person,
            wanted,
            lines=lines,
            version=version,
            asked_by=choices_mail.BY_LINK,
            language=get_language() or message.language,
            actor=None,
            now=now,
        )
    except answers.NotPossible:
        return 0
    if changed:
        choices_mail.plan(person, changed, lines=lines, now=now)
    return len(changed)
