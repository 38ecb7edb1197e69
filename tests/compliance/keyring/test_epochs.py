"""More than one epoch at a time: what was written under the older one stays readable and searchable."""

import shutil
from uuid import uuid4

import pytest

from compliance.keyring import blind_index, digests, epochs, kek, key_files, keys
from compliance.keyring.envelope import epoch_of
from compliance.keyring.kek import KeyringRefused
from compliance.keyring.models import DataKey

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]


@pytest.fixture
def second_epoch(settings, tmp_path):
    """Return what a test calls to open epoch 2 beside epoch 1."""
    shutil.copy(key_files.path(1), tmp_path / "epoch-0001.key")
    settings.KEK_DIR = tmp_path

    def begin():
        assert key_files.create_file(2)
        assert epochs.write(2)

    return begin


def test_new_keys_are_wrapped_under_the_newest_epoch_and_old_ones_still_open(second_epoch):
    old, new = uuid4(), uuid4()
    made = keys.create([old])
    second_epoch()
    made |= keys.create([new])
    assert keys.open_([old, new]) == made
    wrapped = dict(DataKey.objects.values_list("id", "wrapped"))
    assert [epoch_of(bytes(wrapped[id])) for id in (old, new)] == [1, 2]


def test_a_search_finds_entries_of_every_living_epoch(second_epoch):
    old, new = uuid4(), uuid4()
    blind_index.put_many([("mikmik", "name", "n", old)])
    second_epoch()
    blind_index.put_many([("mikmik", "name", "n", new)])
    assert blind_index.find("mikmik", "name", "n") == [old, new]


def test_pseudonyms_outlive_epochs(second_epoch):
    before = digests.subject_digest("7f" * 16)
    second_epoch()
    assert digests.subject_digest("7f" * 16) == before


def test_a_living_epoch_without_its_key_refuses_to_start_and_to_open(second_epoch):
    id = uuid4()
    second_epoch()
    keys.create([id])
    key_files.path(2).unlink()
    assert not kek.available()
    with pytest.raises(SystemExit, match=r"epoch-0002\.key is missing"):
        kek.require()
    with pytest.raises(KeyringRefused):
        keys.open_([id])
