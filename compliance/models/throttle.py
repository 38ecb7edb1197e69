"""Failed attempts by keyed digest: the table names nobody."""

from django.db import models

from compliance.classification import classify


class LoginThrottle(models.Model):
    """Failures of one key (account and network address, address alone, ...) within its window."""

    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    blocks = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)  # Null while not blocked.

    FIELD_CLASSES = classify(pseudonym="key", none="kind")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_throttle_per_key")]
