"""Twelve markers of a person who left: in no file, log, queue or old backup, in clear or by any key there is.

The attacker of the last part has everything but the erased key files: all backups of all three databases from
before the destruction, and the living system with its keyring. A second person's markers stay readable.
"""

import logging
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from compliance.keyring import key_files, keys, sealing
from compliance.keyring.envelope import Unreadable, epoch_of, unwrap
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import DataKey
from compliance.log import RedactFilter
from members import gate
from members.actions import segregation
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Record
from tests.flows.test_canary import hand_in, housework
from tests.tools import clock, embedded_postgres, office, places
from tests.tools.marker_scan import Scanner

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

BEGAN = datetime(2026, 11, 23, 3, tzinfo=UTC)
LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
OVER = datetime(2033, 1, 1, tzinfo=UTC)
PERSON = ("name", "login_id", "mail", "address", "contact_info")
EVENTS = {
    "contract_records": ("contract_a", "contract_b", "contract_c"),
    "payment_records": ("payment_a", "payment_b"),
    "complaint_records": ("complaint_a", "complaint_b"),
}
ANCHORS = {
    "contract_records": ("contract",),
    "payment_records": ("payment", "supply"),
    "complaint_records": ("case_closed",),
}


class Person:
    """Somebody with twelve markers, one in each of five items and seven records."""

    def __init__(self, joined):
        self.joined = joined
        places_of_one = (*PERSON, *(name for names in EVENTS.values() for name in names))
        self.markers = {name: f"marker{secrets.token_hex(6)}" for name in places_of_one}

    def bring_in(self, officer, service):
        """Hand in the person and the records through the office's pages."""
        hand_in(officer, service, [self._row()], "people")
        hand_in(officer, service, list(self._events()), "events")

    def found_in(self, text):
        return sum(marker in text for marker in self.markers.values())

    def _row(self):
        m = self.markers
        return {
            "external_id": m["login_id"],
            "kind": "member",
            "language": "ko",
            "joined_at": self.joined.isoformat(),
            "name": m["name"],
            "login_id": m["login_id"],
            "mobile": f"010-2345-{secrets.randbelow(9000) + 1000}",
            "email": f"{m['mail']}@mail.example",
            "address": m["address"],
            "contact_info": m["contact_info"],
        }

    def _events(self):
        for record_class, names in EVENTS.items():
            for name in names:
                yield {
                    "external_ref": secrets.token_hex(8),
                    "member": self.markers["login_id"],
                    "class": record_class,
                    "occurred_at": self.joined.isoformat(),
                    record_class: self.markers[name],
                    **{anchor: str(self.joined.date()) for anchor in ANCHORS[record_class]},
                }


class Backup:
    """The three databases as they were, and what an attacker reads out of them."""

    def __init__(self, folder, since):
        self.folder, self.since = folder, since
        places.back_up(folder, since)
        self.public_ids = {
            str(row.pk): row.public_id
            for model in (DataSubject, ArchivedSubject)
            for row in model.objects.all()
        }

    def documents(self):
        """Return the sealed records of the living floor and of the archive."""
        for alias, model in (("default", Record), ("archive", ArchivedRecord)):
            columns = ("sealed", "id", "record_class", "subject_id")
            for sealed, id, kind, subject in places.rows(
                self.folder, alias, model._meta.db_table, *columns
            ):
                public_id = self.public_ids[str(subject)]
                yield sealing.Document(gate.KIND, UUID(id), public_id, kind, sealed=bytes(sealed))

    def keys(self):
        """Return every data key of the keyring's copy that a key file of today opens."""
        opened = {}
        for wrapped, id in places.rows(
            self.folder, "keyring", DataKey._meta.db_table, "wrapped", "id"
        ):
            try:
                wrapping = key_files.purpose_key(epoch_of(bytes(wrapped)), keys.PURPOSE)
                opened[UUID(id)] = unwrap(wrapping, bytes(wrapped), aad=keys.aad(UUID(id)))
            except (Unreadable, KeyringRefused):
                continue
        return opened


def readable(documents, deks):
    """Open what opens, as one text."""
    found = []
    for one in documents:
        try:
            place = {"kind": one.kind, "id": one.id, "subject": one.subject}
            dek = deks[one.id]
            found.append(
                sealing.open_document(dek, one.sealed, record_class=one.record_class, **place)
            )
        except (KeyError, Unreadable):
            continue
    return str(found)


def keyring_of_today(documents):
    return keys.open_([one.id for one in documents], unreadable=[])


def living():
    """Return everything that the living system can read, as one text."""
    records = Record.objects.select_related("subject")
    apart = ArchivedRecord.objects.select_related("subject")
    documents = [gate.document(one, one.subject.public_id) for one in records]
    documents += [segregation.document(one, one.subject.public_id) for one in apart]
    return str(sealing.open_many(documents))


