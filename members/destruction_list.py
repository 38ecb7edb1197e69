"""What is due for destruction now and in the next days, by clause, rule and record class, with exact numbers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.models import Service
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members import words
from members.actions import destruction_due, destruction_plan
from members.actions.destruction_due import Holds, Span

DAYS_SHOWN = 7


@dataclass(frozen=True)
class DueLine:
    """Records of one class and rule with the same last day; ``postponed`` of them are bound by a hold.

    ``title`` and ``rule`` name class and rule in the words of the policy.

    ``days_over`` counts from the day on which they could go first: 0 is that day, below 0 lies ahead.
    """

    last_day: date
    days_over: int
    clause: str
    rule: str
    title: str
    record_class: str
    stated: bool
    records: int
    postponed: int

    @property
    def is_overdue(self) -> bool:
        """True where records that nothing postpones should have gone on an earlier day."""
        return self.days_over > 0 and self.records > self.postponed


def due_lines(service: Service, *, now: datetime, days: int = DAYS_SHOWN) -> list[DueLine]:
    """Return what is due today or in the next days, the oldest last day first."""
    today = local_day(now, service.timezone)
    span, holds = Span(service, None, today + timedelta(days=days)), Holds(service)
    postponed = destruction_due.held_lines(span, holds) if holds.exist else {}
    policy = _policy(service)
    return [
        _line(key, n, postponed.get(key, 0), today, policy)
        for key, n in sorted(destruction_due.lines(span).items())
    ]


def unplanned(service: Service, *, now: datetime) -> dict[str, int]:
    """Return how many free records are past their last day and in no open plan, by clause or else by rule in words."""
    today, policy = local_day(now, service.timezone), _policy(service)
    plans, holds = destruction_plan.open_plans(service), Holds(service)
    found: dict[str, int] = {}
    for span in destruction_plan.uncovered(service, plans, today):
        free = destruction_due.lines(span)
        free.subtract(destruction_due.held_lines(span, holds) if holds.exist else {})
        for (_, _, rule, clause), n in free.items():
            name = clause or words.rule(policy, rule)
            found[name] = found.get(name, 0) + n
    return {name: n for name, n in found.items() if n}


def _policy(service: Service) -> Policy | None:
    version = policy_in_force(service)
    return policy_values(version) if version else None


def _line(
    key: tuple[date, str, str, str],
    records: int,
    postponed: int,
    today: date,
    policy: Policy | None,
) -> DueLine:
    last_day, record_class, rule, clause = key
    row = policy.retention_by_code.get(rule) if policy else None
    return DueLine(
        last_day=last_day,
        days_over=(today - last_day).days - 1,
        clause=clause or (row.clause if row else ""),
        rule=words.rule(policy, rule),
        title=words.record_class(policy, record_class) if policy else record_class,
        record_class=record_class,
        stated=row.stated if row else False,
        records=records,
        postponed=postponed,
    )
