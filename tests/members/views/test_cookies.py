"""Cookies: a declared list, equal answers, silence and the browser's refusal are a no, signing out leaves none."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format

from compliance import own_cookies
from compliance.actions import policy_copy
from compliance.middleware import DeclaredCookiesMiddleware
from compliance.models import LedgerEntry, PolicyCookie
from compliance.policy_files import PRESET_NAMES
from compliance.rules.cookies import undeclared
from members import cookie_help, cookies
from members.models import ConsentEvent, ConsentState, CookieCount, DataSubject
from tests.tools import cast, versions, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
KINDS = {
    "mikmik": ("interest",),
    "leje": ("leje_cookies",),
    "krainpop": ("krainpop_cookies", "ad_third_party_cookies"),
    "letsmasak": ("social_links",),
    "engoo": (
        "analysis",
        "tracker_adobe_sitecatalyst",
        "tracker_google_analytics",
        "tracker_clicktale",
    ),
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mikmik():
    return visits.live()


@pytest.fixture
def minji(mikmik, client):
    found = cast.member(mikmik)
    visits.sign_in(client, "minji-id")
    return found


def page(client, service="mikmik", **headers):
    return client.get(visits.at("cookies", service), headers=headers).content.decode()


def say(client, service="mikmik", **answers):
    return client.post(visits.at("cookies", service), answers)


def allows(client, kind, service, *, subject=None, **headers):
    """Ask the gate as a page of this visitor would."""
    request = RequestFactory().get("/", headers=headers)
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return cookies.allowed(request, service, kind, subject=subject)


def strip(client, service="mikmik"):
    return "cookie-strip-heading" in client.get(visits.at("policy", service)).content.decode()


@pytest.mark.promise("LEJ-CK-1", "MIK-15.1", "ENG-3.5", "ENG-3.8", "KRN-1.2", "KRN-1.4", "LMK-6")
@pytest.mark.parametrize("slug", PRESET_NAMES)
def test_every_row_of_the_policy_and_every_cookie_of_ours_is_on_the_page(client, slug):
    service = visits.live(slug)
    text = page(client, service)
    for row in PolicyCookie.objects.filter(version__service=service):
        if "visitor" in row.subjects:
            assert row.name in text
    for own in own_cookies.of_people(slug):
        assert f"<code>{own.name}</code>" in text


@pytest.mark.promise("LEJ-CK-1", "MIK-15.1", "ENG-3.8")
def test_a_cookie_that_nobody_declared_is_reported_and_never_leaves(caplog):
    def careless(request):
        response = HttpResponse()
        for name in ("session", "_tracker", "office-device"):
            response.set_cookie(name, "1")
        return response

    answer = DeclaredCookiesMiddleware(careless)(RequestFactory().get("/en/mikmik/"))
    assert set(answer.cookies) == {"session"}
    assert "_tracker" in caplog.text
    assert undeclared({"session", "_tracker"}, {"session"}) == ("_tracker",)


@pytest.mark.promise("MIK-15.2", "ENG-3.7", "LEJ-CK-2")
@pytest.mark.parametrize("slug", PRESET_NAMES)
def test_nothing_optional_runs_before_an_answer_and_nothing_is_chosen_beforehand(client, slug):
    service = visits.live(slug)
    assert " checked>" not in page(client, service)
    assert strip(client, service)
    for kind in KINDS[slug]:
        assert not allows(client, kind, service)


@pytest.mark.promise("LEJ-CK-2", "MIK-15.3")
@pytest.mark.parametrize(("slug", "kind"), [("leje", "leje_cookies"), ("mikmik", "interest")])
def test_all_may_be_allowed_asked_each_time_or_refused(client, slug, kind):
    service = visits.live(slug)
    for answer, opens in (("yes", True), ("ask", False), ("no", False)):
        say(client, service, all=answer)
        assert allows(client, kind, service) == opens
        assert f'value="{answer}" checked' in page(client, service)
    say(client, service, all="yes")
    assert not strip(client, service)


@pytest.mark.promise("MIK-15.3")
def test_whoever_is_asked_each_time_sees_the_cookie_before_it_may_be_set(client, mikmik):
    say(client, all="ask")
    shown = client.get(visits.at("policy")).content.decode()
    assert "Interest and habit analysis" in shown.split("<main")[0]
    assert not allows(client, "interest", mikmik)
    say(client, visit="yes")
    assert allows(client, "interest", mikmik)
    assert not strip(client)


@pytest.mark.promise("LEJ-CK-3", "KRN-1.3")
@pytest.mark.parametrize("slug", ["leje", "krainpop"])
def test_after_refusing_all_every_public_page_works_and_the_consequence_is_stated(client, slug):
    service = visits.live(slug)
    say(client, service, all="no")
    for name in ("service", "policy", "notices", "sign_in", "order_access", "cookies"):
        assert client.get(visits.at(name, service)).status_code == 200
    text = page(client, service)
    assert "all of these pages work as before" in text
    row = PolicyCookie.objects.filter(version__service=service).first()
    assert row.refusal_effect in text


@pytest.mark.promise("LEJ-CK-4", "KRN-1.3")
def test_how_to_refuse_is_told_for_browsers_of_today_with_the_day_it_was_written(client, mikmik):
    text = page(client)
    for name, steps in cookie_help.BROWSERS:
        assert name in text
        assert str(steps).replace("&", "&amp;") in text
    assert f"Written on {date_format(cookie_help.WRITTEN_ON)}" in text
    assert "Internet Explorer" not in {name for name, _ in cookie_help.BROWSERS}


def test_global_privacy_control_is_a_no_that_no_answer_overrules(client, mikmik):
    say(client, all="yes")
    assert allows(client, "interest", mikmik)
    assert not allows(client, "interest", mikmik, sec_gpc="1")
    assert "Global Privacy Control. We take it as a no" in page(client, **{"sec-gpc": "1"})
    assert "We take it as a no" not in page(client)


def test_whoever_sends_the_signal_is_not_asked(mikmik):
    shown = Client(headers={"sec-gpc": "1"}).get(visits.at("policy")).content.decode()
    assert "cookie-strip-heading" not in shown


@pytest.mark.promise("ENG-3.7")
def test_what_is_strictly_needed_runs_and_unknown_kinds_never_do(client):
    engoo = visits.live("engoo")
    say(client, engoo, all="no")
    assert allows(client, "session", engoo)
    assert not allows(client, "somebody_elses", engoo)


@pytest.mark.promise("MIK-15.4")
def test_a_visitors_answer_ends_with_the_browser_and_leaves_a_number_only(client, mikmik):
    for answer in ("no", "no", "yes"):
        sent = say(client, all=answer).cookies["choice-mikmik"]
        assert (sent["max-age"], sent["expires"]) == ("", "")
        assert sent["httponly"]
    rows = CookieCount.objects.order_by("answer").values_list("kind", "answer", "answers", "day")
    assert list(rows) == [
        ("interest", "no", 2, NOW.date()),
        ("interest", "yes", 1, NOW.date()),
    ]
    assert not ConsentEvent.objects.exists()


@pytest.mark.promise("MIK-15.3", "LEJ-CK-2")
def test_a_members_answer_lives_on_the_account_as_consent_and_in_no_cookie(client, minji):
    sent = say(client, all="yes")
    assert "choice-mikmik" not in sent.cookies or not sent.cookies["choice-mikmik"].value
    event = ConsentEvent.objects.get()
    assert (event.purpose, event.answer, event.language) == ("cookies:interest", "agreed", "en")
    assert (len(event.text_hash), event.version) == (64, cast.version(minji.service))
    assert LedgerEntry.objects.filter(code="members.consent.answered").count() == 1
    assert allows(Client(), "interest", minji.service, subject=minji)
    say(client, cookie_interest="no")
    assert not allows(Client(), "interest", minji.service, subject=minji)
    assert ConsentState.objects.get().answer == "withdrawn"
    assert not CookieCount.objects.exists()


def test_the_same_answer_twice_is_one_and_other_words_are_another_text(client, minji):
    say(client, all="no")
    say(client, all="no")
    assert ConsentEvent.objects.count() == 1
    say(client, all="yes")
    korean = visits.at("cookies").replace("/en/", "/ko/")
    say(client, all="no")
    client.post(korean, {"all": "yes"})
    first, second = ConsentEvent.objects.filter(answer="agreed").order_by("pk")
    assert (first.language, second.language) == ("en", "ko")


def test_a_member_who_wants_to_be_asked_is_asked_at_each_visit_and_each_yes_is_recorded(
    client, minji, clock
):
    say(client, all="ask")
    states = ConsentState.objects.values_list("channel", "answer")
    assert set(states) == {("", "disagreed"), ("each_time", "agreed")}
    assert strip(client)
    say(client, visit="yes")
    assert not strip(client)
    assert allows(client, "interest", minji.service, subject=minji)
    assert ConsentEvent.objects.filter(channel="this_time", answer="agreed").count() == 1
    client.post(visits.at("sign_out"))
    clock.shift(timedelta(minutes=2))
    visits.sign_in(client, "minji-id")
    assert strip(client)
    say(client, all="no")
    assert ConsentState.objects.get(channel="each_time").answer == "withdrawn"
    assert not strip(client)


@pytest.mark.promise("MIK-15.4")
def test_signing_out_leaves_no_cookie_of_the_site(client, minji):
    say(client, all="ask")
    say(client, visit="no")
    client.get(visits.at("cookies"))
    assert {"session", "csrf", "choice-mikmik"} <= set(client.cookies)
    ended = client.post(visits.at("sign_out"))
    assert [name for name, morsel in client.cookies.items() if morsel.value] == []
    assert {morsel["max-age"] for morsel in ended.cookies.values()} == {0}
    landing = Client().get(ended.url)
    assert landing.status_code == 200
    assert not landing.cookies


def test_an_answer_to_an_earlier_question_counts_no_more(client, minji, mikmik):
    visitor = Client()
    for who in (client, visitor):
        say(who, all="yes")
    assert not strip(visitor)
    later = policy_copy.copy_in_force(mikmik, actor=None, now=NOW)
    row = PolicyCookie.objects.get(version=later, code="interest")
    row.purposes = [*row.purposes, "cart"]
    row.save()
    versions.put_in_force(later, on=NOW.date())
    assert strip(visitor)
    assert strip(client)
    assert not allows(visitor, "interest", mikmik)
    assert not allows(client, "interest", mikmik, subject=minji)


@pytest.mark.parametrize(
    "typed", [{}, {"all": "perhaps"}, {"cookie_interest": "x"}, {"cookie_other": "yes"}]
)
def test_a_form_without_an_answer_changes_nothing_and_says_so(client, mikmik, typed):
    answer = say(client, **typed)
    assert answer.status_code == 200
    assert "Nothing was chosen" in answer.content.decode()
    assert not CookieCount.objects.exists()


@pytest.mark.parametrize("value", ["", "x", "interest:0:yes", "a:b:c|d:e", "interest::yes"])
def test_a_damaged_answer_in_the_browser_is_no_answer(client, mikmik, value):
    client.cookies["choice-mikmik"] = value
    assert not allows(client, "interest", mikmik)
    assert page(client)


def test_the_answer_leads_back_to_the_page_it_was_given_on_and_nowhere_else(client, mikmik):
    notices = visits.at("notices")
    assert say(client, open="no", next=notices).url == notices
    for away in ("https://elsewhere.example/", "//elsewhere.example"):
        assert say(client, all="no", next=away).url == f"{visits.at('cookies')}?saved"
    assert "is saved" in client.get(f"{visits.at('cookies')}?saved").content.decode()


def test_somebody_who_has_left_answers_no_more(client, minji):
    DataSubject.objects.filter(pk=minji.pk).update(status="restricted")
    assert say(client, all="no").status_code == 302


def queries(client, service):
    with CaptureQueriesContext(connections["default"]) as seen:
        assert strip(client, service)
    return len(seen)


def test_four_kinds_cost_as_many_queries_as_one(client, mikmik):
    engoo = visits.live("engoo")
    for service in (mikmik, engoo):
        strip(client, service)
    assert queries(client, engoo) == queries(client, mikmik)
