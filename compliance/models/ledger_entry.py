"""The ledger: one hash chain per installation, appended by ``compliance.ledger`` alone."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.ledger_verifier import canonical

ITEMS_PER_ENTRY = 1024  # Item number = entry number x 1024 + place in the batch.


class CanonicalJSONField(models.TextField):
    """JSON kept as its one canonical text, so that every byte of it is covered by a hash."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """Return the value, or ``{"malformed": true}`` for a text that somebody damaged."""
        try:
            return json.loads(value or "{}")
        except ValueError:
            return {"malformed": True}

    def get_prep_value(self, value: Any) -> str:
        """Return the canonical text of a value."""
        return canonical(value)


class LedgerEntry(models.Model):
    """One thing that happened: opaque keys, codes, counts and dates, never personal data."""

    seq = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"))
    code = models.CharField(_("what"), max_length=80)
    actor = models.CharField(_("who"), max_length=80)
    service_slug = models.CharField(_("service"), max_length=60, blank=True)
    subject_key = models.CharField(_("subject key"), max_length=64, blank=True)
    object_ref = models.CharField(_("object"), max_length=120, blank=True)
    clause = models.CharField(_("clause"), max_length=64, blank=True)
    data = CanonicalJSONField(_("data"), default=dict)
    prev_hash = models.CharField(_("hash before"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    FIELD_CLASSES = classify(
        pseudonym="actor subject_key object_ref",
        none="code service_slug clause data prev_hash hash",
    )

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["subject_key", "seq"], name="ledger_by_subject"),
            models.Index(fields=["object_ref", "seq"], name="ledger_by_object"),
            models.Index(fields=["code", "seq"], name="ledger_by_code"),
            models.Index(fields=["service_slug", "seq"], name="ledger_by_service"),
        ]

    def __str__(self) -> str:
        return f"#{self.seq} {self.code}"


class LedgerBatchItem(models.Model):
    """One item of a batch entry, a leaf of its Merkle tree."""

    id = models.BigIntegerField(primary_key=True)
    # Neither constraint nor index: a trigger ties each item to the newest entry, and ``id`` finds those of one.
    entry = models.ForeignKey(
        LedgerEntry,
        on_delete=models.PROTECT,
        related_name="items",
        db_constraint=False,
        db_index=False,
    )
    subject_key = models.CharField(_("subject key"), max_length=64, blank=True)
    object_ref = models.CharField(_("object"), max_length=120, blank=True)
    data = CanonicalJSONField(_("data"), default=dict)
    leaf = models.CharField(_("hash"), max_length=64)

    FIELD_CLASSES = classify(pseudonym="subject_key object_ref", none="data leaf")

    class Meta:
        verbose_name = _("ledger batch item")
        verbose_name_plural = _("ledger batch items")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subject_key"], name="ledgeritem_by_subject"),
            models.Index(fields=["object_ref"], name="ledgeritem_by_object"),
        ]

    def __str__(self) -> str:
        return f"#{self.entry_id} item {self.id % ITEMS_PER_ENTRY}"
