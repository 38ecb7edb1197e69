"""Was every question and complaint answered, in time, and does every open dispute hold up destruction."""

from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict
from members.models import Enquiry, Restriction, RightsRequest
from members.rules.enquiry import opens_dispute, warn_at

State = RightsRequest.State
OPEN = (State.OPEN, State.WAITING)
LOOK_BACK = timedelta(days=365)
A_MONTH = timedelta(days=30)
ALL = 100


def answered(context: CheckContext) -> Finding:
    """No case was closed without an answer, none is open past its moment, none was late in the last 12 months.

    At risk as soon as five sixths of the time of an open case are over (MIK-17.3b: 20 of 24 hours). Where complaints
    are disputes, each open one of a known person holds up destruction (KRN-8).
    """
    cases = Enquiry.objects.filter(service=context.service)
    figures = _figures(cases, context)
    about_to_be_late = _about_to_be_late(cases, context)
    without_hold = _without_hold(cases) if opens_dispute(context.policy) else 0
    broken = figures["closed_unanswered"] + figures["open_past_due"] + figures["closed_late"]
    verdict = gravest(
        [
            (broken + without_hold > 0, Verdict.BROKEN),
            (about_to_be_late > 0, Verdict.AT_RISK),
        ]
    )
    recent, in_time = figures.pop("recent"), figures.pop("recent_in_time")
    return found(
        verdict,
        **figures,
        about_to_be_late=about_to_be_late,
        without_hold=without_hold,
        answered_in_30_days=recent,
        in_time_percent=in_time * ALL // recent if recent else ALL,
        page="admin:members_enquiry_changelist",
    )


def _figures(cases: QuerySet[Enquiry], context: CheckContext) -> dict[str, int]:
    """One query."""
    now, closed = context.now, Q(closed_at__isnull=False)
    lately = closed & Q(closed_at__gte=now - A_MONTH)
    late = Q(closed_at__gt=F("due_at"))
    figures: dict[str, int] = cases.aggregate(
        requests=Count("pk"),
        closed_unanswered=Count("pk", filter=closed & Q(answered_at=None)),
        closed_late=Count("pk", filter=closed & late & Q(closed_at__gte=now - LOOK_BACK)),
        open_past_due=Count("pk", filter=Q(state__in=OPEN, due_at__lt=now)),
        open_undated=Count("pk", filter=Q(state__in=OPEN, due_at=None)),
        recent=Count("pk", filter=lately),
        recent_in_time=Count("pk", filter=lately & ~late),
    )
    return figures


def _about_to_be_late(cases: QuerySet[Enquiry], context: CheckContext) -> int:
    waiting = cases.filter(state__in=OPEN, due_at__gte=context.now)
    moments = waiting.values_list("received_at", "due_at").iterator()
    warnings = (warn_at(received_at, due_at) for received_at, due_at in moments)
    return sum(1 for moment in warnings if moment is not None and moment <= context.now)


def _without_hold(cases: QuerySet[Enquiry]) -> int:
    holds = Restriction.objects.filter(
        request=OuterRef("pk"), ended_at=None, blocks_destruction=True
    )
    disputes = cases.filter(
        state__in=OPEN, kind=RightsRequest.Kind.COMPLAINT, subject__isnull=False
    )
    return disputes.exclude(Exists(holds)).count()
