"""What the door does by itself; the board is checked from here because only here all checks are known."""

from datetime import datetime

from compliance.actions import promise_check
from compliance.models import Service
from compliance.sweeps import Report


def check_promises(now: datetime, *, dry_run: bool = False) -> Report:
    """Check every promise of every service that has a policy in force."""
    report = Report()
    for service in Service.objects.order_by("slug"):
        checked = len(promise_check.look(service, now=now)) if dry_run else _check(service, now)
        report.done += checked
        if not checked:
            report.skip("no_policy_in_force")
    return report


def _check(service: Service, now: datetime) -> int:
    return sum(promise_check.check_service(service, now=now).counts.values())
