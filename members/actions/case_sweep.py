"""The hourly look at cases: finish what a stop interrupted, close cases of which nothing is left."""

from datetime import datetime

from compliance import effects
from compliance.sweeps import Report
from members import gate
from members.actions import case_effects, case_flag
from members.archive.models import ArchivedRecord
from members.models import CaseFlag, DataSubject, Record
from members.rules import case_flag as rule_of

Status = DataSubject.Status


def sweep(now: datetime, *, dry_run: bool = False) -> Report:
    """Set aside what waits, finish releases, and close cases whose data are gone. ``done`` counts closed cases."""
    report = Report()
    if not dry_run:
        for effect in list(effects.unfinished(case_effects.RELEASE)):
            case_effects.finish_release(effect, now=now)
    running = CaseFlag.objects.filter(ended_at=None).exclude(confirmed_at=None)
    for flag in running.select_related("service", "subject__service").order_by("pk"):
        if not dry_run:
            case_effects.set_aside(flag, now=now)
        if is_over(flag, now):
            report.done += 1
            if not dry_run:
                case_flag.end(flag, reason=CaseFlag.End.DESTROYED, actor=None, now=now)
    return report


def is_over(flag: CaseFlag, now: datetime) -> bool:
    """Whether nothing is left that a case could hold."""
    subject = flag.subject
    if subject is None:
        return True
    if flag.set_aside_at is None or subject.status == Status.LEAVING:
        return False
    if subject.status == Status.WITHDRAWN:
        person = subject.public_id
        apart = ArchivedRecord.objects.filter(subject__public_id=person, rule_code=flag.rule_code)
        return not apart.exists()
    rule = gate.policy_for(flag.service, now).retention_by_code[flag.rule_code]
    set_aside = Record.objects.filter(subject=subject, record_class=rule.record_class)
    return rule_of.runs_from_finding(rule, flag.reason) and not set_aside.exists()
