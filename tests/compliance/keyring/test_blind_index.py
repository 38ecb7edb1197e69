"""Exact search that finds what people spell differently and keeps nothing to guess against."""

import unicodedata
from uuid import uuid4

import pytest
from django.db import connections

from compliance.keyring import blind_index, digests, secrets
from compliance.keyring.models import BlindIndex, SealedSecret

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]


@pytest.mark.parametrize(
    ("field", "stored", "typed"),
    [
        ("phone", "010-1234-5678", "01012345678"),
        ("phone", "+82 10-1234-5678", "010 1234 5678"),
        ("mobile", "+82 (0)10-1234-5678", "010.1234.5678"),
        ("mobile", "00821012345678", "+821012345678"),
        ("mobile", "821012345678", "010-1234-5678"),
        ("mobile", "+62 812-3456-789", "0812 3456 789"),
        ("phone", "02-123-4567", "(02) 123 4567"),
        ("phone", "１５８８-1234", "1588-1234"),
        ("name", "김서연", unicodedata.normalize("NFD", "김서연")),
        ("name", "김 서연", "김서연"),
        ("name", "Siti  Aminah", "siti aminah "),
        ("name", "José", unicodedata.normalize("NFD", "José")),
        ("email", "Seo.Yeon@Example.COM", " seo.yeon@example.com"),
        ("login_id", "SeoYeon", "seoyeon"),
        ("order_number", "A-2026 001", "a-2026001"),
        ("external_ref", "REF-1", "ref-1"),
    ],
)
def test_other_spellings_find_the_record(field, stored, typed):
    id = uuid4()
    blind_index.put_many([("mikmik", field, stored, id)])
    assert blind_index.find("mikmik", field, typed) == [id]


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("phone", "010-1234-5678", "010-1234-5679"),
        ("phone", "+1 010 1234 5678", "010-1234-5678"),
        ("name", "Siti Aminah", "Siti Aminahh"),
        ("email", "a@b.kr", "a@b.co"),
        ("ci", "aBc=", "abc="),
    ],
)
def test_other_values_do_not(field, one, other):
    blind_index.put_many([("mikmik", field, one, uuid4())])
    assert blind_index.find("mikmik", field, other) == []


def test_services_and_fields_never_meet():
    id = uuid4()
    blind_index.put_many([("mikmik", "phone", "010-1234-5678", id)])
    assert blind_index.find("leje", "phone", "010-1234-5678") == []
    assert blind_index.find("mikmik", "mobile", "010-1234-5678") == []
    assert blind_index.find("mikmik", "phone", "010-1234-5678") == [id]


def test_equal_values_have_different_digests_per_service_and_field():
    for scope, field in (("mikmik", "phone"), ("mikmik", "mobile"), ("leje", "phone")):
        blind_index.put_many([(scope, field, "010-1234-5678", uuid4())])
    rows = list(BlindIndex.objects.all())
    assert len({bytes(row.digest) for row in rows}) == 3
    assert len({bytes(row.inner_sealed) for row in rows}) == 3


def test_people_of_the_same_name_are_all_found_in_one_constant_search(
    django_assert_max_num_queries,
):
    ids = [uuid4() for _ in range(50)]
    with django_assert_max_num_queries(6, connection=connections["keyring"]):
        blind_index.put_many([("mikmik", "name", "김서연", id) for id in ids])
    with django_assert_max_num_queries(4, connection=connections["keyring"]):
        assert set(blind_index.find("mikmik", "name", "김서연")) == set(ids)


def test_indexing_twice_changes_nothing():
    entry = ("mikmik", "name", "김서연", uuid4())
    blind_index.put_many([entry])
    blind_index.put_many([entry])
    assert BlindIndex.objects.count() == 1


def test_dropped_entries_are_found_no_more():
    gone, stays = uuid4(), uuid4()
    rows = [("mikmik", "name", "n", gone), ("mikmik", "email", "n@x.kr", gone)]
    blind_index.put_many([*rows, ("mikmik", "name", "n", stays)])
    assert blind_index.drop([gone]) == 2
    assert blind_index.drop([gone]) == 0
    assert blind_index.find("mikmik", "name", "n") == [stays]


@pytest.mark.parametrize("field", ["gender", "birth_date", "consent", "address"])
def test_fields_with_few_values_have_no_index(field):
    with pytest.raises(ValueError, match="not searchable"):
        blind_index.put_many([("mikmik", field, "female", uuid4())])
    with pytest.raises(ValueError, match="not searchable"):
        blind_index.find("mikmik", field, "female")


@pytest.mark.parametrize("empty", ["", "   ", "--"])
def test_empty_values_are_not_indexed(empty):
    assert blind_index.put_many([("mikmik", "phone", empty, uuid4())]) == 0
    assert blind_index.find("mikmik", "phone", empty) == []


def test_digests_of_every_purpose_differ_and_are_stable():
    public_id = "7f" * 16
    made = {
        digests.subject_digest(public_id),
        digests.throttle("account", public_id),
        digests.throttle("ip", public_id),
        digests.rejoin("mikmik", "external_ref", public_id).hex(),
        digests.rejoin("leje", "external_ref", public_id).hex(),
        digests.rejoin("mikmik", "login_id", public_id).hex(),
    }
    assert len(made) == 6
    assert digests.subject_digest(public_id) in made
    assert {len(digest) for digest in made} == {64}


def test_the_rejoin_digest_ignores_spelling():
    assert digests.rejoin("mikmik", "phone", "+82 10-1234-5678") == digests.rejoin(
        "mikmik", "phone", "01012345678"
    )


def test_secrets_are_stable_and_stored_only_wrapped():
    secret = secrets.get("totp")
    assert secrets.get("totp") == secret
    assert secret not in bytes(SealedSecret.objects.get(name="totp").wrapped)
    assert secrets.get("other") != secret


def test_an_absent_secret_is_not_made_unasked():
    with pytest.raises(KeyError):
        secrets.get("never-made", create=False)


def test_a_secret_moved_under_another_name_is_refused():
    from compliance.keyring.envelope import Unreadable

    secrets.get("one")
    secrets.get("two")
    SealedSecret.objects.filter(name="two").update(
        wrapped=bytes(SealedSecret.objects.get(name="one").wrapped)
    )
    with pytest.raises(Unreadable):
        secrets.get("two")


def test_a_secret_of_a_rolled_back_transaction_is_not_remembered():
    secrets.get("short-lived")
    assert "short-lived" not in secrets._known


def test_a_record_sealed_anew_is_found_by_the_references_of_the_old_one():
    old, new = uuid4(), uuid4()
    blind_index.put_many(
        [("mikmik", "order_number", "A-1", old), ("mikmik", "email", "a@b.kr", old)]
    )
    assert blind_index.carry(("order_number", "external_ref"), old, new) == 1
    assert set(blind_index.find("mikmik", "order_number", "a-1")) == {old, new}
    assert blind_index.find("mikmik", "email", "a@b.kr") == [old]
    blind_index.drop([old])
    assert blind_index.find("mikmik", "order_number", "A-1") == [new]


def test_carrying_twice_is_carrying_once_and_nothing_is_carried_from_nothing():
    old, new = uuid4(), uuid4()
    blind_index.put_many([("mikmik", "order_number", "A-1", old)])
    blind_index.carry(("order_number",), old, new)
    blind_index.carry(("order_number",), old, new)
    assert blind_index.find("mikmik", "order_number", "A-1").count(new) == 1
    assert blind_index.carry(("order_number",), uuid4(), uuid4()) == 0
