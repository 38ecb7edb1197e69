"""The outbox: one row per message to one person."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class Delivery(models.Model):
    """A message that has to reach one person; unique per (notice, subject, stage)."""

    class Kind(models.TextChoices):
        NOTICE = "notice", _("Notice")
        CODE = "code", _("Sign-in code")
        CONFIRMATION = "confirmation", _("Confirmation")
        MARKETING = "marketing", _("Marketing")

    URGENT = ("code", "confirmation")  # Somebody waits for these; they go before notices.

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Not allowed")
        UNREACHABLE = "unreachable", _("No address")
        CANCELLED = "cancelled", _("Cancelled")
        UNCERTAIN = "uncertain", _("Uncertain")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.CharField(_("message"), max_length=60)  # Folder under templates/emails.
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    stage = models.CharField(_("stage"), max_length=12, default="first")
    notice = models.ForeignKey(
        "compliance.Notice",
        null=True,
        on_delete=models.PROTECT,
        db_index=False,  # A composite index begins with it.
        related_name="deliveries",
    )  # Null for messages to one person only.
    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.SET_NULL, related_name="deliveries"
    )  # Null once the person's stub is gone.
    service = models.ForeignKey("compliance.Service", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.PENDING
    )
    at_least_once = models.BooleanField(default=True)
    not_before = models.DateTimeField(_("not before"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    lease_until = models.DateTimeField(null=True)  # Null while nobody is sending it.
    lease_token = models.CharField(max_length=32, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=120)
    sealed = models.BinaryField(
        null=True
    )  # Address and figures of a message that outlives them; null otherwise.
    result = models.CharField(
        _("result"), max_length=60, blank=True
    )  # Reply code and reason code, no text.
    created_at = models.DateTimeField(_("written"))
    finished_at = models.DateTimeField(_("finished"), null=True)  # Null until a final state.

    FIELD_CLASSES = classify(
        personal="sealed",
        pseudonym="id message_id",
        none="event kind stage language state lease_token result",
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("sent mail")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "subject", "stage"],
                condition=Q(notice__isnull=False, subject__isnull=False),
                name="one_message_per_stage",
            ),
            models.UniqueConstraint(fields=["message_id"], name="one_message_a_message_id"),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"], condition=Q(state="pending"), name="delivery_pending"
            ),
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state="pending", kind__in=("code", "confirmation")),
                name="delivery_urgent",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state="sending"), name="delivery_leased"
            ),
            models.Index(fields=["id"], condition=Q(sealed__isnull=False), name="delivery_sealed"),
            models.Index(fields=["notice", "state"], name="delivery_by_notice"),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"Message {self.id.hex[:8]} ({self.event})"
