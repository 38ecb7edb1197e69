"""Lost keys come back from the recovery copy and the private key, and from nothing else."""

import json
import os
import stat
from io import StringIO

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command

from compliance.keyring import epochs, kek, key_files, recovery
from compliance.keyring.models import Epoch
from compliance.keyring.recovery import RecoveryRefused
from tests.tools import rolls

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]


@pytest.fixture
def safe(tmp_path, settings):
    """Two recovery folders, and the private key taken away."""
    folders = [tmp_path / "safe", tmp_path / "branch"]
    for folder in folders:
        folder.mkdir()
    settings.RECOVERY_DIRS = [str(folder) for folder in folders]
    call_command("keyring", "recovery_key", str(tmp_path / "private.pem"), stdout=StringIO())
    yield tmp_path
    recovery.public_key_file().unlink(missing_ok=True)


def copies(safe):
    return [(safe / name / "recovery.sealed").read_bytes() for name in ("safe", "branch")]


def sealed_by_a_stranger(text):
    public = serialization.load_pem_public_key(recovery.public_key_file().read_bytes())
    return recovery.MAGIC + recovery.SUITE.encrypt(text, public, recovery.MAGIC)


def recover(safe, content):
    (safe / "copy").write_bytes(content)
    out = StringIO()
    call_command("keyring", "recover", str(safe / "copy"), str(safe / "private.pem"), stdout=out)
    return out.getvalue()


def lose_keys():
    for number in key_files.epochs():
        key_files.path(number).unlink()


def test_lost_key_files_come_back_after_a_roll(safe, now):
    made = rolls.people(3)
    assert rolls.roll(now).skipped == {}
    lose_keys()
    assert not kek.available()
    assert "epoch 2" in recover(safe, copies(safe)[1])
    assert stat.S_IMODE(key_files.path(2).stat().st_mode) == 0o400
    kek.require()
    rolls.everybody_is_there(made)
    assert "nothing was changed" in recover(safe, copies(safe)[0])


def test_a_copy_has_no_history_and_the_private_key_is_nowhere_here(safe, now):
    before = copies(safe)
    rolls.roll(now)
    private = (safe / "private.pem").read_bytes()
    for sealed in copies(safe):
        assert sorted(recovery.open_copy(sealed, private)) == [2]
        assert sealed not in before
    assert [file.name for file in (safe / "safe").iterdir()] == ["recovery.sealed"]
    assert stat.S_IMODE((safe / "private.pem").stat().st_mode) == 0o400
    assert private not in [file.read_bytes() for file in key_files.path(1).parent.iterdir()]
    with pytest.raises(CommandError, match="already"):
        call_command("keyring", "recovery_key", str(safe / "other.pem"))


def test_a_copy_of_before_the_roll_brings_nothing_back(safe, now):
    rolls.people(1)
    old = copies(safe)[0]
    rolls.roll(now)
    lose_keys()
    with pytest.raises(CommandError, match="newest copy"):
        recover(safe, old)
    assert key_files.epochs() == []


@pytest.mark.parametrize("place", ["in the header", "in the middle", "at the end"])
def test_an_altered_copy_is_refused(safe, place):
    lose_keys()
    sealed = bytearray(copies(safe)[0])
    at = {"in the header": 3, "in the middle": len(sealed) // 2, "at the end": -1}[place]
    sealed[at] ^= 1
    with pytest.raises(CommandError, match=r"altered|no recovery copy"):
        recover(safe, bytes(sealed))
    assert key_files.epochs() == []


def test_a_strangers_key_in_a_well_formed_copy_is_refused_before_anything_is_written(safe, now):
    """Anybody with the public key can seal; only the fingerprint says whose key it is."""
    key_files.create_file(3)
    epochs.write(3, now=now)
    genuine = key_files.read(1)
    lose_keys()
    hostile = {"1": genuine.hex(), "3": os.urandom(32).hex()}
    with pytest.raises(CommandError, match=r"epoch 3 .* not the one"):
        recover(safe, sealed_by_a_stranger(json.dumps(hostile).encode()))
    assert key_files.epochs() == []


@pytest.mark.parametrize(
    "text",
    [
        b'{"../../etc/cron": "' + b"00" * 32 + b'"}',
        b'{"1": "' + b"00" * 31 + b'"}',
        b'{"1": 5}',
        b"[" * 50_000,
        b"\xff\xfe",
        b"[1]",
    ],
    ids=["path", "short", "number", "deep", "no text", "list"],
)
def test_hostile_content_is_refused_and_leaves_nothing(safe, text):
    lose_keys()
    with pytest.raises(CommandError, match="something other than keys"):
        recover(safe, sealed_by_a_stranger(text))
    assert [file.name for file in key_files.path(1).parent.glob("*.key")] == []


def test_another_private_key_opens_nothing(safe):
    other = safe / "other"
    other.write_text("no key")
    with pytest.raises(RecoveryRefused, match="no private recovery key"):
        recovery.open_copy(copies(safe)[0], other.read_bytes())


def test_a_roll_waits_for_a_recovery_folder_that_cannot_be_written(safe, now, settings):
    made = rolls.people(2)
    settings.RECOVERY_DIRS = [str(safe / "unplugged")]
    assert rolls.roll(now).skipped == {"recovery_copy": 1}
    assert epochs.numbers() == {1} and key_files.path(1).exists()
    (safe / "unplugged").mkdir()
    assert rolls.roll(now).skipped == {}
    assert Epoch.objects.get(number=1).forgotten_at == now
    rolls.everybody_is_there(made)
