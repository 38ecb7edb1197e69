"""One run of one timetable entry: two beats write the same row, and only one of them may."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Slot(models.Model):
    """The turn of a timetable entry at a moment (UTC), with what it did."""

    entry = models.CharField(_("entry"), max_length=60)
    slot_at = models.DateTimeField(_("turn"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)  # Null while running or if killed.
    done = models.PositiveIntegerField(_("done"), default=0)
    skipped = models.JSONField(_("skipped"), default=dict)

    FIELD_CLASSES = classify(none="entry skipped")

    class Meta:
        verbose_name = _("turn of the timetable")
        verbose_name_plural = _("turns of the timetable")
        constraints = [
            models.UniqueConstraint(fields=["entry", "slot_at"], name="one_run_per_turn")
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.slot_at:%Y-%m-%dT%H:%MZ}"
