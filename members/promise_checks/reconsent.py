"""Is everybody asked what a change adds, one by one, and is nothing of it done without a yes (KRN-4.3, MIK-11.1)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count

from compliance.models import Notice, PolicyVersion
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import gate, scope
from compliance.rules.policy_values import Policy
from compliance.rules.promises import Verdict
from compliance.rules.scope import Pending
from compliance.selectors import policy_values
from members import policy_letters, question_office
from members.actions.delivery_plan import QUESTION
from members.models import DataSubject, Delivery, Record
from members.scope import PendingScope, answers

State = PolicyVersion.State
ONE_DAY = timedelta(days=1)
ASKING = (State.ANNOUNCED, State.IN_EFFECT)


def asked_anew(context: CheckContext) -> Finding:
    """Look at the versions that people are bound to, and at those that ask them something.

    Broken: the gate lets a new use through for a silent person, a new item is held of somebody who never agreed to
    it, or a version that asks has had no letters for a day. At risk: letters that failed.
    """
    earlier = _bound_versions(context)
    let_through = sum(_let_through(context.policy, policy_values(one)) for one in earlier)
    held = sum(_held_without_answer(context, one) for one in earlier)
    notices = _asking(context)
    unasked = sum(_is_unasked(notice, context) for notice in notices)
    failed = Delivery.objects.filter(notice__in=notices, stage=QUESTION, state="failed").count()
    lines = question_office.answers(context.version)
    return found(
        gravest(
            [
                (let_through + held + unasked > 0, Verdict.BROKEN),
                (failed > 0, Verdict.AT_RISK),
            ]
        ),
        earlier_versions=len(earlier),
        let_through=let_through,
        held_without_answer=held,
        versions_without_letters=unasked,
        letters_failed=failed,
        agreed=sum(line.agreed for line in lines),
        disagreed=sum(line.disagreed for line in lines),
        silent=sum(line.silent for line in lines),
    )


def _bound_versions(context: CheckContext) -> list[PolicyVersion]:
    """Earlier versions that bind people who are here."""
    people = DataSubject.objects.filter(service=context.service, left_at=None)
    keys = people.order_by().values_list("agreed_version", flat=True).distinct()
    versions = PolicyVersion.objects.filter(pk__in=[key for key in keys if key])
    return list(versions.filter(number__lt=context.version.number).select_related("service"))


def _let_through(policy: Policy, base: Policy) -> int:
    return sum(
        len(gate.decide(policy, facts, purpose=purpose, items=[item]).allowed_items)
        for facts, purpose, item in _probes(policy, base)
    )


def _probes(policy: Policy, base: Policy) -> Iterator[tuple[gate.Facts, str, str]]:
    for kind in DataSubject.Kind.values:
        pending = scope.pending(base, policy, kind)
        facts = _silent(kind, pending)
        for purpose, item in pending.uses:
            if item:
                yield facts, purpose, item


def _silent(kind: str, pending: Pending) -> gate.Facts:
    return gate.Facts(
        kind=kind,
        pending_purposes=pending.purposes,
        pending_items=pending.items,
        pending_uses=pending.uses,
        pending_passes=pending.passes,
    )


def _held_without_answer(context: CheckContext, version: PolicyVersion) -> int:
    """Records with an item that is new since the version which binds their person, who never agreed to it."""
    base = policy_values(version)
    new = {
        kind: scope.pending(base, context.policy, kind).items for kind in DataSubject.Kind.values
    }
    mine = Record.objects.filter(subject__service=context.service, subject__agreed_version=version)
    groups = mine.order_by().values_list("subject__kind", "item_codes").annotate(Count("pk"))
    hits = [codes for kind, codes, _ in groups if new[kind].intersection(codes)]
    if not hits:
        return 0
    whole, total = PendingScope(context.policy), 0
    rows = mine.filter(item_codes__in=hits).select_related("subject")
    for record in rows.iterator(chunk_size=500):
        given = answers([record.subject]).get(record.subject_id, [])
        refused = whole.refused(record.subject, given).items
        total += bool(refused.intersection(record.item_codes))
    return total


def _asking(context: CheckContext) -> list[Notice]:
    """Notices that are out, of versions that ask somebody something."""
    out = Notice.objects.filter(
        service=context.service, state=Notice.State.PUBLISHED, version__state__in=ASKING
    )
    notices = out.select_related("version__service")
    return [notice for notice in notices if policy_letters.asked(notice.version)]


def _is_unasked(notice: Notice, context: CheckContext) -> bool:
    return notice.asked_at is None and notice.published_at + ONE_DAY < context.now
