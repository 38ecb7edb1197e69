"""Restores: what was found, what was repeated, who signed it off."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class RestoreReport(models.Model):
    """One restore. The application is closed while a report is not signed off."""

    class State(models.TextChoices):
        FOUND = "found", _("Found")
        REPLAYED = "replayed", _("Repeated, waits for its sign-off")
        SIGNED_OFF = "signed_off", _("Signed off")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.FOUND)
    findings = models.JSONField(_("findings"), default=list)
    tail_seq = models.BigIntegerField(_("newest number of the tail"), default=0)
    tail_hash = models.CharField(_("its hash"), max_length=64)
    common_seq = models.BigIntegerField(_("last common number"), default=0)  # Of tail and ledger.
    common_hash = models.CharField(_("its hash"), max_length=64)
    counts = models.JSONField(_("repeated"), default=dict)
    left = models.JSONField(_("left for a person"), default=dict)
    ledger_seq = models.BigIntegerField(_("ledger number after the replay"), default=0)
    ledger_hash = models.CharField(_("its hash"), max_length=64, blank=True)
    tail_lost = models.CharField(_("why the tail is lost"), max_length=20, blank=True)
    found_at = models.DateTimeField(_("found at"))
    replayed_at = models.DateTimeField(_("repeated at"), null=True)  # Null until it was.
    signed_off_at = models.DateTimeField(_("signed off at"), null=True)  # Null until it was.
    signed_off_by = models.CharField(_("signed off by"), max_length=150, blank=True)

    FIELD_CLASSES = classify(
        none="state findings tail_hash common_hash counts left ledger_hash tail_lost signed_off_by"
    )

    class Meta:
        verbose_name = _("restore")
        verbose_name_plural = _("restores")

    def __str__(self) -> str:
        return f"Restore {self.pk}"

    @property
    def names(self) -> list[str]:
        """Return the names of the databases (and ``tail``) that were put back."""
        return [str(one["name"]) for one in self.findings]

    @property
    def repeated(self) -> int:
        """Return how many steps were repeated."""
        return _sum(self.counts)

    @property
    def open_steps(self) -> int:
        """Return how many steps are left for a person."""
        return _sum(self.left)


def _sum(figures: Any) -> int:
    return sum(int(count) for count in figures.values())
