"""What people agreed to, disagreed with and took back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.classification import classify


class Answer(models.TextChoices):
    """The three answers that leave evidence."""

    AGREED = "agreed", _("Agreed")
    DISAGREED = "disagreed", _("Disagreed")
    WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")


class Question(models.Model):
    """What was asked: a purpose, and where it applies a channel or a recipient."""

    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="%(class)ss"
    )
    purpose = models.CharField(_("purpose"), max_length=80)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    recipient = models.CharField(_("recipient"), max_length=60, blank=True)
    answer = models.CharField(_("answer"), max_length=12, choices=Answer.choices)
    version = models.ForeignKey(
        "compliance.PolicyVersion", on_delete=models.PROTECT, related_name="+"
    )

    FIELD_CLASSES = classify(none="purpose channel recipient answer")

    class Meta:
        abstract = True


class ConsentEvent(Question):
    """One answer, append-only, with what makes it provable; no network address."""

    asked_by = models.CharField(_("asked by"), max_length=20)
    language = models.CharField(_("language"), max_length=8)
    text_hash = models.CharField(_("text shown"), max_length=64)
    answered_at = models.DateTimeField(_("answered"))

    FIELD_CLASSES = classify(none="asked_by language text_hash")

    class Meta:
        verbose_name = _("consent record")
        verbose_name_plural = _("consent records")
        indexes = [
            models.Index(fields=["subject", "purpose", "-answered_at"]),
            models.Index(fields=["-answered_at", "-id"], name="consent_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.answer}"


class ConsentState(Question):
    """The answer that counts now, for fast checks; derived from the events."""

    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("current consent")
        verbose_name_plural = _("current consents")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "purpose", "channel", "recipient"], name="one_current_answer"
            )
        ]
        indexes = [
            models.Index(
                fields=["purpose", "subject"], condition=Q(answer="agreed"), name="consent_agreed"
            ),
            models.Index(
                fields=["since"],
                condition=Q(answer="agreed") & ~Q(channel=""),
                name="consent_on_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.answer}"
