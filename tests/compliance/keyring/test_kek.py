"""Without the right key nothing starts."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from compliance import ledger
from compliance.keyring import checks, kek, key_files
from compliance.keyring.kek import KeyringRefused
from compliance.keyring.models import Epoch, SealedSecret

ROOT = Path(__file__).resolve().parents[3]
keyring = pytest.mark.django_db(databases=["default", "keyring"])


def test_the_first_key_is_whole_private_and_never_replaced(settings, tmp_path):
    settings.KEK_DIR = tmp_path / "new" / "keys"
    assert key_files.create_file(1)
    before = key_files.read(1)
    assert not key_files.create_file(1)
    assert key_files.read(1) == before
    assert len(before) == 32
    assert stat.S_IMODE(key_files.path(1).stat().st_mode) == 0o400
    assert [file.name for file in settings.KEK_DIR.iterdir()] == ["epoch-0001.key"]


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_a_wrong_length_is_refused(settings, tmp_path, length):
    settings.KEK_DIR = tmp_path
    (tmp_path / "epoch-0001.key").write_bytes(b"k" * length)
    with pytest.raises(KeyringRefused, match=f"{length} bytes instead of 32"):
        key_files.read(1)
    assert [error.id for error in checks.key_present(None) if error.is_serious()] == [
        "keyring.E001"
    ]


def test_a_missing_key_is_an_error_of_the_start_up_check(settings, tmp_path):
    settings.KEK_DIR = tmp_path / "nowhere"
    (error,) = checks.key_present(None)
    assert error.id == "keyring.E001"
    assert "init_keys" in error.msg


def test_a_key_that_others_may_read_is_a_warning(kek_dir):
    assert checks.key_present(None) == []
    key_files.path(1).chmod(0o444)
    (warning,) = checks.key_present(None)
    assert warning.id == "keyring.W001"
    assert not warning.is_serious()


def test_a_key_in_the_environment_works_but_can_never_be_forgotten(settings, tmp_path):
    settings.KEK_DIR = tmp_path
    settings.KEK_HEX = "5a" * 32
    assert key_files.read(1) == b"\x5a" * 32
    assert not key_files.erasable(1)
    settings.KEK_HEX = "no key"
    with pytest.raises(KeyringRefused, match="64 hexadecimal digits"):
        key_files.read(1)


@keyring
def test_a_wrong_key_is_refused_by_check_start_and_health(kek_dir):
    (error,) = checks.key_fits(None, databases=["default", "keyring"])
    assert error.id == "keyring.E002"
    assert not kek.available()
    with pytest.raises(SystemExit, match="not the one the keyring was written with"):
        kek.require()


@keyring
def test_the_right_key_starts(capsys):
    kek.require()
    assert kek.available()
    assert checks.key_fits(None, databases=["default", "keyring"]) == []
    assert checks.key_fits(None, databases=["default"]) == []


@keyring
def test_init_keys_is_idempotent(capsys):
    before = bytes(Epoch.objects.get().wrapped_index_key), key_files.read(1)
    call_command("init_keys")
    assert (bytes(Epoch.objects.get().wrapped_index_key), key_files.read(1)) == before
    assert "already there" in capsys.readouterr().out


@keyring
def test_init_keys_never_makes_a_new_key_for_a_keyring_in_use(settings, tmp_path):
    settings.KEK_DIR = tmp_path
    with pytest.raises(CommandError, match="missing"):
        call_command("init_keys")
    assert list(tmp_path.iterdir()) == []


@keyring
def test_init_keys_completes_an_interrupted_set_up():
    Epoch.objects.all().delete()
    assert kek.ensure_first() == (False, True)
    kek.require()


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-c", "import compliance.wsgi"],
        ["-m", "celery", "-A", "compliance", "worker", "-P", "solo"],
    ],
    ids=["command", "web server", "worker"],
)
def test_a_process_without_a_key_ends_at_once_with_one_sentence(tmp_path, command):
    began = _seconds_of_children()
    done = _run(command, tmp_path)
    assert done.returncode != 0
    assert _seconds_of_children() - began < 5
    assert done.stderr.count("epoch-0001.key is missing; put the saved key back") == 1
    assert "Traceback" not in done.stderr


def test_a_new_installation_comes_up_by_keys_then_migrations(tmp_path):
    made = _run(["manage.py", "init_keys"], tmp_path)
    assert made.returncode == 0, made.stderr
    assert len((tmp_path / "keys" / "epoch-0001.key").read_bytes()) == 32
    again = _run(["manage.py", "init_keys"], tmp_path)
    assert "already there" in again.stdout
    moved = _run(["manage.py", "migrate", "--database", "keyring", "-v0"], tmp_path)
    assert moved.returncode == 0, moved.stderr
    asked = _run(["-c", "import compliance.wsgi"], tmp_path)
    assert asked.returncode == 0, asked.stderr


def _seconds_of_children():
    """Processor time, because other work on the machine must not make a test fail."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _run(command, folder):
    # Real servers of the run are not for processes of a throw-away installation.
    names = ("DATABASE_URL", "ARCHIVE_DATABASE_URL", "KEYRING_DATABASE_URL", "REDIS_URL")
    environ = os.environ | dict.fromkeys(names, "")
    environ |= {
        "DJANGO_SETTINGS_MODULE": "compliance.settings",
        "VAR_DIR": str(folder),
        "KEK_DIR": str(folder / "keys"),
        "KEK_HEX": "",
        "SECRET_KEY": "x" * 50,
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


@keyring
@pytest.mark.parametrize("way", ["migrate", "init_keys"])
def test_a_lost_keyring_is_not_made_anew_beside_sealed_people(way, now):
    """The people are in the default database, the keyring is an empty file: a new epoch would bury them."""
    with transaction.atomic():
        ledger.record("members.subject.registered", actor=None, now=now, subject="7f" * 16)
    SealedSecret.objects.all().delete()
    Epoch.objects.all().delete()
    with pytest.raises(CommandError, match=r"Put the keyring back .*docs/keys\.md"):
        call_command("init_keys") if way == "init_keys" else kek.after_migrate(using="keyring")
    assert not Epoch.objects.exists()
