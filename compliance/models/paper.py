"""Paper that holds personal data: what lies where, until when, how it went, and who saw it go."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class PaperBatchQuerySet(models.QuerySet["PaperBatch"]):
    """Batches by what has to be done with them."""

    def here(self) -> "PaperBatchQuerySet":
        """Batches that nobody has reported as destroyed."""
        return self.filter(destroyed_on=None)

    def due(self, today: date) -> "PaperBatchQuerySet":
        """Batches whose last day is over."""
        return self.here().filter(due_on__lt=today)

    def unwitnessed(self) -> "PaperBatchQuerySet":
        """Batches reported as destroyed that wait for a second person."""
        return self.exclude(destroyed_on=None).filter(witness=None)


class PaperBatch(models.Model):
    """One box, folder or pile under one rule of the policy. Once witnessed the row never changes."""

    class Unit(models.TextChoices):
        SHEETS = "sheets", _("Sheets")
        FOLDERS = "folders", _("Folders")
        BOXES = "boxes", _("Boxes")

    class Note(models.TextChoices):
        ON_SITE = "on_site", _("Destroyed in our own rooms")
        CONTRACTOR = "contractor", _("Destroyed by a contractor in our presence")

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="paper",
        verbose_name=_("service"),
    )
    label = models.CharField(_("label"), max_length=80)  # Never a name of a person.
    rule_code = models.CharField(_("rule"), max_length=60)
    record_class = models.CharField(_("class of content"), max_length=60)
    clause = models.CharField(_("clause"), max_length=40, blank=True)
    place = models.CharField(_("place"), max_length=120)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit = models.CharField(_("unit"), max_length=8, choices=Unit.choices)
    first_on = models.DateField(_("oldest content"))
    last_on = models.DateField(_("newest content"))
    due_on = models.DateField(
        _("kept until"), null=True
    )  # Null while the rule of the policy has no figure.
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("registered by"),
    )
    registered_at = models.DateTimeField(_("registered"))
    method = models.CharField(_("method"), max_length=24, blank=True)
    note_code = models.CharField(_("note"), max_length=12, blank=True, choices=Note.choices)
    destroyed_on = models.DateField(_("destroyed on"), null=True)  # Null while it is here.
    destroyed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("destroyed by"),
    )
    witness = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("witness"),
    )  # Null until a second person has confirmed it.
    witnessed_at = models.DateTimeField(_("witnessed"), null=True)

    FIELD_CLASSES = classify(
        none="label rule_code record_class clause place unit method note_code",
    )
    objects = PaperBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("paper batch")
        verbose_name_plural = _("paper batches")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["service", "due_on"],
                condition=Q(destroyed_on__isnull=True),
                name="paper_due",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="paper_is_something"),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="paper_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(destroyed_on=None, destroyed_by=None, method="", witness=None)
                | Q(destroyed_on__isnull=False, destroyed_by__isnull=False) & ~Q(method=""),
                name="paper_goes_by_a_method_and_a_person",
            ),
            models.CheckConstraint(
                condition=Q(witness=None) | ~Q(witness=F("destroyed_by")),
                name="paper_witness_is_another",
            ),
            models.CheckConstraint(
                condition=Q(witness=None, witnessed_at=None)
                | Q(witness__isnull=False, witnessed_at__isnull=False),
                name="paper_witness_with_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Paper {self.pk}"
