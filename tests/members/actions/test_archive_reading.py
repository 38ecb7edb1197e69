"""What is kept apart is read for the ground of its rule only, released by a second officer, once for half an hour."""

from datetime import timedelta

import pytest

from compliance.models import LedgerEntry
from compliance.rules.policy_values import RetentionRule
from compliance.selectors import policy_values
from members.actions import archive_reading, restriction, withdrawal
from members.archive.models import ArchivedSubject
from members.models import ArchiveReading
from members.rules.archive_reading import grounds_of
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def mikmik():
    return cast.service("mikmik")


@pytest.fixture
def left(mikmik, now):
    """A leaver with contract, payment, complaint and log-in records apart."""
    person = cast.member(mikmik)
    cast.history(person)
    opened = withdrawal.request(person, channel="web", actor=None, now=now)
    withdrawal.carry_out(opened, now=now)
    return ArchivedSubject.objects.get()


@pytest.fixture
def mina(mikmik):
    return cast.officer("mina", mikmik)


@pytest.fixture
def juno(mikmik):
    return cast.officer("juno", mikmik)


def ask(left, service, actor, now, ground="statutory_retention", items=("payment_records",)):
    return archive_reading.ask(
        left, service=service, ground=ground, items=items, actor=actor, now=now
    )


def refusals():
    told = LedgerEntry.objects.order_by("seq").filter(code="members.archive.read_refused")
    return [row["reason"] for row in told.values_list("data", flat=True)]


@pytest.mark.promise("MIK-5.2a", "LEJ-DES-2", "KRN-7.5")
def test_one_asks_another_releases_and_the_one_opening_is_in_the_ledger(
    mikmik, left, mina, juno, now
):
    reading = ask(left, mikmik, mina, now)
    archive_reading.release(reading, actor=juno, now=now)
    found = archive_reading.read(reading, actor=mina, now=now + timedelta(minutes=29))
    assert [dict(one.values) for one in found] == [{"payment_records": "Shirt 29,000 KRW"}]
    with pytest.raises(archive_reading.NotAllowed, match="shown_already"):
        archive_reading.read(reading, actor=mina, now=now + timedelta(minutes=29))
    told = LedgerEntry.objects.filter(code="members.archive.opened")
    assert told.count() == 1 and "Shirt" not in str(list(told.values("data")))
    assert refusals() == ["shown_already"]


def test_two_who_open_at_the_same_moment_are_shown_the_values_once(
    mikmik, left, mina, juno, now, monkeypatch
):
    reading = ask(left, mikmik, mina, now)
    archive_reading.release(reading, actor=juno, now=now)
    stored, shown = archive_reading.grounds, []

    def slow(person, policy):
        if not shown:
            shown.append("first")
            shown.append(archive_reading.read(ArchiveReading.objects.get(), actor=mina, now=now))
        return stored(person, policy)

    monkeypatch.setattr(archive_reading, "grounds", slow)
    with pytest.raises(archive_reading.NotAllowed, match="shown_already"):
        archive_reading.read(reading, actor=mina, now=now)
    assert len(shown) == 2
    assert LedgerEntry.objects.filter(code="members.archive.opened").count() == 1


def test_nobody_releases_their_own_reading_and_nobody_else_opens_it(mikmik, left, mina, juno, now):
    reading = ask(left, mikmik, mina, now)
    with pytest.raises(archive_reading.NotAllowed, match="own_reading"):
        archive_reading.release(reading, actor=mina, now=now)
    with pytest.raises(archive_reading.NotAllowed, match="not_released"):
        archive_reading.read(reading, actor=mina, now=now)
    archive_reading.release(reading, actor=juno, now=now)
    with pytest.raises(archive_reading.NotAllowed, match="somebody_elses"):
        archive_reading.read(reading, actor=juno, now=now)
    with pytest.raises(archive_reading.NotAllowed, match="decided_already"):
        archive_reading.turn_down(reading, actor=juno, now=now)
    assert refusals() == ["own_reading", "not_released", "somebody_elses", "decided_already"]


def test_a_release_is_over_after_thirty_minutes_and_a_turned_down_reading_never_opens(
    mikmik, left, mina, juno, now
):
    reading = ask(left, mikmik, mina, now)
    archive_reading.release(reading, actor=juno, now=now)
    with pytest.raises(archive_reading.NotAllowed, match="over"):
        archive_reading.read(reading, actor=mina, now=now + timedelta(minutes=30))
    other = ask(left, mikmik, mina, now)
    archive_reading.turn_down(other, actor=juno, now=now)
    with pytest.raises(archive_reading.NotAllowed, match="not_released"):
        archive_reading.read(other, actor=mina, now=now)


@pytest.mark.promise("MIK-5.2a", "LEJ-DES-2")
@pytest.mark.parametrize(
    ("ground", "items", "code"),
    [
        ("advertising", ["payment_records"], "ground_not_allowed"),
        ("", ["payment_records"], "ground_not_allowed"),
        ("statutory_retention", ["login_records"], "item_not_there"),
        ("statutory_retention", [], "item_not_there"),
        ("abuse_prevention", ["payment_records"], "item_not_there"),
    ],
)
def test_a_ground_that_the_rule_does_not_name_opens_nothing(
    mikmik, left, mina, now, ground, items, code
):
    with pytest.raises(archive_reading.NotAllowed, match=code):
        ask(left, mikmik, mina, now, ground=ground, items=items)
    assert refusals() == [code] and not ArchiveReading.objects.exists()


@pytest.mark.promise("LEJ-DES-2")
@pytest.mark.parametrize("role", ["marketing", "handler", "auditor", "administrator"])
def test_roles_without_the_permission_are_refused_and_the_ledger_says_so(mikmik, left, now, role):
    other = cast.officer("other", mikmik, role=role)
    with pytest.raises(archive_reading.NotAllowed, match="no_permission"):
        ask(left, mikmik, other, now)
    assert refusals() == ["no_permission"]


def test_what_a_claim_holds_is_read_for_the_claim(mikmik, mina, now):
    person = cast.member(mikmik, address="Seoul 1")
    restriction.place(
        person, ground="unpaid_claim", items=["address"], blocks_use=False, actor=None, now=now
    )
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=now), now=now)
    left = ArchivedSubject.objects.get()
    policy = policy_values(cast.version(mikmik))
    assert set(archive_reading.grounds(left, policy)) == {"unpaid_claim"}


@pytest.mark.promise("LEJ-DES-2")
def test_rows_of_an_internal_policy_serve_their_two_purposes_whatever_hold_runs():
    leje = policy_values(cast.version(cast.service("leje")))
    two = ("fraud_recurrence_prevention", "agency_cooperation")
    rule = leje.retention_by_code["fraud_hold"]
    assert isinstance(rule, RetentionRule)
    assert grounds_of(rule, ["open_dispute", "legal_request", "unpaid_claim"]) == two
