"""Whoever has not agreed keeps the old scope: the gate, what may be stored, and what it costs to ask."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from compliance.models import PolicyPurpose, PolicyUse, PolicyVersion
from compliance.selectors import policy_values
from members import gate
from members.actions import agreement, consent, record
from members.models import ConsentEvent
from tests.compliance.rules.policies import SLUGS
from tests.tools import cast, versions, visits, widened

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 12, 28, 3, tzinfo=UTC)


def keep(subject, **values):
    policy = policy_values(cast.version(subject.service))
    return record.keep(
        subject, values, occurred_at=NOW, source="web", policy=policy, actor=None, now=NOW
    )


def allowed(subject, item="email", purpose="fitting"):
    return gate.may_use(subject, purpose, [item], now=NOW).allowed


def person(service, name, kind="member"):
    return visits.person(service, kind, name)


def answer(subject, purpose, version, *, said="agreed"):
    consent.answer(
        subject,
        purpose=purpose,
        answer=said,
        version=version,
        asked_by="web",
        language="en",
        text_hash="0" * 64,
        actor=None,
        now=NOW,
    )


@pytest.mark.promise("KRN-4.3")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_item_is_not_stored_for_who_is_silent_or_says_no(slug):
    service = cast.service(slug)
    silent, refusing = (person(service, name) for name in ("sora", "hana"))
    new = widened.in_force(service)
    answer(refusing, "fitting", new, said="disagreed")
    for one in (silent, refusing):
        with pytest.raises(record.ItemRefused, match="not_agreed_yet"):
            keep(one, shoe_size="240")
        assert not allowed(one)
        assert keep(one, email="new@mail.example"), "What was agreed to goes on."
    answer(silent, "fitting", new)
    assert keep(silent, shoe_size="240") and allowed(silent) and allowed(silent, "shoe_size")


@pytest.mark.promise("KRN-4.3", "MIK-11.1")
def test_two_versions_hold_at_once_and_agreeing_to_the_new_one_as_a_whole_opens_it():
    service = cast.service("krainpop")
    old, agreeing = person(service, "sora"), person(service, "hana")
    new = widened.in_force(service)
    agreement.agree([agreeing.pk], new, actor=None, now=NOW)
    agreeing.refresh_from_db()
    assert (allowed(old), allowed(agreeing)) == (False, True)


def test_an_answer_to_a_version_that_was_given_up_opens_nothing():
    service = cast.service("krainpop")
    sora = person(service, "sora")
    given_up = versions.draft(service, {})
    PolicyVersion.objects.filter(pk=given_up.pk).update(state="cancelled")
    widened.in_force(service)
    answer(sora, "fitting", given_up)
    assert not allowed(sora)


@pytest.mark.promise("MIK-11.2")
def test_an_answer_without_the_version_that_was_shown_cannot_be_saved():
    sora = person(cast.service("krainpop"), "sora")
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.create(
            subject=sora,
            purpose="fitting",
            answer="agreed",
            version=None,
            asked_by="web",
            language="en",
            text_hash="0" * 64,
            answered_at=NOW,
        )


def test_purchasers_without_an_account_keep_the_scope_of_the_day_they_came():
    service = cast.service("mikmik")
    guest = person(service, "guest", kind="nonmember")
    guest.agreed_version = None
    guest.save()
    draft = versions.draft(service, {})
    PolicyUse.objects.create(
        version=draft,
        position=900,
        clause="2",
        items=["email"],
        purposes=["statistics"],
        subjects=["nonmember"],
    )
    PolicyPurpose.objects.get_or_create(
        version=draft,
        code="statistics",
        defaults={"position": 901, "label": "Count", "group": "x", "basis": "contract"},
    )
    versions.put_in_force(draft)
    decision = gate.may_use(guest, "statistics", ["email"], now=NOW)
    assert decision.refused[0].reason_code == "not_agreed_yet"


def test_asking_for_many_costs_as_much_as_for_two(django_assert_max_num_queries):
    service = cast.service("krainpop")
    people = [person(service, f"person{n}") for n in range(12)]
    new = widened.in_force(service)
    for one in people[::2]:
        answer(one, "fitting", new)
    for some in (people[:2], people):
        with django_assert_max_num_queries(9):
            given = gate.audience(some, "fitting", ["email"], service=service, now=NOW)
        assert [given[one.pk].decision.allowed for one in some] == [
            place % 2 == 0 for place in range(len(some))
        ]
