"""A stored plan and its list: which records are destroyed on which day, by which clause, and who allowed it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class DestructionPlan(models.Model):
    """Every free record of a service whose last day lies in ``since`` (None: ever) up to the day before ``before``.

    ``content_hash`` is SHA-256 over the lines of its pages. ``counts`` is ``[{"class", "rule", "clause", "records"},
    ...]``. What a hold bound when it was planned is not part of it.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        WAITING = "waiting", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        VOID = "void", _("Void")

    class LateReason(models.TextChoices):
        FAULT = "technical_fault", _("Technical fault")
        LEGAL = "legal_question", _("Legal question is open")
        CHECK = "data_under_check", _("The data is being checked")
        ABSENT = "officer_absent", _("No second officer was there")

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="destruction_plans",
        verbose_name=_("service"),
    )
    since = models.DateField(_("last days from"), null=True)  # Null: from the beginning.
    before = models.DateField(_("runs on"))  # Local day from whose 00:00 it may run.
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    records = models.PositiveIntegerField(_("records"))
    people = models.PositiveIntegerField(_("people"))
    held = models.PositiveIntegerField(_("postponed by holds"), default=0)
    counts = models.JSONField(_("counts"), default=list)
    content_hash = models.CharField(_("digest of the list"), max_length=64)
    first_due_on = models.DateField(_("earliest last day"))
    destroy_by = models.DateField(_("destroy by"))
    deadline_stated = models.BooleanField(_("deadline stated by the policy"), default=False)
    planned_at = models.DateTimeField(_("planned"))
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("planned by"),
    )  # Null: the machine.
    approved_at = models.DateTimeField(_("approved"), null=True)  # Null until approved.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("approved by"),
    )  # Null until approved, or where no approval is needed.
    expires_at = models.DateTimeField(_("valid until"))
    passed = models.PositiveIntegerField(default=0)  # Pages that are through.
    batches = models.PositiveIntegerField(_("batches"), default=0)
    destroyed = models.PositiveIntegerField(_("destroyed"), default=0)
    postponed = models.PositiveIntegerField(_("left out: under a hold"), default=0)
    dropped = models.PositiveIntegerField(_("left out: no longer due"), default=0)
    lease_until = models.DateTimeField(null=True)  # Null while nobody works on it.
    finished_at = models.DateTimeField(_("finished"), null=True)  # Null until done or void.
    void_reason = models.CharField(_("why void"), max_length=20, blank=True)
    late_reason = models.CharField(
        _("why late"), max_length=20, choices=LateReason.choices, blank=True
    )

    FIELD_CLASSES = classify(none="state counts content_hash void_reason late_reason")
    OPEN = (State.PLANNED, State.WAITING, State.APPROVED, State.RUNNING)

    class Meta:
        verbose_name = _("destruction plan")
        verbose_name_plural = _("destruction plans")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "before"],
                condition=models.Q(state__in=("planned", "waiting", "approved", "running")),
                name="one_open_destruction_plan_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    records__gte=models.F("destroyed") + models.F("postponed") + models.F("dropped")
                ),
                name="never_more_destroyed_than_planned",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | models.Q(approved_at__isnull=False),
                name="approved_plan_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Destruction plan #{self.pk}"

    @property
    def run_ref(self) -> str:
        """What effects and certificates of this plan are named by, before the number of the batch."""
        return f"destruction_plan:{self.pk}"


class DestructionPage(models.Model):
    """Some thousand records of a plan's list: one line ``id|rule|last day`` each, compressed by zlib."""

    plan = models.ForeignKey(DestructionPlan, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()  # From 0.
    apart = models.BooleanField()  # Whether some of them lay in the archive.
    lines = models.BinaryField()

    FIELD_CLASSES = classify(pseudonym="lines")

    class Meta:
        verbose_name = _("page of a destruction plan")
        verbose_name_plural = _("pages of destruction plans")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="destruction_page_once")
        ]

    def __str__(self) -> str:
        return f"Page {self.number} of plan #{self.plan_id}"
