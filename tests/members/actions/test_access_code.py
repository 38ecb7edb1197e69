"""Codes by e-mail: who gets one, how often, and how few guesses they allow."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.models import LedgerEntry
from members.actions import access_code
from members.models import AccessCode, Delivery
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def minji():
    return cast.member(visits.live())


def issue(subject, service=None, now=NOW, purpose="sign_in"):
    service = service or subject.service
    return access_code.issue(service, subject, purpose=purpose, language="en", now=now)


def test_a_right_code_gives_the_person_and_counts_as_use(minji):
    code = issue(minji)
    checked = access_code.check(code, visits.code_sent(), now=NOW + MINUTE)
    assert checked.subject == minji
    minji.refresh_from_db()
    assert minji.last_used_at == NOW + MINUTE
    assert LedgerEntry.objects.filter(code="members.access_code.accepted").count() == 1


def test_a_code_is_stored_hashed_and_sealed(minji):
    code, digits = issue(minji), visits.code_sent()
    assert digits not in code.code_hash
    assert digits.encode() not in bytes(Delivery.objects.get().sealed)


def test_a_code_works_once(minji):
    code, digits = issue(minji), visits.code_sent()
    access_code.check(code, digits, now=NOW)
    assert access_code.check(code, digits, now=NOW).subject is None


def test_a_code_dies_after_ten_minutes(minji):
    code, digits = issue(minji), visits.code_sent()
    assert access_code.check(code, digits, now=NOW + 10 * MINUTE).reason == "expired"


def test_after_five_wrong_tries_the_right_code_is_refused(minji):
    code, digits = issue(minji), visits.code_sent()
    reasons = []
    for _ in range(5):
        code.refresh_from_db()
        reasons.append(access_code.check(code, visits.wrong(digits), now=NOW))
    assert [checked.tries_left for checked in reasons] == [4, 3, 2, 1, 0]
    code.refresh_from_db()
    assert access_code.check(code, digits, now=NOW).reason == "too_many"


def test_a_decoy_answers_like_a_code_that_was_typed_wrong(minji):
    decoy, real = issue(None, minji.service), issue(minji)
    assert not Delivery.objects.filter(subject=None).exists()
    wrong = visits.wrong(visits.code_sent())
    for _ in range(6):
        decoy.refresh_from_db()
        real.refresh_from_db()
        assert access_code.check(decoy, wrong, now=NOW) == access_code.check(real, wrong, now=NOW)


def test_asking_twice_within_a_minute_sends_one_mail_that_fits_both_pages(minji):
    first = issue(minji)
    second = issue(minji, now=NOW + timedelta(seconds=5))
    assert Delivery.objects.count() == 1
    assert access_code.check(second, visits.code_sent(), now=NOW + MINUTE).subject == minji
    assert first.token != second.token


def test_another_code_replaces_the_earlier_one(minji):
    first, digits = issue(minji), visits.code_sent()
    second = access_code.issue_again(first, language="en", now=NOW + MINUTE)
    assert access_code.open_attempt(first.token, minji.service) is None
    assert visits.code_sent() != digits or second.code_hash != first.code_hash
    assert access_code.check(second, visits.code_sent(), now=NOW + MINUTE).subject == minji


def test_ten_codes_an_hour_and_no_more(minji):
    for minutes in range(0, 24, 2):
        issue(minji, now=NOW + minutes * MINUTE)
    assert Delivery.objects.count() == 10


def test_guessing_from_many_browsers_stops_at_the_person(minji):
    issue(minji)
    AccessCode.objects.update(tries=4)
    digits = visits.code_sent()
    for number in range(6):
        code = issue(minji, now=NOW + timedelta(seconds=number))
        AccessCode.objects.filter(pk=code.pk).update(tries=4)
    last = issue(minji, now=NOW + timedelta(seconds=9))
    assert access_code.check(last, digits, now=NOW + timedelta(seconds=10)).reason == "wrong"


def test_an_attempt_belongs_to_its_service(minji):
    other = visits.live("krainpop")
    assert access_code.open_attempt(issue(minji).token, other) is None
    assert access_code.open_attempt("", minji.service) is None


def test_a_code_shared_by_two_browsers_is_used_up_by_the_first(minji):
    first, digits = issue(minji), visits.code_sent()
    second = issue(minji, now=NOW + timedelta(seconds=5))
    assert access_code.check(first, digits, now=NOW + timedelta(seconds=9)).subject == minji
    assert access_code.check(second, digits, now=NOW + timedelta(seconds=10)).subject is None


def test_asking_again_and_again_does_not_lengthen_the_life_of_a_code(minji):
    first = issue(minji)
    second = issue(minji, now=NOW + timedelta(seconds=50))
    assert second.expires_at == first.expires_at


def test_whoever_asks_every_few_seconds_does_not_keep_codes_from_the_person(minji):
    for seconds in range(0, 121, 20):
        issue(minji, now=NOW + timedelta(seconds=seconds))
    assert Delivery.objects.count() == 3


def test_where_nothing_was_sent_no_digits_are_right(minji):
    code, digits = issue(minji), visits.code_sent()
    access_code.check(code, digits, now=NOW)
    unsent = issue(minji, now=NOW + timedelta(seconds=5))
    assert unsent.code_hash == access_code.UNSENT
    assert access_code.check(unsent, digits, now=NOW + timedelta(seconds=6)).reason == "wrong"
