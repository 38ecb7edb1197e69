"""A code sent by e-mail: stored hashed, short-lived, for one purpose, used once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class AccessCode(models.Model):
    """Six digits to prove that an address is somebody's own; ``token`` names the attempt in the browser."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("Sign in")
        ORDER_ACCESS = "order_access", _("Order access")
        STEP_UP = "step_up", _("Confirm it is you")
        JOIN = "join", _("Join")
        REPRESENTATIVE = "represent", _("Act for a child")
        NEW_ADDRESS = "new_address", _("New e-mail address")

    token = models.CharField(max_length=64, unique=True)
    subject = models.ForeignKey(
        "members.DataSubject", null=True, on_delete=models.CASCADE, related_name="access_codes"
    )  # Null for a decoy: nobody was found, and the answer must not tell.
    pending = models.ForeignKey(
        "members.PendingJoin", null=True, on_delete=models.CASCADE, related_name="access_codes"
    )  # Null unless somebody joins.
    service = models.ForeignKey("compliance.Service", on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    code_hash = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)  # Null until used.

    FIELD_CLASSES = classify(pseudonym="token code_hash", none="purpose")

    def __str__(self) -> str:
        return f"Code #{self.pk} ({self.purpose})"
