"""A service whose policy is kept here: its own figures, officers, languages and time zone."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services by how far they are."""

    def live(self) -> "ServiceQuerySet":
        """Services that are open to their members."""
        return self.filter(state=Service.State.LIVE)


class Service(models.Model):
    """One service of an operator; what its policy says about it is copied from the version in force."""

    class State(models.TextChoices):
        SET_UP = "set_up", _("Set-up")
        LIVE = "live", _("Live")

    slug = models.SlugField(_("short name in addresses"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=500)
    obligation_prefix = models.CharField(_("prefix of promise codes"), max_length=5, unique=True)
    operator = models.CharField(_("operator"), max_length=500, blank=True)
    operator_country = models.CharField(_("country of the operator"), max_length=2, blank=True)
    market_country = models.CharField(_("country of the market"), max_length=2, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64)
    policy_languages = models.JSONField(_("languages of the policy"), default=list)
    notice_languages = models.JSONField(_("languages of messages"), default=list)
    representative = models.CharField(_("representative"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SET_UP)
    went_live_at = models.DateTimeField(_("live since"), null=True, blank=True)  # Null in set-up.
    one_officer_mode = models.BooleanField(_("one officer may approve alone"), default=False)
    one_officer_reason = models.CharField(
        _("why one officer is enough"), max_length=500, blank=True
    )
    dormant_keep = models.CharField(
        _("how long dormant members stay apart"), max_length=20, blank=True
    )  # ISO 8601 period; blank until the operator has set it (X-MIK-9).
    is_demo = models.BooleanField(_("sample data"), default=False)
    created_at = models.DateTimeField(_("set up at"))

    FIELD_CLASSES = classify(
        none="slug name obligation_prefix operator operator_country market_country timezone policy_languages "
        "notice_languages representative state one_officer_reason dormant_keep"
    )
    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["set_up", "live"]), name="service_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="set_up") | Q(went_live_at__isnull=False),
                name="live_service_has_date",
            ),
            models.CheckConstraint(
                condition=Q(one_officer_mode=False) | ~Q(one_officer_reason=""),
                name="one_officer_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        """Tell whether the service has left set-up."""
        return self.state == self.State.LIVE
