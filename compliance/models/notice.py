"""A notice to the people of a service: what changes, where it is shown, when it counts from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices by what still has to happen to them."""

    def to_plan(self) -> "NoticeQuerySet":
        """Notices that are out and whose deliveries are not all written yet."""
        return self.filter(state=Notice.State.PUBLISHED, planned_at=None)

    def showing(self, at: object) -> "NoticeQuerySet":
        """Notices that a visitor sees at a moment."""
        return self.filter(state=Notice.State.PUBLISHED, published_at__lte=at).filter(
            Q(shown_until=None) | Q(shown_until__gt=at)
        )


class Notice(models.Model):
    """One announcement; its individual deliveries are rows of the members app."""

    class Event(models.TextChoices):
        REVISION_GENERAL = "policy_revision_general", _("Policy change")
        REVISION_IMPORTANT = "policy_revision_important", _("Important policy change")

    class State(models.TextChoices):
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Taken down")

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="notices",
        verbose_name=_("service"),
    )
    version = models.ForeignKey(
        "compliance.PolicyVersion",
        on_delete=models.PROTECT,
        related_name="notices",
        verbose_name=_("policy version"),
    )
    event = models.CharField(_("kind"), max_length=40, choices=Event.choices)
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.PUBLISHED
    )
    effective_on = models.DateField(_("takes effect on"))
    published_at = models.DateTimeField(_("published at"))
    shown_until = models.DateTimeField(
        _("shown until"), null=True, blank=True
    )  # Null: until taken down.
    places = models.JSONField(_("shown at"), default=list)
    beyond_promise = models.BooleanField(
        _("individual mail goes beyond the promise"), default=False
    )
    audience_size = models.PositiveIntegerField(_("people"), default=0)
    plan_cursor = models.BigIntegerField(default=0)
    planned_at = models.DateTimeField(
        _("deliveries written at"), null=True, blank=True
    )  # Null until all are written.
    completed_at = models.DateTimeField(
        _("everybody told at"), null=True, blank=True
    )  # Null while some are open.
    reminder_on = models.DateField(_("reminder on"), null=True, blank=True)  # Null: no reminder.
    reminded_at = models.DateTimeField(
        _("reminders written at"), null=True, blank=True
    )  # Null until written.
    asked_at = models.DateTimeField(
        _("questions written at"), null=True, blank=True
    )  # Null until everybody who has to answer has a message.
    asked_again_at = models.DateTimeField(
        _("questions repeated at"), null=True, blank=True
    )  # Null until the one reminder of the questions is written.

    FIELD_CLASSES = classify(none="event state places")
    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["version", "event"], name="one_notice_per_version")
        ]
        indexes = [models.Index(fields=["service", "-published_at"])]

    def __str__(self) -> str:
        return f"{self.get_event_display()} · {self.service} · {self.effective_on:%Y-%m-%d}"

    @property
    def is_given_up(self) -> bool:
        """Whether it was taken down: what it announced does not happen."""
        return self.state == self.State.WITHDRAWN


class NoticeCorrection(models.Model):
    """A change that people were told of does not happen, or on a later day: they are told so, each once."""

    STAGE = "corrected_"  # Begins the name of its messages among those of the notice.

    class Kind(models.TextChoices):
        CANCELLED = "cancelled", _("Will not happen")
        MOVED = "moved", _("Happens later")

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="corrections")
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    old_on = models.DateField(_("announced day"))
    new_on = models.DateField(_("new day"), null=True)  # Null: it does not happen.
    decided_at = models.DateTimeField(_("decided at"))
    planned_at = models.DateTimeField(
        _("messages written at"), null=True
    )  # Null until all are written.

    FIELD_CLASSES = classify(none="kind")

    class Meta:
        verbose_name = _("correction of a notice")
        verbose_name_plural = _("corrections of notices")
        constraints = [
            models.UniqueConstraint(fields=["notice", "number"], name="one_correction_a_number"),
            models.CheckConstraint(
                condition=Q(kind="cancelled", new_on__isnull=True)
                | Q(kind="moved", new_on__gt=models.F("old_on")),
                name="moved_only_to_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}.{self.number} {self.kind}"

    @property
    def stage(self) -> str:
        """Name its messages among those of the notice."""
        return f"{self.STAGE}{self.number}"
