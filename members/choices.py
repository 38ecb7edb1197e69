"""The consent centre, read: each question in the words that are shown, with the answer that counts now.

The words of a question are its evidence: their digest goes into every answer (X-ALL-10).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance.register_words import said
from compliance.rules.policy_values import Policy
from compliance.rules.scope import LONGER, OF_ITEM, WIDER
from members import words
from members.models import Answer, ConsentEvent, ConsentState, DataSubject
from members.rules.choices import REQUIRED_TO_JOIN, Choice, offered

MOST_HISTORY = 100
ABOUT_COOKIES = "cookies:"
CHANNELS: Mapping[str, Any] = {
    "email": _lazy("by e-mail"),
    "mobile": _lazy("by text message or telephone"),
    "fax": _lazy("by fax"),
    "post": _lazy("by post"),
    "newsletter": _lazy("in the newsletter"),
    "web": _lazy("on the web pages"),
    "app": _lazy("in the app"),
    "each_time": _lazy("asked each time"),
    "this_time": _lazy("this time"),
}


@dataclass(frozen=True)
class Line:
    """One question as it is shown, and its answer: `answer` is empty and `since` None while there is none."""

    choice: Choice
    title: str
    items: Sequence[str]
    recipient: str
    answer: str = ""
    since: datetime | None = None

    @property
    def agreed(self) -> bool:
        """Whether the person agrees now."""
        return self.answer == Answer.AGREED

    @property
    def declined(self) -> bool:
        """Whether the person said no, at once or later."""
        return self.answer in (Answer.DISAGREED, Answer.WITHDRAWN)

    @property
    def text_hash(self) -> str:
        """Return the SHA-256 of the words shown, as hex."""
        shown = "\x1f".join((self.title, *self.items, self.recipient, self.choice.clause))
        return hashlib.sha256(shown.encode()).hexdigest()


def lines(subject: DataSubject, policy: Policy) -> list[Line]:
    """Return every question for a person with the answer that counts now; one query."""
    states = {key_of(row): row for row in ConsentState.objects.filter(subject=subject)}
    return [
        _line(choice, policy, states.get(choice.key)) for choice in offered(policy, subject.kind)
    ]


def history(
    subject: DataSubject, policy: Policy, *, limit: int | None = MOST_HISTORY
) -> list[tuple[str, ConsentEvent]]:
    """Return the answers ever given, newest first, each with the name of its question; one query."""
    events = ConsentEvent.objects.filter(subject=subject).select_related("version")
    newest = events.order_by("-answered_at", "-id")[:limit]
    return [(title(policy, row.purpose, row.channel, row.recipient), row) for row in newest]


def title(policy: Policy, purpose: str, channel: str, recipient: str) -> str:
    """Name a question. Example: ``Advertising (by e-mail)``."""
    if purpose == REQUIRED_TO_JOIN:
        return _("What membership needs")
    name = _cookie(policy, purpose) or _anew(policy, purpose)
    name = name or words.purposes(policy, [purpose])[0]
    more = str(CHANNELS.get(channel, channel)) or recipient_name(policy, recipient)
    return _("%(question)s (%(more)s)") % {"question": name, "more": more} if more else name


def key_of(row: ConsentState | ConsentEvent) -> str:
    """Return the key of the question that an answer belongs to."""
    return Choice(row.purpose, row.channel, row.recipient).key


def _line(choice: Choice, policy: Policy, state: ConsentState | None) -> Line:
    return Line(
        choice=choice,
        title=title(policy, choice.purpose, choice.channel, choice.recipient),
        items=words.items(policy, choice.items),
        recipient=recipient_name(policy, choice.recipient),
        answer=state.answer if state else "",
        since=state.since if state else None,
    )


def _cookie(policy: Policy, purpose: str) -> str:
    """Name the kind of cookie that an answer is about, empty if it is about a purpose of the policy."""
    code = purpose.removeprefix(ABOUT_COOKIES)
    row = next((row for row in policy.cookies if row.code == code), None)
    return said(row.name) if row and code != purpose else ""


def _anew(policy: Policy, purpose: str) -> str:
    """Name a question about what a new version adds to something known; empty if it is none."""
    code = purpose.partition(":")[2]
    if purpose.startswith(OF_ITEM):
        return _("New detail: %(name)s") % {"name": words.item(policy, code)}
    if purpose.startswith(WIDER):
        return _("Wider use: %(name)s") % {"name": words.purposes(policy, [code])[0]}
    if purpose.startswith(LONGER):
        return _("Kept longer: %(name)s") % {"name": words.rule(policy, code)}
    return ""


def recipient_name(policy: Policy, code: str) -> str:
    """Name a recipient, empty for none; a code that the policy does not know stands for itself."""
    row = policy.recipients_by_code.get(code)
    return said(row.name) if row else code
