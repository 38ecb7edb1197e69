"""A recorded case against one person: without it a rule for flagged cases holds nobody (X-LEJ-1, MIK-8.3)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.classification import classify


class CaseFlag(models.Model):
    """Proposed by one officer, in force when a second one has confirmed it, looked at again every year.

    The register of internal holds: reason, items, start, end, who approved, next review. The row outlives
    the person's stub as evidence and then names nobody.
    """

    class Reason(models.TextChoices):
        FRAUD = "fraud_finding", _("Fraud was found")
        DISPUTE = "open_dispute", pgettext_lazy("case", "A dispute is open")
        AGENCY = "agency_matter", _("An investigative agency is at work on it")
        REPEAT = "repeated_joining", _("Repeated joining for coupons or events")
        IMPERSONATION = "impersonation", _("Joined with somebody else's information")

    class End(models.TextChoices):
        REFUSED = "not_confirmed", _("Not confirmed")
        CLEARED = "cleared", _("The suspicion was wrong")
        SETTLED = "settled", _("The matter is settled")
        PERIOD = "period_over", _("The period is over")
        DESTROYED = "destroyed", _("What it held is destroyed")

    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.SET_NULL, related_name="case_flags"
    )  # Null once the person's stub is gone.
    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    rule_code = models.CharField(_("rule"), max_length=60)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason.choices)
    items = models.JSONField(_("items"), default=list)
    found_on = models.DateField(_("found on"))  # Day in the service's zone.
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # Null until a second officer has confirmed it.
    confirmed_at = models.DateTimeField(_("holds since"), null=True)
    set_aside_at = models.DateTimeField(null=True)  # Null until the items lie under the rule.
    stop = models.OneToOneField(
        "members.Restriction", null=True, on_delete=models.SET_NULL, related_name="case_flag"
    )  # Null where no use has to be stopped.
    review_on = models.DateField(_("next review"), null=True)  # Null until confirmed.
    reviewed_at = models.DateTimeField(_("last review"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)  # Null while proposed or in force.
    end_reason = models.CharField(_("outcome"), max_length=16, choices=End.choices, blank=True)

    FIELD_CLASSES = classify(none="rule_code reason items end_reason")

    class Meta:
        verbose_name = _("internal hold")
        verbose_name_plural = _("internal holds")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "rule_code"],
                condition=models.Q(ended_at=None, subject__isnull=False),
                name="one_open_case_per_rule",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None)
                | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="case_confirmed_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["service", "-id"]),
            models.Index(fields=["id"], condition=models.Q(ended_at=None), name="case_flag_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} #{self.pk}"

    @property
    def is_in_force(self) -> bool:
        """Whether it is confirmed and not ended."""
        return self.confirmed_at is not None and self.ended_at is None
