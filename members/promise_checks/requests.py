"""Was every right answered in time, every membership ended completely, every leaver told."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from compliance.models import Certificate
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict
from members.models import (
    DataSubject,
    Delivery,
    Record,
    RightsRequest,
    UntoldDestruction,
    Withdrawal,
)
from members.rules.requests import CHANNELS

AT_ONCE = timedelta(hours=1)
SOON = timedelta(hours=24)
LOOK_BACK = timedelta(days=365)
Kind, State, Step = RightsRequest.Kind, RightsRequest.State, Withdrawal.Step
KINDS = {
    "access": (Kind.ACCESS,),
    "correction": (Kind.RECTIFICATION,),
    "deletion": (Kind.ERASURE,),
    "withdrawal": (Kind.CONSENT_WITHDRAWAL,),
    "leave_membership": (Kind.MEMBERSHIP_WITHDRAWAL,),
    "transaction_access": (Kind.TRANSACTION_ACCESS,),
    "disclosure_refusal": (Kind.OBJECTION,),
    "marketing_refusal": (Kind.OBJECTION, Kind.CONSENT_WITHDRAWAL),
    "enquiry": (Kind.ENQUIRY,),
    "complaint": (Kind.COMPLAINT,),
}


def right_in_time(context: CheckContext) -> Finding:
    """No request of the right is open past its due moment, and none of the last 12 months was closed late."""
    kinds = KINDS.get(str(context.params.get("right")))
    if kinds is None:
        return found(Verdict.NOT_BUILT, reason="right_not_built")
    figures = _figures(_requests(context, kinds), context)
    verdict = gravest(
        [
            (figures["open_past_due"] + figures["closed_late"] > 0, Verdict.BROKEN),
            (figures["due_within_24_hours"] + figures["open_undated"] > 0, Verdict.AT_RISK),
        ]
    )
    return found(verdict, **figures, page="admin:members_rightsrequest_changelist")


def _requests(context: CheckContext, kinds: Iterable[str]) -> QuerySet[RightsRequest]:
    words = set(str(context.params.get("channels", "")).split(","))
    channels = {channel for channel, served in CHANNELS.items() if words.intersection(served)}
    requests = RightsRequest.objects.filter(service=context.service, kind__in=kinds)
    return requests.filter(channel__in=channels) if channels else requests


def _figures(requests: QuerySet[RightsRequest], context: CheckContext) -> dict[str, int]:
    """One query. A request that is due the moment it comes in has one hour."""
    now, is_open = context.now, Q(state__in=(State.OPEN, State.WAITING))
    at_once = Q(due_at=F("received_at"))
    past = (at_once & Q(due_at__lt=now - AT_ONCE)) | (~at_once & Q(due_at__lt=now))
    late = (at_once & Q(closed_at__gt=F("due_at") + AT_ONCE)) | (
        ~at_once & Q(closed_at__gt=F("due_at"))
    )
    soon = ~at_once & Q(due_at__gte=now, due_at__lt=now + SOON)
    figures: dict[str, int] = requests.aggregate(
        requests=Count("pk"),
        open_past_due=Count("pk", filter=is_open & past),
        closed_late=Count("pk", filter=~is_open & late & Q(closed_at__gte=now - LOOK_BACK)),
        due_within_24_hours=Count("pk", filter=is_open & soon),
        open_undated=Count("pk", filter=is_open & Q(due_at=None)),
    )
    return figures


def withdrawal_complete(context: CheckContext) -> Finding:
    """No withdrawal is open for more than an hour; every finished one is certified and left nothing in daily use."""
    mine = Withdrawal.objects.filter(request__service=context.service)
    certified = Certificate.objects.filter(
        service=context.service,
        run_ref=Concat(
            Value("withdrawal:"), Cast(OuterRef("pk"), CharField()), output_field=CharField()
        ),
    )
    figures = mine.annotate(is_certified=Exists(certified)).aggregate(
        withdrawals=Count("pk"),
        open_too_long=Count(
            "pk", filter=~Q(step=Step.COMPLETE) & Q(began_at__lt=context.now - AT_ONCE)
        ),
        uncertified=Count("pk", filter=Q(step=Step.COMPLETE, is_certified=False)),
    )
    left = Record.objects.filter(
        subject__service=context.service, subject__status=DataSubject.Status.WITHDRAWN
    ).count()
    still_in = mine.filter(subject__account__is_active=True).count()
    wrong = figures["open_too_long"] + figures["uncertified"] + left + still_in
    return found(
        gravest([(wrong > 0, Verdict.BROKEN)]),
        **figures,
        records_left_behind=left,
        sign_in_still_open=still_in,
    )


def confirmation_sent(context: CheckContext) -> Finding:
    """Every finished withdrawal was confirmed, and nobody waits to be told of a destruction (X-MIK-31).

    What could not be delivered waits for a person. Whoever was told today is told of the rest tomorrow.
    """
    finished = Withdrawal.objects.filter(
        request__service=context.service, step=Step.COMPLETE
    ).count()
    states = Delivery.State
    told = Delivery.objects.filter(
        service=context.service, kind=Delivery.Kind.CONFIRMATION
    ).aggregate(
        confirmations=Count("pk"),
        sent=Count("pk", filter=Q(state=states.SENT)),
        failed=Count("pk", filter=Q(state__in=(states.FAILED, states.REFUSED, states.CANCELLED))),
        unreachable=Count("pk", filter=Q(state=states.UNREACHABLE)),
        waiting_too_long=Count(
            "pk", filter=Q(finished_at=None, created_at__lt=context.now - AT_ONCE)
        ),
        final=Count("pk", filter=Q(finished_at__isnull=False, event="withdrawal_confirmed")),
    )
    missing = max(0, finished - told.pop("final"))
    untold = UntoldDestruction.objects.filter(
        service=context.service, destroyed_at__lt=context.now - SOON - AT_ONCE
    ).count()
    verdict = gravest(
        [
            (missing + untold + told["waiting_too_long"] > 0, Verdict.BROKEN),
            (told["failed"] + told["unreachable"] > 0, Verdict.WAITING_FOR_PERSON),
        ]
    )
    return found(
        verdict,
        finished=finished,
        missing=missing,
        destructions_untold=untold,
        **told,
        page="admin:members_delivery_changelist",
    )
