"""What pages say about a person they speak of: the pseudonym, and the way to the person's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.roles import may
from members.admin.reveal_source import page_of
from members.models import DataSubject

FORGOTTEN = _("no longer known")


def words_for(person: DataSubject | None) -> Any:
    """The pseudonym, or that nothing is known any more."""
    return str(person) if person else FORGOTTEN


def to_person(request: HttpRequest, person: DataSubject | None) -> list[tuple[Any, str]]:
    """A link to the person's page, for those who may open it."""
    if person is None or not may(request.user, "members.view_masked", person.service):  # type: ignore[arg-type]
        return []
    return [(_("Open the person"), page_of(person))]
