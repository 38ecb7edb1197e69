"""Signed checkpoints: what is kept outside finds a shortened and a wholly rewritten ledger."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from compliance import checkpoints, ledger, ledger_duties, ledger_verifier, signing, tail, triggers
from compliance.models import LedgerCheckpoint, LedgerEntry, Service
from tests.compliance.ledger_forge import ENTRIES, execute
from tests.tools import cast

ALL = ["default", "archive", "keyring"]
pytestmark = [pytest.mark.django_db(databases=ALL, transaction=True), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.CHECKPOINT_KEY_FILE = tmp_path / "checkpoint" / "key.pem"
    settings.CHECKPOINT_DIRS = [str(tmp_path / "one"), str(tmp_path / "two")]
    settings.EMAIL_PORT = 9  # Nobody listens.
    return tmp_path


def entry(n=1):
    with transaction.atomic():
        return ledger.record("compliance.effect.intended", actor=None, now=NOW, data={"effect": n})


def latest(folder):
    return (folder / checkpoints.LATEST).read_text()


def test_a_checkpoint_names_the_head_and_lies_in_the_tail_and_in_every_folder(places):
    entry()
    head = ledger.head()
    row = checkpoints.make(NOW)
    assert (row.seq, row.head_hash) == head == (1, tail.newest()[1])
    assert (row.folders, row.mails) == (2, 0)
    assert latest(places / "one") == latest(places / "two")
    key = signing.public_file().read_text()
    assert ledger_verifier.verify_checkpoint(latest(places / "one"), key) == head
    (line,) = [line for line in tail.lines() if line["line"] == "checkpoint"]
    assert line["signature"] == row.signature


def test_nothing_new_needs_no_signature_and_costs_two_short_queries(django_assert_max_num_queries):
    assert not checkpoints.is_due(NOW)
    entry()
    assert checkpoints.sign_due(NOW).done == 1
    with django_assert_max_num_queries(2):
        assert checkpoints.sign_due(NOW + 5 * HOUR).done == 0
    entry()
    assert checkpoints.sign_due(NOW + HOUR - timedelta(seconds=1)).done == 0
    assert checkpoints.sign_due(NOW + HOUR, dry_run=True).done == 1
    assert checkpoints.sign_due(NOW + HOUR).done == 1
    assert LedgerCheckpoint.objects.count() == 2


def test_many_entries_are_signed_before_the_hour_is_over(monkeypatch):
    monkeypatch.setattr(checkpoints, "ENTRIES", 3)
    entry()
    checkpoints.sign_due(NOW)
    for due in (0, 0, 1):
        entry()
        assert checkpoints.sign_due(NOW).done == due


def test_a_folder_that_is_away_does_not_stop_the_others(places, settings):
    (places / "wall").write_text("")
    settings.CHECKPOINT_DIRS = [str(places / "wall" / "x"), str(places / "two")]
    entry()
    assert checkpoints.make(NOW).folders == 1
    assert json.loads(latest(places / "two"))["seq"] == 1


def test_a_checkpoint_row_cannot_be_changed():
    entry()
    row = checkpoints.make(NOW)
    row.head_hash = "0" * 64
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


def test_a_ledger_that_was_put_back_gets_no_signature(places):
    for n in range(3):
        entry(n)
    checkpoints.make(NOW)
    kept = latest(places / "one")
    with triggers.without_triggers("default"):
        execute(f"DELETE FROM {ENTRIES} WHERE seq > 1")
    entry(9)
    with pytest.raises(tail.TailDiffers):
        checkpoints.make(NOW + HOUR)
    assert latest(places / "one") == kept


def test_the_checkpoint_of_a_longer_ledger_stays_under_its_number_after_a_signed_off_restore(
    places,
):
    for n in range(3):
        entry(n)
    kept_hash = checkpoints.make(NOW).head_hash
    kept = latest(places / "one")
    first = LedgerEntry.objects.get(seq=1).hash
    with triggers.without_triggers("default"):
        execute(f"DELETE FROM {ENTRIES} WHERE seq > 1")
    tail.restart((1, first), {"at": NOW.isoformat()})
    entry(9)
    assert checkpoints.make(NOW + HOUR).seq == 2
    assert json.loads(latest(places / "one"))["seq"] == 2
    assert (places / "one" / f"checkpoint-3-{kept_hash[:8]}.json").read_text() == kept


def test_truncation_and_a_wholly_recomputed_chain_are_found_with_an_outside_checkpoint(
    places, capsys
):
    for n in range(20):
        entry(n)
    checkpoints.make(NOW)
    given = {
        "checkpoint": str(places / "one" / checkpoints.LATEST),
        "public_key": str(signing.public_file()),
    }
    call_command("verify_ledger", **given)
    assert "20 entries checked; the ledger is whole" in capsys.readouterr().out
    with triggers.without_triggers("default"):
        _recompute(7)
    call_command("verify_ledger")
    assert "the ledger is whole" in capsys.readouterr().out
    assert "ALTERED at entry 20 (head)" in _refused(capsys, **given)
    assert "ALTERED at entry 7 (tail)" in _refused(capsys, tail=True)
    with triggers.without_triggers("default"):
        execute(f"DELETE FROM {ENTRIES} WHERE seq > 15")
    assert "ALTERED at entry 16 (head)" in _refused(capsys, **given)


def test_the_stand_alone_verifier_takes_a_checkpoint_with_python_alone(places):
    for n in range(5):
        entry(n)
    checkpoints.make(NOW)
    dump, checkpoint = places / "dump.jsonl", places / "one" / checkpoints.LATEST
    call_command("export_ledger", str(dump), verbosity=0)
    assert _alone(dump, checkpoint).returncode == 0
    dump.write_text("".join(dump.read_text().splitlines(keepends=True)[:4]))
    cut = _alone(dump, checkpoint)
    assert (cut.returncode, "ALTERED at entry 5 (head)" in cut.stdout) == (1, True)
    checkpoint.write_text(checkpoint.read_text().replace('"seq":5', '"seq":4'))
    forged = _alone(dump, checkpoint)
    assert (forged.returncode, "REFUSED" in forged.stdout) == (1, True)


def test_a_forged_checkpoint_is_refused_before_it_is_believed(places, capsys):
    entry()
    checkpoints.make(NOW)
    file = places / "one" / checkpoints.LATEST
    file.write_text(file.read_text().replace('"seq":1', '"seq":2'))
    given = {"checkpoint": str(file), "public_key": str(signing.public_file())}
    assert "REFUSED" in _refused(capsys, **given)
    assert "public key" in _refused(capsys, checkpoint=str(file))


def test_chief_officers_of_live_services_get_one_plain_mail_a_day(smtp_sink, places):
    service = cast.service("mikmik")
    Service.objects.update(state="live", went_live_at=NOW)
    officer = cast.officer("dana", service, role="chief_officer")
    cast.officer("noor", service, role="handler")
    entry()
    row = checkpoints.make(NOW)
    assert row.mails == 1
    (mail,) = smtp_sink.accepted()
    assert mail.recipients == (officer.email,)
    for told in (str(row.seq), row.head_hash, row.signature, row.key_fingerprint):
        assert told in mail.part("plain")
    assert mail.part("html") == ""
    entry(2)
    assert checkpoints.make(NOW + HOUR).mails == 0
    entry(3)
    assert checkpoints.make(NOW + 24 * HOUR).mails == 1


def _recompute(start):
    """Alter an entry and compute every hash after it anew, as somebody with the whole database could."""
    before = LedgerEntry.objects.get(seq=start - 1).hash
    for row in ledger.rows(start):
        clause = "9.9" if row["seq"] == start else row["clause"]
        digest = ledger_verifier.entry_hash(before, row["seq"], row | {"clause": clause})
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {ENTRIES} SET clause = %s, prev_hash = %s, hash = %s WHERE seq = %s",
                [clause, before, digest, row["seq"]],
            )
        before = digest


def _alone(dump, checkpoint):
    command = [sys.executable, "-I", "-S", ledger_verifier.__file__, str(dump)]
    command += ["--checkpoint", str(checkpoint), "--public-key", str(signing.public_file())]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def _refused(capsys, **options):
    with pytest.raises(SystemExit) as ended:
        call_command("verify_ledger", **options)
    assert ended.value.code == 1
    return capsys.readouterr().out.strip()


def titles(at):
    found = ledger_duties.late(Service.objects.all(), at)
    found += ledger_duties.few_places(Service.objects.all(), at)
    return [str(duty.title) for duty in found]


def test_a_late_tail_and_a_late_checkpoint_are_duties_until_the_worker_is_back(settings, places):
    assert titles(NOW) == []
    entry()
    assert titles(NOW + timedelta(minutes=5)) == []
    (behind,) = titles(NOW + timedelta(minutes=6))
    assert "TAIL_DIR" in behind
    assert len(titles(NOW + 3 * HOUR)) == 2
    checkpoints.sign_due(NOW + 3 * HOUR)
    assert titles(NOW + 24 * HOUR) == []
    settings.CHECKPOINT_DIRS = [str(places / "one")]
    entry(2)
    checkpoints.sign_due(NOW + 4 * HOUR)
    (few,) = titles(NOW + 4 * HOUR)
    assert "CHECKPOINT_DIRS" in few
    settings.DEMO = True
    assert titles(NOW + 4 * HOUR) == []


def test_a_ledger_that_does_not_continue_its_tail_is_a_duty_at_once():
    entry()
    entry(2)
    tail.catch_up()
    with triggers.without_triggers("default"):
        execute(f"DELETE FROM {ENTRIES} WHERE seq > 1")
    assert "TAIL_DIR" in titles(NOW)[0]
