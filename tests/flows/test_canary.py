"""The canary: a token in every personal field, planted through the pages; after leaving and expiry it is nowhere.

What is sealed cannot be found by a scan, so "found before" means: shown on the person's own page and readable
with the keyring; "gone after" means: in no column, no file, no write-ahead log, and not readable with any key.
"""

import csv
import io
import json
import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse

from compliance.keyring import keys, sealing
from compliance.keyring.envelope import Unreadable
from compliance.models import Job, Upload
from compliance.schedule import TIMETABLE
from members import gate
from members.actions import delivery, segregation
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import DataSubject, Delivery, Record
from tests.tools import clock, office
from tests.tools.marker_scan import Scanner

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

BEGAN = datetime(2026, 11, 23, 3, tzinfo=UTC)
LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
EVERYTHING_OVER = datetime(2033, 1, 1, tzinfo=UTC)
TOKENS = {
    name: f"canary{secrets.token_hex(6)}"
    for name in ("name", "login", "mail", "address", "contact", "order", "pay", "complaint")
}
PEOPLE = {
    "external_id": TOKENS["login"],
    "kind": "member",
    "language": "ko",
    "joined_at": "2024-03-02T10:00+09:00",
    "name": TOKENS["name"],
    "login_id": TOKENS["login"],
    "mobile": "010-2345-6789",
    "email": f"{TOKENS['mail']}@mail.example",
    "address": TOKENS["address"],
    "contact_info": TOKENS["contact"],
}


def event(record_class, item, token, **anchors):
    return {
        "external_ref": f"{TOKENS['order']}-{record_class}",
        "member": TOKENS["login"],
        "class": record_class,
        "occurred_at": "2026-11-20T10:00+09:00",
        item: token,
        **anchors,
    }


EVENTS = [
    event("contract_records", "contract_records", TOKENS["order"], contract="2026-11-20"),
    event(
        "payment_records",
        "payment_records",
        TOKENS["pay"],
        payment="2026-11-20",
        supply="2026-11-21",
    ),
    event("complaint_records", "complaint_records", TOKENS["complaint"], case_closed="2026-11-22"),
]


def as_csv(rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def hand_in(client, service, rows, kind):
    """Import a file through the office's page: hand in, look, apply."""
    file = SimpleUploadedFile("file.csv", as_csv(rows))
    page = client.post(
        reverse("admin:imports"), {"service": service.pk, "kind_of_file": kind, "file": file}
    )
    clock.run_at(datetime.now(UTC), ["imports.run"])
    assert "What would happen" in client.get(page.headers["Location"]).content.decode()
    client.post(reverse("admin:import_apply", args=[Job.objects.order_by("-created_at")[0].pk]))
    clock.run_at(datetime.now(UTC), ["imports.run"])


def sign_in_and_read(sink):
    """Sign in by e-mailed code, read My data, and return the client with the page."""
    client = Client()
    client.post("/ko/mikmik/sign-in/", {"identifier": TOKENS["login"]})
    clock.run_at(datetime.now(UTC), ["deliveries.send"])
    code = re.search(r"\b(\d{6})\b", sink.accepted()[-1].part("plain"))
    assert code is not None
    client.post("/ko/mikmik/code/", {"code": code[1]})
    return client, client.get("/ko/mikmik/account/data/").content.decode()


def readable():
    """Everything that can still be opened with the keys there are, as one text."""
    found = []
    for record in Record.objects.select_related("subject"):
        found.append(sealing.open_many([gate.document(record, record.subject.public_id)]))
    for record in ArchivedRecord.objects.select_related("subject"):
        found.append(sealing.open_many([segregation.document(record, record.subject.public_id)]))
    found.append(delivery.contents_of(list(Delivery.objects.exclude(sealed=None))))
    for upload in Upload.objects.exclude(sealed=None):
        for key in keys.open_([upload.pk]).values():
            found.append(sealing.open_bytes(key, bytes(upload.sealed), kind="upload", id=upload.pk))
    return str(found)


def old_rows_with_todays_keys(rows):
    """Try to open rows of an old backup with the keyring as it is now."""
    opened = []
    for record in rows:
        try:
            opened.append(sealing.open_many([gate.document(record, record.subject.public_id)]))
        except Unreadable:
            continue
    return json.dumps([list(one.values()) for one in opened])


@pytest.mark.promise("MIK-9.1.2b")
def test_after_leaving_and_expiry_no_token_is_anywhere(mikmik_live, smtp_sink):
    scanner = Scanner(TOKENS.values())
    folders = [settings.VAR_DIR]
    with time_machine.travel(BEGAN, tick=True):
        officer = office.sign_in(office.officer("chief_officer", mikmik_live))
        hand_in(officer, mikmik_live, [PEOPLE], "people")
        hand_in(officer, mikmik_live, EVENTS, "events")
        assert DataSubject.objects.get().status == "active"
    with time_machine.travel(LEFT, tick=True):
        client, page = sign_in_and_read(smtp_sink)
        missing = [name for name, token in TOKENS.items() if token not in page]
        assert missing == [], "the person sees everything that is held"
        backup = list(Record.objects.select_related("subject"))
        assert all(token in readable() for token in TOKENS.values())
        assert scanner.everywhere(folders) == [], "what is held is never in clear"
        client.post("/ko/mikmik/account/withdraw/")
    for second in range(3):
        clock.run_at(LEFT + timedelta(minutes=second + 1), housework())
    assert TOKENS["pay"] in readable() and TOKENS["address"] not in readable()
    clock.run_at(EVERYTHING_OVER, housework())
    assert not ArchivedRecord.objects.exists() and not RejoinDigest.objects.exists()
    assert not any(token in readable() for token in TOKENS.values())
    assert not any(token in old_rows_with_todays_keys(backup) for token in TOKENS.values())
    assert scanner.everywhere(folders) == []


def housework():
    return [entry.name for entry in TIMETABLE if entry.name != "promises.check"]


def test_the_scan_would_find_a_token_in_clear(mikmik_live):
    token = TOKENS["name"]
    mikmik_live.operator = f"x{token}x"
    mikmik_live.save()
    assert [hit.place for hit in Scanner([token]).databases()] == [
        "default.compliance_service.operator"
    ]
    assert set(connections) == {"default", "archive", "keyring"}
