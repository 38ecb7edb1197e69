"""A late roll and a missing recovery copy are told to people: duty, start-up check, live check."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from compliance.actions import certificate
from compliance.keyring import checks, duties, recovery
from compliance.keyring.models import Epoch
from compliance.models import Certificate, Service
from compliance.tasks import roll_keys
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
KEY = "destruction_certified(medium=electronic)"
HOUR = timedelta(hours=1)


def late(now):
    return [duty.severity for duty in duties.late_roll(Service.objects.all(), now)]


def test_a_roll_is_a_duty_once_it_is_a_day_late_and_no_longer_after_it():
    Epoch.objects.update(created_at=NOW)
    assert late(NOW + 47 * HOUR) == []
    assert late(NOW + 48 * HOUR) == ["overdue"]
    roll_keys(NOW + 48 * HOUR)
    assert late(NOW + 48 * HOUR) == []


def test_an_old_key_that_is_not_erased_is_late_although_a_new_one_is_there():
    Epoch.objects.update(created_at=NOW)
    Epoch.objects.create(
        number=2, fingerprint="", wrapped_index_key=b"", created_at=NOW + 24 * HOUR
    )
    Epoch.objects.filter(number=1).update(retired_at=NOW + 24 * HOUR)
    assert late(NOW + 48 * HOUR) == ["overdue"]
    Epoch.objects.filter(number=1).update(forgotten_at=NOW + 48 * HOUR)
    assert late(NOW + 48 * HOUR) == []


def test_a_missing_recovery_copy_is_a_note_and_a_warning_except_in_a_demo(settings, tmp_path):
    (duty,) = duties.missing_recovery(Service.objects.all(), NOW)
    assert duty.severity == "note"
    (warning,) = checks.recovery_set_up(None)
    assert warning.id == "keyring.W002"
    settings.RECOVERY_DIRS = [str(tmp_path)]
    recovery.make_pair(tmp_path / "private.pem")
    try:
        assert duties.missing_recovery(Service.objects.all(), NOW) == []
        assert checks.recovery_set_up(None) == []
    finally:
        recovery.public_key_file().unlink()
    settings.DEMO = True
    assert duties.missing_recovery(Service.objects.all(), NOW) == []


@pytest.mark.parametrize(("hours", "allowed"), [(23, False), (24, True), (168, True), (169, False)])
def test_the_interval_lies_between_a_day_and_a_week(settings, hours, allowed):
    settings.KEY_ROLL_HOURS = hours
    assert (checks.interval_allowed(None) == []) is allowed


@pytest.mark.promise("MIK-9.1.2b")
def test_a_destruction_that_is_not_final_in_time_endangers_and_then_breaks_its_promise():
    Epoch.objects.update(created_at=NOW)
    service = cast.service()
    with transaction.atomic():
        certificate.issue_for_run(service, counts=[], run="run:1", now=NOW)
    assert board.verdict(service, KEY, NOW + 48 * HOUR) == "kept"
    found = board.finding(service, KEY, NOW + 49 * HOUR)
    assert (found.verdict, found.evidence[0]["reason"]) == ("at_risk", "key_roll_late")
    assert board.verdict(service, KEY, NOW + timedelta(days=10)) == "broken"
    roll_keys(NOW + 49 * HOUR)
    assert board.verdict(service, KEY, NOW + 49 * HOUR) == "kept"
    Certificate.objects.update(final_on=None, final_at=None)
    found = board.finding(service, KEY, NOW + 49 * HOUR)
    assert (found.verdict, found.evidence[0]["reason"]) == ("at_risk", "key_in_environment")
