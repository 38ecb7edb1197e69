"""Sample members who stopped coming: told, reached by nobody, set apart, come back, their oldest orders destroyed.

Nothing is written by hand but the people. The months behind them are lived through by the actions of the house,
one day after the other, so that every page has something to show on the first day of a demo.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from compliance import ledger
from compliance.models import Service
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members import dormancy
from members.actions import delivery_send, destruction, dormancy_move, dormancy_notice
from members.imports import samples
from members.imports.sample_people import People, SampleEvent, SamplePerson
from members.models import DataSubject, Dormancy
from members.rules.event_check import record_classes

KIND, ORDERS, ADDRESS = "member", "contract_records", "email"
FIRST = 900_000  # Their numbers, away from all others of the same seed.
ORDERS_KEPT = 5  # Years that the sample orders are kept for.
DAYS_AGO = (65, 30, 9)  # The days that are lived through.
RETURN_AGO = timedelta(days=3)
HOUR = timedelta(hours=1)
MAIL_SECONDS = 10.0


@dataclass(frozen=True)
class Group:
    """How many people, days since their last use, orders each, and the days from today to the end of those."""

    people: int
    idle: int
    orders: int = 0
    orders_end_in: int = 0
    with_address: bool = True


GROUPS = (
    Group(3, idle=430, orders=2, orders_end_in=-1),  # Apart; their orders are destroyed today.
    Group(12, idle=410, orders=9, orders_end_in=2),  # Apart; a plan for their orders waits.
    Group(5, idle=345),  # Told.
    Group(2, idle=346, with_address=False),  # Reached by nobody.
)


def put_in(service: Service, *, seed: int, now: datetime) -> int:
    """Put the people of ``GROUPS`` in and live through their months; return how many, none the second time.

    Sends the messages of those days, so only a demo may call this. Services whose policy sets nobody apart get none.
    """
    version = policy_in_force(service)
    if version is None or not dormancy.terms_of(service):
        return 0
    policy = policy_values(version)
    people = list(_people(policy, seed, now))
    count = samples.put_in_people(service, version, policy, people, now)
    if count:
        for days in DAYS_AGO:
            _live_through(service, now - timedelta(days=days))
        _bring_one_back(service, now - RETURN_AGO)
        destruction.destroy_due(service, now=now)
    return count


def _people(policy: Policy, seed: int, now: datetime) -> Iterator[SamplePerson]:
    people, number = People(policy, seed, now), FIRST
    for group in GROUPS:
        for person in people.make(KIND, number, number + group.people):
            yield _aged(person, group, policy, now)
        number += group.people


def _aged(person: SamplePerson, group: Group, policy: Policy, now: datetime) -> SamplePerson:
    """The same person, who joined six years ago and has not come since the days of the group."""
    ordered_on = _years_before(
        local_day(now, policy.timezone) + timedelta(days=group.orders_end_in)
    )
    orders = range(group.orders if ORDERS in record_classes(policy) else 0)
    at = datetime.combine(ordered_on, now.timetz())
    return replace(
        person,
        joined_at=now - timedelta(days=2_190),
        last_used_at=now - timedelta(days=group.idle),
        values={
            item: value
            for item, value in person.values.items()
            if group.with_address or item != ADDRESS
        },
        events=tuple(_order(person, place, at, ordered_on) for place in orders),
    )


def _order(person: SamplePerson, place: int, at: datetime, day: date) -> SampleEvent:
    return SampleEvent(
        record_class=ORDERS,
        reference=f"{person.reference}-{place}",
        occurred_at=at,
        values={ORDERS: f"{place + 1} x sale, {place + 2}0,000"},
        anchors={"contract": day.isoformat()},
    )


def _years_before(day: date) -> date:
    """The same day years ago; of the last days of a month the 28th, which every month has."""
    return day.replace(year=day.year - ORDERS_KEPT, day=min(day.day, 28))


def _live_through(service: Service, now: datetime) -> None:
    """One day of the house: notices written and mailed, their results noted, people set apart."""
    dormancy_notice.notify_due(now)
    delivery_send.send_until(now, seconds=MAIL_SECONDS)
    dormancy_notice.notify_due(now + HOUR)
    dormancy_move.set_apart(now + 2 * HOUR, service)


def _bring_one_back(service: Service, now: datetime) -> None:
    """Somebody who was set apart signs in again."""
    sleepers = DataSubject.objects.filter(
        service=service, dormancy__state=Dormancy.State.APART
    ).order_by("pk")
    for person in sleepers[:1]:
        dormancy_move.bring_back(person, now, actor=ledger.THEMSELVES)
