"""A notice that is out is corrected: its change does not happen, or happens later. The messages follow by sweep."""

from datetime import date, datetime

from compliance.models import Notice, NoticeCorrection

REMINDER_DAYS = 7
Kind = NoticeCorrection.Kind


def decide(notice: Notice, *, new_on: date | None, now: datetime) -> NoticeCorrection:
    """Write the correction of a notice; the caller holds the transaction. ``new_on`` None: it does not happen.

    A reminder that has not left follows the new day.
    """
    number = notice.corrections.count() + 1
    correction = NoticeCorrection.objects.create(
        notice=notice,
        number=number,
        kind=Kind.MOVED if new_on else Kind.CANCELLED,
        old_on=notice.effective_on,
        new_on=new_on,
        decided_at=now,
    )
    if new_on:
        notice.effective_on = new_on
        if notice.reminder_on and notice.reminded_at is None:
            notice.reminder_on = reminder_day(new_on)
        notice.save(update_fields=["effective_on", "reminder_on"])
    return correction


def reminder_day(effective_on: date) -> date:
    """Return the day of the reminder: seven whole days before a change takes effect."""
    return date.fromordinal(effective_on.toordinal() - REMINDER_DAYS - 1)
