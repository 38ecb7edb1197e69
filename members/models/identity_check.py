"""Checks of an official document: what was shown, with which result, and the scan as long as it lives."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class IdentityCheck(models.Model):
    """One document of one person. The scan is a sealed record of its own; after the check only the result stays."""

    class Document(models.TextChoices):
        DRIVING_LICENCE = "driving_licence", _("Driving licence")
        INSURANCE_CARD = "insurance_card", _("Insurance card")
        PASSPORT = "passport", _("Passport")
        RESIDENT_CARD = "resident_card", _("Resident card")
        OTHER = "other", _("Another official document")

    class Result(models.TextChoices):
        CONFIRMED = "confirmed", _("It is this person")
        NOT_CONFIRMED = "not_confirmed", _("It is not this person")
        UNUSABLE = "unusable", _("The document could not be used")

    class Media(models.TextChoices):
        PDF = "application/pdf", "PDF"
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"

    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.SET_NULL, related_name="identity_checks"
    )  # Null once the person's stub is gone.
    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    document = models.CharField(_("document"), max_length=20, choices=Document.choices)
    purpose = models.CharField(_("purpose"), max_length=60)  # Code of the policy.
    media = models.CharField(_("file"), max_length=20, choices=Media.choices)
    scan = models.UUIDField(null=True)  # Id of the record; null once it is destroyed.
    taken_in_at = models.DateTimeField(_("taken in"))
    taken_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    result = models.CharField(_("result"), max_length=16, choices=Result.choices, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True)  # Null while the check waits.
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )  # Null while the check waits.
    scan_gone_at = models.DateTimeField(_("scan destroyed"), null=True)  # Null while it is kept.

    FIELD_CLASSES = classify(pseudonym="scan", none="document purpose media result")

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")
        indexes = [
            models.Index(fields=["service", "-id"]),
            models.Index(fields=["id"], condition=Q(scan__isnull=False), name="identity_scan_kept"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(result="") | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="identity_result_has_a_checker",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_document_display()} #{self.pk}"
