"""One message from ``templates/emails/<event>/{subject.txt,body.txt,body.html}``.

The MIME text of an event is encoded once per language and context, with blanks where a person's values go;
filling it for one person is a join of bytes. Nothing a person typed can open a header or a tag: addresses
are checked strictly, names lose their control characters and are escaped in the HTML part.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils.translation import gettext, override

MARK = secrets.token_hex(8)  # Nobody can write a blank into a template or a name.
BLANK = re.compile(rf"{MARK}([th])([a-z_]+){MARK}".encode())
MAX_LINE = 380  # Octets; with a filled blank a line stays under the 998 of RFC 5322, 2.1.1.
MAX_SUBJECT, MAX_BLANK, MAX_ADDRESS, MAX_LOCAL = 200, 100, 254, 64
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class BadAddress(ValueError):
    """Not an address that mail can be sent to; the text of the error never holds the address."""


def checked_address(raw: object) -> str:
    """Return an address fit for an envelope (RFC 5321, 4.1.2, dot-string only; IDN domains as A-labels).

    Raises ``BadAddress`` for anything else: control characters, spaces, comments, quoted or non-ASCII local parts.
    Example: ``kim@예.kr`` gives ``kim@xn--2j5b.kr``; ``a@b.kr\\r\\nBcc: c@d.kr`` is refused.
    """
    local, at, domain = str(raw).rpartition("@")
    domain = _ascii_domain(domain)
    labels = domain.split(".")
    if not at or len(local) > MAX_LOCAL or len(local) + len(domain) >= MAX_ADDRESS:
        raise BadAddress("shape")
    if not LOCAL.fullmatch(local):
        raise BadAddress("local part")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        raise BadAddress("domain")
    return f"{local}@{domain}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        raise BadAddress("domain") from None


def plain_name(raw: object, limit: int = MAX_BLANK) -> str:
    """Return a text of a person in one line, without control, format and separator characters.

    Example: ``"Kim\\r\\nBcc: x"`` gives ``"Kim Bcc: x"``.
    """
    kept = ("" if unicodedata.category(c) in UNWANTED and not c.isspace() else c for c in str(raw))
    return " ".join("".join(kept).split())[:limit]


@dataclass(frozen=True)
class Letterhead:
    """Who writes: the service's name, where answers go, and the list a campaign belongs to (or "").

    ``one_click`` is the address that ends messages of this kind (RFC 8058); empty for mail nobody may refuse.
    """

    service_name: str
    reply_to: str
    list_id: str = ""
    one_click: str = ""
    by_hand: bool = False  # An officer wrote it: no automatic message (RFC 3834).


def letterhead(service: Any, contacts: Iterable[Any], *, campaign: str = "") -> Letterhead:
    """Return the letterhead of a service; ``contacts`` are the contact rows of its policy in force."""
    list_id = f"<{campaign}.{service.slug}.{settings.MAIL_DOMAIN}>" if campaign else ""
    return Letterhead(service.name, officer_mailbox(contacts), list_id)


def officer_mailbox(contacts: Iterable[Any]) -> str:
    """Return the e-mail contact with topic ``privacy``, else our own mailbox, which is read as well."""
    for contact in contacts:
        if contact.channel == "email" and "privacy" in contact.topics and contact.value:
            try:
                return checked_address(contact.value)
            except BadAddress:
                continue
    return f"privacy@{settings.MAIL_DOMAIN}"


@dataclass(frozen=True)
class Form:
    """A message with blanks: bytes, and (kind, name) where a value goes."""

    parts: tuple[bytes | tuple[bytes, str], ...]

    def fill(
        self, *, to: str, message_id: str, sent_at: datetime, blanks: Mapping[str, str]
    ) -> bytes:
        """Return the message for one person. ``to`` has to be a checked address, ``sent_at`` aware."""
        values = {name: plain_name(text) for name, text in blanks.items()}
        head = f"To: {to}\r\nMessage-ID: {message_id}\r\nDate: {format_datetime(sent_at)}\r\n"
        return b"".join([head.encode("ascii"), *(_written(part, values) for part in self.parts)])


def _written(part: bytes | tuple[bytes, str], values: Mapping[str, str]) -> bytes:
    if isinstance(part, bytes):
        return part
    kind, name = part
    value = values.get(name, "")
    return (escape(value) if kind == b"h" else value).encode()


def compose(
    event: str,
    *,
    language: str,
    context: Mapping[str, Any],
    letterhead: Letterhead,
    blanks: Iterable[str] = (),
) -> Form:
    """Render and encode the message of an event once; ``blanks`` are the names filled per person.

    The subject knows no blanks: no personal value, code or number stands in it.
    """
    names = tuple(blanks)
    with override(language):
        shared = {**context, "language": language, "site_url": settings.SITE_URL}
        subject = plain_name(_render(event, "subject.txt", shared, html=False), MAX_SUBJECT)
        shared["subject"] = subject
        text = _render(event, "body.txt", {**shared, **_marks("t", names)}, html=False)
        html = _render(event, "body.html", {**shared, **_marks("h", names)}, html=True)
        sender = gettext("%(service)s Privacy") % {"service": letterhead.service_name}
    message = EmailMessage(policy=SMTP)
    message.set_content(_fitted(text), subtype="plain", charset="utf-8", cte="8bit")
    message.add_alternative(_fitted(html), subtype="html", charset="utf-8", cte="8bit")
    _head(message, sender, language, letterhead)
    head = _subject(subject) + _unsubscribe(letterhead)
    return Form(_split(head + message.as_bytes(policy=SMTP)))


def _render(event: str, file: str, context: Mapping[str, Any], *, html: bool) -> str:
    template: Any = get_template(f"emails/{event}/{file}")
    return str(template.template.render(Context(dict(context), autoescape=html)))


def _marks(kind: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{MARK}{kind}{name}{MARK}" for name in names}


def _head(message: EmailMessage, sender: str, language: str, letterhead: Letterhead) -> None:
    """Set the headers last: the first part would take ``Content-`` headers with it."""
    message["From"] = Address(plain_name(sender), "privacy", settings.MAIL_DOMAIN)
    message["Reply-To"] = letterhead.reply_to
    if not letterhead.by_hand:
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message["Content-Language"] = language
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if letterhead.list_id:
        message["List-Id"] = letterhead.list_id


def _subject(text: str) -> bytes:
    """Return the header; the newer classes of the library lose spaces where an encoded text breaks."""
    return (
        f"Subject: {Header(text, header_name='Subject').encode(linesep=SMTP.linesep)}\r\n".encode()
    )


def _unsubscribe(letterhead: Letterhead) -> bytes:
    """Return the headers of a message that may be refused, the address in one line (RFC 2369, RFC 8058)."""
    if not letterhead.one_click:
        return b""
    lines = (
        f"List-Unsubscribe: <{letterhead.one_click}>,",
        f" <mailto:{letterhead.reply_to}?subject=unsubscribe>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _fitted(text: str) -> str:
    """Break lines that are too long for the wire at a space, and squeeze runs of empty lines."""
    lines = (part for line in text.strip().splitlines() for part in _pieces(line.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _pieces(line: str) -> Iterable[str]:
    while len(line.encode()) > MAX_LINE:
        room = len(line.encode()[:MAX_LINE].decode(errors="ignore"))
        cut = line.rfind(" ", 1, room)
        cut = cut if cut > 0 else room
        yield line[:cut]
        line = line[cut:].lstrip(" ")
    yield line


def _split(encoded: bytes) -> tuple[bytes | tuple[bytes, str], ...]:
    pieces = BLANK.split(encoded)
    parts: list[bytes | tuple[bytes, str]] = [pieces[0]]
    for kind, name, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        parts += [(kind, name.decode()), after]
    return tuple(parts)
