"""A mail server for the demo: it delivers to nobody and keeps every message as a file."""

import logging
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

UNFIT = re.compile(r"[^A-Za-z0-9.@+-]")


class Mailbox:
    """Writes one ``.eml`` file per accepted message; the name sorts by time and ends with the recipient."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message; called by aiosmtpd after the final dot."""
        content = envelope.content or b""
        file = self.folder / _name(envelope.rcpt_tos)
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(content if isinstance(content, bytes) else content.encode())
        unfinished.rename(file)
        return "250 kept"


def _name(recipients: list[str]) -> str:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    recipient = UNFIT.sub("-", recipients[0])[:80] if recipients else "nobody"
    return f"{moment}-{secrets.token_hex(4)}-{recipient}.eml"


def controller(folder: Path, *, host: str, port: int) -> Any:
    """Return the stopped server of a mailbox; ``start()`` and ``stop()`` run it in a thread."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # Every command would fill the console.
    return Controller(Mailbox(folder), hostname=host, port=port, enable_SMTPUTF8=True)
