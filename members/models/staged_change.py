"""A change of an import that waits until the whole file is in; nothing of it is visible before."""

import uuid

from django.db import models

from compliance.classification import classify


class StagedChange(models.Model):
    """A record to be, under its own key, and facts of its person; both take effect together.

    With ``sealed`` the row becomes a record under the same id, in the place of the record ``replaces``.
    Without it, a row that names ``replaces`` changes only the clock of that record. ``facts`` are
    language, last use and answers: ``{"language": "ko", "consents": [["advertising", "email", "agreed"]]}``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(
        "compliance.Job", on_delete=models.CASCADE, related_name="staged_changes"
    )
    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="staged_changes"
    )
    replaces = models.UUIDField(null=True)  # Null where nothing is replaced.
    facts = models.JSONField(default=dict)
    record_class = models.CharField(max_length=60, blank=True)
    occurred_at = models.DateTimeField(null=True)  # Null without a record.
    anchors = models.JSONField(default=dict)
    source = models.CharField(max_length=40, blank=True)
    item_codes = models.JSONField(default=list)
    sealed = models.BinaryField(null=True)  # Null without a record.
    due_on = models.DateField(null=True)  # Null while no clock has started.
    held_by = models.CharField(max_length=60, blank=True)

    FIELD_CLASSES = classify(
        personal="sealed",
        pseudonym="id replaces",
        none="facts record_class anchors source item_codes held_by",
    )

    def __str__(self) -> str:
        return f"Staged {self.id.hex[:8]}"
