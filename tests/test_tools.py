"""The tools that other tests trust: mail sink, marker scanner, closed network, servers."""

import base64
import gzip
import io
import os
import smtplib
import socket
import time
import zipfile
from collections import Counter
from urllib.parse import quote

import pytest
import redis
from django.db import connections

from tests.tools.marker_scan import Scanner
from tests.tools.network import NetworkClosed
from tests.tools.smtp_sink import Faults, Sink

MARKER = "MARKER7f3a9c12"
MAIL = "Message-ID: <{}@x>\r\nSubject: Notice\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n안녕\r\n.dot\r\n"


def send(sink: Sink, number: int, recipient: str = "a@example.com") -> None:
    with smtplib.SMTP(sink.host, sink.port, timeout=5) as line:
        line.sendmail("office@example.com", [recipient], MAIL.format(number).encode())


def test_the_sink_keeps_what_it_accepted_with_envelope_and_bytes(smtp_sink):
    send(smtp_sink, 1, "kim@example.com")
    (kept,) = smtp_sink.to("kim@example.com")
    assert kept.content == MAIL.format(1).encode()
    assert (kept.sender, kept.message_id, kept.acknowledged) == (
        "office@example.com",
        "<1@x>",
        True,
    )
    assert kept.part("plain").splitlines() == ["안녕", ".dot"]
    assert kept.mail_at <= kept.accepted_at


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("code", [421, 450, 451, 554])
def test_the_sink_refuses_at_every_stage_with_the_code_asked_for(smtp_sink, stage, code):
    smtp_sink.break_with(Faults(replies={f"{stage}:{code}": 1.0}))
    with pytest.raises(smtplib.SMTPException) as refusal:
        send(smtp_sink, 1)
    assert str(code) in str(refusal.value)
    smtp_sink.break_with(Faults())
    send(smtp_sink, 2)
    assert smtp_sink.message_ids() == Counter({"<2@x>": 1})


def test_a_message_whose_answer_is_lost_is_kept_and_counted_as_withheld(smtp_sink):
    smtp_sink.break_with(Faults(lost_after_data=1.0))
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_sink, 1)
    assert smtp_sink.withheld() == 1
    assert smtp_sink.message_ids() == Counter({"<1@x>": 1})


@pytest.mark.parametrize("stage", ["banner", "ehlo", "mail", "rcpt", "data", "dot"])
def test_the_sink_stalls_at_the_stage_asked_for(smtp_sink, stage):
    smtp_sink.break_with(Faults(stall_at=stage))
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=0.2).sendmail("a@x", ["b@x"], b"x\r\n")
    assert smtp_sink.accepted() == []
    smtp_sink.break_with(Faults())
    send(smtp_sink, 1)
    assert smtp_sink.message_ids() == Counter({"<1@x>": 1})


def test_one_recipient_can_be_refused_and_a_greylisted_one_comes_through_later(smtp_sink):
    smtp_sink.break_with(Faults(refuse={"gone@example.com": 550}, greylist_seconds=0.2))
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp_sink, 1, "gone@example.com")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(smtp_sink, 2)
    time.sleep(0.25)
    send(smtp_sink, 2)
    assert list(smtp_sink.message_ids()) == ["<2@x>"]


def test_the_same_seed_gives_the_same_faults(tmp_path):
    def answers(name: str) -> list[int]:
        faults = Faults(seed=7, replies={"rcpt:450": 0.5})
        with (
            Sink.start(tmp_path / name, faults=faults) as sink,
            smtplib.SMTP(sink.host, sink.port) as line,
        ):
            line.ehlo()
            return [(line.mail("a@x"), line.rcpt("b@x")[0])[1] for _ in range(30)]

    first = answers("one")
    assert set(first) == {250, 450}
    assert first == answers("two")


def test_the_sink_takes_far_more_mail_than_a_sender_can_make(smtp_sink):
    one = b"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"
    body = b"Subject: x\r\n\r\n" + b"x" * 2_000 + b"\r\n.\r\n"
    began, total = time.perf_counter(), 2_000
    with socket.create_connection((smtp_sink.host, smtp_sink.port)) as line:
        line.sendall((one + body) * total + b"QUIT\r\n")
        while line.recv(65_536):
            pass
    assert len(smtp_sink.accepted()) == total
    assert total / (time.perf_counter() - began) > 1_500


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", content)
    return buffer.getvalue()


DISGUISES = {
    "plain": MARKER.encode(),
    "utf-16": MARKER.encode("utf-16"),
    "hex": MARKER.encode().hex().encode(),
    "base64 at offset 0": base64.b64encode(MARKER.encode()),
    "base64 at offset 1": base64.b64encode(b"x" + MARKER.encode() + b"yz"),
    "base64 at offset 2": base64.b64encode(b"xy" + MARKER.encode() + b"z"),
    "folded base64": base64.encodebytes(b"x" * 50 + MARKER.encode()),
    "url": "".join(f"%{byte:02x}" for byte in MARKER.encode()).encode(),
    "url of safe letters": quote(MARKER).encode(),
    "gzip": gzip.compress(b"before " + MARKER.encode()),
    "zip": zipped(MARKER.encode()),
    "zip in gzip after noise": b"\x00noise" + gzip.compress(zipped(MARKER.encode())),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_scanner_sees_through_a_disguise(disguise, tmp_path):
    (tmp_path / "file").write_bytes(b"\xff" + DISGUISES[disguise] + b"\x00")
    hits = Scanner([MARKER, "ANOTHER1234"]).folders([tmp_path])
    assert {hit.marker for hit in hits} == {MARKER}


def test_the_scanner_reads_file_names_and_finds_nothing_where_nothing_is(tmp_path):
    (tmp_path / "plain").write_bytes(os.urandom(100_000))
    assert Scanner([MARKER]).folders([tmp_path]) == []
    (tmp_path / f"{MARKER}.csv").touch()
    assert Scanner([MARKER]).folders([tmp_path])


@pytest.mark.servers
@pytest.mark.django_db(databases=["default", "archive", "keyring"])
@pytest.mark.parametrize("alias", ["default", "archive", "keyring"])
def test_the_scanner_reads_text_and_bytes_in_every_database(alias):
    binary = "bytea" if connections[alias].vendor == "postgresql" else "blob"
    with connections[alias].cursor() as cursor:
        cursor.execute(f"CREATE TABLE scan_me (words text, bytes {binary})")
        cursor.execute(
            "INSERT INTO scan_me VALUES (%s, %s)", [f"a {MARKER}", MARKER.encode("utf-16-le")]
        )
    found = {hit.place for hit in Scanner([MARKER]).databases()}
    assert found == {f"{alias}.scan_me.words", f"{alias}.scan_me.bytes"}


def test_sockets_that_leave_this_machine_are_refused():
    with pytest.raises(NetworkClosed):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkClosed):
        socket.getaddrinfo("example.com", 80)


@pytest.mark.servers
def test_the_databases_in_use_are_those_announced(django_db_setup, django_db_blocker):
    expected = "postgresql" if os.environ.get("TEST_SERVERS") else "sqlite"
    assert {connection.vendor for connection in connections.all()} == {expected}
    names = {str(connection.settings_dict["NAME"]) for connection in connections.all()}
    assert len(names) == 3


@pytest.mark.servers
def test_redis_answers_where_it_was_announced(settings):
    if not os.environ.get("TEST_SERVERS"):
        pytest.skip("this run has no Redis")
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert client.ping()
