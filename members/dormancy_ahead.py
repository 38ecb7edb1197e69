"""What the office sees of dormancy: rounds by state, the days ahead, and what waits for a person."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import Service
from compliance.policy_show import period_words
from compliance.rules.calendar import local_day, start_of_day, zone_of
from members import dormancy
from members.actions import dormancy_notice
from members.models import Dormancy
from members.rules.dormancy import Terms

DAYS = 60
State = Dormancy.State
LIST = "admin:members_dormancy_changelist"


@dataclass(frozen=True)
class Day:
    """How many people are told, set apart, or leave the separate storage on a local day."""

    day: date
    told: int
    apart: int
    ended: int


@dataclass(frozen=True)
class Ahead:
    """A service: its rules, rounds as (state, words, count), and the days ahead on which something happens.

    ``keep`` is how long people stay apart, in words; empty while the operator has not said.
    """

    service: Service
    keep: str
    terms: tuple[Terms, ...]
    states: tuple[tuple[str, str, int], ...]
    days: tuple[Day, ...]


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("members.dormancy", waiting)


def of_service(service: Service, now: datetime) -> Ahead:
    """Return the figures of a service in a constant number of queries."""
    terms = dormancy.terms_of(service)
    counts = Counter(dict(_rounds(service).values_list("state").annotate(n=Count("pk"))))
    states = tuple((str(one.value), str(one.label), counts[one.value]) for one in State)
    keep = period_words(service.dormant_keep) if service.dormant_keep else ""
    return Ahead(service, keep, terms, states, _days(service, terms, now) if terms else ())


def waiting(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """People whom no notice reached, and services that have not said how long dormant members stay apart."""
    found = []
    for service in services:
        if not dormancy.terms_of(service):
            continue
        unreached = _rounds(service).filter(
            state=State.UNREACHED, subject__status__in=dormancy.REACHABLE
        )
        count = unreached.count()
        if count:
            found.append(_unreached(service, count))
        if not service.dormant_keep:
            found.append(_no_end(service))
    return found


def _unreached(service: Service, count: int) -> Duty:
    return Duty(
        _("People to be told of their dormancy by telephone or in writing"),
        None,
        LIST,
        count,
        "open",
        query={"state__exact": str(State.UNREACHED.value)},
        service=service.name,
        permission="notices.manage",
    )


def _no_end(service: Service) -> Duty:
    return Duty(
        _("Say how long dormant members stay apart: the policy gives no end"),
        None,
        "admin:compliance_service_change",
        severity="note",
        url_args=(service.pk,),
        service=service.name,
        permission="services.manage",
    )


def _rounds(service: Service) -> QuerySet[Dormancy]:
    return Dormancy.objects.filter(service=service).order_by()


def _days(service: Service, terms: tuple[Terms, ...], now: datetime) -> tuple[Day, ...]:
    today = local_day(now, service.timezone)
    last = today + timedelta(days=DAYS)
    told = Counter[date]()
    for one in terms:
        for used_on, count in _uses(service, one, last):
            told[max(one.notice_on(used_on), today)] += count
    apart, ended = _moves(service, today), _ends(service, today)
    days = sorted(day for day in {*told, *apart, *ended} if day <= last)
    return tuple(Day(day, told[day], apart[day], ended[day]) for day in days)


def _uses(service: Service, terms: Terms, last: date) -> Iterator[tuple[date, int]]:
    """Last uses of people whose notice is due until a day and who have not been told yet."""
    until = start_of_day(last, service.timezone)
    people = dormancy_notice.to_tell(service, terms, until).order_by()
    return people.values_list("used_on").annotate(n=Count("pk")).iterator()


def _moves(service: Service, today: date) -> Counter[date]:
    found = Counter[date]()
    rows = dormancy.under_way(service).order_by()
    for day, count in rows.values_list("separate_on").annotate(n=Count("pk")):
        found[max(day, today)] += count
    return found


def _ends(service: Service, today: date) -> Counter[date]:
    keep, found = dormancy.keep_of(service), Counter[date]()
    if keep is None:
        return found
    day = TruncDate("apart_at", tzinfo=zone_of(service.timezone))
    rows = _rounds(service).filter(state=State.APART).annotate(day=day)
    for since, count in rows.values_list("day").annotate(n=Count("pk")):
        found[max(dormancy.ends_on(since, keep), today)] += count
    return found
