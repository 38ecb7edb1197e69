"""What a person has attested: a measure that no software can see."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Attestation(models.Model):
    """One statement that a measure of the policy was in place on a day; it expires with the policy's interval."""

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="attestations",
        verbose_name=_("service"),
    )
    obligation = models.CharField(_("promise"), max_length=64)
    control = models.CharField(_("measure"), max_length=64)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("attested by"),
    )
    attested_on = models.DateField(_("in place on"))  # Day in the service's zone.
    evidence_ref = models.CharField(
        _("where the proof lies"), max_length=120
    )  # A file number, never a person.
    recorded_at = models.DateTimeField(_("recorded"))

    FIELD_CLASSES = classify(none="obligation control evidence_ref")

    class Meta:
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ["-attested_on", "-pk"]
        indexes = [
            models.Index(fields=["service", "control", "-attested_on"], name="attestation_latest")
        ]

    def __str__(self) -> str:
        return f"{self.control} {self.attested_on:%Y-%m-%d}"
