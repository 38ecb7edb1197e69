"""Is everybody told before dormancy, set apart in time, and kept apart no longer than said (MIK-5.5a, b, c)."""

from datetime import date, timedelta

from django.db.models import QuerySet

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.calendar import local_day, start_of_day
from compliance.rules.policy_values import RetentionRule
from compliance.rules.promises import Verdict
from members import dormancy
from members.actions import dormancy_notice
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Delivery, Dormancy, Record, Restriction
from members.promise_checks.silence import is_silent
from members.rules import dormancy as rules
from members.rules.dormancy import Terms

NOTIFY = "dormancy.notify"
GRACE = timedelta(hours=2)  # The sweeps run every hour; after two they have failed.
PATIENCE = timedelta(hours=24)
ONE_DAY = timedelta(days=1)
State = Dormancy.State
OPEN = (Delivery.State.PENDING, Delivery.State.SENDING)


def noticed(context: CheckContext) -> Finding:
    """Whoever is due was written to; whoever was not reached waits for an officer, and is not moved (MIK-5.5a).

    Broken: somebody's notice is due and the sweep has stopped, or somebody is apart without having been told.
    """
    today = context.today
    not_told = sum(_not_told(context, one.newest_use_to_tell(today), one) for one in _all(context))
    silent = is_silent(context, NOTIFY)
    rounds = Dormancy.objects.filter(service=context.service)
    here = rounds.filter(subject__status__in=dormancy.REACHABLE)
    unreached = here.filter(state=State.UNREACHED).count()
    sending = here.filter(
        state=State.NOTICED,
        notice__state__in=OPEN,
        notice__created_at__lt=context.now - PATIENCE,
    ).count()
    moved_untold = rounds.filter(state=State.APART, told_on=None).count()
    verdict = gravest(
        [
            ((not_told > 0 and silent) or moved_untold > 0, Verdict.BROKEN),
            (not_told > 0 or sending > 0, Verdict.AT_RISK),
            (unreached > 0, Verdict.WAITING_FOR_PERSON),
        ]
    )
    return found(
        verdict,
        row=str(context.params.get("notice")),
        not_told=not_told,
        unreached=unreached,
        still_sending=sending,
        rounds_told=here.filter(state=State.TOLD).count(),
        moved_untold=moved_untold,
        sweep_silent=silent,
        page="admin:members_dormancy_changelist",
    )


def separation_met(context: CheckContext, rule: RetentionRule) -> Finding:
    """Nobody who was told is still in daily use after the period, and nobody apart is there in part or for too long.

    Somebody who could not be told stays where they are: that waits for an officer, and is no breach.
    """
    terms = next((one for one in _all(context) if one.rule == rule.code), None)
    if terms is None:
        return found(Verdict.WAITING_FOR_PERSON, reason="rule_without_notice")
    then, newest = context.now - GRACE, terms.newest_use_over(_day(context))
    rounds = Dormancy.objects.filter(service=context.service, rule_code=rule.code)
    untold = _not_told(context, newest, terms)
    figures = {
        "not_set_apart": _not_moved(context).count() + untold,
        "live_of_people_gone": _left_behind(context),
        "overdue": _overdue_apart(context),
        "storage_over": dormancy.storage_over(then, context.service).count(),
    }
    unreached = rounds.filter(
        state=State.UNREACHED, last_used_on__lte=newest, subject__status__in=dormancy.REACHABLE
    ).count()
    apart = rounds.filter(state=State.APART).count()
    has_end = bool(context.service.dormant_keep)
    verdict = gravest(
        [
            (any(figures.values()), Verdict.BROKEN),
            (unreached > 0 or (apart > 0 and not has_end), Verdict.WAITING_FOR_PERSON),
        ]
    )
    return found(
        verdict,
        row=rule.code,
        **figures,
        unreached=unreached,
        people_apart=apart,
        end_is_set=has_end,
        unused_since=newest,
        page="admin:members_dormancy_changelist",
    )


def _all(context: CheckContext) -> tuple[Terms, ...]:
    return rules.terms(context.policy)


def _day(context: CheckContext) -> date:
    return local_day(context.now - GRACE, context.policy.timezone)


def _not_told(context: CheckContext, newest: date, terms: Terms) -> int:
    """People of whom no round says that they are being told, with a last use up to a day."""
    before = start_of_day(newest + ONE_DAY, context.policy.timezone)
    people = dormancy_notice.to_tell(context.service, terms, context.now)
    return people.filter(last_used_at__lt=before).count()


def _not_moved(context: CheckContext) -> QuerySet[Dormancy]:
    """People who could have gone two hours ago; a dispute or a message under way keeps them here."""
    under_way = Delivery.objects.filter(finished_at=None, subject__isnull=False)
    rows = dormancy.may_be_moved(context.now - GRACE, context.service)
    free = rows.filter(subject__status=DataSubject.Status.ACTIVE)
    return free.exclude(subject__in=under_way.values("subject"))


def _left_behind(context: CheckContext) -> int:
    """Live records of people whose move should have ended two hours ago."""
    moved = Dormancy.objects.filter(
        service=context.service, state=State.APART, apart_at__lt=context.now - GRACE
    )
    return Record.objects.filter(subject__in=moved.values("subject")).count()


def _overdue_apart(context: CheckContext) -> int:
    """Records of dormant people past their own day, which no hold postpones (MIK-5.5c)."""
    rows = ArchivedRecord.objects.filter(
        subject__service_slug=context.service.slug,
        subject__why=ArchivedSubject.Why.DORMANT,
        due_on__lt=_day(context),
    )
    people = list(rows.values_list("subject__public_id", flat=True)[:1_000])
    held = Restriction.objects.filter(
        subject__public_id__in=people, ended_at=None, blocks_destruction=True
    )
    postponed = set(held.values_list("subject__public_id", flat=True))
    return sum(person not in postponed for person in people)
