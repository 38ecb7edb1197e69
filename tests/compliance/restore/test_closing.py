"""After a restore the application is closed until somebody repeats what is missing and signs it off."""

import io
from datetime import UTC, datetime
from time import perf_counter

import pytest
from django.core.management import (
    CommandError,
    call_command,
    get_commands,
    load_command_class,
)

from compliance import effects, ledger, tail, tail_files, tasks
from compliance.models import Account, LedgerEntry, RestoreReport, Slot
from compliance.restore import guard, replays, reports
from compliance.restore.commands import RUN_WHILE_CLOSED, OpenCommand
from compliance.restore.replays import ReplayReport
from compliance.restore.state import findings
from tests.tools import cast
from tests.tools.put_back import Backup

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.servers,
    pytest.mark.usefixtures("guarded", "replayed"),
]
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
RECORD = "6f1c2f5e-8f0f-4e0e-9d5b-0a4c2f5e8f0f"
APPS = ("compliance", "members", "disclosures")
PASSWORD = "correct horse battery"


def destroy(ref):
    effect = effects.begin(
        "test.destroy", f"withdrawal:{ref}", {"records": [RECORD]}, actor=None, now=NOW
    )
    effects.complete(effect, now=NOW)


def destroy_again(found, *, now, dry_run):
    """A replay as the apps register theirs: it leaves effects of its own."""
    if not dry_run:
        destroy(900 + RestoreReport.objects.count())
    return ReplayReport({"records": 2}, {"letters": 1})


@pytest.fixture
def replayed(monkeypatch):
    monkeypatch.setattr(replays, "_replays", [destroy_again])


@pytest.fixture
def sora():
    cast.officer("mina", cast.service("mikmik"))
    return cast.officer("sora", cast.service("mikmik"))


@pytest.fixture
def backup(sora, tmp_path):
    """A backup of all three; since then one more destruction was completed."""
    destroy(1)
    tail.catch_up()
    taken = Backup(tmp_path)
    destroy(2)
    tail.catch_up()
    return taken


def sign_off(monkeypatch, *words, password=PASSWORD, email="sora@office.example"):
    """One officer asks, another one signs the number that was shown."""
    step(monkeypatch, email, *words, password=password)
    shown = ("--report", reports.unsigned().digest)
    step(monkeypatch, "mina@office.example", *shown, *words)


def step(monkeypatch, email, *words, password=PASSWORD):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("restore", "sign_off", "--as", email, "--password-stdin", *words)


def look_again():
    guard._seen = guard._Seen()


def is_open(client):
    look_again()
    return client.get("/office/").status_code != 503


@pytest.mark.parametrize(
    "names",
    [("default",), ("archive",), ("keyring",), ("default", "archive", "keyring")],
    ids="+".join,
)
def test_closed_until_repeated_and_signed_off(backup, client, monkeypatch, names):
    assert is_open(client)
    backup.put_back(*names)
    look_again()
    for address in ("/en/", "/office/", "/ko/mikmik/", "/nothing-here"):
        answer = client.get(address)
        assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "Closed for a check" in client.get("/en/").content.decode()
    assert client.get("/livez").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["missing"] == [f"restored:{name}" for name in sorted(names)]
    tasks.tick()
    assert not Slot.objects.exists()
    with pytest.raises(CommandError, match="First repeat"):
        sign_off(monkeypatch)
    call_command("restore", "replay", "--dry-run")
    assert not RestoreReport.objects.exists()
    call_command("restore", "replay")
    assert not is_open(client)
    sign_off(monkeypatch)
    assert is_open(client)
    assert findings() == []
    told = LedgerEntry.objects.get(code="compliance.restore.signed_off")
    assert told.data["databases"] == sorted(names)
    assert (told.data["repeated"], told.data["left"]) == (2, 1)
    destroy(3)
    tail.catch_up()
    assert tail.newest() == ledger.head()
    assert (ledger.verify().ok, findings(), is_open(client)) == (True, [], True)
    tasks.tick()
    assert Slot.objects.exists()


