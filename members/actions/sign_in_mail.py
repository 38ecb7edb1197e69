"""The message that says that somebody's way to sign in was changed: what, when, and what to do if it was not them."""

import uuid
from datetime import datetime

from members.actions import delivery
from members.contacts import language_of
from members.gate import policy_for
from members.models import DataSubject, Delivery

EVENT = "sign_in_changed"
SET, CHANGED, REMOVED = "password_set", "password_changed", "password_removed"


def plan(subject: DataSubject, what: str, *, now: datetime) -> Delivery:
    """Hand the message to the outbox; somebody without an address gets a row that says so. ``what``: see above."""
    language = language_of(subject, policy_for(subject.service, now))
    figures = {"what": what, "changed_at": now.isoformat()}
    return delivery.plan_receipt(
        subject, EVENT, uuid.uuid4().hex, language=language, figures=figures, now=now
    )
