"""Holds on people who have left: destruction waits, use stays closed, and lifting lets the policy count again."""

from datetime import UTC, datetime, timedelta

import pytest

from members.actions import destruction, restriction, withdrawal
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Restriction
from tests.tools import cast

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.servers,
]
LEFT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAYMENT_GONE = datetime(2030, 5, 6, 15, 0, tzinfo=UTC)  # 7 May in Seoul; supplied on 6 May 2025.


@pytest.fixture
def mikmik():
    return cast.service("mikmik")


def leave(person):
    opened = withdrawal.request(person, channel="web", actor=None, now=LEFT)
    withdrawal.carry_out(opened, now=LEFT)
    person.deliveries.all().delete()
    withdrawal.carry_out(opened, now=LEFT)


def test_a_legal_request_after_leaving_postpones_and_lifting_it_destroys_at_once(mikmik):
    person = cast.member(mikmik)
    cast.history(person)
    leave(person)
    hold = restriction.place(
        person, ground="legal_request", items=["payment_records"], actor=None, now=LEFT
    )
    assert (hold.blocks_use, hold.blocks_destruction) == (False, True)
    destruction.destroy_due(mikmik, now=PAYMENT_GONE)
    assert held_records("payment_records")
    assert not held_records("contract_records") and not held_records("complaint_records")
    restriction.lift(hold, actor=None, now=PAYMENT_GONE)
    destruction.destroy_due(mikmik, now=PAYMENT_GONE)
    assert not ArchivedRecord.objects.exists() and not DataSubject.objects.exists()


def held_records(item):
    return [one for one in ArchivedRecord.objects.all() if item in one.item_codes]


def test_what_is_destroyed_cannot_be_held_and_a_hold_that_stops_only_use_is_none(mikmik):
    person = cast.member(mikmik)
    cast.history(person)
    leave(person)
    for items, effects in ((["mobile"], {}), ([], {"blocks_destruction": False})):
        with pytest.raises(restriction.NotPossible, match=r"nothing_kept|holds_nothing"):
            restriction.place(
                person, ground="legal_request", items=items, actor=None, now=LEFT, **effects
            )
    assert not Restriction.objects.exists()


@pytest.mark.promise("MIK-9.1.1")
def test_an_unpaid_refund_holds_the_items_it_needs_and_paying_it_destroys_them(mikmik):
    person = cast.member(mikmik, address="Seoul 1")
    restriction.place(
        person,
        ground="unpaid_claim",
        items=["mobile", "address"],
        blocks_use=False,
        actor=None,
        now=LEFT,
    )
    leave(person)
    [kept] = ArchivedRecord.objects.filter(rule_code="purpose_end")
    assert (sorted(kept.item_codes), kept.due_on) == (["address", "mobile"], None)
    destruction.destroy_due(mikmik, now=LEFT + timedelta(days=90))
    assert ArchivedRecord.objects.filter(pk=kept.pk).exists()
    hold = Restriction.objects.get()
    assert hold.ground == "unpaid_claim"
    paid = LEFT + timedelta(days=91)
    restriction.lift(hold, actor=None, now=paid)
    destruction.destroy_due(mikmik, now=paid)
    assert not ArchivedRecord.objects.exists()


def test_a_running_contract_of_use_keeps_the_old_order_until_it_ends(mikmik):
    person = cast.member(mikmik)
    cast.record.keep(
        person,
        {"contract_records": "Order of 2019"},
        occurred_at=datetime(2019, 5, 2, tzinfo=UTC),
        source="orders",
        policy=cast.policy_values(cast.version(mikmik)),
        anchors={"contract": "2019-05-02"},
        actor=None,
        now=LEFT,
    )
    hold = restriction.place(
        person,
        ground="contract_of_use_running",
        items=["contract_records"],
        blocks_use=False,
        actor=None,
        now=LEFT,
    )
    leave(person)
    destruction.destroy_due(mikmik, now=LEFT + timedelta(days=5))
    [kept] = held_records("contract_records")
    assert kept.due_on is None
    restriction.lift(hold, actor=None, now=LEFT + timedelta(days=6))
    destruction.destroy_due(mikmik, now=LEFT + timedelta(days=6))
    assert not held_records("contract_records")
