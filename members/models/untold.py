"""Who has still to be told that records of theirs were destroyed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class UntoldDestruction(models.Model):
    """What one page of a run destroyed of one person who is still here; gone as soon as the message is written.

    ``lines`` is ``[{"class", "rule", "clause", "records"}, ...]``: codes and numbers, never a value.
    """

    subject = models.ForeignKey("members.DataSubject", on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    destroyed_at = models.DateTimeField(_("destroyed"))
    lines = models.JSONField(default=list)

    FIELD_CLASSES = classify(none="lines")

    class Meta:
        verbose_name = _("message about a destruction still to write")
        verbose_name_plural = _("messages about destructions still to write")
        indexes = [models.Index(fields=["service", "destroyed_at"], name="untold_by_service")]

    def __str__(self) -> str:
        return f"Untold destruction #{self.pk}"
