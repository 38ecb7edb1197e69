"""One key per record; without it the record is gone."""

import sqlite3
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from compliance.keyring import blind_index, checkpoint, keys, sealing
from compliance.keyring.envelope import Unreadable
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import BlindIndex, DataKey, Epoch
from tests.tools.damage import last_bit_flipped

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]


def documents(count):
    return [
        sealing.Document("record", uuid4(), f"{n:032x}", "profile", values={"name": f"n{n}"})
        for n in range(count)
    ]


def as_sealed(document, sealed):
    return sealing.Document(
        document.kind, document.id, document.subject, document.record_class, sealed=sealed
    )


def test_sealing_and_opening_many_takes_a_constant_number_of_queries(
    django_assert_max_num_queries,
):
    made = documents(200)
    with django_assert_max_num_queries(2, connection=connections["keyring"]):
        sealed = sealing.seal_many(made)
    stored = [as_sealed(d, s) for d, s in zip(made, sealed, strict=True)]
    with django_assert_max_num_queries(1, connection=connections["keyring"]):
        opened = sealing.open_many(stored)
    assert opened == {d.id: d.values for d in made}


def test_an_existing_key_is_never_replaced():
    id = uuid4()
    keys.create([id])
    with pytest.raises(IntegrityError), transaction.atomic(using="keyring"):
        keys.create([id])
    with pytest.raises(ValueError, match="twice"):
        keys.create([other := uuid4(), other])


@pytest.mark.promise("MIK-9.1.2b")
@pytest.mark.promise("LEJ-DES-3")
def test_a_destroyed_record_cannot_be_opened_and_its_neighbour_can():
    made = documents(2)
    stored = [as_sealed(d, s) for d, s in zip(made, sealing.seal_many(made), strict=True)]
    blind_index.put_many(
        [("mikmik", "name", "n0", made[0].id), ("mikmik", "name", "n1", made[1].id)]
    )

    assert keys.destroy([made[0].id]) == 1
    assert keys.destroy([made[0].id]) == 0

    assert sealing.open_many(stored) == {made[1].id: made[1].values}
    assert keys.existing([d.id for d in made]) == {made[1].id}
    assert blind_index.find("mikmik", "name", "n0") == []
    assert blind_index.find("mikmik", "name", "n1") == [made[1].id]


def test_a_damaged_key_is_reported_and_never_taken_for_a_destroyed_one():
    made = documents(3)
    stored = [as_sealed(d, s) for d, s in zip(made, sealing.seal_many(made), strict=True)]
    row = DataKey.objects.get(id=made[1].id)
    DataKey.objects.filter(id=row.id).update(wrapped=last_bit_flipped(row.wrapped))
    with pytest.raises(Unreadable):
        keys.open_([d.id for d in made])
    with pytest.raises(Unreadable):
        sealing.open_many(stored)
    bad = []
    assert set(sealing.open_many(stored, unreadable=bad)) == {made[0].id, made[2].id}
    assert bad == [made[1].id]


def test_a_key_row_moved_to_another_record_is_refused():
    made = documents(2)
    sealing.seal_many(made)
    stolen = bytes(DataKey.objects.get(id=made[0].id).wrapped)
    DataKey.objects.filter(id=made[1].id).update(wrapped=stolen)
    with pytest.raises(Unreadable):
        keys.open_([made[1].id])


def test_a_damaged_document_does_not_take_its_batch_along():
    made = documents(3)
    sealed = sealing.seal_many(made)
    sealed[0] = last_bit_flipped(sealed[0])
    stored = [as_sealed(d, s) for d, s in zip(made, sealed, strict=True)]
    bad = []
    assert set(sealing.open_many(stored, unreadable=bad)) == {made[1].id, made[2].id}
    assert bad == [made[0].id]


def test_no_key_bytes_are_stored_in_clear():
    made = keys.create([uuid4()])
    ((id, key),) = made.items()
    assert key not in bytes(DataKey.objects.get(id=id).wrapped)


def test_nothing_is_sealed_under_a_wrong_key(kek_dir):
    with pytest.raises(KeyringRefused, match="not the one"):
        keys.create([uuid4()])
    assert not DataKey.objects.exists()


def test_nothing_opens_under_a_wrong_key(settings, tmp_path):
    made = documents(1)
    stored = [as_sealed(d, s) for d, s in zip(made, sealing.seal_many(made), strict=True)]
    (tmp_path / "epoch-0001.key").write_bytes(b"\x07" * 32)
    settings.KEK_DIR = tmp_path
    with pytest.raises(Unreadable):
        sealing.open_many(stored)


def test_without_an_epoch_nothing_is_sealed():
    Epoch.objects.all().delete()
    with pytest.raises(KeyringRefused, match="init_keys"):
        keys.create([uuid4()])


def test_an_empty_batch_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0, connection=connections["keyring"]):
        assert keys.create([]) == keys.open_([]) == {}


@pytest.mark.django_db(databases=["default", "keyring"], transaction=True)
def test_destroyed_key_bytes_leave_the_keyring_file_and_its_log():
    id = uuid4()
    keys.create([id])
    blind_index.put_many([("mikmik", "name", "n", id)])
    wrapped = bytes(DataKey.objects.get(id=id).wrapped)
    digest = bytes(BlindIndex.objects.get(key=id).digest)
    keys.destroy([id])
    assert checkpoint.truncate_wal()
    connection = connections["keyring"]
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        stored = b"".join(_bytes(f"{name}{end}") for end in ("", "-wal", "-journal"))
        assert wrapped not in stored
        assert digest not in stored


def test_the_log_stays_while_a_transaction_is_open():
    with transaction.atomic(using="keyring"):
        assert checkpoint.truncate_wal() is False


@pytest.mark.skipif(
    connections["keyring"].vendor != "sqlite", reason="only SQLite's log waits for its readers"
)
@pytest.mark.django_db(databases=["default", "keyring"], transaction=True)
def test_a_long_reader_delays_the_truncation_and_nothing_else():
    connection = connections["keyring"]
    keys.create([uuid4()])
    reader = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM keyring_datakey").fetchone()
        keys.create([uuid4()])
        assert checkpoint.truncate_wal() is False
    finally:
        reader.close()
    assert checkpoint.truncate_wal() is True


def _bytes(name):
    try:
        with open(name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
