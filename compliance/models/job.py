"""Work that an officer started and may leave: its progress and its outcome."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Job(models.Model):
    """A long piece of work; its row is updated outside the transactions of its batches."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        PROBLEMS = "problems", _("Done with problems")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    service = models.ForeignKey(
        "compliance.Service", null=True, on_delete=models.PROTECT
    )  # Null: all services.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT
    )  # Null: the system.
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.WAITING
    )
    params = models.JSONField(default=dict)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True)  # Null until counted.
    outcome = models.JSONField(_("outcome"), default=dict)
    created_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True)  # Null while waiting.
    finished_at = models.DateTimeField(_("finished at"), null=True)  # Null until finished.
    lease_until = models.DateTimeField(null=True)  # Null while nobody works on it.
    cancel_asked_at = models.DateTimeField(null=True)  # Null unless somebody asked.

    FIELD_CLASSES = classify(pseudonym="id", none="kind state params outcome")

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.id.hex[:8]}"
