"""One officer wants to read what is kept apart of one person: for which ground, released by whom, whether opened."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class ArchiveReading(models.Model):
    """Asked -> released by a second officer for 30 minutes -> shown once, or over. Never a value, only codes."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second officer")
        RELEASED = "released", _("Released")
        REFUSED = "refused", _("Refused")

    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    person = models.CharField(
        _("person"), max_length=32
    )  # Public id: the archive is another database.
    ground = models.CharField(_("ground"), max_length=60)
    items = models.JSONField(_("items"), default=list)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # Null until a second officer has decided.
    decided_at = models.DateTimeField(_("decided"), null=True)
    open_until = models.DateTimeField(_("open until"), null=True)  # Null until released.
    openings = models.PositiveSmallIntegerField(_("opened"), default=0)  # 0 or 1: shown once.

    FIELD_CLASSES = classify(pseudonym="person", none="ground items state")

    class Meta:
        verbose_name = _("reading of the archive")
        verbose_name_plural = _("readings of the archive")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | ~models.Q(decided_by=models.F("asked_by")),
                name="reading_released_by_another",
            )
        ]
        indexes = [models.Index(fields=["service", "-id"])]

    def __str__(self) -> str:
        return f"Reading #{self.pk} (p_{self.person[:8]})"
