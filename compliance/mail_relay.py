"""The one way out: a held SMTP connection that answers in four words, and a breaker that spares a sick relay.

Messages are handed over one by one. A sender that pipelines (RFC 2920) can replace ``Relay``: it only has to
give a ``Reply`` per message.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings

ENHANCED = re.compile(rb"^([245]\.\d{1,3}\.\d{1,3})\b")
FAREWELL_SECONDS = 2.0
BROKEN = (OSError, smtplib.SMTPException)
SHUTDOWN = 421  # "Service not available, closing transmission channel" (RFC 5321, 4.2.2).


class Outcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True)
class Reply:
    """The answer to one message; ``code`` is 0 where the line broke. No text of the server is kept."""

    code: int
    enhanced: str
    outcome: Outcome
    stage: str

    @property
    def about_relay(self) -> bool:
        """Tell whether the relay as a whole refused, before it heard of a recipient."""
        return self.outcome is Outcome.TEMPORARY and (
            self.stage == "connect"
            or (self.stage == "mail" and (self.code >= 500 or self.code in (0, SHUTDOWN)))
        )

    @property
    def reason(self) -> str:
        """The answer as a code. Example: ``smtp.550.5.1.1.rcpt``; ``smtp.0.dot`` for a line lost after DATA."""
        return ".".join(
            part for part in ("smtp", str(self.code), self.enhanced, self.stage) if part
        )


class Breaker:
    """Opens after some failures in a row; while open, one probe is let through every so often."""

    def __init__(self, *, threshold: int = 5, probe_every: float = 30.0) -> None:
        self.threshold, self.probe_every = threshold, probe_every
        self.failures, self.last_failure = 0, 0.0

    def allows(self, at: float) -> bool:
        """Tell whether to try at a moment (seconds of any steady clock)."""
        return self.failures < self.threshold or at - self.last_failure >= self.probe_every

    def failed(self, at: float) -> None:
        """Note a failure of the relay."""
        self.failures, self.last_failure = self.failures + 1, at

    def succeeded(self) -> None:
        """Note an answer of the relay."""
        self.failures = 0


class Relay:
    """One SMTP connection, made when needed and held; ``send`` never raises for what a network does."""

    def __init__(self) -> None:
        self.breaker = Breaker()
        self._line: smtplib.SMTP | None = None

    def send(self, envelope_from: str, to: str, content: bytes) -> Reply:
        """Hand over one message with CRLF line ends to one checked address.

        A held connection that the server has closed meanwhile is replaced once: nothing was said on it yet.
        """
        held = self._line is not None
        reply = self._try(envelope_from, to, content)
        if held and reply.stage == "mail" and reply.code in (0, SHUTDOWN):
            reply = self._try(envelope_from, to, content)
        return reply

    def close(self) -> None:
        """End the connection politely if it still stands."""
        line, self._line = self._line, None
        if line is None:
            return
        try:
            if line.sock:
                line.sock.settimeout(FAREWELL_SECONDS)
            line.quit()
        except BROKEN:
            line.close()

    def _try(self, envelope_from: str, to: str, content: bytes) -> Reply:
        try:
            line = self._connected()
        except BROKEN as error:
            return _lost("connect", Outcome.TEMPORARY, error)
        return self._converse(line, envelope_from, to, content)

    def _connected(self) -> smtplib.SMTP:
        if self._line is None:
            self._line = _open_line()
        return self._line

    def _converse(self, line: smtplib.SMTP, envelope_from: str, to: str, content: bytes) -> Reply:
        stage, after = "mail", Outcome.TEMPORARY
        try:
            code, text = line.mail(
                envelope_from, ["BODY=8BITMIME"] if line.has_extn("8bitmime") else []
            )
            if code == 250:
                stage = "rcpt"
                code, text = line.rcpt(to)
            if code in (250, 251, 252) and stage == "rcpt":
                stage = "data"
                code, text = line.docmd("data")
            if code == 354:
                stage, after = "dot", Outcome.IN_DOUBT
                code, text = _hand_over(line, content)
        except BROKEN as error:
            self._drop()
            return _lost(stage, after, error)
        reply = _judged(code, text, stage)
        self._tidy(line, reply)
        return reply

    def _tidy(self, line: smtplib.SMTP, reply: Reply) -> None:
        """Make the connection ready for the next message."""
        if reply.code == SHUTDOWN:
            self._drop()
        elif reply.outcome is not Outcome.ACCEPTED:
            try:
                line.rset()
            except BROKEN:
                self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None


def _open_line() -> smtplib.SMTP:
    line = smtplib.SMTP(local_hostname=settings.MAIL_DOMAIN, timeout=settings.EMAIL_TIMEOUT)
    try:
        code, text = line.connect(settings.EMAIL_HOST, int(settings.EMAIL_PORT))
        if code != 220:
            raise smtplib.SMTPConnectError(code, text)
        line.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            line.starttls(context=ssl.create_default_context())
            line.ehlo()
        if settings.EMAIL_HOST_USER:
            line.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BROKEN:
        line.close()
        raise
    return line


def _hand_over(line: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    """Send the message with its final dot (RFC 5321, 4.5.2) and wait for the answer."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    line.send((b"." if stuffed.startswith(b".") else b"") + stuffed + b".\r\n")
    return line.getreply()


def _judged(code: int, text: bytes, stage: str) -> Reply:
    found = ENHANCED.match(text)
    enhanced = found.group(1).decode() if found else ""
    return Reply(code, enhanced, _outcome(code, stage), stage)


def _outcome(code: int, stage: str) -> Outcome:
    """Class a reply code; what is refused for good at MAIL is our own trouble, never the recipient's."""
    if stage == "dot" and 200 <= code < 300:
        return Outcome.ACCEPTED
    if code >= 500 and stage != "mail":
        return Outcome.PERMANENT
    if stage == "dot" and code < 400:
        return Outcome.IN_DOUBT
    return Outcome.TEMPORARY


def _lost(stage: str, outcome: Outcome, error: Any) -> Reply:
    code = getattr(error, "smtp_code", 0)
    return Reply(code if isinstance(code, int) and code > 0 else 0, "", outcome, stage)
