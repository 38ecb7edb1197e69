"""Intents and completions of effects outside the ``default`` database."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Effect(models.Model):
    """One idempotent effect elsewhere (archive, keyring, file): intended first, completed after it happened."""

    class State(models.TextChoices):
        INTENDED = "intended", _("Begun")
        COMPLETED = "completed", _("Completed")

    kind = models.CharField(_("kind"), max_length=60)
    object_ref = models.CharField(_("object"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.INTENDED
    )
    payload = models.JSONField(_("ids"), default=dict)
    service_slug = models.CharField(_("service"), max_length=60, blank=True)
    subject_key = models.CharField(_("subject key"), max_length=64, blank=True)
    clause = models.CharField(_("clause"), max_length=64, blank=True)
    seq = models.BigIntegerField(_("ledger number"), default=0)  # Of the intent.
    destroys = models.BooleanField(_("destroys"), default=True)
    told = models.BooleanField(
        _("told again"), default=False
    )  # Its line was written a second time.
    marked = models.BooleanField(_("marked"), default=False)  # Completed, and no mark is older.
    intended_at = models.DateTimeField(_("begun at"))
    completed_at = models.DateTimeField(_("completed at"), null=True)  # Null until completed.

    FIELD_CLASSES = classify(
        pseudonym="object_ref payload subject_key", none="kind state service_slug clause"
    )

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        indexes = [
            models.Index(fields=["kind", "state", "id"], name="effect_by_kind_and_state"),
            models.Index(fields=["seq", "marked"], name="effect_by_number"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_ref"],
                condition=models.Q(state="intended"),
                name="effect_unfinished_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state="intended", completed_at__isnull=True)
                | models.Q(state="completed", completed_at__isnull=False),
                name="effect_completed_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} {self.state}"
