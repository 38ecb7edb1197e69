"""Signed checkpoints of the ledger, as they were sent out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class LedgerCheckpoint(models.Model):
    """Number and hash of the newest entry at a moment, signed, and to how many places outside it went."""

    seq = models.BigIntegerField(_("number"))
    head_hash = models.CharField(_("hash"), max_length=64)
    at = models.DateTimeField(_("when"))
    signature = models.CharField(_("signature"), max_length=128)
    key_fingerprint = models.CharField(_("key"), max_length=64)
    folders = models.PositiveSmallIntegerField(_("folders"))  # That took it.
    mails = models.PositiveSmallIntegerField(
        _("mails")
    )  # That were accepted; 0 on most: one a day.

    FIELD_CLASSES = classify(none="head_hash signature key_fingerprint")

    class Meta:
        verbose_name = _("signed checkpoint")
        verbose_name_plural = _("signed checkpoints")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.seq} {self.head_hash[:8]}"
