"""Notices to everybody, from planning to the mail server, beside ready bytes over the same loopback."""

import smtplib
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.test import override_settings

from members.actions import delivery_plan, delivery_send
from tests.benchmarks import crowd
from tests.benchmarks.watch import Watch
from tests.tools import notices
from tests.tools.smtp_sink import Sink

SENDER = "bench@mail.example"
PATIENCE = 24 * 3600.0
REPLIES_BEFORE_BODY = 3  # To MAIL, RCPT and DATA.

Ready = tuple[str, bytes]


def run(members: int) -> dict[str, Any]:
    """Plan, claim, seal open, ask the gate, write, send and settle one notice for every member.

    ``ratio`` is the time of sending against the same bytes by ``smtplib`` over one connection, ``ratio_pipelined``
    against the same bytes pipelined (RFC 2920); every message is counted at the mail server.
    """
    notice = notices.announced(crowd.members(members))
    with Watch() as planning:
        assert delivery_plan.plan(notice, actor=None, now=notices.NOW) == members
    with tempfile.TemporaryDirectory() as folder, Sink.start(Path(folder) / "mails") as sink:
        sending = _send(sink)
        ready = [(mail.recipients[0], mail.content) for mail in sink.accepted()]
        assert len(ready) == len(set(ready)) == members
        plain, pipelined = _by_smtplib(sink, ready), _pipelined(sink, ready)
        assert len(sink.accepted()) == 3 * members
    return {
        **sending.of(members),
        "ratio": sending.seconds / plain,
        "ratio_pipelined": sending.seconds / pipelined,
        "planned_per_second": round(members / planning.seconds),
        "mail_bytes": len(ready[0][1]),
    }


def _send(sink: Sink) -> Watch:
    relay = {"EMAIL_HOST": sink.host, "EMAIL_PORT": sink.port, "EMAIL_USE_TLS": False}
    with override_settings(**relay, EMAIL_HOST_USER="", EMAIL_HOST_PASSWORD=""):
        with Watch() as sending:
            delivery_send.send_until(notices.NOW, seconds=PATIENCE)
        delivery_send.let_go()
    return sending


def _by_smtplib(sink: Sink, ready: Sequence[Ready]) -> float:
    with smtplib.SMTP(sink.host, sink.port) as line:
        line.ehlo()
        with Watch() as sending:
            for to, content in ready:
                line.sendmail(SENDER, [to], content)
    return sending.seconds


def _pipelined(sink: Sink, ready: Sequence[Ready]) -> float:
    with socket.create_connection((sink.host, sink.port)) as line, line.makefile("rb") as answers:
        answers.readline()
        with Watch() as sending:
            line.sendall(_envelope(ready[0][0]))
            for place, (_, content) in enumerate(ready, 1):
                _expect(answers, REPLIES_BEFORE_BODY)
                body = content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
                line.sendall(body + (_envelope(ready[place][0]) if place < len(ready) else b""))
                _expect(answers, 1)
    return sending.seconds


def _envelope(to: str) -> bytes:
    return f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode()


def _expect(answers: Any, count: int) -> None:
    for _ in range(count):
        assert answers.readline()[:1] in b"23"
