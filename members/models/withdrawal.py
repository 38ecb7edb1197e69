"""A membership that ends: which of its steps are done, so that any stop can be resumed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Withdrawal(models.Model):
    """Steps in order: closed -> confirmed (mail handed over) -> archived -> destroyed -> complete."""

    class Step(models.TextChoices):
        CLOSED = "closed", _("Sign-in closed")
        CONFIRMED = "confirmed", _("Confirmation handed over")
        ARCHIVED = "archived", _("Kept records set apart")
        DESTROYED = "destroyed", _("The rest destroyed")
        COMPLETE = "complete", _("Complete")

    subject = models.OneToOneField(
        "members.DataSubject", null=True, on_delete=models.SET_NULL, related_name="withdrawal"
    )  # Null once the person's stub is gone.
    request = models.OneToOneField(
        "members.RightsRequest", on_delete=models.PROTECT, related_name="withdrawal"
    )
    version = models.ForeignKey(
        "compliance.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )
    step = models.CharField(_("step"), max_length=12, choices=Step.choices, default=Step.CLOSED)
    left_on = models.DateField(_("left on"))  # Day in the service's zone.
    plan = models.JSONField(
        _("plan"), default=dict
    )  # Frozen fates: item codes, rules, last days; no values.
    began_at = models.DateTimeField(_("began"))
    completed_at = models.DateTimeField(_("completed"), null=True)  # Null while steps are open.
    lease_until = models.DateTimeField(null=True)  # Null while nobody works on it.

    FIELD_CLASSES = classify(none="step plan")

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        indexes = [
            models.Index(
                fields=["id"], condition=~models.Q(step="complete"), name="withdrawal_open"
            )
        ]

    def __str__(self) -> str:
        return f"Withdrawal #{self.pk} ({self.step})"
