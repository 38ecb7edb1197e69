"""Lines of a restore report: what a person has to do, about whom, and a note when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from compliance import ledger
from compliance.admin import history
from compliance.models import Account, RestoreTask
from compliance.models.restore_report import RestoreReport
from compliance.restore import by_hand, people


@dataclass(frozen=True)
class Line:
    """One line as a page shows it; ``page`` is the address of the person, empty if not known here."""

    task: RestoreTask
    what: str
    to_do: str
    who: str
    page: str

    @property
    def number(self) -> str:
        """Return what stands for the person: the short number of one known here, else the key in the ledger."""
        if self.page:
            return f"p_{self.task.person[:8]}"
        return str(self.task.subject_key[:12])


def lines(report: RestoreReport, *, limit: int) -> list[Line]:
    """Return the first lines of a report, those that wait before those that are done; three queries."""
    order = (F("done_at").asc(nulls_first=True), "pk")
    found = list(report.tasks.select_related("done_by").order_by(*order)[:limit])
    pages = people.pages({task.person for task in found if task.person})
    names = history.names_of({task.actor for task in found})
    return [
        Line(
            task,
            history.words_for(task.code) if "." in task.code else "",
            by_hand.words(task.code),
            history.who(task.actor, names) if task.actor else "",
            pages.get(task.person, ""),
        )
        for task in found
    ]


def finish(task: RestoreTask, *, actor: Account, now: datetime) -> None:
    """Note once that a line is done; the ledger keeps who said so."""
    with transaction.atomic():
        waiting = RestoreTask.objects.filter(pk=task.pk, done_at=None)
        if waiting.update(done_at=now, done_by=actor):
            ledger.record(
                "compliance.restore.step_done",
                actor=actor,
                now=now,
                service=task.service_slug,
                obj=f"restorereport:{task.report_id}",
                data={"report": task.report_id, "step": task.pk},
            )
