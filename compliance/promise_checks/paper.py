"""Is paper destroyed in time, by a method of the policy, before a witness (MIK-9.1.2a, LEJ-DES-1)."""

from compliance.models import PaperBatch
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import paper
from compliance.rules.calendar import first_day_after
from compliance.rules.promises import Verdict

PAGE = "admin:compliance_paperbatch_changelist"


def paper_destroyed(context: CheckContext) -> Finding:
    """No batch is here past its last day and the policy's deadline, and every destruction has a witness.

    At risk: a batch is due and the deadline has not passed. A rule without figure waits for a person.
    """
    methods = paper.methods_of(context.policy)
    rows = PaperBatch.objects.filter(service=context.service)
    due = list(rows.due(context.today).values_list("due_on", flat=True))
    late = sum(context.today >= paper.late_from(day, methods.deadline) for day in due)
    unwitnessed = rows.unwitnessed()
    too_long = sum(
        context.today >= first_day_after(day, methods.deadline) if methods.deadline else True
        for day in unwitnessed.values_list("destroyed_on", flat=True)
    )
    endless = rows.here().filter(due_on=None).count()
    verdict = gravest(
        [
            (late > 0, Verdict.BROKEN),
            (len(due) > 0 or too_long > 0, Verdict.AT_RISK),
            (endless > 0 or not methods.codes, Verdict.WAITING_FOR_PERSON),
        ]
    )
    return found(
        verdict,
        batches=rows.count(),
        overdue=late,
        paper_due=len(due) - late,
        unwitnessed=unwitnessed.count(),
        stated=methods.stated,
        reason="rule_without_period" if endless and verdict is Verdict.WAITING_FOR_PERSON else "",
        page=PAGE,
    )
