"""Somebody who acts for a child; the address is sealed like any other personal data, and only until the answer."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class LegalRepresentative(models.Model):
    """The person asked for consent in the name of a data subject under the service's age (LEJ-2.4).

    The address is sealed under the key ``contact`` until the answer and then destroyed (X-LEJ-11). What stays is a
    digest of it in the blind index under ``id``: enough to know the representative again, not to write to.
    Whoever refuses or does not answer leaves no row.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        CONFIRMED = "confirmed", _("Confirmed")

    class Method(models.TextChoices):
        EMAIL = "email_code", _("Code by e-mail")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="representatives"
    )
    contact = models.UUIDField(unique=True, null=True, editable=False)  # Null once answered.
    sealed = models.BinaryField(null=True)  # Null once answered.
    language = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ASKED)
    method = models.CharField(
        _("confirmed by"), max_length=12, choices=Method.choices, blank=True
    )  # Blank until confirmed.
    version = models.ForeignKey(
        "compliance.PolicyVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )  # Null until confirmed: the version agreed to.
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("answer until"))
    answered_at = models.DateTimeField(_("answered"), null=True)  # Null until answered.

    FIELD_CLASSES = classify(
        personal="sealed", pseudonym="id contact", none="language state method"
    )

    class Meta:
        verbose_name = _("legal representative")
        verbose_name_plural = _("legal representatives")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="confirmed") | models.Q(answered_at=None),
                name="representative_answered_once_confirmed",
            )
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="asked"),
                name="representative_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"Representative {self.id.hex[:8]}"
