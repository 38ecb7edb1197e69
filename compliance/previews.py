"""Registry: how a version looks to people, before they see it.

The messages and the people's pages belong to an outer app, which registers its own renderers in
``AppConfig.ready()``, so that a preview is what will be sent and shown:

    previews.register_mail(mail_of_version)
    previews.register_text(as_html)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from compliance.models import PolicyVersion


@dataclass(frozen=True)
class Mail:
    """A message in one language: its subject and its text part."""

    language: str
    subject: str
    text: str


MailOf = Callable[["PolicyVersion", str, datetime], Mail]
TextOf = Callable[[str], SafeString]
_mail: list[MailOf] = []
_text: list[TextOf] = []


def register_mail(mail_of: MailOf) -> None:
    """Take over the renderer of the notice of a version: version, language, moment of announcement."""
    _mail[:] = [mail_of]


def register_text(text_of: TextOf) -> None:
    """Take over the renderer of policy text: Markdown to safe HTML."""
    _text[:] = [text_of]


def mails(version: "PolicyVersion", now: datetime) -> list[Mail]:
    """Return the notice of a version in every language in which people may be written to.

    People get their own language where the house speaks it, also one that the policy does not name.
    """
    spoken = [code for code, _name in settings.LANGUAGES]
    languages = dict.fromkeys((*version.notice_languages, *spoken))
    return [mail_of(version, language, now) for mail_of in _mail for language in languages]


def text(markdown: str) -> SafeString:
    """Return policy text as people will see it; without a renderer as plain escaped paragraphs."""
    for text_of in _text:
        return text_of(markdown)
    return mark_safe(linebreaks(markdown, autoescape=True))  # nosec B308 B703  # escaped by Django
