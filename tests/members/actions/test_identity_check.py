"""Official documents: sealed, looked at for the check only, gone once it is recorded; the result stays."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance import ledger
from compliance.keyring import keys
from compliance.models import Certificate, LedgerEntry
from members import copy_contents
from members.actions import identity_check, restriction
from members.actions.identity_check import NotPossible
from members.models import IdentityCheck, Record
from members.rules import identity_check as rule
from tests.compliance.rules.policies import SLUGS, preset
from tests.tools import cast, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
SCAN = b"%PDF-1.7 driving licence of sora"


@pytest.fixture
def engoo():
    return visits.live("engoo")


@pytest.fixture
def sora(engoo):
    return visits.person(engoo)


@pytest.fixture
def officer(engoo):
    return cast.officer("mina", engoo)


def take_in(person, officer, **changed):
    given = {"document": "driving_licence", "purpose": "identity_verification", "content": SCAN}
    return identity_check.take_in(person, **{**given, **changed}, actor=officer, now=NOW)


@pytest.mark.promise("ENG-4.7")
def test_after_the_check_the_job_destroys_the_scan_and_the_result_stays(sora, officer):
    check = take_in(sora, officer)
    assert identity_check.look(check, actor=officer, now=NOW) == SCAN
    assert identity_check.destroy_scans(NOW + timedelta(days=30)).done == 0
    identity_check.conclude(check, result="confirmed", actor=officer, now=NOW)
    assert identity_check.destroy_scans(NOW, dry_run=True).done == 1
    assert Record.objects.filter(pk=check.scan).exists()
    assert identity_check.destroy_scans(NOW).done == 1
    assert identity_check.destroy_scans(NOW).done == 0
    assert not Record.objects.filter(pk=check.scan).exists() and not keys.existing([check.scan])
    check.refresh_from_db()
    assert (check.result, check.scan, check.scan_gone_at) == ("confirmed", None, NOW)
    (line,) = Certificate.objects.get().counts
    assert (line["class"], line["clause"], line["records"]) == ("id_documents", "4(7)", 1)
    codes = [
        row.code
        for row in LedgerEntry.objects.filter(code__contains="identity_check").order_by("seq")
    ]
    assert [code.rpartition(".")[2] for code in codes] == [
        "taken_in",
        "concluded",
        "scan_destroyed",
    ]
    assert ledger.verify().ok


def test_the_scan_lies_sealed_and_every_look_is_recorded_with_its_purpose(sora, officer):
    check = take_in(sora, officer)
    assert b"driving" not in bytes(Record.objects.get(pk=check.scan).sealed)
    identity_check.look(check, actor=officer, now=NOW)
    entry = LedgerEntry.objects.get(code="members.item.revealed")
    assert entry.data["purpose"] == "identity_verification" and entry.actor == officer.username


def test_nobody_looks_after_the_check_or_while_the_use_is_stopped(sora, officer):
    check = take_in(sora, officer)
    hold = restriction.place(sora, ground="dispute", items=["id_document"], actor=None, now=NOW)
    with pytest.raises(NotPossible, match="refused"):
        identity_check.look(check, actor=officer, now=NOW)
    restriction.lift(hold, actor=officer, now=NOW)
    identity_check.conclude(check, result="unusable", actor=officer, now=NOW)
    with pytest.raises(NotPossible, match="gone"):
        identity_check.look(check, actor=officer, now=NOW)
    with pytest.raises(NotPossible, match="checked_already"):
        identity_check.conclude(check, result="confirmed", actor=officer, now=NOW)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"content": b"<svg onload=x>"}, "not_a_scan"),
        ({"content": b"PK\x03\x04%PDF-"}, "not_a_scan"),
        ({"content": b""}, "not_a_scan"),
        ({"content": b"%PDF-" + bytes(rule.MOST_BYTES)}, "too_large"),
        ({"purpose": "advertising"}, "purpose_not_stated"),
    ],
)
def test_what_is_no_scan_for_a_stated_purpose_is_refused_and_nothing_is_kept(
    sora, officer, changed, reason
):
    before = Record.objects.count()
    with pytest.raises(NotPossible, match=reason):
        take_in(sora, officer, **changed)
    assert Record.objects.count() == before and not IdentityCheck.objects.exists()


def test_one_document_of_a_person_waits_at_a_time(sora, officer):
    take_in(sora, officer)
    with pytest.raises(NotPossible, match="waiting"):
        take_in(sora, officer)


@pytest.mark.parametrize("slug", SLUGS)
def test_only_a_policy_that_names_such_a_document_takes_one(slug):
    assert bool(rule.item_for(preset(slug), "member")) == (slug == "engoo")


def test_a_hold_keeps_the_scan_until_it_ends(sora, officer):
    check = take_in(sora, officer)
    identity_check.conclude(check, result="confirmed", actor=officer, now=NOW)
    hold = restriction.place(sora, ground="legal_request", actor=None, now=NOW)
    assert identity_check.destroy_scans(NOW).skipped == {"held": 1}
    restriction.lift(hold, actor=officer, now=NOW)
    assert identity_check.destroy_scans(NOW).done == 1


def test_a_scan_that_a_stop_left_without_a_check_goes_too(sora, officer):
    check = take_in(sora, officer)
    IdentityCheck.objects.all().delete()
    assert identity_check.destroy_scans(NOW).done == 0
    Record.objects.filter(pk=check.scan).update(created_at=NOW - timedelta(hours=1))
    assert identity_check.destroy_scans(NOW).done == 1
    assert not Record.objects.filter(pk=check.scan).exists()


def test_the_person_reads_that_a_scan_is_held_and_no_bytes_of_it(sora, officer):
    take_in(sora, officer)
    values = [row["value"] for row in copy_contents.gather(sora, now=NOW).tables["items"]]
    assert any("A scan of your document" in str(value) for value in values)
    assert "JVBER" not in str(values)
