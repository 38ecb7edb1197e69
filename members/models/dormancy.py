"""Who is on the way into dormancy: told in advance, set apart, come back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Dormancy(models.Model):
    """The present round of one person: from a last use over the notice to the separation and the return.

    A person who uses the service in between begins a new round in the same row; the ledger keeps the earlier
    ones. Days are local days of the service.
    """

    class State(models.TextChoices):
        NOTICED = "noticed", _("Notice on its way")
        UNREACHED = "unreached", _("Notice reached nobody")
        TOLD = "told", _("Told")
        APART = "apart", _("Kept apart")
        RETURNED = "returned", _("Came back")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Telephone")
        WRITING = "writing", _("In writing")
        APP = "app", _("Message in the app")
        SERVICE = "service", _("Message in the service")

    subject = models.OneToOneField(
        "members.DataSubject", on_delete=models.CASCADE, related_name="dormancy"
    )
    service = models.ForeignKey(
        "compliance.Service", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    rule_code = models.CharField(_("rule"), max_length=60)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.NOTICED
    )
    last_used_on = models.DateField(_("last used"))
    notice_due_on = models.DateField(_("notice due"))
    separate_on = models.DateField(_("set apart from"))  # Later where the notice went out late.
    notice = models.ForeignKey(
        "members.Delivery", null=True, on_delete=models.SET_NULL, related_name="+"
    )  # Null where there was nothing to send.
    told_on = models.DateField(_("told on"), null=True)  # Null until the person is told.
    told_channel = models.CharField(
        _("told by"), max_length=12, choices=Channel.choices, blank=True
    )
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )  # Null for the machine's own message.
    apart_at = models.DateTimeField(_("set apart"), null=True)  # Null while in daily use.
    lease_until = models.DateTimeField(null=True)  # Null while nobody moves this person.

    FIELD_CLASSES = classify(none="rule_code state told_channel")

    class Meta:
        verbose_name = _("dormancy")
        verbose_name_plural = _("dormancy")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="told") | Q(told_on__isnull=False), name="told_on_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="apart") | Q(apart_at__isnull=False), name="apart_since"
            ),
        ]
        indexes = [
            models.Index(fields=["service", "state", "separate_on", "id"], name="dormancy_due"),
            models.Index(fields=["service", "apart_at"], name="dormancy_apart"),
        ]

    def __str__(self) -> str:
        return str(_("Dormancy of %(person)s") % {"person": self.subject})