def test_the_one_who_asks_does_not_sign_and_the_second_signs_exactly_what_was_shown(
    backup, monkeypatch, client, capsys
):
    backup.put_back("keyring")
    call_command("restore", "replay")
    with pytest.raises(CommandError, match="These may sign: Mina, Sora"):
        call_command("restore", "sign_off")
    shown = ("--report", reports.unsigned().digest)
    with pytest.raises(CommandError, match="First another officer asks"):
        step(monkeypatch, "mina@office.example", *shown)
    step(monkeypatch, "sora@office.example")
    assert f"--report {reports.unsigned().digest}" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"somebody else has to sign: Mina\.$"):
        step(monkeypatch, "sora@office.example", *shown)
    with pytest.raises(CommandError, match="not the report that there is now"):
        step(monkeypatch, "mina@office.example", "--report", "0" * 64)
    with pytest.raises(CommandError, match="not the only one"):
        step(monkeypatch, "mina@office.example", "--alone", "colleague-on-holiday")
    assert not is_open(client)
    step(monkeypatch, "mina@office.example", *shown)
    assert is_open(client)
    report, told = RestoreReport.objects.get(), LedgerEntry.objects.latest("seq")
    assert (report.asked_by.email, report.signed_off_by.email) == (
        "sora@office.example",
        "mina@office.example",
    )
    assert (told.data["report"], told.data["asked_by"]) == (
        report.digest,
        report.asked_by.username,
    )


def test_another_replay_takes_the_question_back(backup, monkeypatch):
    backup.put_back("keyring")
    call_command("restore", "replay")
    step(monkeypatch, "sora@office.example")
    call_command("restore", "replay")
    with pytest.raises(CommandError, match="First another officer asks"):
        step(monkeypatch, "mina@office.example", "--report", reports.unsigned().digest)


def test_the_only_officer_of_a_house_signs_alone_with_a_typed_reason(
    backup, monkeypatch, client, capsys
):
    mina = Account.objects.get(email="mina@office.example")
    mina.is_active = False
    mina.save()
    backup.put_back("keyring")
    call_command("restore", "replay")
    step(monkeypatch, "sora@office.example")
    assert "Nobody else in this house may sign" in capsys.readouterr().out
    with pytest.raises(CommandError, match="small letters"):
        step(monkeypatch, "sora@office.example", "--alone", "because Mina is ill")
    assert not is_open(client)
    step(monkeypatch, "sora@office.example", "--alone", "only-officer-of-the-house")
    assert is_open(client)
    told = LedgerEntry.objects.get(code="compliance.restore.signed_off")
    assert told.data["alone"] == "only-officer-of-the-house"


def test_a_restore_after_a_signed_off_restore_is_found_again(backup, client, monkeypatch, tmp_path):
    backup.put_back("default", "keyring")
    call_command("restore", "replay")
    sign_off(monkeypatch)
    (tmp_path / "2").mkdir()
    later = Backup(tmp_path / "2")
    destroy(4)
    later.put_back("default")
    assert not is_open(client)
    assert [one.name for one in findings()] == ["default"]


@pytest.mark.parametrize("name", ["default", "keyring"])
def test_what_is_put_back_after_the_replay_needs_another_one(backup, monkeypatch, client, name):
    backup.put_back("keyring")
    call_command("restore", "replay")
    backup.put_back(name)
    with pytest.raises(CommandError, match="First repeat"):
        sign_off(monkeypatch)
    call_command("restore", "replay")
    sign_off(monkeypatch)
    assert is_open(client)


def test_a_replay_stopped_in_the_middle_leaves_the_house_closed(backup, monkeypatch, client):
    def stopped(found, *, now, dry_run):
        destroy(800)  # Its marks alone would make the keyring look as new as the ledger.
        raise KeyboardInterrupt

    backup.put_back("keyring")
    monkeypatch.setattr(replays, "_replays", [stopped])
    with pytest.raises(KeyboardInterrupt):
        call_command("restore", "replay")
    assert findings() == []
    assert not is_open(client)
    monkeypatch.setattr(replays, "_replays", [destroy_again])
    call_command("restore", "replay")
    sign_off(monkeypatch)
    assert is_open(client)


