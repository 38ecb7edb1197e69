"""Who may be set apart as dormant, and the rounds of a service; set-based, nothing is written here."""

from datetime import date, datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate

from compliance.models import Service
from compliance.rules.calendar import Period, first_day_after, local_day, start_of_day, zone_of
from compliance.selectors import policy_in_force, policy_values
from members.models import DataSubject, Delivery, Dormancy
from members.rules import dormancy as rules
from members.rules.dormancy import Terms

REACHABLE = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)
State = Dormancy.State
ONE_DAY = timedelta(days=1)


def terms_of(service: Service) -> tuple[Terms, ...]:
    """Return the dormancy rules in force at a service; empty where its policy has none."""
    version = policy_in_force(service)
    return rules.terms(policy_values(version)) if version else ()


def may_be_moved(now: datetime, service: Service) -> QuerySet[Dormancy]:
    """Return the rounds whose people may be set apart now: told, the days over, not used since.

    Everybody else stays: without a notice that was sent, or another way of telling that an officer noted,
    nobody is moved (MIK-5.5b).
    """
    today = local_day(now, service.timezone)
    rows = _unchanged(service).filter(state=State.TOLD, separate_on__lte=today)
    told = Q(notice__state=Delivery.State.SENT) | Q(told_by__isnull=False)
    return rows.filter(told, _period_over(service, now))


def under_way(service: Service) -> QuerySet[Dormancy]:
    """Return the rounds that end in a separation if nobody comes back: told, or about to be."""
    return _unchanged(service).filter(state__in=(State.NOTICED, State.TOLD))


def _unchanged(service: Service) -> QuerySet[Dormancy]:
    """Rounds of people in daily use whose last use is still the one they were told about."""
    used_on = TruncDate("subject__last_used_at", tzinfo=zone_of(service.timezone))
    rows = Dormancy.objects.filter(service=service, subject__status__in=REACHABLE)
    return rows.alias(used_on=used_on).filter(used_on=F("last_used_on"))


def _period_over(service: Service, now: datetime) -> Q:
    """The rules as they are now still say so: a longer period that took effect since lets nobody go early."""
    today, found = local_day(now, service.timezone), Q(pk__in=[])
    for terms in terms_of(service):
        found |= Q(subject__kind__in=terms.kinds, last_used_on__lte=terms.newest_use_over(today))
    return found


def keep_of(service: Service) -> Period | None:
    """Return how long dormant members stay apart; None until the operator has set it."""
    return Period.parse(service.dormant_keep) if service.dormant_keep else None


def storage_over(now: datetime, service: Service) -> QuerySet[Dormancy]:
    """Return the rounds of people apart whose separate storage is over; none where no period is set."""
    keep, rows = keep_of(service), Dormancy.objects.filter(service=service, state=State.APART)
    if keep is None:
        return rows.none()
    newest = rules.newest_start_over(keep, local_day(now, service.timezone))
    return rows.filter(apart_at__lt=start_of_day(newest + ONE_DAY, service.timezone))


def ends_on(apart_on: date, keep: Period) -> date:
    """Return the first day after separate storage that began on a day."""
    return first_day_after(apart_on, keep)
