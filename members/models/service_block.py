"""Service refused to one person: on which ground, who decided, until when (LMK-2j)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class ServiceBlock(models.Model):
    """In force from the decision to its end; it has a last day or a day to look again, or both.

    The facts lie in a file that ``facts`` numbers, never here. The row outlives the person's stub as evidence
    and then names nobody.
    """

    class Ground(models.TextChoices):
        LATE_PAYMENT = "late_payment", _("Did not pay promptly")
        HARM = "harm", _("Harmed other users or third parties")
        MISUSE = "breach_and_misuse", _("Broke the terms and used the service improperly")

    class End(models.TextChoices):
        SETTLED = "settled", _("The matter is settled")
        WRONG = "wrong", _("The decision was wrong")
        PERIOD = "period_over", _("The period is over")

    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.SET_NULL, related_name="service_blocks"
    )  # Null once the person's stub is gone.
    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(_("ground"), max_length=20, choices=Ground.choices)
    facts = models.CharField(_("file with the facts"), max_length=40)
    items = models.JSONField(_("items"), default=list)  # Codes of what tells the person.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"))
    ends_on = models.DateField(_("last day"), null=True)  # Null where only a review is set.
    review_on = models.DateField(_("next review"), null=True)  # Null where only an end is set.
    reviewed_at = models.DateTimeField(_("last review"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)  # Null while in force.
    end_reason = models.CharField(_("outcome"), max_length=12, choices=End.choices, blank=True)

    FIELD_CLASSES = classify(none="ground facts items end_reason")

    class Meta:
        verbose_name = _("refusal of service")
        verbose_name_plural = _("refusals of service")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=False) | models.Q(review_on__isnull=False),
                name="block_has_an_end_or_a_review",
            ),
            models.CheckConstraint(
                condition=models.Q(ground__in=["late_payment", "harm", "breach_and_misuse"]),
                name="block_has_a_stated_ground",
            ),
            models.UniqueConstraint(
                fields=["subject", "ground"],
                condition=models.Q(ended_at=None, subject__isnull=False),
                name="one_open_block_per_ground",
            ),
        ]
        indexes = [models.Index(fields=["service", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} #{self.pk}"
