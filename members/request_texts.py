"""Reading the sealed texts of a request: for its own person, and for the officer who works on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.keyring import sealing
from members.models import RequestMessage, RightsRequest

KIND = "request_message"
Role = RequestMessage.Role
TO_THE_PERSON = (Role.BODY, Role.COMMENT, Role.QUESTION, Role.ANSWER)


@dataclass(frozen=True)
class Text:
    """One opened text: its role, who wrote it (empty for the person), when, and its values."""

    role: str
    role_words: str
    by_office: bool
    written_at: datetime
    values: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The words themselves; empty where they cannot be read any more."""
        return str(self.values.get("text", ""))


def of_requests(
    requests: Sequence[RightsRequest], *, roles: Sequence[str] = TO_THE_PERSON
) -> dict[int, list[Text]]:
    """Open the texts of some requests, oldest first: ``{request pk: texts}``; two queries, however many."""
    rows = RequestMessage.objects.filter(request__in=requests, role__in=roles)
    ordered = list(rows.order_by("written_at", "id"))
    opened = sealing.open_many([document(row) for row in ordered], unreadable=[])
    found: dict[int, list[Text]] = {}
    for row in ordered:
        text = Text(
            row.role,
            str(row.get_role_display()),
            row.author_id is not None,
            row.written_at,
            opened.get(row.pk, {}),
        )
        found.setdefault(row.request_id, []).append(text)
    return found


def of_request(request: RightsRequest, *, roles: Sequence[str] = tuple(Role.values)) -> list[Text]:
    """Open the texts of one request, oldest first."""
    return of_requests([request], roles=roles).get(request.pk, [])


def document(message: RequestMessage, values: Mapping[str, Any] | None = None) -> sealing.Document:
    """Describe a text to the sealing room, with its sealed bytes or with values to be sealed.

    Bound to the message itself: the person may go before the request does.
    """
    return sealing.Document(
        kind=KIND,
        id=message.pk,
        subject=message.pk.hex,
        record_class=message.role,
        values=values,
        sealed=None if values is not None else bytes(message.sealed),
    )