def leave(person, sink):
    """Sign in with an e-mailed code and leave."""
    client = Client()
    client.post("/ko/mikmik/sign-in/", {"identifier": person.markers["login_id"]})
    clock.run_at(datetime.now(UTC), ["deliveries.send"])
    code = re.search(r"\b(\d{6})\b", sink.accepted()[-1].part("plain"))
    client.post("/ko/mikmik/code/", {"code": code[1]})
    assert client.get("/ko/mikmik/nothing-here/").status_code == 404  # The log gets a line.
    client.post("/ko/mikmik/account/withdraw/")


@pytest.fixture
def server_log(tmp_path):
    """The log of this process as the house writes it, in a file."""
    handler = logging.FileHandler(tmp_path / "server.log")
    handler.addFilter(RedactFilter())
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield tmp_path / "server.log"
    root.setLevel(level)
    root.removeHandler(handler)
    handler.close()


@pytest.fixture(autouse=True)
def pg_dump_of_the_server(monkeypatch):
    """The dump program has to be as new as the server that the tests start."""
    if os.environ.get("TEST_SERVERS"):
        binaries = embedded_postgres._binaries()
        monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")


def without_roll():
    return [name for name in housework() if name != "keys.roll"]


def test_twelve_markers_of_a_person_who_left_are_nowhere(
    mikmik_live, smtp_sink, tmp_path, server_log
):
    gone, stays = Person(BEGAN - timedelta(days=3)), Person(OVER - timedelta(days=9))
    scanner, since = Scanner(gone.markers.values()), places.newest_log()
    assert len(gone.markers) == len(stays.markers) == 12
    with time_machine.travel(BEGAN, tick=True):
        officer = office.sign_in(office.officer("chief_officer", mikmik_live))
        gone.bring_in(officer, mikmik_live)
    with time_machine.travel(LEFT, tick=True):
        backups = [Backup(tmp_path / "before-leaving", since)]
        assert gone.found_in(living()) == 12
        assert places.scan(scanner, everything(backups, server_log)) == {}, "never in clear"
        leave(gone, smtp_sink)
    for minute in range(1, 4):
        clock.run_at(LEFT + timedelta(minutes=minute), without_roll())
    backups.append(Backup(tmp_path / "after-leaving", since))
    with time_machine.travel(OVER - timedelta(days=8), tick=True):
        stays.bring_in(office.sign_in(officer_again(mikmik_live)), mikmik_live)
    clock.run_at(OVER, without_roll())

    old = [one for backup in backups for one in backup.documents()]
    assert gone.found_in(living()) == 0
    assert gone.found_in(readable(old, keyring_of_today(old))) == 0, "rows of old backups"
    assert gone.found_in(readable(old, retained(backups))) == 12, "the roll is what is missing"

    assert clock.run_at(OVER + timedelta(minutes=10), ["keys.roll"])["keys.roll"].skipped == {}
    assert gone.found_in(readable(old, keyring_of_today(old))) == 0
    assert gone.found_in(readable(old, retained(backups))) == 0, "with every retained keyring"
    found_over = everything(backups, server_log)
    assert {"database files", "tail", "keys", "backups", "server log"} <= {
        place for place, files in found_over.items() if any(f.stat().st_size for f in files)
    }
    assert places.scan(scanner, found_over) == {}
    assert stays.found_in(living()) == 12


def test_the_scan_finds_a_marker_that_is_written_in_clear(mikmik_live):
    marker = f"marker{secrets.token_hex(6)}"
    file = Path(settings.VAR_DIR) / "files" / "left.txt"
    file.parent.mkdir(exist_ok=True)
    since = places.newest_log()
    file.write_bytes(b"\1" * places.PIECE + marker.encode("utf-16-le"))
    try:
        found = places.scan(Scanner([marker]), places.files_by_place(since))
    finally:
        file.unlink()
    assert {place: {hit.disguise for hit in hits} for place, hits in found.items()} == {
        "uploads": {"utf-16-le"},
        "var": {"utf-16-le"},
    }


def test_the_scan_finds_a_marker_in_the_pages_of_the_database(mikmik_live):
    marker = f"marker{secrets.token_hex(6)}"
    since = places.newest_log()
    mikmik_live.operator = marker
    mikmik_live.save()
    found = set(places.scan(Scanner([marker]), places.files_by_place(since)))
    assert {"columns", "write-ahead log"} <= found


def everything(backups, server_log):
    """Return every place of the living system, the server's log, and the backups taken before."""
    copies = [file for one in backups for file in one.folder.rglob("*") if file.is_file()]
    return {
        **places.files_by_place(backups[0].since),
        "server log": [server_log],
        "backups": copies,
    }


def retained(backups):
    """Return all data keys that the keyrings of all backups give with the key files of today."""
    return {id: dek for one in backups for id, dek in one.keys().items()}


def officer_again(service):
    return office.officer("chief_officer", service, name="chief_later")
