"""The text of a policy version in one language."""

from hashlib import sha256

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.models.policy_row import PolicyRow, of_version


class PolicyText(PolicyRow):
    """Markdown that people are shown; a consent stores the digest of exactly this text."""

    version = of_version("texts")
    language = models.CharField(_("language"), max_length=20)
    body = models.TextField(_("text"), blank=True)
    ready = models.BooleanField(_("ready"), default=False)

    FIELD_CLASSES = classify(none="language body")

    class Meta(PolicyRow.Meta):
        verbose_name = _("text of a policy")
        verbose_name_plural = _("texts of policies")
        constraints = [
            models.UniqueConstraint(fields=["version", "language"], name="text_language_once")
        ]

    def __str__(self) -> str:
        return self.language

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the text."""
        return sha256(self.body.encode()).hexdigest()
