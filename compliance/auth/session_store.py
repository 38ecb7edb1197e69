"""Sessions that can be found by person: Django's table of sessions with the opaque owner of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

if TYPE_CHECKING:
    from compliance.models.session import Session

OWNER = "owner"


class SessionStore(DatabaseStore):
    """Writes the owner of a session beside it whenever it is saved; the name is what Django looks for."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return our table of sessions."""
        return apps.get_model("compliance", "Session")

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        """Return the row of a session with its owner."""
        row = super().create_model_instance(data)
        row.owner = owner_of(data)
        return row


def owner_of(data: Mapping[str, Any]) -> str:
    """Return whose session this is: the number of a person, else of an account, else nobody.

    Example: staff with account 7 own their sessions as ``account:7``.
    """
    if data.get(OWNER):
        return str(data[OWNER])
    return owner_of_account(data[SESSION_KEY]) if data.get(SESSION_KEY) else ""


def owner_of_account(pk: int | str) -> str:
    """Return the owner of the sessions of an account."""
    return f"account:{pk}"
