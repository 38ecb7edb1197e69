"""Is what must lie apart really apart, used for nothing else, and a digest no more than a digest."""

from django.conf import settings
from django.db.models import QuerySet

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import gate
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.promises import Verdict
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import DataSubject, Record
from members.promise_checks.retention import GRACE

Status = DataSubject.Status


def segregated(context: CheckContext) -> Finding:
    """Nobody who left or sleeps has live records, the archive is another database, and the gate refuses other uses."""
    rule = context.policy.retention_by_code.get(str(context.params.get("rule")))
    if rule is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    live = _left_in_use(context, rule).count()
    apart = ArchivedRecord.objects.filter(
        subject__service_slug=context.service.slug, rule_code=rule.code
    ).count()
    same, leaks = _same_database(), _uses_let_through(context.policy, rule)
    return found(
        gravest([(live > 0 or same or leaks > 0, Verdict.BROKEN)]),
        row=rule.code,
        live_of_people_gone=live,
        kept_apart=apart,
        same_database=same,
        other_uses_allowed=leaks,
        purposes_allowed=len(rule.allowed_purposes),
    )


def _left_in_use(context: CheckContext, rule: RetentionRule) -> QuerySet[Record]:
    """Live records of people gone: of the rule's class, and of sleepers every one, as a dormancy rule has no class."""
    rows = Record.objects.filter(subject__service=context.service)
    if _is_dormancy(rule):
        return rows.filter(subject__status=Status.DORMANT)
    gone = rows.filter(subject__status__in=(Status.WITHDRAWN, Status.DORMANT))
    return gone.filter(record_class=rule.record_class)


def _is_dormancy(rule: RetentionRule) -> bool:
    return rule.action == "separate"


def _same_database() -> bool:
    homes = (settings.DATABASES[name] for name in ("default", "archive", "keyring"))
    return len({(home.get("HOST"), home.get("PORT"), str(home["NAME"])) for home in homes}) < 3


def _uses_let_through(policy: Policy, rule: RetentionRule) -> int:
    """Ask the gate for every purpose that no keeping rule allows; each answer but no is a leak (MIK-5.2a)."""
    leaks, status = 0, "dormant" if _is_dormancy(rule) else "withdrawn"
    for kind in rule.subjects:
        facts = gate.Facts(kind=kind, status=status, segregated=True)
        for purpose in policy.purposes:
            items = [
                item for item in rule.items if not _may_serve(policy, kind, item, purpose.code)
            ]
            leaks += len(
                gate.decide(policy, facts, purpose=purpose.code, items=items).allowed_items
            )
    return leaks


def _may_serve(policy: Policy, kind: str, item: str, purpose: str) -> bool:
    return any(
        purpose in rule.allowed_purposes
        and kind in rule.subjects
        and item in (*rule.items, *rule.identity_items)
        for rule in policy.retention
    )


def rejoin_hold_kept(context: CheckContext) -> Finding:
    """Of a leaver's identity only keyed digests of the named items are held, and none past its day (MIK-5.4a)."""
    rule = context.policy.retention_by_code.get(str(context.params.get("rule")))
    if rule is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    digests = RejoinDigest.objects.filter(service_slug=context.service.slug, rule_code=rule.code)
    readable = ArchivedRecord.objects.filter(
        subject__service_slug=context.service.slug, rule_code=rule.code
    ).count()
    past = digests.filter(
        due_on__lt=local_day(context.now - GRACE, context.policy.timezone)
    ).count()
    fields = set(digests.values_list("field", flat=True).distinct())
    other = sorted(fields - {*rule.items, *rule.identity_items})
    return found(
        gravest([(past > 0 or readable > 0 or bool(other), Verdict.BROKEN)]),
        row=rule.code,
        digests=digests.count(),
        past_their_day=past,
        readable_records=readable,
        items_not_named=len(other),
    )
