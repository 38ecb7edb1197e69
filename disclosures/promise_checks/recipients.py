"""Does everybody who is given data stand on the public list and under an agreement."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict
from disclosures.models import Recipient

SOON = timedelta(days=30)
PAGE = "admin:disclosures_recipient_changelist"


def recipient_posted(context: CheckContext) -> Finding:
    """Every running recipient of the row is on the public list; none registered yet waits for a person."""
    posted = Q(posted_on__isnull=False, posted_on__lte=context.today)
    running = _running(context).aggregate(running=Count("pk"), unposted=Count("pk", filter=~posted))
    return found(
        gravest(
            [
                (running["unposted"] > 0, Verdict.BROKEN),
                (running["running"] == 0, Verdict.WAITING_FOR_PERSON),
            ]
        ),
        **running,
        reason="" if running["running"] else "no_recipient",
        page=PAGE,
    )


def recipient_agreement(context: CheckContext) -> Finding:
    """Every running recipient of the row has an agreement that has not ended; at risk in its last 30 days."""
    over = Q(agreement_until__lt=context.today)
    ending = Q(agreement_until__gte=context.today, agreement_until__lte=context.today + SOON)
    running = _running(context).aggregate(
        running=Count("pk"),
        without_agreement=Count("pk", filter=Q(agreement_reference="")),
        agreement_over=Count("pk", filter=over),
        agreement_ending=Count("pk", filter=ending),
    )
    verdict = gravest(
        [
            (running["without_agreement"] + running["agreement_over"] > 0, Verdict.BROKEN),
            (running["agreement_ending"] > 0, Verdict.AT_RISK),
            (running["running"] == 0, Verdict.WAITING_FOR_PERSON),
        ]
    )
    return found(verdict, **running, reason="" if running["running"] else "no_recipient", page=PAGE)


def _running(context: CheckContext) -> QuerySet[Recipient]:
    ended = Q(ended_on=None) | Q(ended_on__gt=context.today)
    return Recipient.objects.filter(
        ended,
        service=context.service,
        policy_code=context.params.get("recipient"),
        since_on__lte=context.today,
    )
