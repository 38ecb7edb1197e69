"""The pages on dormancy: figures by day, whom nobody reached, and what an officer notes."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.models import LedgerEntry, Service
from compliance.rules.calendar import local_day
from members import dormancy_ahead
from members.models import DataSubject, Dormancy
from tests.tools import cast, office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = timedelta(days=1)


@pytest.fixture
def unreached(mikmik, minji):
    used = timezone.now() - 340 * DAY
    DataSubject.objects.filter(pk=minji.pk).update(last_used_at=used)
    used_on = local_day(used, mikmik.timezone)
    return Dormancy.objects.create(
        subject=minji,
        service=mikmik,
        rule_code="dormancy_1y",
        state="unreached",
        last_used_on=used_on,
        notice_due_on=used_on + 334 * DAY,
        separate_on=used_on + 366 * DAY,
    )


def page(client, name="dormancy", *args):
    return client.get(reverse(f"admin:{name}", args=args)).content.decode()


def test_the_overview_shows_rounds_by_state_and_the_days_ahead(client, mikmik, unreached):
    other = cast.member(mikmik, "sora")
    DataSubject.objects.filter(pk=other.pk).update(last_used_at=timezone.now() - 330 * DAY)
    shown = page(client)
    assert f"?state__exact=unreached&amp;service={mikmik.slug}" in shown
    assert "not set" in shown
    found = dormancy_ahead.of_service(mikmik, timezone.now())
    assert {code: n for code, _words, n in found.states}["unreached"] == 1
    (day,) = found.days
    assert (day.told, day.apart, day.ended) == (1, 0, 0)


def test_the_days_ahead_count_moves_and_ends(mikmik, unreached, minji):
    now = timezone.now()
    today = local_day(now, mikmik.timezone)
    Dormancy.objects.update(state="told", told_on=today, separate_on=today + 5 * DAY)
    (day,) = dormancy_ahead.of_service(mikmik, now).days
    assert (day.day, day.apart) == (today + 5 * DAY, 1)
    Dormancy.objects.update(state="apart", apart_at=now - 20 * DAY)
    DataSubject.objects.filter(pk=minji.pk).update(status="dormant")
    assert dormancy_ahead.of_service(mikmik, now).days == ()
    Service.objects.update(dormant_keep="P30D")
    mikmik.refresh_from_db()
    (day,) = dormancy_ahead.of_service(mikmik, now).days
    assert day.ended == 1


def test_a_service_without_such_a_rule_says_so():
    leje = visits.live("leje")
    shown = page(office.sign_in(office.officer("officer", leje, name="lea")))
    assert "sets anybody apart for not using it: LEJE" in shown


def test_the_list_and_the_page_lead_to_noting_that_somebody_was_told(client, mikmik, unreached):
    assert "Notice reached nobody" in page(client, "members_dormancy_changelist")
    url = reverse("admin:members_dormancy_told", args=[unreached.pk])
    assert url in page(client, "members_dormancy_change", unreached.pk)
    form = client.get(url).content.decode()
    assert 'value="phone"' in form and 'value="writing"' in form and 'value="email"' not in form
    late = timezone.localdate() + 2 * DAY
    refused = client.post(url, {"channel": "phone", "on": late.isoformat()})
    assert "not one that is still to come" in refused.content.decode()
    day = timezone.localdate() - DAY
    assert client.post(url, {"channel": "phone", "on": day.isoformat()}).status_code == 302
    row = Dormancy.objects.get()
    assert (row.state, row.told_on, row.told_by.full_name) == ("told", day, "mina")
    assert LedgerEntry.objects.filter(code="members.dormancy.told").count() == 1
    again = client.post(url, {"channel": "phone", "on": day.isoformat()})
    assert "Nobody waits to be told here" in again.content.decode()


def test_who_may_not_note_it_cannot_and_rows_of_others_do_not_exist(mikmik, unreached):
    url = reverse("admin:members_dormancy_told", args=[unreached.pk])
    auditor = office.sign_in(office.officer("auditor", mikmik))
    assert auditor.post(url, {"channel": "phone", "on": "2026-01-01"}).status_code == 403
    stranger = office.sign_in(office.officer("officer", visits.live("leje"), name="lea"))
    assert stranger.get(url).status_code == 404
    assert Dormancy.objects.get().state == "unreached"


def test_both_duties_stand_on_the_list_until_somebody_has_acted(mikmik, unreached):
    services = Service.objects.filter(pk=mikmik.pk)
    found = dormancy_ahead.waiting(services, timezone.now())
    assert [(duty.count, duty.permission) for duty in found] == [
        (1, "notices.manage"),
        (1, "services.manage"),
    ]
    Service.objects.update(dormant_keep="P3Y")
    Dormancy.objects.update(state="told", told_on=date(2026, 11, 1))
    assert dormancy_ahead.waiting(services.all(), timezone.now()) == []
