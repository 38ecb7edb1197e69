"""What the promise board asks of people: broken and endangered promises, and those that wait for a person."""

from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import PromiseCheck, Service

SAID = {
    "broken": (_("Broken promises"), "overdue"),
    "at_risk": (_("Promises at risk"), "soon"),
    "waiting_for_person": (_("Promises that wait for a person"), "open"),
}


def register() -> None:
    """Name the source of these duties."""
    duties.register("compliance.promises", due)


def due(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Return one duty per service and verdict that needs somebody, from the last check."""
    rows = PromiseCheck.objects.filter(service__in=services, current=True, verdict__in=SAID)
    counted = rows.values_list("service__slug", "service__name", "verdict").annotate(Count("pk"))
    return [
        Duty(
            title=SAID[verdict][0],
            due_at=None,
            url_name="admin:promises",
            count=count,
            severity=SAID[verdict][1],
            query={"service": slug, "verdict": verdict},
            service=name,
            permission="promises.view",
        )
        for slug, name, verdict, count in counted.order_by("service__name", "verdict")
    ]
