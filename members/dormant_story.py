"""Dormancy of one person in one or two sentences: since when apart and until when, or when that would begin."""

from datetime import date, datetime

from compliance.models import Service
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.rules.retention import Dormant
from members import dormancy, story
from members.models import DataSubject, Dormancy
from members.rules.dormancy import Terms, terms, terms_for

WAITING = (Dormancy.State.NOTICED, Dormancy.State.TOLD, Dormancy.State.UNREACHED)


def of_person(person: DataSubject, policy: Policy, *, now: datetime) -> str:
    """Tell what dormancy means for a person; empty where the policy has no such rule for this kind of person."""
    if person.status == DataSubject.Status.DORMANT:
        dormant = dormant_of(person.public_id, person.service, policy)
        return story.of_dormant(dormant) if dormant else ""
    rule = terms_for(policy, person.kind)
    if rule is None or person.status not in dormancy.REACHABLE:
        return ""
    return story.before_dormancy(rule, _begins_on(person, rule, now), person.service.name)


def dormant_of(public_id: str, service: Service, policy: Policy) -> Dormant | None:
    """Return since when somebody is apart as dormant, by which clause, and when that ends; one query."""
    apart = Dormancy.objects.filter(service=service, state=Dormancy.State.APART)
    row = apart.filter(subject__public_id=public_id).first()
    if row is None or row.apart_at is None:
        return None
    since, keep = local_day(row.apart_at, service.timezone), dormancy.keep_of(service)
    clause = next((one.clause for one in terms(policy) if one.rule == row.rule_code), "")
    return Dormant(since, clause, dormancy.ends_on(since, keep) if keep else None)


def _begins_on(person: DataSubject, rule: Terms, now: datetime) -> date:
    """The first day of separation if the person never comes back: that of the notice, where one was written."""
    zone = person.service.timezone
    used_on, today = local_day(person.last_used_at, zone), local_day(now, zone)
    told = Dormancy.objects.filter(subject=person, last_used_on=used_on, state__in=WAITING)
    separate_on = told.values_list("separate_on", flat=True).first()
    return max(separate_on or rule.sleeps_on(used_on, today), today)
