"""What the office shows of a notice: who is reached, how far it is, and its message."""

from datetime import date
from typing import Any

import pytest

from compliance.audience import Progress
from compliance.models import Notice, PolicyVersion
from members import notice_office
from members.actions import delivery_plan
from members.models import DataSubject, Delivery
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def version() -> PolicyVersion:
    return cast.version(cast.service())


def notice(version: PolicyVersion, now: Any) -> Notice:
    return Notice.objects.create(
        service=version.service,
        version=version,
        event=Notice.Event.REVISION_GENERAL,
        effective_on=date(2026, 12, 23),
        published_at=now,
    )


def test_people_who_left_are_not_counted(version: PolicyVersion) -> None:
    cast.member(version.service, "minji")
    left = cast.member(version.service, "jun")
    DataSubject.objects.filter(pk=left.pk).update(status=DataSubject.Status.WITHDRAWN)
    assert notice_office.people(version.service) == 1


def test_progress_of_many_notices_takes_one_query(
    version: PolicyVersion, now: Any, django_assert_num_queries: Any
) -> None:
    for name in ("minji", "jun", "ari"):
        cast.member(version.service, name)
    one = notice(version, now)
    delivery_plan.plan(one, actor=None, now=now)
    first, second = Delivery.objects.filter(notice=one).order_by("pk")[:2]
    Delivery.objects.filter(pk=first.pk).update(state="sent")
    Delivery.objects.filter(pk=second.pk).update(state="unreachable")
    with django_assert_num_queries(1):
        found = notice_office.progress([one.pk, 99])
    assert found == {one.pk: Progress(sent=1, unreachable=1, left=1), 99: Progress()}
    assert (found[one.pk].told, found[one.pk].all) == (2, 3)


def test_the_preview_is_the_message_that_would_leave_and_saves_nothing(
    version: PolicyVersion, now: Any
) -> None:
    version.effective_on, version.change_class = date(2026, 12, 23), "important"
    mail = notice_office.mail(version, "en", now)
    assert "23 Dec 2026" in mail.subject
    assert "MIKMIK" in mail.text and "<html" not in mail.text
    assert not Notice.objects.exists() and not Delivery.objects.exists()
