"""Rows of the keyring. Losing them loses every member; deleting one row destroys one record."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Epoch(models.Model):
    """One key-encryption key: its number and fingerprint; the key itself is a file and never here.

    A retired epoch wraps nothing any more; it is forgotten once its key file is erased and its certificates are
    final. A key that came from the environment cannot be erased: such an epoch is never forgotten.
    """

    number = models.PositiveIntegerField(_("number"), primary_key=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    wrapped_index_key = models.BinaryField()
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    retired_at = models.DateTimeField(
        _("retired at"), null=True
    )  # Null while anything is wrapped under it.
    erasable = models.BooleanField(_("erasable"), default=True)
    forgotten_at = models.DateTimeField(_("forgotten at"), null=True)

    FIELD_CLASSES = classify(none="fingerprint wrapped_index_key")

    class Meta:
        verbose_name = _("key epoch")
        verbose_name_plural = _("key epochs")
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Epoch {self.number}"


class DataKey(models.Model):
    """The wrapped key of one record or document, under the same id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="+")
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    FIELD_CLASSES = classify(pseudonym="id", none="wrapped")

    class Meta:
        verbose_name = _("data key")
        verbose_name_plural = _("data keys")

    def __str__(self) -> str:
        return f"DataKey {self.pk.hex[:8]}"


class BlindIndex(models.Model):
    """One exact-search entry: keyed digest of a value, and the sealed inner digest for the next epoch.

    ``key`` is the id of the record's data key, without a constraint: both die in one transaction.
    """

    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(_("service"), max_length=60)
    field = models.CharField(_("field"), max_length=20)
    digest = models.BinaryField(max_length=32)
    inner_sealed = models.BinaryField()
    key = models.UUIDField(db_index=True)

    FIELD_CLASSES = classify(pseudonym="digest inner_sealed key", none="scope field")

    class Meta:
        verbose_name = _("blind index entry")
        verbose_name_plural = _("blind index")
        constraints = [
            models.UniqueConstraint(
                fields=["epoch", "scope", "field", "digest", "key"], name="blind_index_entry_once"
            )
        ]

    def __str__(self) -> str:
        return f"BlindIndex {self.pk}"


class SealedSecret(models.Model):
    """A key with a purpose of its own (rejoin block, pseudonyms, one-time codes), wrapped under an epoch."""

    name = models.CharField(_("name"), max_length=60, primary_key=True)
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="+")
    wrapped = models.BinaryField()

    FIELD_CLASSES = classify(none="name wrapped")

    class Meta:
        verbose_name = _("sealed secret")
        verbose_name_plural = _("sealed secrets")

    def __str__(self) -> str:
        return f"SealedSecret {self.name}"


class Mark(models.Model):
    """How far this database has come: the ledger number of the newest completed effect; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(_("ledger number"))

    FIELD_CLASSES = classify()

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")

    def __str__(self) -> str:
        return f"Mark {self.seq}"