def test_a_sign_off_stopped_before_its_end_may_be_repeated(backup, monkeypatch, client):
    backup.put_back("default")
    call_command("restore", "replay")
    with monkeypatch.context() as stopped:
        stopped.setattr(RestoreReport, "save", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            sign_off(monkeypatch)
    assert not is_open(client)
    sign_off(monkeypatch)
    assert is_open(client)
    assert tail.newest() == ledger.head()


def _interrupt(*given, **named):
    raise KeyboardInterrupt


def test_without_a_replay_of_the_apps_nothing_is_called_repeated(backup, monkeypatch):
    monkeypatch.setattr(replays, "_replays", [])
    backup.put_back("keyring")
    with pytest.raises(CommandError, match="no replay"):
        call_command("restore", "replay")
    with pytest.raises(CommandError, match="First repeat"):
        sign_off(monkeypatch)


def test_only_an_officer_with_the_right_role_and_password_opens(backup, monkeypatch, client):
    cast.officer("jun", cast.service("mikmik"), role="handler")
    backup.put_back("archive")
    call_command("restore", "replay")
    with pytest.raises(CommandError, match="not right"):
        sign_off(monkeypatch, password="something else")
    with pytest.raises(CommandError, match="role"):
        sign_off(monkeypatch, email="jun@office.example")
    assert not is_open(client)


def test_the_second_step_is_asked_for(backup, sora, monkeypatch, client):
    RestoreReport.objects.all().delete()
    sora.totp_confirmed_at = NOW
    sora.save()
    backup.put_back("archive")
    call_command("restore", "replay")
    with pytest.raises(CommandError, match="not right"):
        sign_off(monkeypatch)
    assert not is_open(client)


def test_a_lost_tail_takes_a_reason(backup, monkeypatch, client):
    for file in tail_files.files():
        file.unlink()
    assert not is_open(client)
    call_command("restore", "replay")
    with pytest.raises(CommandError, match="look for its files"):
        sign_off(monkeypatch)
    sign_off(monkeypatch, "--tail-lost", "disk-lost")
    assert is_open(client)
    assert RestoreReport.objects.get().tail_lost == "disk-lost"
    assert tail.newest() == ledger.head()


def test_what_cannot_be_read_counts_as_closed(sora, client, settings, tmp_path):
    settings.TAIL_DIR = tmp_path
    (tmp_path / "tail-202611.jsonl").mkdir()
    assert not is_open(client)
    assert client.get("/readyz").json()["missing"] == ["restored:unread"]
    with pytest.raises(CommandError, match="does not answer"):
        call_command("sweep", "sessions.forget")


@pytest.mark.parametrize(
    "command",
    [
        ("sweep", "sessions.forget"),
        ("load_policy", "--preset", "mikmik"),
        ("create_officer", "--email", "a@b.kr", "--name", "A", "--service", "mikmik"),
        ("seed_demo",),
        ("import_members", "no-file.csv", "--service", "mikmik"),
        ("import_events", "no-file.csv", "--service", "mikmik"),
        ("forecast", "--service", "mikmik"),
        ("rehearse", "--at", "2027-03-01"),
        ("promises",),
        ("export_ledger", "no-file"),
        ("sample_sign_ins",),
    ],
    ids=lambda command: command[0],
)
def test_commands_that_change_or_tell_something_are_refused(backup, command):
    backup.put_back("keyring")
    look_again()
    with pytest.raises(CommandError, match="Closed for a check, because of a restore: keyring"):
        call_command(*command)


def test_every_command_of_this_project_waits_or_is_named_as_one_that_does_not():
    own = {name: app for name, app in get_commands().items() if app.split(".")[0] in APPS}
    waits = {n for n, app in own.items() if isinstance(load_command_class(app, n), OpenCommand)}
    assert own.keys() - waits == RUN_WHILE_CLOSED


def test_looking_and_checking_stay_possible(backup, capsys):
    backup.put_back("keyring")
    look_again()
    call_command("verify_ledger")
    with pytest.raises(CommandError, match="replay --dry-run"):
        call_command("restore", "status")
    assert "keyring: mark-behind" in capsys.readouterr().out


def test_the_page_is_in_the_language_of_the_visitor(backup, client):
    backup.put_back("keyring")
    look_again()
    for address, wanted, language in (("/id/", "ko", "id"), ("/office/", "ko", "ko")):
        answer = client.get(address, headers={"accept-language": wanted})
        assert answer["Content-Language"] == language
        assert f'<html lang="{language}">' in answer.content.decode()
        assert answer["Content-Security-Policy"]


def test_a_process_looks_every_ten_seconds_only(sora, client, django_assert_num_queries):
    look_again()
    with django_assert_num_queries(5):
        assert not guard.is_closed()
    with django_assert_num_queries(0):
        began = perf_counter()
        for _ in range(10_000):
            guard.is_closed()
        assert perf_counter() - began < 0.5
    assert reports.found() == []
