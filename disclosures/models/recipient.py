"""Who may be given data: third parties, processors, authorities."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Recipient(models.Model):
    """A register entry under one recipient row of the policy; the public list is made from these."""

    class Kind(models.TextChoices):
        THIRD_PARTY = "third_party", _("Third party")
        PROCESSOR = "processor", _("Processor")
        AUTHORITY = "authority", _("Authority")
        TRACKER = "tracker", _("Tracker")
        TRANSACTION_PARTY = "transaction_party", _("Transaction party")
        OTHER_USERS = "other_users", _("Other users")
        AGGREGATE_ONLY = "aggregate_only", _("Aggregates only")

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="recipients",
        verbose_name=_("service"),
    )
    policy_code = models.CharField(_("policy row"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    items = models.JSONField(_("items"), default=list)
    purposes = models.JSONField(_("purposes"), default=list)
    posted_on = models.DateField(
        _("on the public list since"), null=True, blank=True
    )  # Null: not posted.
    since_on = models.DateField(_("since"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)  # Null while it runs.
    agreement_reference = models.CharField(_("agreement"), max_length=120, blank=True)
    agreement_until = models.DateField(
        _("agreement until"), null=True, blank=True
    )  # Null: open-ended or none.

    FIELD_CLASSES = classify(
        none="policy_code name kind contact_email country items purposes agreement_reference"
    )

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"],
                condition=Q(ended_on=None),
                name="one_running_recipient_per_name",
            )
        ]

    def __str__(self) -> str:
        return self.name
