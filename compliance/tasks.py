"""What the study does by itself; tasks read the clock once and call one action per row."""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.db import connections
from django.utils import timezone

from compliance import sweeps, tail
from compliance.actions import certificate, policy_version, upload
from compliance.auth import throttle
from compliance.keyring import checkpoint, rolling
from compliance.models import PolicyVersion, Session, Slot, Upload
from compliance.restore import guard
from compliance.schedule import BY_NAME
from compliance.sweeps import Report

log = logging.getLogger(__name__)
KEEP_TURNS = timedelta(days=3)


@shared_task(name="compliance.tick")
def tick() -> None:
    """Take every due turn: hand it to its queue over Redis, or run it here over the folder broker.

    After a restore nothing runs until it is signed off.
    """
    if guard.look():
        return
    now = timezone.now()
    for entry, slot in sweeps.take_turns(now):
        if settings.REDIS_URL:
            run_turn.apply_async((slot.pk,), queue=entry.queue)
        else:
            run_turn(slot.pk)
    tail.keep_up()
    sweeps.forget_turns(now - KEEP_TURNS)


@shared_task(name="compliance.run_turn")
def run_turn(slot_id: int) -> None:
    """Run the entry of one turn and note what it did; an error is logged and the next turn tries again."""
    if guard.look():
        return
    slot = Slot.objects.filter(pk=slot_id, finished_at=None).first()
    if slot is None or slot.entry not in BY_NAME:
        return
    try:
        report = sweeps.run(slot.entry, timezone.now())
    except Exception as error:  # One broken sweep must not stop the others of this tick.
        log.error("sweep %s failed: %s", slot.entry, type(error).__name__, exc_info=settings.DEBUG)
        report = Report(skipped={"error": 1})
    sweeps.finish(slot, report, timezone.now())


@shared_task(name="compliance.run_entry")
def run_entry(name: str) -> None:
    """Run an entry out of turn, because a web request rang the bell."""
    if name in BY_NAME and not guard.look():
        sweeps.run(name, timezone.now())


def announce_versions(now: datetime, *, dry_run: bool = False) -> Report:
    """Announce approved versions; one whose day can no longer be met stays and is a duty."""
    report = Report()
    approved = PolicyVersion.objects.filter(state=PolicyVersion.State.APPROVED)
    for version in approved.select_related("service"):
        try:
            if not dry_run:
                policy_version.announce(version, actor=None, now=now)
        except policy_version.TransitionRefused as refusal:
            report.skip(refusal.reason)
        else:
            report.done += 1
    return report


def put_versions_into_effect(now: datetime, *, dry_run: bool = False) -> Report:
    """Put announced versions into effect from local midnight of their day, if everybody was told or is excused."""
    report = Report()
    for version in policy_version.due_to_take_effect(now):
        reason = policy_version.hindrance(version, now=now)
        if reason:
            report.skip(reason)
            continue
        report.done += 1
        if not dry_run:
            policy_version.take_effect(version, actor=None, now=now)
    return report


def destroy_uploads(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy handed-in files whose 24 hours are over."""
    due = list(
        Upload.objects.filter(destroyed_at=None, destroy_at__lte=now).values_list("pk", flat=True)[
            :1000
        ]
    )
    if due and not dry_run:
        upload.destroy(due, actor=None, now=now)
    return Report(done=len(due))


def roll_keys(now: datetime, *, dry_run: bool = False) -> Report:
    """Wrap everything under a new key once a day and forget the old one; certificates then become final."""
    return rolling.run(now, finalise=certificate.finalise, dry_run=dry_run)


def wipe_deleted(now: datetime, *, dry_run: bool = False) -> Report:
    """Get the bytes of deleted rows out of write-ahead logs and, for keys, out of the pages."""
    report = Report()
    for alias in () if dry_run else connections:
        if alias != "keyring" and connections[alias].vendor != "sqlite":
            continue
        if checkpoint.truncate_wal(alias, full=True):
            report.done += 1
        else:
            report.skip("busy")
    return report


def forget_sessions(now: datetime, *, dry_run: bool = False) -> Report:
    """Delete sessions that have expired."""
    expired = Session.objects.filter(expire_date__lt=now)
    return Report(done=expired.count() if dry_run else expired.delete()[0])


def forget_throttles(now: datetime, *, dry_run: bool = False) -> Report:
    """Delete counts of failed attempts that slow nobody down any more."""
    return Report(done=0 if dry_run else throttle.forget_old(now=now))
