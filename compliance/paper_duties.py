"""What the officer has to do about paper: batches past their last day, destructions without a witness."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import PaperBatch, Service
from compliance.rules.calendar import local_day, start_of_day

LIST = "admin:compliance_paperbatch_changelist"


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("compliance.paper_due", due_paper)
    duties.register("compliance.paper_witness", unwitnessed_paper)


def due_paper(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """One duty per service with paper past its last day (MIK-9.1.2a, LEJ-DES-1)."""
    found = []
    for service in services:
        rows = PaperBatch.objects.filter(service=service)
        due = rows.due(local_day(now, service.timezone)).aggregate(n=Count("pk"), day=Min("due_on"))
        if due["n"]:
            since = start_of_day(due["day"] + timedelta(days=1), service.timezone)
            found.append(_duty(_("Paper to destroy"), since, due["n"], "overdue", "due", service))
    return found


def unwitnessed_paper(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """One duty per service with destructions that a second person has to confirm."""
    counted = {
        one: PaperBatch.objects.filter(service=one).unwitnessed().count() for one in services
    }
    title = _("Destroyed paper that waits for a witness")
    return [_duty(title, None, n, "open", "reported", one) for one, n in counted.items() if n]


def _duty(
    title: object, due_at: datetime | None, n: int, severity: str, state: str, service: Service
) -> Duty:
    return Duty(
        title,
        due_at,
        LIST,
        n,
        severity,
        query={"state": state, "service": service.slug},
        service=service.name,
        permission="paper.view",
    )
