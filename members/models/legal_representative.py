"""Somebody who acts for a child; the contact is sealed like any other personal data."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class LegalRepresentative(models.Model):
    """The person asked for consent in the name of a data subject under the service's age."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="representatives"
    )
    sealed = models.BinaryField()
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    answered_at = models.DateTimeField(_("answered"), null=True)  # Null until answered.

    FIELD_CLASSES = classify(personal="sealed", pseudonym="id", none="state")

    class Meta:
        verbose_name = _("legal representative")
        verbose_name_plural = _("legal representatives")

    def __str__(self) -> str:
        return f"Representative {self.id.hex[:8]}"
