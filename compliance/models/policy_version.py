"""One version of a service's policy: its state, its own figures, and the text per language."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from compliance.classification import classify
from compliance.models.policy_fields import (
    CODE,
    country_field,
    flag_field,
    prose_field,
    short_field,
    texts_field,
)

# Columns that say what the policy promises: they freeze on approval, the others tell its way.
CONTENT_COLUMNS = (
    "service service_id number name operator operator_stated operator_country market_country "
    "country_stated timezone timezone_stated policy_languages notice_languages title "
    "established_on effective_from representative officer_stated laws_cited law_regimes "
    "precedence age_threshold min_group_size note never_collect_categories "
    "never_collect_stated never_collect_clause never_collect_obligations content_hash"
)


class VersionFrozen(Exception):
    """An approved policy version, or a row of one, was to be changed or removed."""


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Versions by state; what an approved version says cannot be updated through here."""

    def in_effect(self) -> "PolicyVersionQuerySet":
        """The version of each service that decides what the software does."""
        return self.filter(state=PolicyVersion.State.IN_EFFECT)

    def open(self) -> "PolicyVersionQuerySet":
        """Versions that are on their way to take effect."""
        return self.filter(state__in=PolicyVersion.OPEN)

    def frozen(self) -> "PolicyVersionQuerySet":
        """Versions whose content never changes any more."""
        return self.filter(state__in=PolicyVersion.FROZEN)

    def update(self, **values: Any) -> int:
        """Refuse to change what a frozen version says; moving its state on is allowed."""
        if not PolicyVersion.CONTENT.isdisjoint(values) and self.frozen().exists():
            raise VersionFrozen
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse to remove a frozen version."""
        if self.frozen().exists():
            raise VersionFrozen
        return super().delete()


class PolicyVersion(models.Model):
    """A version goes draft, in review, approved, announced, in effect, superseded; or is cancelled."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        APPROVED = "approved", _("Approved")
        ANNOUNCED = "announced", _("Announced")
        IN_EFFECT = "in_effect", _("In effect")
        SUPERSEDED = "superseded", _("Superseded")
        CANCELLED = "cancelled", _("Cancelled")

    class ChangeClass(models.TextChoices):
        GENERAL = "general", _("General change")
        IMPORTANT = "important", _("Important change")

    FROZEN = ("approved", "announced", "in_effect", "superseded", "cancelled")
    OPEN = ("draft", "in_review", "approved", "announced")
    CONTENT = frozenset(CONTENT_COLUMNS.split(" "))

    service = models.ForeignKey(
        "compliance.Service",
        on_delete=models.PROTECT,
        related_name="versions",
        verbose_name=_("service"),
    )
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=500)

    name = short_field(_("name of the service"))
    operator = short_field(_("operator"), blank=True)
    operator_stated = flag_field(_("operator is stated"))
    operator_country = country_field(_("country of the operator"))
    market_country = country_field(_("country of the market"))
    country_stated = flag_field(_("countries are stated"))
    timezone = models.CharField(_("time zone"), max_length=CODE)
    timezone_stated = flag_field(_("time zone is stated"))
    policy_languages = texts_field(_("languages of the policy"))
    notice_languages = texts_field(_("languages of messages"))
    established_on = models.DateField(
        _("established on"), null=True, blank=True
    )  # Null: not stated.
    effective_from = models.DateField(
        _("stated effective date"), null=True, blank=True
    )  # Null: not stated.
    representative = short_field(_("representative"), blank=True)
    officer_stated = flag_field(_("officer is stated"))
    laws_cited = texts_field(_("laws cited"))
    law_regimes = texts_field(_("law regimes"))
    precedence = texts_field(_("order of retention reasons"))
    age_threshold = models.PositiveIntegerField(
        _("age threshold"), null=True, blank=True
    )  # Null: none.
    min_group_size = models.PositiveIntegerField(_("smallest group in analyses"), default=10)
    note = prose_field(_("note"))
    never_collect_categories = texts_field(_("never collected"))
    never_collect_stated = flag_field(_("never collected is stated"))
    never_collect_clause = models.CharField(
        _("clause of never collected"), max_length=CODE, blank=True
    )
    never_collect_obligations = texts_field(_("promises of never collected"))

    effective_on = models.DateField(
        _("takes effect on"), null=True, blank=True
    )  # Null while undecided.
    announced_on = models.DateField(_("announced on"), null=True, blank=True)  # Null before.
    change_class = models.CharField(
        _("kind of change"), max_length=10, choices=ChangeClass.choices, blank=True, default=""
    )
    change_reasons = models.JSONField(_("reasons of the kind of change"), default=list, blank=True)
    stricter_by_hand = models.BooleanField(_("treated as important by hand"), default=False)
    content_hash = models.CharField(_("digest of the content"), max_length=64, blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # Null: the system.
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # Null before review, or the system.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # Null before approval, or the system.
    created_at = models.DateTimeField(_("created at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)  # Null before.
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)  # Null before.
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)  # Null before.
    taken_effect_at = models.DateTimeField(
        _("took effect at"), null=True, blank=True
    )  # Null before.
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)  # Null before.
    cancelled_at = models.DateTimeField(
        _("cancelled at"), null=True, blank=True
    )  # Null unless cancelled.

    FIELD_CLASSES = classify(
        none="state title name operator operator_country market_country timezone policy_languages notice_languages "
        "representative laws_cited law_regimes precedence note never_collect_categories never_collect_clause "
        "never_collect_obligations change_class change_reasons content_hash"
    )
    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ["service", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["service"], condition=Q(state="in_effect"), name="one_version_in_effect"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "draft",
                        "in_review",
                        "approved",
                        "announced",
                        "in_effect",
                        "superseded",
                        "cancelled",
                    ]
                ),
                name="version_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["announced", "in_effect", "superseded"])
                | Q(effective_on__isnull=False),
                name="announced_version_has_day",
            ),
        ]
        indexes = [models.Index(fields=["state", "effective_on"])]

    def __str__(self) -> str:
        return f"{self.service} {self.number}"

    @property
    def is_frozen(self) -> bool:
        """Tell whether the content of the version never changes any more."""
        return self.state in self.FROZEN

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the version; ``VersionFrozen`` when the content of an approved one would change."""
        if self.pk and not self._state.adding:
            self._refuse_changed_content(kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove a draft; ``VersionFrozen`` for an approved version."""
        if PolicyVersion.objects.filter(pk=self.pk).frozen().exists():
            raise VersionFrozen
        return super().delete(*args, **kwargs)

    def _refuse_changed_content(self, update_fields: Iterable[str] | None) -> None:
        names = self.CONTENT - {"service"}
        if update_fields is not None:
            names &= set(update_fields)
        stored = (
            PolicyVersion.objects.filter(pk=self.pk).frozen().values(*sorted(names)).first()
            if names
            else None
        )
        if stored and any(stored[name] != getattr(self, name) for name in names):
            raise VersionFrozen
