"""Keeping and destroying records: what goes where, and what is refused."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from compliance import effects
from compliance.keyring import blind_index, keys
from compliance.selectors import policy_values
from members import gate, selectors
from members.actions import record
from members.models import Record
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def keep(person, values, **more):
    policy = policy_values(cast.version(person.service))
    return record.keep(
        person, values, occurred_at=NOW, source="orders", policy=policy, actor=None, now=NOW, **more
    )


def test_items_are_grouped_by_the_class_that_decides_their_fate():
    minji = cast.member(cast.service())
    cast.history(minji)
    classes = set(minji.records.values_list("record_class", flat=True))
    assert classes == {"account_data", "contract_records", "payment_records", "complaint_records"}


def test_no_column_holds_a_value_in_clear():
    minji = cast.member(cast.service())
    row = Record.objects.filter(subject=minji).values()[0]
    assert b"minji" not in bytes(row["sealed"])
    assert "minji" not in str({name: value for name, value in row.items() if name != "sealed"})


@pytest.mark.promise("MIK-3.2a")
@pytest.mark.parametrize("item", ["health", "nickname", "shoe_size"])
def test_an_item_that_the_policy_does_not_list_is_refused_and_leaves_nothing(item):
    minji = cast.member(cast.service())
    before = Record.objects.count()
    with pytest.raises(record.ItemRefused) as refused:
        keep(minji, {item: "x", "address": "Seoul"})
    assert refused.value.item == item
    assert Record.objects.count() == before


def test_a_password_is_never_put_into_a_record():
    minji = cast.member(cast.service())
    with pytest.raises(record.ItemRefused):
        keep(minji, {"password": "secret"})


def test_a_person_is_found_by_exact_value_in_any_spelling_and_only_in_the_own_service():
    mikmik = cast.service()
    minji = cast.member(mikmik)
    assert selectors.find_subject(mikmik, "email", "MINJI@mail.example") == minji
    assert selectors.find_subject(mikmik, "mobile", "01023456789") == minji
    assert selectors.find_subject(cast.service("leje"), "email", "minji@mail.example") is None


def test_a_replaced_record_has_a_new_key_and_the_old_one_is_gone():
    minji = cast.member(cast.service())
    old = minji.records.get(record_class="account_data")
    values = gate.own_values(minji)[old.pk] | {"email": "new@mail.example"}
    fresh = record.replace(
        old, values, policy=policy_values(cast.version(minji.service)), actor=None, now=NOW
    )
    assert keys.existing([old.pk, fresh.pk]) == {fresh.pk}
    assert blind_index.find("mikmik", "email", "minji@mail.example") == []
    assert selectors.find_subject(minji.service, "email", "new@mail.example") == minji


def test_keys_of_a_batch_that_was_interrupted_are_destroyed_later_and_not_at_once():
    orphan = uuid.uuid4()
    keys.create([orphan])
    effects.begin(record.SEAL, "batch:1", {"records": [str(orphan)]}, actor=None, now=NOW)
    assert record.repair_unfinished(now=NOW) == 0
    assert record.repair_unfinished(now=NOW + timedelta(minutes=11)) == 1
    assert keys.existing([orphan]) == set()
    assert not effects.unfinished(record.SEAL).exists()


def test_the_clock_of_a_member_stays_open_while_the_contract_of_use_runs():
    minji = cast.member(cast.service())
    cast.history(minji)
    payment = minji.records.get(record_class="payment_records")
    assert (payment.due_on, payment.held_by) == (None, "payment_5y")
