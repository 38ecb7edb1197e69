"""What happens to people kept apart: their clocks move in the archive, and nothing new is kept about them."""

from datetime import date

import pytest

from compliance import effects
from compliance.models import Effect, LedgerEntry, Service
from compliance.rules.calendar import start_of_day
from members.actions import destruction, withdrawal
from members.archive.models import ArchivedRecord
from members.imports import apart
from members.models import DataSubject, Record
from tests.members.imports import files
from tests.members.imports.files import people
from tests.members.imports.test_engine import bring
from tests.members.imports.test_events import events, payment

pytestmark = [pytest.mark.django_db(databases=files.DATABASES), pytest.mark.servers]
SUPPLIED = payment(paid="", supplied="2026-11-05", text="")


@pytest.fixture
def left(now):
    """A member who left between payment and supply."""
    bring(people(1))
    events([payment()])
    person = DataSubject.objects.get()
    opened = withdrawal.request(person, channel="web", actor=None, now=now)
    withdrawal.carry_out(opened, now=now)
    person.deliveries.all().delete()
    withdrawal.carry_out(opened, now=now)
    person.refresh_from_db()
    assert person.status == "withdrawn" and not Record.objects.exists()
    return person


def test_a_supply_after_leaving_starts_the_clock_of_the_record_and_of_its_identity_copy(left):
    assert set(ArchivedRecord.objects.filter(rule_code="payment_5y").values_list("due_on")) == {
        (None,)
    }
    job = events([SUPPLIED])
    assert (job.outcome["changed"], job.outcome["rejected"]) == (1, 0)
    rows = ArchivedRecord.objects.filter(rule_code="payment_5y")
    assert rows.count() == 2
    assert set(rows.values_list("due_on", flat=True)) == {date(2031, 11, 5)}
    assert events([SUPPLIED]).outcome["same"] == 1
    assert LedgerEntry.objects.filter(code="members.archive.clocks_moved").count() == 1
    service = Service.objects.get()
    destruction.destroy_due(service, now=start_of_day(date(2031, 11, 5), service.timezone))
    assert rows.count() == 2
    destruction.destroy_due(service, now=start_of_day(date(2031, 11, 6), service.timezone))
    assert not rows.exists()


def test_nothing_new_is_kept_about_somebody_who_has_left(left):
    before = set(ArchivedRecord.objects.values_list("pk", flat=True))
    other_text = payment(paid="", supplied="2026-11-05", text="99 KRW")
    job = events([other_text, payment("O-2")])
    assert (job.outcome["new"], job.outcome["changed"], job.outcome["rejected"]) == (0, 0, 2)
    assert set(ArchivedRecord.objects.values_list("pk", flat=True)) == before
    assert not Record.objects.exists()


def test_a_stop_between_the_file_and_the_archive_is_finished_by_the_next_run(left, now):
    record = ArchivedRecord.objects.get(
        record_class="payment_records", item_codes=["payment_records"]
    )
    effect = effects.begin(
        apart.MOVE,
        "import:x.apart",
        {
            "job": "x",
            "archived": [str(record.pk)],
            "anchors": [[["payment", "2026-11-01"], ["supply", "2026-11-05"]]],
        },
        service=Service.objects.get(),
        actor=None,
        now=now,
    )
    assert apart.repair_unfinished(now=now) == 1
    record.refresh_from_db()
    assert record.due_on == date(2031, 11, 5)
    effect.refresh_from_db()
    assert effect.state == Effect.State.COMPLETED
