"""An officer takes back, for a person, consents that the person withdraws by mail, telephone or letter (MIK-8.1b)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from compliance.models import Account
from compliance.selectors import policy_in_force
from members import choices as questions
from members.actions import choices, choices_mail, rights_request
from members.choices import Line
from members.contacts import language_of
from members.gate import policy_for
from members.models import RightsRequest


def agreed(request: RightsRequest, *, now: datetime) -> list[Line]:
    """Return what the person of a request agrees to now, and so can take back."""
    if request.subject is None:
        return []
    policy = policy_for(request.service, now)
    return [line for line in questions.lines(request.subject, policy) if line.agreed]


def withdraw(
    request: RightsRequest, keys: Sequence[str], *, actor: Account, now: datetime
) -> RightsRequest:
    """Withdraw the consents with these keys, answer the request, and confirm to the person what changed.

    Raises ``rights_request.NotPossible``: ``closed``, ``identity_not_checked``, ``not_held``.
    """
    subject, lines = request.subject, agreed(request, now=now)
    if subject is None:
        raise rights_request.NotPossible("not_held")
    version = policy_in_force(request.service)
    with transaction.atomic():
        done = rights_request.close(
            request, result="withdrawn", is_told=False, actor=actor, now=now
        )
        changed = choices.change(
            subject,
            dict.fromkeys(keys, False),
            lines=lines,
            version=version,  # type: ignore[arg-type]
            asked_by=request.channel,
            language=language_of(subject, policy_for(request.service, now)),
            actor=actor,
            now=now,
        )
    if changed:
        choices_mail.plan(subject, changed, lines=lines, now=now)
    return done
