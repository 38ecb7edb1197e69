"""Was every destruction certified, finished in time, and is it beyond recovery."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from compliance.keyring import epochs
from compliance.models import Certificate, Effect
from compliance.promise_checks.paper import paper_destroyed
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.calendar import Period, moment_after
from compliance.rules.paper import MEDIUM
from compliance.rules.promises import Verdict

DESTRUCTIONS = ("members.record.destroy_due", "members.withdrawal.destroy")
AT_ONCE = timedelta(hours=1)
WEEK = timedelta(days=7)
BROKEN = Verdict.BROKEN
State = Effect.State


def destruction_certified(context: CheckContext) -> Finding:
    """Every finished destruction has its certificate, and none is unfinished past the deadline of the policy.

    Until the roll after it a certificate is not final: an old backup could undo it. That is a risk once the roll is
    as late again as it may take, and broken after a week. Paper has a register of its own.
    """
    row = next(
        (one for one in context.policy.destruction if one.medium == context.params.get("medium")),
        None,
    )
    if row is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    if row.medium == MEDIUM:
        return paper_destroyed(context)
    effects = _effects(context, row.deadline)
    certificates = _certificates(context)
    verdict = gravest(
        [
            (effects["uncertified"] + effects["overdue"] + certificates["week_late"] > 0, BROKEN),
            (certificates["roll_late"] + certificates["never_final"] > 0, Verdict.AT_RISK),
        ]
    )
    return found(
        verdict,
        **effects,
        **certificates,
        reason=_reason(certificates),
        page="admin:compliance_certificate_changelist",
    )


def _reason(certificates: dict[str, Any]) -> str:
    if certificates["roll_late"]:
        return "key_roll_late"
    return "key_in_environment" if certificates["never_final"] else ""


def _effects(context: CheckContext, deadline: Period | None) -> dict[str, int]:
    certified = Certificate.objects.filter(service=context.service, run_ref=OuterRef("object_ref"))
    mine = Effect.objects.filter(kind__in=DESTRUCTIONS, service_slug=context.service.slug)
    late = Q(state=State.INTENDED, intended_at__lt=_latest_begin(context, deadline))
    return mine.annotate(is_certified=Exists(certified)).aggregate(
        destructions=Count("pk"),
        uncertified=Count("pk", filter=Q(state=State.COMPLETED, is_certified=False)),
        overdue=Count("pk", filter=late),
    )


def _latest_begin(context: CheckContext, deadline: Period | None) -> datetime:
    """The moment before which a destruction must have begun to be late now; at once means one hour."""
    if deadline is None or deadline.is_zero:
        return context.now - AT_ONCE
    return context.now - (
        moment_after(context.now, deadline, context.policy.timezone) - context.now
    )


def _certificates(context: CheckContext) -> dict[str, Any]:
    waits = Q(final_at=None, final_on__isnull=False)
    late = context.now - 2 * epochs.interval()
    return Certificate.objects.filter(service=context.service).aggregate(
        certificates=Count("pk"),
        final=Count("pk", filter=Q(final_at__isnull=False)),
        roll_late=Count("pk", filter=waits & Q(destroyed_at__lt=late)),
        week_late=Count("pk", filter=waits & Q(destroyed_at__lt=late - WEEK)),
        never_final=Count("pk", filter=Q(final_at=None, final_on=None)),
    )
