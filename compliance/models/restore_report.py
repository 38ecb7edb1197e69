"""Restores: what was found, what was repeated, who signed it off."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.ledger_verifier import canonical


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
    tasks_digest = models.CharField(max_length=64, blank=True)  # SHA-256 over the lines.
    asked_at = models.DateTimeField(_("asked at"), null=True)  # Null until one officer asked.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
    )
    signed_off_at = models.DateTimeField(_("signed off at"), null=True)  # Null until it was.
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("signed off by"),
    )
    alone = models.CharField(_("why by one officer"), max_length=60, blank=True)

    FIELD_CLASSES = classify(
        none="state findings tail_hash common_hash counts left ledger_hash tail_lost tasks_digest alone"
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
    def digest(self) -> str:
        """Return what the report says as one SHA-256, in hex: two officers sign exactly this."""
        heads = [self.tail_seq, self.tail_hash, self.common_seq, self.ledger_seq, self.ledger_hash]
        said = [self.findings, self.counts, self.left, self.tasks_digest, *heads]
        return sha256(canonical(said).encode()).hexdigest()

    @property
    def repeated(self) -> int:
        """Return how many steps were repeated."""
        return _sum(self.counts)

    @property
    def open_steps(self) -> int:
        """Return how many steps are left for a person."""
        return _sum(self.left)


class RestoreTask(models.Model):
    """One thing that the replay leaves for a person; a duty until somebody says that it is done."""

    report = models.ForeignKey(RestoreReport, on_delete=models.PROTECT, related_name="tasks")
    code = models.CharField(_("what"), max_length=80)
    service_slug = models.CharField(_("service"), max_length=60, blank=True)
    subject_key = models.CharField(_("subject key"), max_length=64, blank=True)
    person = models.CharField(_("person"), max_length=32, blank=True)  # Public id, if known here.
    object_ref = models.CharField(_("object"), max_length=120, blank=True)
    actor = models.CharField(_("who"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"))
    count = models.PositiveIntegerField(_("how many"), default=1)
    done_at = models.DateTimeField(_("done"), null=True)  # Null while it waits.
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    FIELD_CLASSES = classify(
        pseudonym="subject_key person object_ref actor", none="code service_slug"
    )

    class Meta:
        verbose_name = _("step after a restore")
        verbose_name_plural = _("steps after a restore")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "code", "object_ref", "subject_key", "at"],
                name="restore_task_once",
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(done_at=None), name="restore_task_waits")
        ]

    def __str__(self) -> str:
        return f"Step {self.pk} ({self.code})"


def _sum(figures: Any) -> int:
    return sum(int(count) for count in figures.values())
