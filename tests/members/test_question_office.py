"""The officer sees, by version and question, how many agreed, disagreed or are silent; and what binds a person."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.models import NoticeCorrection, PolicyVersion
from members import question_office, questions
from members.actions import questions as action
from tests.tools import cast, notices, office, visits, widened
from tests.tools.drafts import at

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 12, 28, 3, tzinfo=UTC)


@pytest.fixture
def service():
    return visits.live()


def answer(subject, said):
    return action.answer(
        subject,
        {f"{widened.PURPOSE}::": said},
        sheet=questions.sheet(subject),
        asked_by="web",
        language="en",
        actor=None,
        now=NOW,
    )


@pytest.mark.promise("KRN-4.3")
def test_a_version_tells_how_many_agreed_disagreed_and_are_silent(service, client):
    people = notices.people(service, 6)
    visits.person(service, "nonmember", "guest")
    version = widened.in_force(service)
    for one in people[:3]:
        answer(one, True)
    answer(people[3], False)
    (line,) = question_office.answers(version)
    assert (line.question, line.agreed, line.disagreed, line.silent) == (widened.LABEL, 3, 1, 2)
    assert question_office.bound(version) == 3
    office.sign_in(office.officer("officer", service), client)
    page = client.get(at("change", version.pk)).content.decode()
    assert widened.LABEL in page and "3 people agreed" in page
    assert "person0@mail.example" not in page


def test_counting_costs_the_same_for_few_and_for_many(service):
    notices.people(service, 2)
    version = widened.in_force(service)

    def queries():
        with CaptureQueriesContext(connections["default"]) as told:
            question_office.answers(version)
        return len(told)

    queries()
    few = queries()
    notices.people(service, 30, start=10)
    assert queries() == few


def test_the_page_of_a_person_says_which_version_binds_them(service, client):
    minji = cast.member(service)
    widened.in_force(service)
    office.sign_in(office.officer("officer", service), client)
    address = reverse("admin:members_member_change", args=[minji.pk])
    page = client.get(address).content.decode()
    assert "version 1; what version 2 adds holds only with an answer" in page
    answer(minji, True)
    assert "version 2" in client.get(address).content.decode()


def test_an_officer_moves_an_announced_version_to_a_later_day_only(service, client):
    with time_machine.travel(notices.NOW, tick=False):
        notices.people(service, 1)
        notice = notices.announced(service)
        office.sign_in(office.officer("chief_officer", service), client)
        address = at("move", notice.version_id)
        assert "Nobody was told yet" in client.get(address).content.decode()
        early = client.post(address, {"effective_on": "2026-12-30"})
        assert early.status_code == 422 and b"Choose a day after" in early.content
        assert client.post(address, {"effective_on": "soon"}).status_code == 422
        assert not NoticeCorrection.objects.exists()
        assert client.post(address, {"effective_on": "2027-02-01"}).status_code == 302
        page = client.get(at("change", notice.version_id)).content.decode()
    assert "Happens later" in page
    version = PolicyVersion.objects.get(pk=notice.version_id)
    assert version.effective_on == date(2027, 2, 1)
