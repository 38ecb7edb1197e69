"""Who answers for which service."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class OfficerAppointment(models.Model):
    """An account appointed to a service with a role; published ones stand on the policy page."""

    class Role(models.TextChoices):
        CHIEF_OFFICER = "chief_officer", _("Chief privacy officer")
        OFFICER = "officer", _("Privacy officer")
        HANDLER = "handler", _("Handler")
        MARKETING = "marketing", _("Marketing")
        AUDITOR = "auditor", _("Auditor")
        ADMINISTRATOR = "administrator", _("Administrator")

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name=_("account"),
    )
    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name=_("service"),
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    appointed_on = models.DateField(_("appointed on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)  # Null while it runs.
    published = models.BooleanField(_("shown to the public"), default=False)
    public_title = models.CharField(_("public title"), max_length=120, blank=True)
    public_phone = models.CharField(_("public telephone"), max_length=40, blank=True)

    FIELD_CLASSES = classify(none="role public_title public_phone")

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = _("officers and access")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "service", "role"],
                condition=Q(ended_on=None),
                name="one_running_appointment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.service} · {self.get_role_display()}"
