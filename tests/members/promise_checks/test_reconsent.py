"""The board over a change that asks for more: kept while silence keeps the old scope, broken by data."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.models import Notice
from compliance.rules.promises import derive_bindings
from compliance.selectors import policy_values
from members.actions import delivery_plan, question_plan, record
from members.models import DataSubject, Delivery
from tests.tools import board, cast, notices, versions, widened

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 12, 28, 3, tzinfo=UTC)
KEY = "asked_anew()"


@pytest.fixture
def krainpop():
    service = cast.service("krainpop")
    notices.people(service, 3)
    return service


def evidence(service):
    return board.finding(service, KEY, NOW).evidence[0]


@pytest.mark.promise("KRN-4.3", "MIK-11.1", "MIK-11.2")
@pytest.mark.parametrize(
    ("slug", "codes"), [("krainpop", {"KRN-4.3"}), ("mikmik", {"MIK-11.1", "MIK-11.2"})]
)
def test_the_promise_to_ask_is_bound_to_this_check_and_kept_where_nothing_changed(slug, codes):
    service = cast.service(slug)
    policy = policy_values(cast.version(service))
    bound = {one.obligation for one in derive_bindings(policy) if one.key == KEY}
    assert bound == codes
    assert board.verdict(service, KEY, NOW) == "kept"


@pytest.mark.promise("KRN-4.3")
def test_silence_after_a_change_is_kept_and_counted(krainpop):
    widened.in_force(krainpop)
    found = evidence(krainpop)
    assert board.verdict(krainpop, KEY, NOW) == "kept"
    assert (found["silent"], found["agreed"], found["earlier_versions"]) == (3, 0, 1)
    assert found["let_through"] == found["held_without_answer"] == 0


@pytest.mark.promise("KRN-4.3")
def test_an_item_held_of_somebody_who_never_agreed_breaks_it(krainpop):
    version = widened.in_force(krainpop)
    person = DataSubject.objects.first()
    old = person.agreed_version
    DataSubject.objects.filter(pk=person.pk).update(agreed_version=version)
    person.refresh_from_db()
    policy = policy_values(version)
    values = {widened.ITEM: "240"}
    record.keep(person, values, occurred_at=NOW, source="web", policy=policy, actor=None, now=NOW)
    assert board.verdict(krainpop, KEY, NOW) == "kept"
    DataSubject.objects.filter(pk=person.pk).update(agreed_version=old)
    assert board.verdict(krainpop, KEY, NOW) == "broken"
    assert evidence(krainpop)["held_without_answer"] == 1


@pytest.mark.promise("MIK-11.1")
def test_a_posted_text_alone_breaks_it_after_a_day_and_letters_keep_it():
    service = cast.service()
    notices.people(service, 2)
    notice = notices.announced(service)
    delivery_plan.plan(notice, actor=None, now=notices.NOW)
    assert board.verdict(service, KEY, notices.NOW + timedelta(hours=23)) == "kept"
    assert board.verdict(service, KEY, notices.NOW + timedelta(hours=25)) == "broken"
    question_plan.plan(Notice.objects.get(), delivery_plan.QUESTION, actor=None, now=notices.NOW)
    assert board.verdict(service, KEY, notices.NOW + timedelta(hours=25)) == "kept"
    Delivery.objects.filter(stage="question").update(state="failed")
    assert board.verdict(service, KEY, notices.NOW + timedelta(hours=25)) == "at_risk"


def test_a_change_that_asks_nothing_needs_no_letters():
    service = cast.service("krainpop")
    versions.put_in_force(versions.draft(service, {}))
    assert board.verdict(service, KEY, NOW) == "kept"
