"""A file that somebody handed in: sealed at once, gone after 24 hours."""

import uuid

from django.conf import settings
from django.db import models

from compliance.classification import classify


class Upload(models.Model):
    """A sealed file in its row; its key is in the keyring under the same id and goes with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(
        "compliance.Job", null=True, on_delete=models.CASCADE, related_name="uploads"
    )  # Null: none.
    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT
    )  # Null: command line.
    size = models.PositiveBigIntegerField()
    received_at = models.DateTimeField()
    destroy_at = models.DateTimeField(db_index=True)
    sealed = models.BinaryField(null=True)  # Null once destroyed.
    destroyed_at = models.DateTimeField(null=True)  # Null while it exists.

    FIELD_CLASSES = classify(personal="sealed", pseudonym="id", none="kind")

    def __str__(self) -> str:
        return f"Upload {self.id.hex[:8]}"
