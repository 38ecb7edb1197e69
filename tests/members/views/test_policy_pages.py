"""The policy of any day, the notice board, the strip on the first page, and pages for what went wrong."""

import tomllib
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db.utils import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from compliance.actions import policy_loading
from compliance.keyring.key_files import KeyringRefused
from compliance.models import Notice, OfficerAppointment, PolicyText, PolicyVersion
from members import markdown, notice_board
from members.views import errors
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


def post_notice(service, **changed):
    values = {
        "version": cast.version(service),
        "event": "policy_revision_important",
        "effective_on": date(2026, 12, 24),
        "published_at": NOW,
        "places": ["homepage_notice", "first_page"],
    }
    return Notice.objects.create(service=service, **{**values, **changed})


@pytest.mark.promise("MIK-0.1")
@pytest.mark.parametrize("day", ["2017-01-20", "2020-02-29", "2026-11-23"])
def test_the_policy_of_any_past_day_is_public(client, service, day):
    page = client.get(visits.at("policy"), {"on": day})
    assert page.context["version"].number == 1
    assert "This policy was in force on" in page.content.decode()


@pytest.mark.promise("MIK-0.1")
def test_the_day_decides_which_version_is_shown(client, service):
    first = cast.version(service)
    PolicyVersion.objects.filter(pk=first.pk).update(state="superseded")
    second = PolicyVersion.objects.get(pk=first.pk)
    second.pk, second.number, second.state, second.effective_on = (
        None,
        2,
        "in_effect",
        date(2026, 6, 1),
    )
    second.content_hash = ""  # Not to be remembered: it has no rows.
    second._state.adding = True
    second.save()
    shown = {
        day: client.get(visits.at("policy"), {"on": day}).context["version"].number
        for day in ("2026-05-31", "2026-06-01")
    }
    assert shown == {"2026-05-31": 1, "2026-06-01": 2}
    assert client.get(visits.at("policy")).context["version"].number == 2


def test_before_the_first_version_and_on_no_day_at_all(client, service):
    assert (
        "No policy was in force"
        in client.get(visits.at("policy"), {"on": "2016-01-01"}).content.decode()
    )
    for wrong in ("2026-02-30", "yesterday", "<script>", "2026-13-01T00:00"):
        page = client.get(visits.at("policy"), {"on": wrong}).content.decode()
        assert "not a day of the calendar" in page
        assert "<script>" not in page


def test_drafts_are_nobodys_business(client, service):
    draft = PolicyVersion.objects.get(pk=cast.version(service).pk)
    draft.pk, draft.number, draft.state = None, 2, "draft"
    draft.content_hash = ""  # Not to be remembered: it has no rows.
    draft._state.adding = True
    draft.save()
    assert client.get(visits.at("policy_version", service, 2)).status_code == 404


@pytest.mark.promise("MIK-6.4a")
def test_the_policy_page_lists_recipients_officers_and_versions(client, service):
    dana = cast.officer("dana", service, role="chief_officer")
    OfficerAppointment.objects.filter(account=dana).update(published=True, public_title="CPO")
    page = client.get(visits.at("policy")).content.decode()
    assert "Who receives data" in page
    assert "Dana, CPO" in page
    assert "cs@mikmik.co.kr" in page
    assert "Version 1, from" in page
    assert "suggested, not promised" in page


def test_the_text_of_an_officer_cannot_run_anything(client, service):
    body = '## 1\n\n<script>alert(1)</script> [x](javascript:alert(1)) <p onclick="a">ok</p>'
    html = markdown.as_html(body)
    assert "script" not in html
    assert "onclick" not in html


def test_a_text_in_another_language_only_says_so(client, service):
    assert PolicyText.objects.filter(ready=True, language="en").exists()
    page = client.get(f"/ko/{service.slug}/policy/").content.decode()
    assert '<div lang="en">' in page
    assert "only" in page


@pytest.mark.promise("MIK-0.2")
@pytest.mark.promise("MIK-20b")
def test_a_coming_change_shows_on_the_first_page_and_on_the_board(client, service):
    notice = post_notice(service)
    link = visits.at("notice", service, notice.pk)
    for page in (visits.at("service"), reverse("members:home"), visits.at("notices")):
        assert link in client.get(page).content.decode(), page
    shown = client.get(link).content.decode()
    assert "30 days" in shown
    assert "00:00 (Asia/Seoul)" in shown


def test_a_notice_that_belongs_elsewhere_or_is_over_is_not_on_the_first_page(client, service):
    post_notice(service, places=["policy"])
    post_notice(service, event="policy_revision_general", shown_until=NOW)
    page = client.get(visits.at("service")).content.decode()
    assert "changes on" not in page


def test_a_notice_taken_down_is_gone(client, service):
    notice = post_notice(service, state="withdrawn")
    assert client.get(visits.at("notice", service, notice.pk)).status_code == 404


def test_days_ahead_count_neither_the_posting_day_nor_the_effective_day(service):
    late_in_seoul = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    notice = post_notice(service, published_at=late_in_seoul)
    assert notice_board.lead_days(notice) == 30


def test_the_posting_day_is_the_one_of_the_service(client, service):
    post_notice(service, published_at=datetime(2026, 11, 22, 15, 30, tzinfo=UTC))
    assert "Posted on 23 Nov 2026" in client.get(visits.at("notices")).content.decode()


def test_a_notice_says_each_change_in_words_with_the_figures(client, service):
    data = tomllib.loads((cast.PRESETS / "mikmik.toml").read_text(encoding="utf-8"))
    rule = next(row for row in data["retention"] if row.get("period") == "P12M")
    rule["period"] = "P24M"
    coming = policy_loading.load(data, file="x.toml", as_draft=True, actor=None, now=NOW).version
    PolicyVersion.objects.filter(pk=coming.pk).update(
        state="announced", effective_on=date(2026, 12, 24)
    )
    notice = post_notice(service, version=coming)
    page = client.get(visits.at("notice", service, notice.pk)).content.decode()
    assert rule["label"] in page
    assert "12 months before, 24 months from now on" in page
    assert client.get(visits.at("policy_version", service, 2)).status_code == 200


def test_a_fault_of_ours_shows_a_reference_and_needs_no_database():
    request = RequestFactory().get("/en/")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = errors.server_error(request)
    assert answer.status_code == 500
    assert "tell the privacy officer this reference" in answer.content.decode()


@pytest.mark.parametrize("away", [OperationalError, KeyringRefused])
def test_a_database_or_a_key_that_is_away_is_503(away):
    try:
        raise away
    except away:
        answer = errors.server_error(RequestFactory().get("/en/"))
    assert answer.status_code == 503


@pytest.mark.parametrize("path", ["/en/mikmik/nothing/", "/ko/none/", "/en/nothing"])
def test_an_unknown_address_is_answered_in_house_style(path, service):
    answer = Client().get(path, follow=True)
    assert answer.status_code == 404
    assert "members.css" in answer.content.decode()
