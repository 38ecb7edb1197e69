"""What the end of dormant memberships leaves to destroy, by the leaving rules: counted, nobody listed, nothing opened.

Records apart that no law protects have no last day until the membership ends; then each meets the fate that leaving
gives its class. What the law protects keeps its own day and is counted there; only copies of identity items that
travel along with it begin at the end. Nobody can know today what a person will still agree to or dispute until then.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache, partial

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from compliance.models import Service
from compliance.rules.calendar import Period, local_day
from compliance.rules.policy_values import Policy
from members import dormancy
from members.archive.models import ArchivedRecord, ArchivedSubject, Arrival
from members.rejoin import IDENTIFYING
from members.rules import forecast as rules
from members.rules import leaving
from members.rules.forecast import Line
from members.rules.leaving import MOVED, Held, Part

DESTROY, RELEASE = "destroy_if_ended", "release_if_ended"


def lines(service: Service, policy: Policy, keep: Period, today: date) -> Iterator[Line]:
    """Return what follows on and after the end of the storage of everybody who is apart now; two queries."""
    plan = cache(partial(_plan, policy))
    ending = _apart(service).filter(due_on=None).order_by()
    groups = ending.values_list(
        "subject__archived_at", "subject__kind", "record_class", "item_codes"
    )
    for at, kind, record_class, items, n in groups.annotate(n=Count("pk")):
        on = max(dormancy.ends_on(local_day(at, service.timezone), keep), today)
        for part in plan(kind, record_class, tuple(items), on):
            yield from _of_part(part, on, n)
    yield from _copies(service, policy, keep, today)


def _apart(service: Service) -> QuerySet[ArchivedRecord]:
    moving = Arrival.objects.filter(pk=OuterRef("subject__arrival"))
    mine = ArchivedRecord.objects.filter(subject__service_slug=service.slug)
    return mine.filter(~Exists(moving), subject__why=ArchivedSubject.Why.DORMANT)


def _plan(
    policy: Policy, kind: str, record_class: str, items: tuple[str, ...], on: date
) -> tuple[Part, ...]:
    return leaving.plan(policy, kind, [Held("one", record_class, items, {})], on)


def _of_part(part: Part, on: date, records: int) -> Iterator[Line]:
    named = (part.clause, part.rule, part.record_class)
    if part.outcome == "destroy":
        yield Line(on, DESTROY, *named, records)
    elif part.last_day is None:
        return
    elif part.outcome in MOVED:
        yield Line(rules.acts_on(part.last_day, on), DESTROY, *named, records)
    else:
        digests = records * sum(item in IDENTIFYING for item in part.items)
        yield Line(rules.acts_on(part.last_day, on), RELEASE, *named, digests)


def _copies(service: Service, policy: Policy, keep: Period, today: date) -> Iterator[Line]:
    """One copy of the identity items for each person and rule of which a record outlives the membership."""
    travelling = [row.code for row in policy.retention if row.identity_items]
    rows = ArchivedRecord.objects.filter(rule_code=OuterRef("rule_code"))
    same = rows.filter(subject=OuterRef("subject"))
    later = Q(due_on__gt=OuterRef("due_on")) | Q(due_on=OuterRef("due_on"), pk__gt=OuterRef("pk"))
    last = _apart(service).filter(~Exists(same.filter(later)), rule_code__in=travelling)
    groups = last.exclude(due_on=None).order_by()
    columns = ("subject__archived_at", "rule_code", "record_class", "clause", "due_on")
    for at, rule, record_class, clause, due_on, n in groups.values_list(*columns).annotate(
        n=Count("pk")
    ):
        on = max(dormancy.ends_on(local_day(at, service.timezone), keep), today)
        if due_on >= on:
            yield Line(rules.acts_on(due_on, on), DESTROY, clause, rule, record_class, n)
