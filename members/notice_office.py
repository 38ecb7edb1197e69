"""What the office shows of notices and cannot know itself: people, progress, and the message."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy

from django.db.models import Count

from compliance.audience import Progress
from compliance.models import Notice, PolicyVersion, Service
from compliance.previews import Mail
from compliance.selectors import policy_in_force, policy_values
from members import emails
from members.actions.delivery_plan import EVENTS, FIRST, OPEN, audience
from members.models import Delivery

State = Delivery.State
LEFT = frozenset(OPEN)
UNREACHED = frozenset({State.UNREACHABLE, State.REFUSED, State.CANCELLED})
OFFICE_ADDRESS = "office@localhost"
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)  # Everybody who joined, whenever that was.


def people(service: Service) -> int:
    """Return how many people a notice of a service would be mailed to today."""
    version = policy_in_force(service)
    return 0 if version is None else audience(_unsaved(version, END_OF_TIME)).count()


def progress(notice_ids: Sequence[int]) -> dict[int, Progress]:
    """Return the progress of the first messages of some notices, in one query."""
    rows = Delivery.objects.filter(notice__in=notice_ids, stage=FIRST).values("notice", "state")
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows.annotate(n=Count("pk")).values_list("notice", "state", "n"):
        counts[row[0]][_fate(row[1])] += row[2]
    return {pk: Progress(**counts[pk]) for pk in notice_ids}


def mail(version: PolicyVersion, language: str, now: datetime) -> Mail:
    """Return the message that would leave if the version were announced now."""
    notice = _unsaved(version, now)
    in_force = policy_in_force(version.service)
    form = emails.notice_form(
        notice,
        event=EVENTS[Notice.Event(notice.event)],
        language=language,
        policy=policy_values(in_force or version),
    )
    raw = form.fill(to=OFFICE_ADDRESS, message_id="<preview@localhost>", sent_at=now, blanks={})
    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",))
    return Mail(language, str(message["Subject"]), body.get_content() if body else "")


def _unsaved(version: PolicyVersion, at: datetime) -> Notice:
    """Return the notice that an announcement would make; it is never saved."""
    important = version.change_class == PolicyVersion.ChangeClass.IMPORTANT
    return Notice(
        pk=0,
        service=version.service,
        version=version,
        event=Notice.Event.REVISION_IMPORTANT if important else Notice.Event.REVISION_GENERAL,
        effective_on=version.effective_on,
        published_at=at,
    )


def _fate(state: str) -> str:
    if state in LEFT:
        return "left"
    if state in UNREACHED:
        return "unreachable"
    return "sent" if state == State.SENT else "failed"
