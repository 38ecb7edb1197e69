"""A new e-mail address takes the place of the old one only after a code that was sent to it came back.

Nothing is stored meanwhile: what was asked for travels signed through the person's own page, and is worth nothing
without the code, without the session, or after ten minutes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core import signing

from members.actions import join_code, rectification
from members.actions.access_code import LIFE
from members.models import AccessCode, DataSubject, RightsRequest
from members.rules import requests as rule

SALT = "members.new_address"
LETTER = join_code.Letter("new_address_code", works=True)
PURPOSE = AccessCode.Purpose.NEW_ADDRESS


@dataclass(frozen=True)
class Answer:
    """What came of a code: the request that the change became, or why not and how many tries are left."""

    request: RightsRequest | None = None
    reason: str = ""
    tries_left: int = 0


def ask(
    subject: DataSubject, record_id: UUID, address: str, *, language: str, now: datetime
) -> str:
    """Send a code to the new address and return the signed claim that has to come back with it.

    Raises ``rectification.NotPossible("not_held")``.
    """
    rectification.held(subject, record_id, rule.EMAIL)
    code = join_code.issue(
        subject.service,
        address,
        letter=LETTER,
        purpose=PURPOSE,
        subject=subject,
        language=language,
        now=now,
    )
    return signing.dumps([code.token, record_id.hex, address], salt=SALT)


def confirm(
    subject: DataSubject, claim: str, digits: str, *, keep_session: str, now: datetime
) -> Answer:
    """Change the address if claim and code are right. Reasons: ``expired``, ``wrong``, ``too_many``, ``taken``.

    Raises ``rectification.NotPossible``.
    """
    try:
        token, record_id, address = signing.loads(claim, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return Answer(reason="expired")
    code = join_code.open_attempt(token, subject.service, PURPOSE)
    if code is None or code.subject_id != subject.pk:
        return Answer(reason="expired")
    tried = join_code.check(code, digits, now=now)
    if not tried.right:
        return Answer(reason=tried.reason, tries_left=tried.tries_left)
    if rectification.is_taken(subject, rule.EMAIL, address):
        return Answer(reason="taken")
    changed = rectification.change_own(
        subject, UUID(record_id), rule.EMAIL, address, keep_session=keep_session, now=now
    )
    return Answer(request=changed)


def address_in(claim: str) -> str:
    """Return the address of a claim for the page that asks for its code; empty for a claim that is not ours."""
    try:
        return str(signing.loads(claim, salt=SALT, max_age=LIFE)[2])
    except signing.BadSignature:
        return ""
