"""What was destroyed, by which clause, how, and from when it is beyond recovery."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Certificate(models.Model):
    """Proof of a destruction: counts by class and clause, no personal data.

    ``counts`` is ``[{"class": "payment", "rule": "R7", "clause": "5.2.2", "records": 3}, ...]``. Until the key
    epoch ``epoch`` is forgotten an old backup could undo the destruction: ``final_on`` is the day when that is
    due, ``final_at`` the moment when it happened.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("One person")
        RUN = "run", _("Destruction run")

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="certificates",
        verbose_name=_("service"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    subject_key = models.CharField(_("subject key"), max_length=64, blank=True, db_index=True)
    run_ref = models.CharField(_("run"), max_length=80, blank=True)
    counts = models.JSONField(_("counts"), default=list)
    method = models.CharField(_("method"), max_length=40)
    destroyed_at = models.DateTimeField(_("destroyed at"))
    epoch = models.PositiveIntegerField(_("key epoch"))
    final_on = models.DateField(
        _("final on"), null=True
    )  # Null: no roll of the key can be counted on.
    final_at = models.DateTimeField(
        _("final since"), null=True
    )  # Null until the epoch is forgotten.
    ledger_entry = models.ForeignKey(
        "compliance.LedgerEntry",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("ledger entry"),
    )

    FIELD_CLASSES = classify(pseudonym="subject_key run_ref", none="kind counts method")

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-destroyed_at", "-pk"]
        indexes = [models.Index(fields=["epoch", "final_at"], name="certificate_by_epoch")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="run", subject_key="")
                | models.Q(kind="person") & ~models.Q(subject_key=""),
                name="certificate_of_person_names_subject",
            )
        ]

    def __str__(self) -> str:
        return f"Certificate {self.pk}"
