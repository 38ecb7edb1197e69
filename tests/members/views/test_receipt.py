"""Consent receipts: what was answered, signed by the worker, checked by anybody who has the public key."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance import ledger, signing, sweeps
from compliance.ledger_verifier import canonical
from compliance.models import LedgerEntry
from members import receipt_proof
from members.actions import receipt, withdrawal
from members.models import ConsentReceipt, DataSubject
from tests.tools import cast, joiners, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ADS = "advertising:email:"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def own_key(tmp_path: Path, settings):
    settings.CHECKPOINT_KEY_FILE = tmp_path / "checkpoint.key"


@pytest.fixture
def signed(client):
    """The file of somebody who joined, agreed to mail and refused text messages."""
    visits.live()
    joiners.join(client, **{ADS: "agree", "advertising:mobile:": "disagree"})
    assert sweeps.run("receipts.sign", NOW).done == 1
    return client.post(visits.at("receipt_file")).content.decode()


def test_joining_gives_a_signed_receipt_with_every_answer(signed):
    found = receipt_proof.verified(signed, signing.public_key())
    states = [p["dpv:hasConsentStatus"]["event_state"] for p in found["dpv:hasProcess"]]
    assert states == ["dpv:ConsentGiven", "dpv:ConsentGiven", "dpv:ConsentRefused"]
    assert found["schema_version"] == "https://w3id.org/dpv/schema/dpv-27560"
    assert found["dpv:hasNotice"]["dct:hasVersion"] == 1
    assert all(p["dpv:hasConsentStatus"]["text_sha256"] for p in found["dpv:hasProcess"])
    assert found["dpv:hasProcess"][0]["dpv:hasPersonalData"][0] == "Name"
    assert ledger.verify().ok


def test_a_receipt_names_the_person_by_the_pseudonym_of_the_ledger_and_holds_no_value(signed):
    person = DataSubject.objects.get()
    for value in ("haneul", "01022223333", person.public_id):
        assert value not in signed.lower()
    entry = LedgerEntry.objects.get(code="members.receipt.signed")
    assert entry.subject_key == json.loads(signed)["receipt"]["pii_principal_id"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text: text.replace("ConsentRefused", "ConsentGiven"), "wrong_signature"),
        (lambda text: text.replace('"language": "en"', '"language": "ko"', 1), "wrong_signature"),
        (lambda text: text.replace('"key": "', '"key": "0'), "other_key"),
        (lambda text: text.replace('"value": "', '"value": "zz'), "wrong_signature"),
        (lambda text: text.replace("Ed25519", "none"), "no_signature"),
        (lambda text: text[:-10], "no_json"),
        (lambda text: "[" * 100_000, "no_json"),
        (lambda text: "[]", "no_receipt"),
        (lambda text: '{"receipt": {}}', "no_receipt"),
        (lambda text: json.dumps({"receipt": json.loads(text)["receipt"]}), "no_signature"),
    ],
)
def test_an_altered_file_is_refused_with_its_reason(signed, spoil, reason):
    altered = spoil(signed)
    assert altered != signed
    with pytest.raises(receipt_proof.Refused, match=reason):
        receipt_proof.verified(altered, signing.public_key())


def test_spaces_and_the_order_of_names_do_not_matter(signed):
    again = json.dumps(json.loads(signed), sort_keys=True, ensure_ascii=True)
    assert receipt_proof.verified(again, signing.public_key())


def test_a_checkpoint_signature_passes_for_no_receipt(signed):
    body = json.loads(signed)
    other = signing.sign_text("something-else", canonical(body["receipt"]))
    body["signature"]["value"] = other
    with pytest.raises(receipt_proof.Refused, match="wrong_signature"):
        receipt_proof.verified(json.dumps(body), signing.public_key())


def test_the_command_accepts_and_refuses_with_words(signed, tmp_path, capsys):
    file = tmp_path / "receipt.json"
    file.write_text(signed)
    call_command("verify_receipt", file, "--show-key")
    said = capsys.readouterr().out
    assert f"Public key: {signing.public_key()}" in said
    assert "Accepted: urn:uuid:" in said
    assert "3 answers" in said
    file.write_text(signed.replace("ConsentRefused", "ConsentGiven"))
    with pytest.raises(CommandError, match="was altered"):
        call_command("verify_receipt", file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="not JSON"):
        call_command("verify_receipt", file)
    file.write_text(signed)
    with pytest.raises(CommandError, match="another key"):
        call_command("verify_receipt", file, "--public-key", "11" * 32)
    with pytest.raises(CommandError, match="64 hex"):
        call_command("verify_receipt", file, "--public-key", "xyz")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_receipt", tmp_path / "absent.json")


def test_the_page_reads_the_same_answers_and_the_web_server_signs_nothing(client):
    visits.live()
    joiners.join(client, **{ADS: "agree"})
    page = client.get(visits.at("receipt")).content.decode()
    assert "Not yet. Open this page again" in page
    assert "Download the signed receipt" not in page
    assert client.post(visits.at("receipt_file")).status_code == 404
    assert not signing.key_file().exists()
    receipt.sign_due(NOW)
    page = client.get(visits.at("receipt")).content.decode()
    assert "Download the signed receipt" in page
    assert "(by e-mail)" in page
    assert re.search(r"\d\d:\d\d KST:\s+You agreed", page) and "Z:" not in page


def test_a_new_receipt_follows_changed_answers_and_the_old_file_stays_valid(client, signed, clock):
    clock.shift(timedelta(minutes=1))
    client.post(visits.at("choices"), {ADS: "disagree"})
    client.post(visits.at("receipt"))
    receipt.sign_due(NOW)
    found = receipt_proof.verified(
        client.post(visits.at("receipt_file")).content.decode(), signing.public_key()
    )
    states = [p["dpv:hasConsentStatus"]["event_state"] for p in found["dpv:hasProcess"]]
    assert "dpv:ConsentWithdrawn" in states
    assert receipt_proof.verified(signed, signing.public_key())


def test_somebody_else_gets_another_receipt_and_leaving_deletes_them(client, signed):
    other = Client()
    cast.member(DataSubject.objects.get().service)
    visits.sign_in(other, "minji-id")
    assert "There is no receipt yet" in other.get(visits.at("receipt")).content.decode()
    assert other.post(visits.at("receipt_file")).status_code == 404
    person = ConsentReceipt.objects.get().subject
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=NOW), now=NOW)
    assert not ConsentReceipt.objects.exists()


def test_the_page_takes_a_constant_number_of_queries(client, signed):
    def queries():
        with CaptureQueriesContext(connections["default"]) as told:
            client.get(visits.at("receipt"))
        return len(told)

    few = queries()
    client.post(visits.at("choices"), {"all": "agree"})
    client.post(visits.at("receipt"))
    assert queries() == few <= 12
