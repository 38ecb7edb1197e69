"""Tell people again, every two years, that they agreed to advertising, and give them one click to end it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import override

from compliance.models import Service
from compliance.rules.calendar import local_day, start_of_day
from compliance.rules.policy_values import Policy
from compliance.sweeps import Report
from members import choices
from members.actions import delivery
from members.contacts import language_of
from members.gate import policy_for
from members.models import Answer, ConsentState, DataSubject, Delivery
from members.rules import marketing_reminder as rule

EVENT = "marketing_reminder"
MOST = 1_000  # People of a service in one turn; the others follow in the next.
ONE_DAY = timedelta(days=1)


def plan_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Write the reminders that are due in every open service; ``done`` counts people."""
    report = Report()
    for service in Service.objects.live():
        policy = policy_for(service, now)
        due = _due(service, policy, now)
        if dry_run:
            report.done += due.count()
            continue
        for person in due.order_by("pk")[:MOST]:
            _plan(person, policy, now)
            report.done += 1
    return report


def agreed(lines: Collection[choices.Line]) -> list[choices.Line]:
    """Return the questions about a channel that a person said yes to."""
    return [line for line in lines if line.choice.channel and line.agreed]


def _due(service: Service, policy: Policy, now: datetime) -> QuerySet[DataSubject]:
    """People here whose agreement on a channel, and whose last reminder, are older than the period."""
    newest = rule.newest_due(policy, local_day(now, service.timezone))
    people = DataSubject.objects.filter(service=service).reachable().select_related("service")
    if newest is None:
        return people.none()
    over = start_of_day(newest + ONE_DAY, service.timezone)
    said_yes = ConsentState.objects.filter(
        answer=Answer.AGREED, purpose__in=rule.purposes(policy), since__lt=over
    ).exclude(channel="")
    told = Delivery.objects.filter(event=EVENT, subject=OuterRef("pk"), created_at__gte=over)
    return people.filter(pk__in=said_yes.values("subject")).exclude(Exists(told))


def _plan(person: DataSubject, policy: Policy, now: datetime) -> None:
    language = language_of(person, policy)
    with override(language):
        lines = agreed(choices.lines(person, policy))
    said = [
        {"question": line.title, "since": line.since.isoformat() if line.since else ""}
        for line in lines
    ]
    day = local_day(now, person.service.timezone).isoformat()
    delivery.plan_receipt(person, EVENT, day, language=language, figures={"agreed": said}, now=now)
