"""What restores leave to people, until somebody says that it is done."""

from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import RestoreTask, Service


def register() -> None:
    """Put what is left of restores on the first page of the office."""
    duties.register("compliance.restores", waiting)


def waiting(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """One duty for each report with lines that nobody has done."""
    rows = RestoreTask.objects.filter(done_at=None).order_by()
    counted = rows.values_list("report").annotate(n=Count("pk"))
    return [
        Duty(
            _("Steps left after a restore"),
            None,
            "admin:compliance_restorereport_change",
            n,
            "overdue",
            (report,),
            permission="ledger.view",
        )
        for report, n in counted
    ]
