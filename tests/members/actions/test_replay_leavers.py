"""After a restore a leaving has the reference that the person was told, and a lifted digest stops nobody again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.models import LedgerEntry
from members import rejoin
from members.actions import rejoin_lift, withdrawal
from members.archive.models import RejoinDigest
from members.models import Delivery, RightsRequest
from tests.members.actions.test_replay import ALL, again, put_back, take
from tests.tools import cast

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
NOW = datetime(2027, 1, 31, 3, 0, 0, 123456, tzinfo=UTC)
LIFTED = NOW + timedelta(minutes=5)
TODAY = date(2027, 1, 31)
EMAIL = {"email": "minji@mail.example"}


@pytest.fixture
def minji():
    person = cast.member(cast.service())
    cast.history(person)
    return person


def leave(person, now=NOW):
    opened = withdrawal.request(person, channel="web", actor=None, now=now)
    done = withdrawal.carry_out(opened, now=now)
    Delivery.objects.filter(subject=person).update(state="sent", finished_at=now, sealed=None)
    return withdrawal.carry_out(done, now=now)


def lift(service, values=EMAIL):
    mina = cast.officer("mina", service)
    return rejoin_lift.lift(service, values, check="document_seen", actor=mina, now=LIFTED)


def held(service, values=EMAIL):
    return rejoin.is_held(service, values, today=TODAY)


@pytest.mark.parametrize("aliases", [("default",), ("default", "archive", "keyring")])
def test_a_leaving_repeated_after_a_restore_has_the_reference_that_the_person_was_told(
    minji, aliases
):
    backups = take(*aliases)
    told = leave(minji).request.reference
    again(put_back(backups))
    assert RightsRequest.objects.get().reference == told
    assert len(told) == 12 and told.isalnum() and told == told.upper()


def test_no_two_leavings_have_one_reference():
    service = cast.service()
    people = [
        cast.member(service, name, mobile=f"010-7000-{len(name):04}") for name in ("a", "bb", "ccc")
    ]
    assert len({leave(one).request.reference for one in people}) == 3
    assert withdrawal.reference_of(people[0], NOW) != withdrawal.reference_of(people[0], LIFTED)


@pytest.mark.promise("MIK-8.3")
@pytest.mark.parametrize("aliases", [("archive",), ALL, ("default",)])
@pytest.mark.parametrize("left", ["before", "after"])
def test_a_lifted_digest_does_not_come_back_with_a_restore(minji, aliases, left):
    service = minji.service
    backups = [] if left == "before" else take(*aliases)
    leave(minji)
    backups = backups or take(*aliases)
    assert held(service) and lift(service) == 1
    assert not held(service) and held(service, {"login_id": "minji-id"})
    came_back = aliases == ALL or (aliases == ("archive",) and left == "before")
    report = again(found := put_back(backups))
    assert not held(service)
    if left == "before" or aliases != ("archive",):
        assert held(service, {"login_id": "minji-id"})
    if came_back:
        assert report.counts["digests_lifted"] == 1
    assert again(found).counts.get("digests_lifted", 0) == 0


def test_the_ledger_names_the_lifted_digest_by_its_leaving_and_item_alone(minji):
    leaving = leave(minji)
    lift(minji.service)
    entry = LedgerEntry.objects.get(code="members.rejoin_digest.lifted")
    assert entry.data == {
        "digests": 1,
        "check": "document_seen",
        "holds": [f"withdrawal:{leaving.pk}.email"],
    }


def test_a_leaving_after_the_lifting_holds_under_the_same_number_too(minji):
    leave(minji)
    lift(minji.service)
    backups = take("archive")
    RejoinDigest.objects.create(
        service_slug="mikmik",
        field="email",
        digest=b"0" * 32,
        withdrawal_ref=RejoinDigest.objects.first().withdrawal_ref,
        rule_code="rejoin_identity_1m",
        held_since=TODAY + timedelta(days=1),
        due_on=TODAY + timedelta(days=31),
    )
    backups = take("archive")
    assert again(put_back(backups)).counts.get("digests_lifted", 0) == 0
    assert RejoinDigest.objects.filter(field="email").count() == 1
