"""Everything held about a person: the items of one subject that share one fate, sealed together."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Record(models.Model):
    """One record class, one sealed document, one key (in the keyring, under the same id), one clock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.PROTECT, db_index=False, related_name="records"
    )  # A composite index begins with it.
    record_class = models.CharField(_("record class"), max_length=60)
    occurred_at = models.DateTimeField(_("occurred"))
    anchors = models.JSONField(
        _("clock starts"), default=dict
    )  # {anchor name: ISO date in the service's zone}
    source = models.CharField(_("source"), max_length=40)
    item_codes = models.JSONField(_("items"), default=list)
    sealed = models.BinaryField()
    due_on = models.DateField(
        _("kept until"), null=True
    )  # Last day of keeping; null while no clock has started.
    held_by = models.CharField(
        _("held by"), max_length=60, blank=True
    )  # Code of the retention rule that wins.
    created_at = models.DateTimeField(auto_now_add=True)

    FIELD_CLASSES = classify(
        personal="sealed", pseudonym="id", none="record_class anchors source item_codes held_by"
    )

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        indexes = [
            models.Index(fields=["subject", "record_class"]),
            models.Index(
                # People in a row: what was written together is destroyed together. Rule and class
                # follow, so that a forecast counts in the index alone.
                fields=["due_on", "subject", "id", "held_by", "record_class"],
                condition=models.Q(due_on__isnull=False),
                name="record_due",
            ),
        ]

    def __str__(self) -> str:
        return f"Record {self.id.hex[:8]} ({self.record_class})"
