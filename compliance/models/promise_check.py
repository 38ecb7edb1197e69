"""The last answers of the promise board and their history."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class PromiseCheck(models.Model):
    """One verdict on one obligation; only changes of verdict add a row, the rest moves ``checked_at``."""

    class Verdict(models.TextChoices):
        KEPT = "kept", _("Kept")
        AT_RISK = "at_risk", _("At risk")
        BROKEN = "broken", _("Broken")
        WAITING = "waiting_for_person", _("Waiting for a person")
        NOT_BUILT = "not_built", _("No check yet")

    service = models.ForeignKey(
        "compliance.Service", on_delete=models.CASCADE, related_name="promise_checks"
    )
    code = models.CharField(_("promise"), max_length=64)
    clause = models.CharField(_("clause"), max_length=64, blank=True)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    evidence = models.JSONField(_("evidence"), default=list)
    since = models.DateTimeField(_("since"))
    checked_at = models.DateTimeField(_("checked at"))
    current = models.BooleanField(default=True)

    FIELD_CLASSES = classify(none="code clause verdict evidence")

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promise board")
        constraints = [
            models.UniqueConstraint(
                fields=["service", "code"],
                condition=models.Q(current=True),
                name="one_current_verdict",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.verdict}"
