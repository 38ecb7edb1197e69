"""The timetable: every piece of work that the house does by itself, how often and in which queue.

This is the map of the house: each entry names one function ``(now, *, dry_run) -> Report``.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Entry:
    """One line of the timetable; ``run`` is the dotted path of its function."""

    name: str
    every: timedelta
    queue: str
    run: str


TIMETABLE: tuple[Entry, ...] = (
    Entry(
        "policies.announce", timedelta(minutes=5), "notices", "compliance.tasks.announce_versions"
    ),
    Entry(
        "policies.take_effect",
        timedelta(minutes=5),
        "notices",
        "compliance.tasks.put_versions_into_effect",
    ),
    Entry("notices.plan", timedelta(minutes=1), "notices", "members.tasks.plan_notices"),
    Entry("notices.remind", timedelta(hours=1), "notices", "members.tasks.plan_reminders"),
    Entry("notices.ask", timedelta(minutes=1), "notices", "members.tasks.ask_anew"),
    Entry("notices.correct", timedelta(minutes=1), "notices", "members.tasks.correct_notices"),
    Entry("questions.bind", timedelta(minutes=5), "requests", "members.tasks.bind_agreed"),
    Entry("deliveries.send", timedelta(seconds=5), "notices", "members.tasks.send_deliveries"),
    Entry("marketing.remind", timedelta(hours=24), "notices", "members.tasks.remind_of_marketing"),
    Entry("notices.close", timedelta(minutes=1), "notices", "members.tasks.close_notices"),
    Entry(
        "withdrawals.carry_out",
        timedelta(seconds=30),
        "requests",
        "members.tasks.carry_out_withdrawals",
    ),
    Entry("retention.reclock", timedelta(minutes=5), "retention", "members.tasks.follow_versions"),
    Entry("retention.destroy", timedelta(hours=1), "retention", "members.tasks.destroy_due"),
    Entry("retention.tell", timedelta(minutes=1), "notices", "members.tasks.tell_destroyed"),
    Entry(
        "retention.release_holds",
        timedelta(hours=1),
        "retention",
        "members.tasks.release_rejoin_digests",
    ),
    Entry("dormancy.notify", timedelta(hours=1), "notices", "members.tasks.tell_dormant"),
    Entry("dormancy.move", timedelta(hours=1), "retention", "members.tasks.move_dormant"),
    Entry("dormancy.end", timedelta(hours=1), "retention", "members.tasks.end_dormant"),
    Entry("cases.look_at", timedelta(hours=1), "retention", "members.tasks.look_at_cases"),
    Entry("enquiries.destroy", timedelta(hours=1), "retention", "members.tasks.destroy_enquiries"),
    Entry("documents.destroy", timedelta(minutes=10), "retention", "members.tasks.destroy_scans"),
    Entry("codes.forget", timedelta(minutes=10), "retention", "members.tasks.forget_codes"),
    Entry("joining.forget", timedelta(minutes=5), "retention", "members.tasks.forget_joining"),
    Entry("receipts.sign", timedelta(seconds=5), "requests", "members.tasks.sign_receipts"),
    Entry("imports.run", timedelta(seconds=5), "requests", "members.tasks.run_imports"),
    Entry("copies.write", timedelta(seconds=5), "requests", "members.tasks.write_copies"),
    Entry("copies.destroy", timedelta(minutes=10), "retention", "members.tasks.destroy_copies"),
    Entry(
        "uploads.destroy", timedelta(minutes=10), "retention", "compliance.tasks.destroy_uploads"
    ),
    Entry(
        "ledger.checkpoint", timedelta(minutes=10), "retention", "compliance.checkpoints.sign_due"
    ),
    Entry("keys.roll", timedelta(minutes=10), "retention", "compliance.tasks.roll_keys"),
    Entry("retention.wipe", timedelta(minutes=5), "retention", "compliance.tasks.wipe_deleted"),
    Entry("sessions.forget", timedelta(hours=1), "retention", "compliance.tasks.forget_sessions"),
    Entry("throttles.forget", timedelta(hours=1), "retention", "compliance.tasks.forget_throttles"),
    Entry("promises.check", timedelta(hours=24), "retention", "disclosures.tasks.check_promises"),
)

BY_NAME = {entry.name: entry for entry in TIMETABLE}


def turn_of(entry: Entry, now: datetime) -> datetime:
    """Return the start (UTC) of the turn that a moment belongs to.

    Example: an entry of every five minutes at 09:12:31 has its turn at 09:10.
    """
    epoch = datetime(2020, 1, 1, tzinfo=UTC)
    return epoch + ((now - epoch) // entry.every) * entry.every
