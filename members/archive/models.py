"""What is kept apart: segregated people, their records, and digests that answer one question."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class ArchivedSubject(models.Model):
    """A person of whom records are kept apart; the live database knows a stub at most."""

    class Why(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Withdrawn")
        DORMANT = "dormant", _("Dormant")

    public_id = models.CharField(_("number"), max_length=32)
    service_slug = models.CharField(_("service"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12)
    language = models.CharField(_("language"), max_length=8)
    why = models.CharField(_("why"), max_length=12, choices=Why.choices)
    left_on = models.DateField(
        _("left on"), null=True
    )  # Null for dormant members, who have not left.
    archived_at = models.DateTimeField(_("set apart"))
    arrival = models.BigIntegerField(null=True)  # Number of the move that brought a sleeper here.

    FIELD_CLASSES = classify(pseudonym="public_id", none="service_slug kind language why")

    class Meta:
        verbose_name = _("person kept apart")
        verbose_name_plural = _("people kept apart")
        indexes = [models.Index(fields=["-archived_at", "-id"], name="archived_newest")]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="one_person_apart_a_number")
        ]

    def __str__(self) -> str:
        return f"Person p_{self.public_id[:8]}"


class ArchivedRecord(models.Model):
    """A record kept for one rule only; its bytes and its key id are those of the live record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(ArchivedSubject, on_delete=models.PROTECT, related_name="records")
    record_class = models.CharField(_("record class"), max_length=60)
    occurred_at = models.DateTimeField(_("occurred"))
    anchors = models.JSONField(_("clock starts"), default=dict)
    source = models.CharField(_("source"), max_length=40)
    item_codes = models.JSONField(_("items"), default=list)
    sealed = models.BinaryField()
    rule_code = models.CharField(_("rule"), max_length=60)
    clause = models.CharField(_("clause"), max_length=40, blank=True)
    policy_version = models.PositiveIntegerField(_("policy version"))
    due_on = models.DateField(
        _("kept until"), null=True
    )  # Last day; null for dormant people's running records.
    archived_at = models.DateTimeField(_("set apart"))
    recorded_at = models.DateTimeField(
        _("recorded"), null=True
    )  # When the live record was written; null for parts that do not come back.

    FIELD_CLASSES = classify(
        personal="sealed",
        pseudonym="id",
        none="record_class anchors source item_codes rule_code clause",
    )

    class Meta:
        verbose_name = _("record kept apart")
        verbose_name_plural = _("records kept apart")
        indexes = [
            models.Index(
                fields=["due_on", "subject", "id", "rule_code", "record_class", "clause"],
                condition=models.Q(due_on__isnull=False),
                name="archived_due",
            ),
            models.Index(
                fields=["subject"], condition=models.Q(due_on=None), name="archived_clock_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Record {self.id.hex[:8]} ({self.record_class})"


class Arrival(models.Model):
    """A move under way: while its row is here, what it copied counts for nobody, and nothing of it falls due."""

    id = models.BigIntegerField(primary_key=True)

    FIELD_CLASSES = classify()

    class Meta:
        verbose_name = _("arrival")
        verbose_name_plural = _("arrivals")

    def __str__(self) -> str:
        return f"Arrival #{self.pk}"


class RejoinDigest(models.Model):
    """A keyed digest of a leaver's identity: "was this one here?", and nothing else."""

    service_slug = models.CharField(_("service"), max_length=40)
    field = models.CharField(_("item"), max_length=40)
    digest = models.BinaryField(max_length=32)
    withdrawal_ref = models.CharField(max_length=40)
    rule_code = models.CharField(_("rule"), max_length=60)
    clause = models.CharField(_("clause"), max_length=40, blank=True)
    held_since = models.DateField(_("since"))
    due_on = models.DateField(_("kept until"), db_index=True)

    FIELD_CLASSES = classify(
        pseudonym="digest withdrawal_ref", none="service_slug field rule_code clause"
    )

    class Meta:
        verbose_name = _("rejoin digest")
        verbose_name_plural = _("rejoin digests")
        constraints = [
            models.UniqueConstraint(
                fields=["withdrawal_ref", "field"], name="one_digest_per_item_and_exit"
            )
        ]
        indexes = [models.Index(fields=["service_slug", "field", "digest"])]

    def __str__(self) -> str:
        return f"Digest #{self.pk}"


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
