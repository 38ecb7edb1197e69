"""Are purchasers without account served and protected like members: same rights, same terms, same seal (MIK-10.4)."""

from django.db.models import Count, F, Q

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict
from members.models import MEMBER_KINDS, PURCHASER_KINDS, Record, RightsRequest
from members.promise_checks.requests import AT_ONCE, LOOK_BACK

OPEN = Q(state__in=(RightsRequest.State.OPEN, RightsRequest.State.WAITING))


def protected(context: CheckContext) -> Finding:
    """No request of a purchaser waits past its moment, and none of their records lies here without a seal.

    The figures of members stand beside them, so that a difference shows.
    """
    facts: dict[str, int] = {}
    wrong = 0
    for name, kinds in (("purchasers", PURCHASER_KINDS), ("members", MEMBER_KINDS)):
        late = _late(context, kinds)
        kept = _kept(context, kinds)
        facts |= {f"{name}_{what}": n for what, n in (*late.items(), *kept.items())}
        if name == "purchasers":
            wrong = late["requests_late"] + kept["records_unsealed"]
    return found(gravest([(wrong > 0, Verdict.BROKEN)]), **facts)


def _late(context: CheckContext, kinds: tuple[str, ...]) -> dict[str, int]:
    now = context.now
    at_once = Q(due_at=F("received_at"))
    past = (at_once & Q(due_at__lt=now - AT_ONCE)) | (~at_once & Q(due_at__lt=now))
    closed_late = Q(closed_at__gt=F("due_at") + AT_ONCE, closed_at__gte=now - LOOK_BACK)
    mine = RightsRequest.objects.filter(service=context.service, subject__kind__in=kinds).exclude(
        kind=RightsRequest.Kind.MEMBERSHIP_WITHDRAWAL
    )
    told: dict[str, int] = mine.aggregate(
        requests=Count("pk"),
        requests_late=Count("pk", filter=(OPEN & past) | (~OPEN & closed_late)),
    )
    return told


def _kept(context: CheckContext, kinds: tuple[str, ...]) -> dict[str, int]:
    """How many records there are, and how many have no seal; their last days are told rule by rule, for all kinds."""
    mine = Record.objects.filter(subject__service=context.service, subject__kind__in=kinds)
    told: dict[str, int] = mine.aggregate(
        records=Count("pk"), records_unsealed=Count("pk", filter=Q(sealed=b""))
    )
    return told
