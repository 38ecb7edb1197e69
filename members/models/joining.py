"""What is known while somebody joins: a sealed form that dies soon, and how many said no."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class PendingJoin(models.Model):
    """A filled form that waits for the code; sealed under a key of its own, and nobody's record yet.

    Key and row go when the person joins, says no, or after half an hour (KRN-3.1, MIK-1.1).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey("compliance.Service", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(
        "compliance.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )  # The one whose questions were shown.
    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.CASCADE, related_name="pending_joins"
    )  # Null unless a representative fills the form in for a child that waits.
    kind = models.CharField(_("kind"), max_length=12)
    language = models.CharField(_("language"), max_length=8)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(_("typed"))
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    proved_at = models.DateTimeField(null=True)  # Null until the code for its address was right.

    FIELD_CLASSES = classify(personal="sealed", pseudonym="id", none="kind language")

    class Meta:
        verbose_name = _("form that waits for its code")
        verbose_name_plural = _("forms that wait for their code")

    def __str__(self) -> str:
        return f"Form {self.id.hex[:8]}"


class JoinRefusal(models.Model):
    """How many people said no on a day instead of joining: a number, nobody behind it (MIK-1.1)."""

    service = models.ForeignKey("compliance.Service", on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(
        "compliance.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("people who said no"), default=0)

    FIELD_CLASSES = classify()

    class Meta:
        verbose_name = _("count of people who did not join")
        verbose_name_plural = _("counts of people who did not join")
        constraints = [
            models.UniqueConstraint(fields=["version", "day"], name="one_refusal_count_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.count}"
