"""What is checked once more in the window before a dormancy notice leaves: has the person come back, and which day?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members.models import Delivery, Dormancy
from members.rules import dormancy as rules

EVENT = "dormancy"


def days(rows: Sequence[Delivery], policy: Policy, now: datetime) -> Mapping[UUID, date]:
    """Return, by message, the first day of separation if it leaves now; absent where it must not leave.

    Absent are people who have used the service since, and policies that set nobody apart any more. One query.
    """
    ours = {row.pk: row for row in rows if row.event == EVENT}
    terms = {one.rule: one for one in rules.terms(policy)}
    if not ours or not terms:
        return {}
    today, found = local_day(now, policy.timezone), {}
    rounds = Dormancy.objects.filter(notice__in=ours, state=Dormancy.State.NOTICED)
    for one in rounds.select_related("subject"):
        used_on = local_day(one.subject.last_used_at, policy.timezone)
        if one.rule_code in terms and used_on == one.last_used_on:
            found[one.notice_id] = terms[one.rule_code].separate_on(used_on, today)
    return found
