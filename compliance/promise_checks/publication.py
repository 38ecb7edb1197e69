"""Is what a policy has to publish really there: every version, and a way to reach somebody."""

from django.db.models import Count, Q
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from compliance.models import PolicyVersion
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import holding_notice
from compliance.rules.policy_hash import content_hash
from compliance.rules.promises import Verdict

State = PolicyVersion.State
WEB_FORM, FORM = "web_form", "members:contact"
PUBLISHED = (State.ANNOUNCED, State.IN_EFFECT, State.SUPERSEDED)


def version_history_kept(context: CheckContext) -> Finding:
    """Every version that was ever published is there with its digest and days, and the one in force is unaltered."""
    versions = context.service.versions.filter(state__in=PUBLISHED)
    undated = Q(state__in=(State.IN_EFFECT, State.SUPERSEDED), taken_effect_at=None)
    figures = versions.aggregate(
        published=Count("pk"),
        without_digest=Count("pk", filter=Q(content_hash="")),
        without_days=Count("pk", filter=undated | Q(effective_on=None)),
        without_clauses=Count(
            "pk", filter=~Q(pk__in=versions.filter(clauses__isnull=False).values("pk"))
        ),
    )
    altered = content_hash(context.policy) != context.version.content_hash
    lost = figures["without_digest"] + figures["without_days"] + figures["without_clauses"]
    verdict = Verdict.BROKEN if altered or lost else Verdict.KEPT
    return found(verdict, in_force=context.version.number, altered=altered, **figures)


def contact_published(context: CheckContext) -> Finding:
    """The contact of the policy has an address, a number or a form, and stands on the public policy page."""
    row = next(
        (row for row in context.policy.contacts if row.code == context.params.get("contact")), None
    )
    if row is None:
        return found(Verdict.WAITING_FOR_PERSON, reason="contact_missing")
    own_form = row.channel == WEB_FORM and _has_form(context.service.slug)
    filled, is_open = bool(row.value) or own_form, context.service.is_live
    verdict = gravest([(not filled or not is_open, Verdict.WAITING_FOR_PERSON)])
    reason = (
        ""
        if verdict is Verdict.KEPT
        else ("contact_missing" if not filled else "service_in_set_up")
    )
    return found(
        verdict, channel=row.channel, filled=filled, live=is_open, stated=row.stated, reason=reason
    )


def _has_form(slug: str) -> bool:
    """Whether the people's pages of a service answer with a contact form of their own."""
    try:
        return bool(resolve(reverse(FORM, args=[slug])))
    except (NoReverseMatch, Resolver404):
        return False


def holding_announced(context: CheckContext) -> Finding:
    """Every rule that keeps something of leavers stands in the text in force, in every language shown."""
    texts = list(context.version.texts.filter(ready=True).values_list("body", flat=True))
    missing = holding_notice.gaps(context.policy, texts)
    rules = [row for row in context.policy.retention if holding_notice.keeps_after_leaving(row)]
    verdict = gravest(
        [(bool(missing), Verdict.BROKEN), (not context.service.is_live, Verdict.WAITING_FOR_PERSON)]
    )
    return found(
        verdict,
        rules_kept=len(rules),
        unannounced=len(missing),
        row=missing[0].rule if missing else "",
        reason="service_in_set_up" if verdict is Verdict.WAITING_FOR_PERSON else "",
    )
