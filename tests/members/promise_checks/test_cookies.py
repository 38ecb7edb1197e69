"""The promise about optional cookies is broken on purpose and mended again."""

from datetime import UTC, date, datetime

import pytest

from members import cookie_help
from members.actions import consent
from members.models import ConsentEvent, CookieCount
from members.promise_checks import cookies as checks
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
KEY = "cookie_choice_kept(cookie=interest)"


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.mark.parametrize(
    ("slug", "cookie"),
    [
        pytest.param("mikmik", "interest", marks=pytest.mark.promise("MIK-15.2", "MIK-15.3")),
        pytest.param("leje", "leje_cookies", marks=pytest.mark.promise("LEJ-CK-2", "LEJ-CK-3")),
        pytest.param("krainpop", "krainpop_cookies", marks=pytest.mark.promise("KRN-1.3")),
        pytest.param("krainpop", "ad_third_party_cookies", marks=pytest.mark.promise("KRN-1.4")),
        pytest.param("engoo", "tracker_clicktale", marks=pytest.mark.promise("ENG-3.8")),
        pytest.param("letsmasak", "social_links", marks=pytest.mark.promise("LMK-6")),
    ],
)
def test_a_fresh_service_keeps_its_promise(slug, cookie):
    assert board.verdict(cast.service(slug), f"cookie_choice_kept(cookie={cookie})", NOW) == "kept"


def test_a_yes_without_its_record_breaks_it_and_the_record_mends_it(mikmik):
    minji = cast.member(mikmik)
    consent.answer(
        minji,
        purpose="cookies:interest",
        answer="agreed",
        version=cast.version(mikmik),
        asked_by="web",
        language="ko",
        text_hash="",
        actor=None,
        now=NOW,
    )
    found = board.finding(mikmik, KEY, NOW)
    assert (found.verdict, found.evidence[0]["answers_without_record"]) == ("broken", 1)
    ConsentEvent.objects.create(
        subject=minji,
        purpose="cookies:interest",
        answer="agreed",
        version=cast.version(mikmik),
        asked_by="web",
        language="ko",
        text_hash="a" * 64,
        answered_at=NOW,
    )
    assert board.verdict(mikmik, KEY, NOW) == "kept"


@pytest.mark.promise("LEJ-CK-1", "MIK-15.1")
def test_a_house_that_stops_no_undeclared_cookie_breaks_it(mikmik, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != checks.GUARD]
    assert board.verdict(mikmik, KEY, NOW) == "broken"


@pytest.mark.promise("LMK-6", "ENG-3.8")
def test_a_plug_in_or_fourth_tracker_on_a_page_is_reported_as_undeclared(tmp_path, monkeypatch):
    letsmasak = cast.service("letsmasak")
    page = tmp_path / "service.html"
    page.write_text('<a href="https://social.example/us">Follow us</a>', encoding="utf-8")
    monkeypatch.setattr(checks, "PAGES", tmp_path)
    key = "cookie_choice_kept(cookie=social_links)"
    assert board.verdict(letsmasak, key, NOW) == "kept"
    page.write_text('<script src="https://social.example/like.js"></script>', encoding="utf-8")
    assert checks.loads_from_elsewhere(tmp_path) == [("service.html", "social.example")]
    found = board.finding(letsmasak, key, NOW)
    assert (found.verdict, found.evidence[0]["pages_that_load_from_elsewhere"]) == ("broken", 1)


@pytest.mark.promise("LEJ-CK-4")
def test_steps_that_nobody_checked_for_twelve_months_wait_for_a_person(mikmik, monkeypatch):
    monkeypatch.setattr(cookie_help, "WRITTEN_ON", date(2025, 11, 23))
    assert board.verdict(mikmik, KEY, NOW) == "kept"
    monkeypatch.setattr(cookie_help, "WRITTEN_ON", date(2025, 11, 22))
    found = board.finding(mikmik, KEY, NOW)
    assert (found.verdict, found.evidence[0]["reason"]) == ("waiting_for_person", "cookie_help_old")


def test_the_answers_of_visitors_are_shown_as_numbers(mikmik):
    for day, answers in ((22, 2), (23, 3)):
        CookieCount.objects.create(
            version=cast.version(mikmik),
            kind="interest",
            answer="no",
            day=date(2026, 11, day),
            answers=answers,
        )
    shown = board.finding(mikmik, KEY, NOW).evidence[0]
    assert (shown["visitors_no"], shown["visitors_yes"]) == (5, 0)
