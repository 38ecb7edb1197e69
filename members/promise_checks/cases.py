"""Is anybody held by a rule for flagged cases without a case, or with one that nobody looked at again (X-LEJ-1)."""

from datetime import timedelta

from compliance.promises import CheckContext, Finding, gravest
from compliance.rules.policy_values import RetentionRule
from compliance.rules.promises import Verdict, worst
from members.archive.models import ArchivedRecord
from members.models import CaseFlag, Record

PATIENCE = timedelta(days=30)  # A review may wait that long before the promise is at risk.


def with_cases(context: CheckContext, rule: RetentionRule, finding: Finding) -> Finding:
    """Add to a finding what only rules for flagged cases promise: zero holds without a reason, yearly review."""
    unfounded = _without_case(context, rule)
    running = CaseFlag.objects.filter(
        service=context.service, rule_code=rule.code, ended_at=None
    ).exclude(confirmed_at=None)
    late = running.filter(review_on__lt=context.today - PATIENCE).count()
    verdict = gravest([(unfounded > 0, Verdict.BROKEN), (late > 0, Verdict.AT_RISK)])
    facts = {"cases": running.count(), "without_case": unfounded, "reviews_late": late}
    first, *others = finding.evidence
    return Finding(worst([finding.verdict, verdict]), ({**first, **facts}, *others))


def _without_case(context: CheckContext, rule: RetentionRule) -> int:
    """People of whom something is held under the rule while no confirmed case names them."""
    live = Record.objects.filter(subject__service=context.service, held_by=rule.code)
    apart = ArchivedRecord.objects.filter(
        subject__service_slug=context.service.slug, rule_code=rule.code
    )
    held = {*live.values_list("subject__public_id", flat=True).distinct()}
    held |= {*apart.values_list("subject__public_id", flat=True).distinct()}
    flagged = CaseFlag.objects.filter(rule_code=rule.code).exclude(confirmed_at=None)
    return len(held - set(flagged.values_list("subject__public_id", flat=True)))
