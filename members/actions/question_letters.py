"""Letters that ask for an answer go only to who has not given it: looked at again for every window."""

from collections.abc import Sequence
from uuid import UUID

from members import questions
from members.actions.delivery_plan import ASK_AGAIN, QUESTION
from members.models import Delivery
from members.scope import answers

STAGES = (QUESTION, ASK_AGAIN)


def answered(rows: Sequence[Delivery]) -> set[UUID]:
    """Return which of these letters have become pointless, because everything asked has an answer or was put off."""
    asking = [row for row in rows if row.stage in STAGES and row.notice and row.subject]
    if not asking:
        return set()
    given = answers([row.subject for row in asking])
    versions = {row.notice.version_id: row.notice.version for row in asking}
    asked = {pk: questions.Asking(version) for pk, version in versions.items()}
    return {
        row.pk
        for row in asking
        if row.subject.put_off_version_id == row.notice.version_id
        or not asked[row.notice.version_id].waits(row.subject, given.get(row.subject.pk, []))
    }
