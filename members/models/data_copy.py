"""A copy of everything held about a person, made for that person; sealed, and gone after some days."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify

MOST_DOWNLOADS = 5


class DataCopy(models.Model):
    """One copy asked for: written by a task, taken by the person alone, destroyed when it has expired."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="copies"
    )
    request = models.ForeignKey("members.RightsRequest", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    lease_until = models.DateTimeField(null=True)  # Null while nobody is writing it.
    sealed = models.BinaryField(null=True)  # Null until ready.
    size = models.PositiveIntegerField(_("size"), default=0)  # Bytes of the file in clear.
    downloads = models.PositiveSmallIntegerField(_("downloads"), default=0)
    asked_at = models.DateTimeField(_("asked"))
    ready_at = models.DateTimeField(_("ready since"), null=True)  # Null until ready.
    expires_at = models.DateTimeField(_("expires"))

    FIELD_CLASSES = classify(personal="sealed", pseudonym="id", none="language state")

    class Meta:
        verbose_name = _("copy of personal data")
        verbose_name_plural = _("copies of personal data")
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state="waiting"), name="one_copy_at_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=Q(state="waiting"), name="copy_waiting"),
            models.Index(fields=["expires_at"], name="copy_expiry"),
        ]

    @property
    def downloads_left(self) -> int:
        """How often the file may still be taken."""
        return max(MOST_DOWNLOADS - self.downloads, 0)

    def is_open(self, now: datetime) -> bool:
        """Whether the file can be taken at a moment."""
        return self.state == self.State.READY and now < self.expires_at and self.downloads_left > 0

    def __str__(self) -> str:
        return f"Copy {self.id.hex[:8]}"
