"""From where somebody signed in before: a keyed digest, so that guessing by others does not lock them out."""

from django.db import models

from compliance.classification import classify


class KnownDevice(models.Model):
    """One network and kind of browser of a person, as a digest that cannot be read; forgotten after 90 days."""

    subject = models.ForeignKey(
        "members.DataSubject", on_delete=models.CASCADE, related_name="known_devices"
    )
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    FIELD_CLASSES = classify(pseudonym="digest")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "digest"], name="one_row_per_known_device")
        ]

    def __str__(self) -> str:
        return f"Known device #{self.pk}"
