"""What the officer has to do about policies: findings that keep a service closed, days that cannot be met."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from compliance import duties, selectors
from compliance.actions import policy_version
from compliance.duties import Duty
from compliance.models import PolicyVersion
from compliance.rules.calendar import start_of_day

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.models import Service

SERVICE, VERSION = "admin:compliance_service_change", "admin:compliance_policyversion_change"
State = PolicyVersion.State


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("compliance.findings", blocking_findings)
    duties.register("compliance.versions", missed_days)
    duties.register("compliance.reviews", waiting_reviews)
    duties.register("compliance.effective_days", effective_days)


def blocking_findings(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """One duty per service whose findings keep it in set-up."""
    counted = {one: selectors.blocking_findings(one).count() for one in services if not one.is_live}
    return [
        Duty(
            _("Findings to settle before the service can open"),
            None,
            SERVICE,
            n,
            url_args=(service.pk,),
            service=service.name,
            permission="services.view",
        )
        for service, n in counted.items()
        if n
    ]


def missed_days(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Versions handed in or approved whose day has come too close for the promised notice (X-ALL-5).

    Example: an important change for 22 December, not announced by 21 November, needs a later day.
    """
    waiting = (
        PolicyVersion.objects.filter(
            service__in=services,
            state__in=(State.IN_REVIEW, State.APPROVED),
            effective_on__isnull=False,
        )
        .exclude(change_class="")
        .filter(service__versions__state=State.IN_EFFECT)
    )
    return [
        Duty(
            _("A version can no longer take effect on its day"),
            _noon(version),
            VERSION,
            severity="overdue",
            url_args=(version.pk,),
            service=version.service.name,
            permission="policies.view",
        )
        for version in waiting.select_related("service")
        if version.effective_on
        < policy_version.earliest_day(version, version.change_class, now=now)
    ]


def _noon(version: PolicyVersion) -> datetime:
    """Noon of the effective day at the service: almost every reader's own zone then shows that day."""
    start = start_of_day(version.effective_on, version.service.timezone)
    return start + timedelta(hours=12)


def waiting_reviews(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Versions that an officer handed in and another one has to approve or send back."""
    waiting = PolicyVersion.objects.filter(service__in=services, state=State.IN_REVIEW)
    return [
        Duty(
            _("A version waits for its review"),
            None,
            VERSION,
            severity="soon",
            url_args=(version.pk,),
            service=version.service.name,
            permission="policies.approve",
        )
        for version in waiting.select_related("service").order_by("submitted_at")
    ]


def effective_days(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Announced versions and the day they take effect: nothing to do, but good to know."""
    announced = PolicyVersion.objects.filter(
        service__in=services, state=State.ANNOUNCED, effective_on__isnull=False
    )
    return [
        Duty(
            _("A new version of the policy takes effect"),
            _noon(version),
            VERSION,
            severity="note",
            url_args=(version.pk,),
            service=version.service.name,
            permission="policies.view",
        )
        for version in announced.select_related("service")
        if version.effective_on
    ]
