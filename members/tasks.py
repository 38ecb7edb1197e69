"""What the living floor does by itself; tasks choose due rows and call one action per row or batch."""

from datetime import datetime

from compliance.models import Service
from compliance.sweeps import Report
from members.actions import (
    access_code,
    case_sweep,
    data_copy,
    delivery_plan,
    delivery_send,
    destruction,
    destruction_told,
    dormancy_end,
    dormancy_move,
    dormancy_notice,
    enquiry_texts,
    identity_check,
    joining,
    known_device,
    marketing_reminder,
    notice_correction,
    question_plan,
    questions,
    receipt,
    reclock,
    record,
    representative,
    withdrawal,
)
from members.imports import apart, jobs
from members.models import AccessCode, Withdrawal


def plan_notices(now: datetime, *, dry_run: bool = False) -> Report:
    """Write one delivery per person for every notice that is out."""
    return delivery_plan.plan_due(now, dry_run=dry_run)


def plan_reminders(now: datetime, *, dry_run: bool = False) -> Report:
    """Write the reminders of important changes on their day."""
    return delivery_plan.plan_reminders(now, dry_run=dry_run)


def ask_anew(now: datetime, *, dry_run: bool = False) -> Report:
    """Write to everybody who has to answer questions of a new version, and once more after seven days."""
    return question_plan.plan_due(now, dry_run=dry_run)


def bind_agreed(now: datetime, *, dry_run: bool = False) -> Report:
    """Let a version bind those who agreed to all of it before it took effect."""
    return questions.bind_agreed(now, dry_run=dry_run)


def correct_notices(now: datetime, *, dry_run: bool = False) -> Report:
    """Write to those who were told of a change that does not happen, or happens later."""
    return notice_correction.plan_due(now, dry_run=dry_run)


def send_deliveries(now: datetime, *, dry_run: bool = False) -> Report:
    """Send what is waiting: codes and confirmations first, notices after them."""
    return delivery_send.send_due(now, dry_run=dry_run)


def remind_of_marketing(now: datetime, *, dry_run: bool = False) -> Report:
    """Remind people every two years that they agreed to advertising (LAW-KR-3)."""
    return marketing_reminder.plan_due(now, dry_run=dry_run)


def destroy_scans(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy scans of official documents whose check is recorded (ENG-4.7)."""
    return identity_check.destroy_scans(now, dry_run=dry_run)


def close_notices(now: datetime, *, dry_run: bool = False) -> Report:
    """Close the notices of which every delivery has a final state."""
    return delivery_plan.close_notices(now, dry_run=dry_run)


def carry_out_withdrawals(now: datetime, *, dry_run: bool = False) -> Report:
    """Take the next steps of every open withdrawal, and finish what a stop interrupted."""
    report = Report()
    if not dry_run:
        record.repair_unfinished(now=now)
        dormancy_move.repair_unfinished(now=now)
    for row in Withdrawal.objects.exclude(step=Withdrawal.Step.COMPLETE).order_by("pk")[:1000]:
        before = row.step
        after = before if dry_run else withdrawal.carry_out(row, now=now).step
        if after == before:
            report.skip("waiting")
        else:
            report.done += 1
    return report


def follow_versions(now: datetime, *, dry_run: bool = False) -> Report:
    """Let the last days of records follow every version of a policy that has taken effect."""
    return reclock.run_due(now, dry_run=dry_run)


def destroy_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy every record whose last day is over, service by service."""
    report = Report()
    if not dry_run:
        destruction.repair_unfinished(now=now)
    for service in Service.objects.order_by("slug"):
        report.add(destruction.destroy_due(service, now=now, dry_run=dry_run))
    return report


def tell_destroyed(now: datetime, *, dry_run: bool = False) -> Report:
    """Tell people who are still here what of theirs was destroyed."""
    return destruction_told.tell_due(now, dry_run=dry_run)


def release_rejoin_digests(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy rejoin digests whose last day is over."""
    services = Service.objects.order_by("slug")
    return Report(
        done=sum(destruction.release_digests(s, now=now, dry_run=dry_run) for s in services)
    )


def forget_codes(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy access codes once they count no more against guessing, and devices unseen for long."""
    due = AccessCode.objects.filter(created_at__lt=now - access_code.HOUR)
    if dry_run:
        return Report(done=due.count())
    return Report(done=due.delete()[0] + known_device.forget_old(now=now))


def forget_joining(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy forms that nobody finished, and what representatives did not answer in time."""
    report = joining.destroy_abandoned(now, dry_run=dry_run)
    report.add(representative.end_unanswered(now, dry_run=dry_run))
    return report


def sign_receipts(now: datetime, *, dry_run: bool = False) -> Report:
    """Sign the consent receipts that wait."""
    return receipt.sign_due(now, dry_run=dry_run)


def run_imports(now: datetime, *, dry_run: bool = False) -> Report:
    """Run waiting import jobs, and finish what a stop left of their clocks in the archive."""
    if not dry_run:
        apart.repair_unfinished(now=now)
    return jobs.run_due(now, dry_run=dry_run)


def write_copies(now: datetime, *, dry_run: bool = False) -> Report:
    """Write the copies of their data that people asked for."""
    return data_copy.write_due(now, dry_run=dry_run)


def destroy_copies(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy the copies whose days are over."""
    return data_copy.destroy_expired(now, dry_run=dry_run)


def destroy_enquiries(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy the texts of closed enquiries and complaints whose days are over."""
    return enquiry_texts.destroy_due(now, dry_run=dry_run)


def look_at_cases(now: datetime, *, dry_run: bool = False) -> Report:
    """Finish what cases set aside or released, and close those of which nothing is left."""
    return case_sweep.sweep(now, dry_run=dry_run)


def tell_dormant(now: datetime, *, dry_run: bool = False) -> Report:
    """Tell people that they are about to be set apart, and note what became of the messages."""
    return dormancy_notice.notify_due(now, dry_run=dry_run)


def end_dormant(now: datetime, *, dry_run: bool = False) -> Report:
    """End memberships whose separate storage is over."""
    return dormancy_end.end_due(now, dry_run=dry_run)


def move_dormant(now: datetime, *, dry_run: bool = False) -> Report:
    """Set people apart who were told and did not come back, service by service."""
    report = Report()
    if not dry_run:
        dormancy_move.repair_unfinished(now=now)
    for service in Service.objects.order_by("slug"):
        report.add(dormancy_move.set_apart(now, service, dry_run=dry_run))
    return report
