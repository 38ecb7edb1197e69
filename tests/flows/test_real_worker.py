"""The same job by a real worker with beat, over the broker of the settings: folders, or Redis on the servers' run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance import ledger
from compliance.actions import policy_copy, policy_version
from compliance.models import Notice, PolicyVersion, Slot
from members.actions import withdrawal
from members.models import DataSubject, Delivery, Withdrawal
from tests.tools import cast, worker

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]


def approved_change(mikmik):
    """A wording fix, reviewed and approved today, with its day as early as the policy allows."""
    author, second = cast.officer("sora", mikmik), cast.officer("hana", mikmik)
    now = timezone.now()
    draft = policy_copy.copy_in_force(mikmik, actor=author, now=now)
    clause = draft.clauses.first()
    clause.title += " (clarified)"
    clause.save()
    day = policy_version.earliest_day(draft, "general", now=now) + timedelta(days=1)
    submitted = policy_version.submit(draft, effective_on=day, actor=author, now=now)
    return policy_version.approve(submitted, actor=second, now=now)


def test_beat_and_worker_announce_tell_everybody_and_carry_out_a_withdrawal(
    mikmik_live, smtp_sink, tmp_path, settings
):
    people = [cast.member(mikmik_live, name) for name in ("minji", "emma", "budi")]
    leaver = cast.member(mikmik_live, "goes", mobile="010-9999-0000")
    DataSubject.objects.update(last_used_at=timezone.now())  # Nobody is near dormancy.
    version = approved_change(mikmik_live)
    withdrawal.request(leaver, channel="web", actor=None, now=timezone.now())
    with worker.celery_worker(
        log=tmp_path / "worker.log", beat=True, REDIS_URL=settings.REDIS_URL
    ) as process:
        worker.wait_until(lambda: everything_is_done() or not process.running(), seconds=150)
        assert process.running(), process.said()
    version.refresh_from_db()
    assert version.state == PolicyVersion.State.ANNOUNCED
    told = sorted(mail.recipients[0] for mail in smtp_sink.accepted())
    expected = [f"{name}@mail.example" for name in ("budi", "emma", "goes", "minji")]
    assert told == expected, "three notices and one confirmation"
    assert Delivery.objects.filter(kind="notice", state="sent").count() == len(people)
    assert not Slot.objects.filter(skipped__has_key="error").exists()
    assert ledger.verify().ok


def everything_is_done():
    told = Notice.objects.filter(completed_at__isnull=False).exists()
    return told and Withdrawal.objects.get().step == "complete"
