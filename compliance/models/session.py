"""A session of somebody signed in, or of a browser that nobody has signed in with."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from compliance.auth.session_store import SessionStore
from compliance.classification import classify


class Session(AbstractBaseSession):
    """Django's session with its owner, so that all sessions of a person can be ended at once.

    The owner is opaque: the number of a data subject, or ``account:<key>`` for staff.
    """

    owner = models.CharField(max_length=40, blank=True, db_index=True)  # Empty while nobody is.

    FIELD_CLASSES = classify(pseudonym="owner session_key session_data")

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        """Return the store that reads and writes these rows."""
        return SessionStore

    def __str__(self) -> str:
        return "Session"
