"""A mail server that keeps whatever it accepts and fails on demand.

It runs as a process of its own over real sockets, so it takes no time from the sender under test, and
writes one JSON line per accepted message **before** it answers 250. What it keeps, it has accepted: a
message whose 250 was withheld (``lost_after_data``) is in the log with ``"acknowledged": false``.

Run by hand: ``python -m tests.tools.smtp_sink LOGFILE``; it prints its port and the port that takes
faults.
"""

import asyncio
import base64
import dataclasses
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 33554432\r\n"
STAGES = ("banner", "ehlo", "mail", "rcpt", "data", "dot")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong, as shares of 1 drawn from ``seed``; ``stall_at`` names a stage of ``STAGES``.

    ``replies`` maps ``"stage:code"`` to a share, for example ``{"rcpt:450": 0.03, "mail:421": 0.01}``; a 421
    closes the connection. ``refuse`` maps a recipient to a code that it always gets. ``greylist_seconds``
    answers 450 to each sender and recipient until that long after the first try.
    """

    seed: int = 1
    replies: dict[str, float] = dataclasses.field(default_factory=dict)
    refuse: dict[str, int] = dataclasses.field(default_factory=dict)
    lost_after_data: float = 0.0
    stall_at: str = ""
    stall_seconds: float = 3600.0
    stall_share: float = 1.0
    greylist_seconds: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Accepted:
    """One accepted message: envelope, moments (seconds since 1970) and the bytes as they came."""

    sender: str
    recipients: tuple[str, ...]
    mail_at: float
    accepted_at: float
    acknowledged: bool
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        """The Message-ID header, empty if there is none."""
        return str(self.message["Message-ID"] or "").strip()

    def part(self, subtype: str) -> str:
        """Return the decoded text of the ``plain`` or ``html`` part, empty if there is none."""
        body = self.message.get_body(preferencelist=(subtype,))
        return body.get_content() if body else ""


class Sink:
    """The running server, seen from a test."""

    host = "127.0.0.1"

    def __init__(self, process: subprocess.Popen[str], port: int, control: int, log: Path) -> None:
        self.process, self.port, self.control, self.log = process, port, control, log

    @classmethod
    @contextmanager
    def start(cls, log: Path, *, port: int = 0, faults: Faults | None = None) -> Iterator[Self]:
        """Start a server that logs to ``log``; it ends with the block."""
        command = [sys.executable, "-m", "tests.tools.smtp_sink", str(log), str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            with process.stdout as answers:
                smtp, control = (int(number) for number in answers.readline().split())
            sink = cls(process, smtp, control, log)
            if faults:
                sink.break_with(faults)
            yield sink
        finally:
            process.kill()
            process.wait()

    def break_with(self, faults: Faults) -> None:
        """Change what goes wrong from now on; ``Faults()`` repairs everything."""
        with socket.create_connection((self.host, self.control), timeout=10) as line:
            line.sendall(json.dumps(dataclasses.asdict(faults)).encode() + b"\n")
            assert line.recv(16) == b"ok\n", "the sink did not take the faults"

    def accepted(self) -> list[Accepted]:
        """Return every message accepted so far, in order."""
        if not self.log.exists():
            return []
        return [_accepted(json.loads(row)) for row in self.log.read_text().splitlines()]

    def to(self, address: str) -> list[Accepted]:
        """Return the messages accepted for one address."""
        return [one for one in self.accepted() if address in one.recipients]

    def message_ids(self) -> Counter[str]:
        """Count the accepted copies of each Message-ID."""
        return Counter(one.message_id for one in self.accepted())

    def withheld(self) -> int:
        """Return how many messages were accepted without the sender being told."""
        return sum(not one.acknowledged for one in self.accepted())


def _accepted(row: dict[str, Any]) -> Accepted:
    content = base64.b64decode(row.pop("content"))
    return Accepted(recipients=tuple(row.pop("recipients")), content=content, **row)


class State:
    """What all connections share: faults, their dice, the greylist and the log."""

    def __init__(self, log: int) -> None:
        self.log = log
        self.greylist: dict[tuple[str, str], float] = {}
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        self.faults, self.dice = faults, random.Random(faults.seed)
        self.replies = {stage: _codes(faults.replies, stage) for stage in STAGES}

    def reply(self, stage: str) -> int:
        """Return the code that goes wrong at a stage this time, 0 for none."""
        for code, share in self.replies[stage]:
            if self.dice.random() < share:
                return code
        return 0

    def stalls(self, stage: str) -> bool:
        return self.faults.stall_at == stage and self.dice.random() < self.faults.stall_share

    def greylisted(self, sender: str, recipient: str) -> bool:
        wait = self.faults.greylist_seconds
        first = self.greylist.setdefault((sender, recipient), time.monotonic()) if wait else 0.0
        return bool(wait) and time.monotonic() < first + wait

    def keep(self, connection: "Connection", content: bytes, *, acknowledged: bool) -> None:
        row = {
            "sender": connection.sender,
            "recipients": connection.recipients,
            "mail_at": connection.mail_at,
            "accepted_at": time.time(),
            "acknowledged": acknowledged,
            "content": base64.b64encode(content).decode(),
        }
        os.write(self.log, json.dumps(row).encode() + b"\n")


def _codes(replies: dict[str, float], stage: str) -> list[tuple[int, float]]:
    pairs = ((name.partition(":"), share) for name, share in replies.items())
    return [(int(code), share) for (name, _, code), share in pairs if name == stage]


class Connection(asyncio.Protocol):
    """One SMTP conversation (RFC 5321 with PIPELINING); commands are answered in one write per packet."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.buffer = bytearray()
        self.answers: list[bytes] = []
        self.in_data = self.stalled = self.closed = False
        self.verbs = {
            b"EHLO": self.ehlo, b"HELO": self.helo, b"MAIL": self.mail, b"RCPT": self.rcpt,
            b"DATA": self.data, b"RSET": self.rset, b"NOOP": self.noop, b"QUIT": self.quit,
        }  # fmt: skip
        self.reset()

    def reset(self) -> None:
        self.sender, self.recipients, self.mail_at = "", [], 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.say("banner", b"220 sink ESMTP")
        self.flush()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not (self.stalled or self.closed) and self.step():
            pass
        self.flush()

    def step(self) -> bool:
        """Take one command or one message from the buffer; ``False`` when more bytes are needed."""
        return self.take_message() if self.in_data else self.take_command()

    def take_command(self) -> bool:
        end = self.buffer.find(b"\n")
        if end < 0:
            return False
        line = bytes(self.buffer[:end]).rstrip(b"\r")
        del self.buffer[: end + 1]
        verb, _, rest = line.partition(b" ")
        self.verbs.get(verb.upper(), self.unknown)(rest)
        return True

    def take_message(self) -> bool:
        end = 0 if self.buffer.startswith(b".\r\n") else self.buffer.find(b"\r\n.\r\n") + 2
        if end == 1:
            return False
        content = bytes(self.buffer[:end]).replace(b"\r\n..", b"\r\n.")
        del self.buffer[: end + 3]
        self.in_data = False
        self.finish(content[1:] if content.startswith(b"..") else content)
        return True

    def finish(self, content: bytes) -> None:
        if self.state.dice.random() < self.state.faults.lost_after_data:
            self.state.keep(self, content, acknowledged=False)
            self.close()
            return
        if self.fails("dot"):
            return
        self.state.keep(self, content, acknowledged=True)
        self.answers.append(b"250 kept\r\n")
        self.reset()

    def ehlo(self, rest: bytes) -> None:
        if not self.fails("ehlo"):
            self.answers.append(EXTENSIONS)

    def helo(self, rest: bytes) -> None:
        self.say("ehlo", b"250 sink")

    def mail(self, rest: bytes) -> None:
        self.reset()
        if not self.fails("mail"):
            self.sender, self.mail_at = _address(rest), time.time()
            self.answers.append(b"250 ok\r\n")

    def rcpt(self, rest: bytes) -> None:
        address = _address(rest)
        code = self.state.faults.refuse.get(address, 0)
        if not self.mail_at:
            code = 503
        elif not code and self.state.greylisted(self.sender, address):
            code = 450
        if code:
            self.answers.append(b"%d no\r\n" % code)
        elif not self.fails("rcpt"):
            self.recipients.append(address)
            self.answers.append(b"250 ok\r\n")

    def data(self, rest: bytes) -> None:
        if not self.recipients:
            self.answers.append(b"503 no recipient\r\n")
        elif not self.fails("data"):
            self.in_data = True
            self.answers.append(b"354 go\r\n")

    def rset(self, rest: bytes) -> None:
        self.reset()
        self.noop(rest)

    def noop(self, rest: bytes) -> None:
        self.answers.append(b"250 ok\r\n")

    def quit(self, rest: bytes) -> None:
        self.answers.append(b"221 bye\r\n")
        self.close()

    def unknown(self, rest: bytes) -> None:
        self.answers.append(b"502 unknown\r\n")

    def say(self, stage: str, answer: bytes) -> None:
        if not self.fails(stage):
            self.answers.append(answer + b"\r\n")

    def fails(self, stage: str) -> bool:
        """Stall, refuse or close at a stage if the dice say so."""
        if self.state.stalls(stage):
            self.stalled = True
            asyncio.get_running_loop().call_later(self.state.faults.stall_seconds, self.close)
            return True
        code = self.state.reply(stage)
        if code:
            self.answers.append(b"%d no\r\n" % code)
        if code == 421:
            self.close()
        return bool(code)

    def flush(self) -> None:
        if self.answers and not self.transport.is_closing():
            self.transport.write(b"".join(self.answers))
        self.answers.clear()

    def close(self) -> None:
        self.flush()
        self.closed = True
        self.transport.close()


def _address(rest: bytes) -> str:
    """Return the address of ``FROM:<a@b>`` or ``TO:<a@b>``."""
    return rest.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")


async def serve(log: Path, port: int) -> None:
    """Serve until killed; standard output names the port of the mail server and the one for faults."""
    state = State(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))

    async def control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.set(Faults(**json.loads(await reader.readline())))
        writer.write(b"ok\n")
        writer.close()

    loop = asyncio.get_running_loop()
    mail = await loop.create_server(lambda: Connection(state), Sink.host, port)
    faults = await asyncio.start_server(control, Sink.host, 0)
    print(_port(mail), _port(faults), flush=True)
    await asyncio.gather(mail.serve_forever(), faults.serve_forever())


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
