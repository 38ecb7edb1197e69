"""A signed receipt of what a person agreed to and refused."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class ConsentReceipt(models.Model):
    """One receipt (ISO/IEC TS 27560): the text that is signed, and the signature once the worker made it.

    It names the person by the pseudonym that the ledger uses and holds no value of the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="receipts"
    )
    body = models.TextField(_("text"))  # Canonical JSON, signed as it stands.
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    key_fingerprint = models.CharField(_("key"), max_length=64, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    signed_at = models.DateTimeField(_("signed"), null=True)  # Null until the worker signed it.

    FIELD_CLASSES = classify(pseudonym="id body", none="signature key_fingerprint")

    class Meta:
        verbose_name = _("consent receipt")
        verbose_name_plural = _("consent receipts")
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(signed_at=None), name="receipt_unsigned"
            )
        ]

    def __str__(self) -> str:
        return f"Receipt {self.id.hex[:8]}"
