"""Which database a model lives in: one line per label, and relations never cross."""

from typing import Any

from django.db.models import Model

DATABASE_OF_LABEL = {"keyring": "keyring", "archive": "archive"}


class LabelRouter:
    """Send the keyring and the archive to databases of their own, all else to ``default``."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Return the alias of the database that holds the model."""
        return DATABASE_OF_LABEL.get(model._meta.app_label, "default")

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Refuse a relation between rows of two databases."""
        return self.db_for_read(one.__class__) == self.db_for_read(other.__class__)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Create the tables of a label in its own database only."""
        return DATABASE_OF_LABEL.get(app_label, "default") == db
