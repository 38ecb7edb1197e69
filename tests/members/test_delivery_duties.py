"""What the officer is told about messages that reached nobody and notices that are late."""

from datetime import timedelta

import pytest

from compliance import duties
from compliance.models import Notice, Service
from members import delivery_duties
from members.models import Delivery
from tests.tools import cast
from tests.tools.notices import NOW, planned

pytestmark = pytest.mark.django_db(databases="__all__")


def test_each_result_that_reached_nobody_is_one_duty():
    planned(cast.service())
    one, two, three = Delivery.objects.values_list("pk", flat=True)
    Delivery.objects.filter(pk__in=[one, two]).update(state="unreachable", finished_at=NOW)
    Delivery.objects.filter(pk=three).update(state="failed", finished_at=NOW)
    found = delivery_duties.undelivered(Service.objects.all(), NOW)
    assert {(duty.query["state__exact"], duty.count, duty.severity) for duty in found} == {
        ("unreachable", 2, "open"),
        ("failed", 1, "overdue"),
    }
    assert not delivery_duties.undelivered(Service.objects.all(), NOW + timedelta(days=31))
    assert not delivery_duties.undelivered(Service.objects.none(), NOW)


def test_a_notice_not_with_everybody_after_a_day_is_due_before_its_day():
    _, notice = planned(cast.service())
    services = Service.objects.all()
    assert not delivery_duties.late_notices(services, NOW + timedelta(hours=23))
    later = NOW + timedelta(hours=25)
    (duty,) = [one for one in duties.due(services, later) if "notice__id__exact" in one.query]
    assert duty.severity == "overdue" and duty.due_at.date() < notice.effective_on
    Notice.objects.update(completed_at=NOW)
    assert not delivery_duties.late_notices(services, later)
